"""The applicant's wizard: five short steps. Whatever is typed is kept, complete or not, until it is sent."""

from __future__ import annotations

import mimetypes
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from copyhold.core import clock
from copyhold.errors import BadInput, Conflict, CopyholdError
from copyhold.people.models import Mandate, Organisation
from copyhold.registry.errors import Incomplete
from copyhold.registry.models import Application, Deposit
from copyhold.web import context, law, trouble, uploads
from copyhold.web.forms import ChoiceField, DayField, LinesField, SeveralField
from copyhold.web.phrases import t

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

MAX_DEPOSIT = 256 * 10**6
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
    "individual": t("You are the author and, unless you signed it away, the owner.", "您是作者；除合同另有约定外，也是著作权人。"),
    "joint": t("All authors own it together; each must be named below.", "著作权由合作作者共同享有，请在下方逐一列明。"),
    "legal_entity": t("The organisation counts as the author.", "法人或非法人组织视为作者。"),
    "employment": t("You own it and your employer may use it first for two years, with exceptions.",
                    "著作权由作者享有，单位两年内有优先使用权，法律另有规定的除外。"),
    "commissioned": t("If your contract is silent, the maker owns it.", "合同未约定的，著作权属于受托人。"),
}  # fmt: skip


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


def own(request: Any, number: str) -> Application:
    """The application, if this applicant may see it."""
    rows = Application.objects.visible_to(request.actor).select_related("applicant", "office", "agent")
    return get_object_or_404(rows, number=number)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: Any) -> HttpResponse:
    """The title opens the draft; everything else comes later."""
    from copyhold.registry import services

    principals, offices = _principals(request.actor), _offices()
    form = TheWork(request.POST or None)
    failure = ""
    if request.method == "POST":
        form.is_valid()
        title = form.cleaned_data.get("title", "")
        applicant = _chosen(principals, request.POST.get("applicant"))
        office = _chosen(offices, request.POST.get("office"))
        if title and applicant and office:
            try:
                draft = services.start_application(
                    request.actor, applicant=applicant, office=office, **form.cleaned_data
                )
            except BadInput as error:
                failure = trouble.words_of(error)
            else:
                return redirect("application_step", number=draft.number, step=2 if form.is_valid() else 1)
    facts = {"form": form, "principals": principals, "offices": offices, "failure": failure, "started": False}
    return _render(request, None, 1, facts)


def _principals(actor: Any) -> list[Organisation]:
    """For whom this person may apply: the own organisation if it holds rights, and those who gave a mandate."""
    given = Mandate.objects.filter(agent=actor.organisation, valid_to__gte=clock.today()).select_related("principal")
    own_first = [] if actor.organisation.kind == Organisation.Kind.AGENT else [actor.organisation]
    return own_first + [mandate.principal for mandate in given]


def _offices() -> list[Organisation]:
    kind = Organisation.Kind.ADMINISTRATION
    return list(Organisation.objects.filter(kind=kind).exclude(registrar_prefix="").order_by("pk"))


def _chosen(rows: list[Organisation], key: str | None) -> Organisation | None:
    if key is None and len(rows) == 1:
        return rows[0]
    return next((row for row in rows if str(row.pk) == key), None)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: Any, number: str, step: int) -> HttpResponse:
    application = own(request, number)
    if application.state not in {"draft", "correction"}:
        return redirect("application", number=number)
    if not 1 <= step <= LAST:
        raise Http404
    if step == LAST:
        return _last(request, application)
    if request.method == "POST":
        return _save(request, application, step)
    return _render(request, application, step, {"form": FORMS[step](initial=_initial(application))})


def _initial(application: Application) -> dict[str, Any]:
    facts = {name: getattr(application, name) for name in STEP_OF if hasattr(application, name) and name != "deposits"}
    return facts | {"authors": [author.get("name", "") for author in application.authors]}


def _save(request: Any, application: Application, step: int) -> HttpResponse:
    """Keep every answer that can be kept, also when another one is wrong: nothing typed is lost."""
    from copyhold.registry import services

    form = FORMS[step](request.POST)
    is_whole, failure = form.is_valid(), ""
    seen = request.POST.get("seen", "")
    try:
        if form.cleaned_data:
            services.save_application(
                request.actor, application, seen=int(seen) if seen.isdecimal() else None, **form.cleaned_data
            )
    except (BadInput, Conflict) as error:
        is_whole, failure = False, trouble.words_of(error)
        application.refresh_from_db()
    if not failure and request.POST.get("then") == "leave":
        messages.success(request, t("Saved. You can go on at any time.", "已保存，可随时继续。"))
        return redirect("applications")
    if is_whole:
        return redirect("application_step", number=application.number, step=step + 1)
    return _render(request, application, step, {"form": form, "failure": failure})


def _render(request: HttpRequest, application: Application | None, step: int, facts: dict[str, Any]) -> HttpResponse:
    names = [
        {"number": place, "name": name, "is_done": place < step, "is_now": place == step}
        for place, name in enumerate(STEPS, 1)
    ]
    frame = {
        "nav": "apply",
        "application": application,
        "step": step,
        "steps": names,
        "last": LAST,
        "name": STEPS[step - 1],
        "started": True,
        "deposits": deposits_of(application) if application and step in {2, LAST} else [],
        "office_row": application.office if application else context.office(),
        **facts,
    }
    return render(request, "web/applicant/step.html", frame)


def deposits_of(application: Application) -> list[dict[str, Any]]:
    """Each file with what the machine says of it."""
    rows = []
    for deposit in application.deposits.select_related("blob").prefetch_related("fingerprints"):
        prints = list(deposit.fingerprints.all())
        rows.append({"deposit": deposit, "reason": prints[0].reason if prints else "", "is_read": bool(prints)})
    return rows


@require_POST
def add_deposit(request: Any, number: str) -> HttpResponse:
    """Each file is opened in the sandbox before it is filed: what cannot be read is said at once."""
    from copyhold.reference import reading
    from copyhold.registry import services

    application = own(request, number)
    wrong = []
    for file in request.FILES.getlist("file") or [None]:
        try:
            data = uploads.whole(file, MAX_DEPOSIT)
            taken = reading.read(data, file.name, side="reference")
            kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            services.add_deposit(
                request.actor, application, filename=file.name, data=data, medium=taken.medium, media_type=kind
            )
        except (BadInput, Conflict) as error:
            wrong.append({"name": file.name if file else "", "why": trouble.words_of(error)})
    if not wrong:
        return redirect("application_step", number=number, step=2)
    return _render(request, application, 2, {"form": Files(), "wrong": wrong})


@require_POST
def remove_deposit(request: Any, number: str, deposit: int) -> HttpResponse:
    from copyhold.registry import services

    application = own(request, number)
    services.remove_deposit(request.actor, application, get_object_or_404(Deposit, pk=deposit, application=application))
    return redirect("application_step", number=number, step=2)


def _last(request: Any, application: Application, failure: str = "") -> HttpResponse:
    """Everything once more, and what still stands in the way, each with the step where it is put right."""
    from copyhold.registry import services

    problems = [(_anchor(application, problem.field), problem.message) for problem in services.problems_of(application)]
    facts = {"problems": problems, "failure": failure, "summary": summary(application), "form": None}
    return _render(request, application, LAST, facts)


def _anchor(application: Application, field: str) -> str:
    place = STEP_OF.get(field, 1)
    return f"{reverse('application_step', args=[application.number, place])}#id_{field}"


def summary(application: Application) -> list[tuple[int, Any, list[tuple[Any, Any]]]]:
    """The answers, step by step."""
    from copyhold.web.phrases import day, listed

    authors = listed([author.get("name", "") for author in application.authors])
    held = law.joined(law.item_name("rights", code) for code in application.rights) or t("all rights", "全部权利")
    return [
        (1, STEPS[0], [
            (t("Title", "作品名称"), application.title), (t("Title in English", "英文名称"), application.title_en),
            (t("Class", "类别"), law.class_name(application.category)),
            (t("Nature of creation", "创作性质"), law.item_name("creation_natures", application.nature)),
        ]),
        (3, STEPS[2], [
            (t("Ownership", "权属"), law.item_name("ownership_types", application.ownership)), (t("Authors", "作者"), authors),
            (t("Completed", "创作完成"), f"{day(application.completed_on)} {application.completed_at_place}"),
            (t("First published", "首次发表"),
             f"{day(application.published_on)} {application.published_at_place}" if application.published_on else t("not published", "未发表")),
            (t("Original in it", "独创性说明"), application.statement), (t("Use of AI", "使用人工智能"), application.declared_ai),
        ]),
        (4, STEPS[3], [
            (t("Owner", "著作权人"), application.applicant), (t("By agent", "代理人"), application.agent),
            (t("Obtained", "取得方式"), law.item_name("acquisition_modes", application.obtained)), (t("Rights", "权利"), held),
        ]),
    ]  # fmt: skip


@require_POST
def submit(request: Any, number: str) -> HttpResponse:
    from copyhold.registry import services

    application = own(request, number)
    seen = request.POST.get("seen", "")
    try:
        services.submit_application(request.actor, application, seen=int(seen) if seen.isdecimal() else None)
    except Incomplete:
        application.refresh_from_db()
        return _last(request, application)
    except CopyholdError as error:
        if isinstance(error, BadInput):
            application.refresh_from_db()
            return _last(request, application, trouble.words_of(error))
        raise
    messages.success(request, t(f"Sent. Its number is {number}.", f"已提交，编号 {number}。"))
    return redirect("application", number=number)
