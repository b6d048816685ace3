"""The applicant's own applications: the list, one of them, answers to the office, and licences of one's works."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from copyhold.core import clock, ledger
from copyhold.errors import BadInput, Conflict
from copyhold.people import permissions
from copyhold.registry.models import Application, Certificate, Letter, Work
from copyhold.web import law, trouble
from copyhold.web.forms import ChoiceField, DayField, LinesField, SeveralField
from copyhold.web.phrases import moment, t
from copyhold.web.views.wizard import deposits_of, own, summary

if TYPE_CHECKING:
    from django.http import HttpResponse

PER_PAGE = 20
ACTS = {
    "application.start": t("Draft opened", "建立草稿"),
    "application.submit": t("You sent the application", "提交申请"),
    "application.accept": t("The office accepted it", "登记机构受理"),
    "application.claim": t("An examiner took it up", "审查员开始审查"),
    "application.ask_correction": t("The office asked for a correction", "登记机构要求补正"),
    "application.answer": t("You sent the correction", "提交补正"),
    "application.approve": t("Registered", "准予登记"),
    "application.refuse": t("Refused", "不予登记"),
    "application.withdraw": t("You withdrew it", "撤回申请"),
    "application.lapse": t("Closed as not answered", "逾期未补正，视为撤回"),
}


def clock_of(application: Application) -> dict[str, Any] | None:
    """The running term; None where the rows do not tell one (a letter is missing, say)."""
    from copyhold.registry import clocks

    try:
        return clocks.clock_of(application, clock.now())
    except Letter.DoesNotExist:
        return None


@never_cache
def applications(request: Any) -> HttpResponse:
    rows = Application.objects.visible_to(request.actor).select_related("applicant", "office", "work")
    page = Paginator(rows.order_by("-started_at", "-pk"), PER_PAGE).get_page(request.GET.get("page"))
    shown = [
        {"application": row, "clock": clock_of(row), "work": getattr(row, "work", None)} for row in page.object_list
    ]
    owned = Work.objects.filter(owner=request.actor.organisation).count() if request.actor.organisation else 0
    facts = {
        "nav": "apply",
        "page": page,
        "rows": shown,
        "waiting_rows": [one for one in shown if one["application"].state in {"draft", "correction"}],
        "owned": owned,
    }
    return render(request, "web/applicant/applications.html", facts)


@never_cache
def application(request: Any, number: str) -> HttpResponse:
    record = own(request, number)
    permissions.check(request.actor, "application.read", record)
    work = Work.objects.filter(application=record).first()
    letters = list(record.letters.order_by("-sent_at"))
    return render(
        request,
        "web/applicant/application.html",
        {
            "nav": "apply",
            "application": record,
            "clock": clock_of(record),
            "letters": letters,
            "acts": _acts(record),
            "deposits": deposits_of(record),
            "summary": summary(record),
            "work": work,
            "certificate": Certificate.objects.filter(work=work).order_by("-pk").first() if work else None,
            "may_withdraw": record.state in {"draft", "submitted", "in_examination", "correction"}
            and permissions.may(request.actor, "application.withdraw", record),
        },
    )


def _acts(record: Application) -> list[dict[str, Any]]:
    entries = [entry for entry in ledger.acts_of(record).order_by("-number") if entry.action in ACTS]
    rows: list[dict[str, Any]] = [
        {
            "at": moment(entry.at),
            "label": ACTS[entry.action],
            "tone": "",
            "text": t(f"act {entry.number:,}", f"台账第 {entry.number:,} 项"),
        }
        for entry in entries
    ]
    if rows and record.state not in {"registered", "refused", "withdrawn", "deemed_withdrawn"}:
        rows[0]["tone"] = "now"
        running = clock_of(record)
        label = (
            t("You send it", "您提交")
            if record.state in {"draft", "correction"}
            else t("The office decides", "登记机构作出决定")
        )
        text = t(running["words_en"], running["words_zh"]) if running else ""
        rows.insert(0, {"at": "", "label": label, "tone": "next", "text": text})
    return rows


class Answer(forms.Form):
    text = forms.CharField(
        label=t("What did you change, or what do you say to it?", "您作了哪些修改或说明？"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": t("Write your answer to the office.", "请填写答复内容。")},
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: Any, number: str) -> HttpResponse:
    from copyhold.registry import services

    record = own(request, number)
    if record.state != "correction":
        return redirect("application", number=number)
    form, failure = Answer(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        seen = request.POST.get("seen", "")
        try:
            services.answer_correction(
                request.actor, record, text=form.cleaned_data["text"], seen=int(seen) if seen.isdecimal() else None
            )
        except BadInput as error:
            failure = trouble.words_of(error)
            record.refresh_from_db()
        else:
            messages.success(request, t("Your correction was sent.", "补正已提交。"))
            return redirect("application", number=number)
    facts = {
        "nav": "apply",
        "application": record,
        "form": form,
        "failure": failure,
        "problems": services.problems_of(record),
        "letter": record.letters.filter(kind=Letter.Kind.CORRECTION).order_by("-sent_at").first(),
        "clock": clock_of(record),
    }
    return render(request, "web/applicant/answer.html", facts)


@require_POST
def withdraw(request: Any, number: str) -> HttpResponse:
    from copyhold.registry import services

    services.withdraw_application(request.actor, own(request, number))
    messages.success(request, t("Withdrawn.", "已撤回。"))
    return redirect("application", number=number)


class LicenceForm(forms.Form):
    licensee = forms.CharField(
        label=t("Who may use the work?", "被许可人是谁？"),
        max_length=200,
        error_messages={"required": t("Name the licensee.", "请填写被许可人。")},
    )
    hosts = LinesField(
        label=t("On which sites?", "在哪些网站使用？"),
        help_text=t("Host names, one a line, for example press.example. Empty: not limited to sites.",
                    "每行一个域名，例如 press.example。留空表示不限网站。"),
        required=False,
    )  # fmt: skip
    territories = LinesField(
        label=t("In which territories?", "在哪些地域使用？"),
        help_text=t(
            "Codes, one a line: CN, CN-GD. Empty: everywhere.", "每行一个代码，如 CN、CN-GD。留空表示不限地域。"
        ),
        required=False,
        rows=2,
    )
    valid_from = DayField(
        label=t("From which day?", "自何日起？"),
        error_messages={"required": t("Enter the first day of the licence.", "请填写许可起始日期。")},
    )
    valid_to = DayField(
        label=t("To which day?", "至何日止？"),
        error_messages={"required": t("Enter the last day of the licence.", "请填写许可截止日期。")},
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["rights"] = SeveralField(
            label=t("Which rights?", "许可哪些权利？"),
            help_text=t("Leave all empty for all rights.", "许可全部权利的，无需勾选。"),
            choices=law.items("rights"),
            required=False,
        )
        self.fields["is_exclusive"] = ChoiceField(
            label=t("Exclusive?", "是否专有？"),
            choices=[
                ("", ""),
                ("no", t("No, others may be licensed too", "否，还可许可他人")),
                ("yes", t("Yes, nobody else, the owner included", "是，排除包括著作权人在内的任何人")),
            ],
            error_messages={"required": t("Say whether the licence is exclusive.", "请选择是否专有许可。")},
        )
        self.order_fields(["licensee", "rights", "is_exclusive", "hosts", "territories", "valid_from", "valid_to"])

    def clean_is_exclusive(self) -> bool:
        return bool(self.cleaned_data["is_exclusive"] == "yes")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def record_licence(request: Any, number: str) -> HttpResponse:
    from copyhold.registry import services

    work = get_object_or_404(Work.objects.select_related("owner"), number=number)
    permissions.check(request.actor, "licence.record", work)
    form, failure = LicenceForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        try:
            licence = services.record_licence(request.actor, work=work, **form.cleaned_data)
        except (BadInput, Conflict) as error:
            failure = trouble.words_of(error)
        else:
            messages.success(request, t(f"Licence {licence.number} recorded.", f"许可 {licence.number} 已备案。"))
            return redirect("work", number=number)
    return render(
        request, "web/applicant/licence.html", {"nav": "apply", "work": work, "form": form, "failure": failure}
    )
