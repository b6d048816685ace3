"""Report an infringement, with a name or without; follow it with the receipt alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.validators import URLValidator
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from copyhold.errors import BadInput, NotFound
from copyhold.registry.models import Work
from copyhold.web import trouble
from copyhold.web.phrases import moment, t
from copyhold.web.views.identify import too_often

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

PER_MINUTE = 10
address = URLValidator(
    schemes=["http", "https"], message=t("Enter the whole address, from http on.", "请填写完整网址（以 http 开头）。")
)


class ReportForm(forms.Form):
    url = forms.CharField(
        label=t("Where is the copy?", "侵权内容在哪里？"),
        help_text=t("The address of the page, copied from the top of the browser.", "请从浏览器地址栏复制网址。"),
        max_length=2000,
        validators=[address],
        widget=forms.TextInput(attrs={"inputmode": "url", "placeholder": "https://"}),
        error_messages={"required": t("Enter the address of the page.", "请填写网址。")},
    )
    title = forms.CharField(
        label=t("Which work is copied?", "被侵权的是哪件作品？"),
        help_text=t("Its title or registration number.", "填写作品名称或登记号。"),
        max_length=300,
        error_messages={"required": t("Say which work is copied.", "请说明被侵权的作品。")},
    )
    text = forms.CharField(
        label=t("What did you see?", "您看到了什么？"),
        help_text=t("What is offered, by whom, since when, for what price.", "提供的内容、提供者、开始时间、价格等。"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    name = forms.CharField(
        label=t("Your name", "您的姓名"),
        help_text=t("You may stay anonymous. Your name is kept apart from the case and is never published.",
                    "可以匿名。姓名与案件分开保存，不对外公开。"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )  # fmt: skip
    contact = forms.CharField(
        label=t("How can the office reach you?", "联系方式"),
        help_text=t("Telephone or e-mail.", "电话或电子邮箱。"),
        max_length=200,
        required=False,
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: Any) -> HttpResponse:
    if receipt := request.GET.get("receipt", "").strip():
        return redirect("report_receipt", receipt=receipt)
    number = request.GET.get("work", "")
    work = Work.objects.filter(number=number).first() if number else None
    form = ReportForm(request.POST or None, initial={"title": f"{work.number} {work.title}" if work else ""})
    failure = ""
    if request.method == "POST" and form.is_valid():
        if too_often(request, "report", PER_MINUTE):
            return trouble.page(request, 429, str(t("Wait a minute, then try again.", "请一分钟后再试。")), "too_often")
        from copyhold.enforcement import services

        try:
            _clue, receipt = services.report_publicly(**form.cleaned_data)
        except BadInput as error:
            failure = trouble.words_of(error)
        else:
            request.session["receipt"] = receipt
            return redirect("report_receipt", receipt=receipt)
    return render(request, "web/public/report.html", {"nav": "report", "form": form, "work": work, "failure": failure})


STEPS = {
    "received": t("The office has it and decides whether to take it up.", "登记机构已收到，正在决定是否受理。"),
    "accepted": t("The office has taken it up and is looking into it.", "已受理，正在核查。"),
    "filed": t("A case was opened.", "已立案。"),
    "rejected": t("The office did not take it up.", "不予受理。"),
    "dispatched": t("It was passed on to the office in charge.", "已移送有管辖权的机构。"),
}


@never_cache
def follow(request: HttpRequest, receipt: str) -> HttpResponse:
    """The receipt is the only key; it shows the state, never the case."""
    from copyhold.enforcement import services

    try:
        clue = services.clue_by_receipt(receipt)
    except NotFound:
        if too_often(request, "receipt", PER_MINUTE):
            return trouble.page(request, 429, str(t("Wait a minute, then try again.", "请一分钟后再试。")), "too_often")
        raise
    is_new = request.session.pop("receipt", "") == receipt
    acts = [
        {
            "at": moment(clue.received_at),
            "label": t("Report received", "收到举报"),
            "text": "",
            "tone": "" if clue.state != "received" else "now",
        },
    ]
    if clue.state != "received":
        acts.insert(0, {"at": "", "label": STEPS[clue.state], "text": "", "tone": "now"})
    else:
        acts.insert(
            0, {"at": "", "label": t("Decision whether to take it up", "决定是否受理"), "text": "", "tone": "next"}
        )
    facts = {
        "nav": "report",
        "clue": clue,
        "receipt": receipt,
        "is_new": is_new,
        "acts": acts,
        "step": STEPS[clue.state],
    }
    return render(request, "web/public/receipt.html", facts)
