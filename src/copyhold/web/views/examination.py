"""The examiner's acts: accept, claim, release, a check, ask for a correction, approve, refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from copyhold.core import clock
from copyhold.errors import BadInput, Conflict
from copyhold.registry import clocks, services
from copyhold.registry.law import pack_of
from copyhold.web import trouble
from copyhold.web.forms import ChoiceField
from copyhold.web.phrases import is_chinese, t
from copyhold.web.views import examiner

if TYPE_CHECKING:
    from django.http import HttpResponse

    from copyhold.registry.models import Application

DONE = {
    "accept": t("Accepted. The term of examination runs from now.", "已受理，审查期限自此起算。"),
    "claim": t("It is yours now.", "已领取。"),
    "release": t("Given back to the queue.", "已退回待审队列。"),
    "approve": t("Approved and registered; the certificate is being issued.", "已准予登记，证书制作中。"),
    "ask_correction": t("The request for correction was sent.", "补正通知已发出。"),
    "refuse": t("Refused; the letter was sent.", "已作出不予登记决定并发出通知。"),
    "check": t("Recorded.", "已记录。"),
}
PLAIN = {
    "accept": services.accept_application,
    "claim": services.claim_application,
    "release": services.release_application,
    "approve": services.approve_application,
}


def seen_in(request: Any) -> int | None:
    """The version that the person had on the screen."""
    value = request.POST.get("seen", "")
    return int(value) if value.isdecimal() else None


@require_POST
def act(request: Any, number: str, action: str) -> HttpResponse:
    """An act that needs no words: one button."""
    record = examiner.found(request, number)
    PLAIN[action](request.actor, record, seen=seen_in(request))
    messages.success(request, DONE[action])
    return redirect("examine", number=number)


@require_POST
def check(request: Any, number: str) -> HttpResponse:
    """One line of the check-list, decided by a person."""
    record = examiner.found(request, number)
    seen = seen_in(request)
    if seen is not None and seen != record.version:
        raise Conflict(code="record.changed_meanwhile")
    typed = {name: request.POST.get(name, "") for name in ("item", "outcome", "note")}
    try:
        services.record_check(request.actor, record, **typed)
    except BadInput as error:
        return examiner.drawn(request, record, failure=trouble.words_of(error), typed=typed, status=400)
    messages.success(request, DONE["check"])
    return redirect(f"{redirect('examine', number=number).url}#check-{typed['item']}")


class Words(forms.Form):
    """A letter to the applicant: the ground of the law pack, and the examiner's own words."""

    def __init__(self, *args: Any, record: Application, is_ground_needed: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        grounds = [(item.code, item.name.zh if is_chinese() else item.name.en)
                   for item in pack_of(record).refusal_grounds]  # fmt: skip
        none = (
            []
            if is_ground_needed
            else [("none", t("No ground of refusal: papers only", "不涉及不予登记事由，仅补正材料"))]
        )
        self.fields["ground"] = ChoiceField(
            label=t("On which ground?", "依据哪一事由？"),
            choices=[*none, *grounds],
            hints=hints(record),
            initial="" if is_ground_needed else "none",
            error_messages={"required": t("Choose the ground.", "请选择事由。")},
        )
        self.fields["text"] = forms.CharField(
            label=t("What do you write to the applicant?", "通知内容"),
            help_text=t("What is wrong, and what to do. It goes into the letter as written.",
                        "说明问题及办理要求，原文写入通知书。"),
            max_length=4000,
            widget=forms.Textarea(attrs={"rows": 8}),
            error_messages={"required": t("Write to the applicant what is wrong and what to do.", "请写明存在的问题和办理要求。")},
        )  # fmt: skip


def hints(record: Application) -> dict[str, str]:
    """Under each ground, the article that the letter will cite."""
    pack = pack_of(record)

    def cited(reference: str) -> str:
        citation = pack.cite(reference).citation
        return str(citation.zh if is_chinese() else citation.en)

    return {item.code: "; ".join(map(cited, item.articles)) for item in pack.refusal_grounds}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def letter(request: Any, number: str, action: str) -> HttpResponse:
    """Ask for a correction, or refuse: the form, and the act."""
    record = examiner.found(request, number)
    form = Words(request.POST or None, record=record, is_ground_needed=action == "refuse")
    failure, status = "", 200
    if request.method == "POST" and form.is_valid():
        ground = form.cleaned_data["ground"]
        words = {"text": form.cleaned_data["text"], "ground": "" if ground == "none" else ground}
        try:
            perform = services.refuse_application if action == "refuse" else services.ask_correction
            perform(request.actor, record, seen=seen_in(request), **words)
        except BadInput as error:
            failure, status = trouble.words_of(error), 400
        else:
            messages.success(request, DONE[action])
            return redirect("examine", number=number)
    elif request.method == "POST":
        status = 400
    facts = {
        "nav": "registry",
        "application": record,
        "form": form,
        "failure": failure,
        "is_refusal": action == "refuse",
        "concerns": [
            one for one in examiner.checks_of(record, request.actor, {}) if one["outcome"] in {"concern", "fail"}
        ],
        "clock": clocks.clock_of(record, clock.now()),
        "term": _term(record),
        "hindrance": examiner.hindrance(record, request.actor),
    }
    return render(request, "web/examiner/letter.html", facts, status=status)


def _term(record: Application) -> Any:
    """Until when the applicant answers, if the letter goes out today."""
    from copyhold.core import clock

    return pack_of(record).due(clocks.CORRECTION, clock.now())
