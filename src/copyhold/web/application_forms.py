"""The questions of the applicant's wizard, step by step, in the order of the application form."""

from __future__ import annotations

from typing import Any

from django import forms

from copyhold.web import law
from copyhold.web.forms import ChoiceField, DayField, LinesField, SeveralField
from copyhold.web.phrases import t

STEPS = (
    t("The work", "作品"),
    t("Files", "样本文件"),
    t("Creation", "创作情况"),
    t("Owner", "著作权人"),
    t("Check and send", "核对并提交"),
)
LAST = len(STEPS)
STEP_OF = {  # field of the application → the step that asks for it
    "title": 1, "title_en": 1, "category": 1, "nature": 1,
    "deposits": 2,
    "ownership": 3, "authors": 3, "completed_on": 3, "completed_at_place": 3, "published_on": 3,
    "published_at_place": 3, "statement": 3, "declared_ai": 3,
    "obtained": 4, "rights": 4, "agent": 4,
}  # fmt: skip
CLASS_HINTS = {
    "A": t("novel, poem, essay, lecture notes, web page copy", "小说、诗词、散文、论文、网页文案"),
    "B": t("with or without words; a recording is a related right", "带词或不带词；录音属于相关权"),
    "F": t("painting, calligraphy, sculpture, papercut, pattern", "绘画、书法、雕塑、剪纸、图案"),
    "G": t("taken with a camera, one or a series", "用相机拍摄，单幅或系列"),
    "I": t("film, series, short video, game sequence", "电影、剧集、短视频、游戏画面"),
    "J": t("plan, map, diagram, engineering drawing", "设计图、地图、示意图、工程图"),
}
OWNERSHIP_HINTS = {
    "individual": t(
        "You are the author and, unless you signed it away, the owner.",
        "您是作者；除合同另有约定外，也是著作权人。",
    ),
    "joint": t(
        "All authors own it together; each must be named below.",
        "著作权由合作作者共同享有，请在下方逐一列明。",
    ),
    "legal_entity": t("The organisation counts as the author.", "法人或非法人组织视为作者。"),
    "employment": t(
        "You own it and your employer may use it first for two years, with exceptions.",
        "著作权由作者享有，单位两年内有优先使用权，法律另有规定的除外。",
    ),
    "commissioned": t("If your contract is silent, the maker owns it.", "合同未约定的，著作权属于受托人。"),
}


class TheWork(forms.Form):
    title = forms.CharField(
        label=t("What is it called?", "作品名称是什么？"),
        help_text=t("As on all papers. The title of record is never translated.", "与各项材料一致，登记名称不作翻译。"),
        max_length=200,
        error_messages={"required": t("Enter the title of the work.", "请填写作品名称。")},
    )
    title_en = forms.CharField(label=t("Title in English", "英文名称"), max_length=300, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["category"] = ChoiceField(
            label=t("What kind of work is it?", "属于哪一类作品？"),
            help_text=t(
                "Choose the closest. The examiner may ask about it.", "请选择最接近的一类，审查员可能向您核实。"
            ),
            choices=law.classes(),
            hints=CLASS_HINTS,
            two_columns=True,
            error_messages={"required": t("Choose the class of the work.", "请选择作品类别。")},
        )
        self.fields["nature"] = ChoiceField(
            label=t("Is it based on another work?", "是否基于已有作品？"),
            choices=law.items("creation_natures"),
            hints={"original": t("No: it is my own from the first line.", "否，完全独立创作。")},
            two_columns=True,
            error_messages={"required": t("Choose the nature of the creation.", "请选择创作性质。")},
        )


class Files(forms.Form):
    """The files are added one by one (see add_deposit); this step has nothing else to save."""


class Creation(forms.Form):
    field_order = ("ownership", "authors", "completed_on", "completed_at_place", "published_on", "published_at_place")
    authors = LinesField(
        label=t("Who are the authors?", "作者是谁？"),
        help_text=t("One name a line, as they stand on their papers.", "每行一位，与证件姓名一致。"),
        error_messages={"required": t("Name at least one author.", "请至少填写一位作者。")},
    )
    completed_on = DayField(
        label=t("When was it completed?", "何时创作完成？"),
        help_text=t(
            "The day the last part was done. For example 18 1 2026.", "完成最后部分的日期，例如 2026 年 1 月 18 日。"
        ),
        year_missing=t("Enter the year the work was completed.", "请填写创作完成的年份。"),
        error_messages={"required": t("Enter the day on which the work was completed.", "请填写创作完成日期。")},
    )
    completed_at_place = forms.CharField(
        label=t("Where was it completed?", "在何地完成？"), max_length=120, required=False
    )
    published_on = DayField(
        label=t("When was it first published?", "何时首次发表？"),
        help_text=t("Leave it empty if it was not published.", "尚未发表的请留空。"),
        year_missing=t("Enter the year of publication.", "请填写首次发表的年份。"),
        required=False,
    )
    published_at_place = forms.CharField(
        label=t("Where was it first published?", "在何地首次发表？"), max_length=120, required=False
    )
    statement = forms.CharField(
        label=t("What is original in it?", "独创性说明"),
        help_text=t("Two or three sentences in your own words: why you made it, how, and what comes from you.",
                    "用自己的话写两三句：创作目的、创作过程、独创之处。"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": t("Describe what is original in the work.", "请说明作品的独创性。")},
    )  # fmt: skip
    declared_ai = forms.CharField(
        label=t("Was artificial intelligence used? For what?", "是否使用人工智能？用于何处？"),
        help_text=t("Say what you chose, arranged or changed yourself. A false answer is a ground for revocation.",
                    "请说明您自己选择、编排、修改的部分。虚假陈述是撤销登记的理由。"),
        max_length=300,
        required=False,
    )  # fmt: skip

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["ownership"] = ChoiceField(
            label=t("Who made it?", "由谁创作？"),
            help_text=t("The answer decides who owns it.", "这决定著作权归属。"),
            choices=law.items("ownership_types"),
            hints=OWNERSHIP_HINTS,
            error_messages={
                "required": t(
                    "Say who made the work. The answer decides who owns it.", "请说明由谁创作，这决定著作权归属。"
                )
            },
        )
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or {}
        if "authors" in facts:
            facts["authors"] = [{"name": name} for name in facts["authors"]]
        return facts


class Owner(forms.Form):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["obtained"] = ChoiceField(
            label=t("How did the owner get the right?", "权利如何取得？"),
            choices=law.items("acquisition_modes"),
            hints={"original": t("By making the work, or by law from the start.", "因创作或依法律规定自始取得。"),
                   **law.notes("acquisition_modes")},
            error_messages={"required": t("Choose how the right was obtained.", "请选择权利取得方式。")},
        )  # fmt: skip
        self.fields["rights"] = SeveralField(
            label=t("Which rights does the owner hold?", "享有哪些权利？"),
            help_text=t("Leave all empty if the owner holds all of them.", "享有全部权利的，无需勾选。"),
            choices=law.items("rights"),
            required=False,
        )


FORMS: dict[int, type[forms.Form]] = {1: TheWork, 2: Files, 3: Creation, 4: Owner}
