"""Clues: the list, one clue, and what becomes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from copyhold.core import clock
from copyhold.enforcement import services
from copyhold.enforcement.lifecycle import CLUE
from copyhold.enforcement.models import Clue
from copyhold.people import permissions
from copyhold.people.models import Account, Organisation
from copyhold.people.roles import Role
from copyhold.web import law, timeline
from copyhold.web.phrases import t
from copyhold.web.views.steps import Step, carry_out, offered, words

if TYPE_CHECKING:
    from django.http import HttpResponse

PER_PAGE = 25


def _file(actor: Any, record: Clue, *, seen: int | None, **typed: Any) -> Any:
    case = services.file_case(actor, clues=[record], seen=seen, **typed)
    return redirect("case", case.number)


def _filing(record: Clue) -> dict[str, forms.Field]:
    own = Account.objects.filter(
        memberships__organisation=record.office, memberships__role__in=(Role.OFFICER, Role.HEAD)
    ).distinct()
    return {
        "title": forms.CharField(label=t("Title of the case", "案件名称"), max_length=300, initial=record.title,
                                 error_messages={"required": t("Give the case a title.", "请填写案件名称。")}),
        "officers": forms.ModelMultipleChoiceField(
            label=t("Officers of the case (two or more)", "承办人（两名以上）"), queryset=own,
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": t("Name two officers.", "请指定两名承办人。")}),
        "party": forms.CharField(label=t("Party", "当事人"), max_length=300, required=False),
        "act": forms.ChoiceField(label=t("Unlawful act", "违法行为"), required=False,
                                 choices=[("", t("not settled yet", "暂不确定")), *law.items("acts")]),
    }  # fmt: skip


def _offices(record: Clue) -> dict[str, forms.Field]:
    kinds = (Organisation.Kind.ADMINISTRATION, Organisation.Kind.ENFORCEMENT_CORPS)
    others = Organisation.objects.filter(kind__in=kinds).exclude(pk=record.office_id)
    return {
        "office": forms.ModelChoiceField(label=t("To which office?", "移交哪一机构？"), queryset=others,
                                         error_messages={"required": t("Choose an office.", "请选择机构。")}),
        "reason": words(t("Why", "移交理由"), is_needed=False, rows=4),
    }  # fmt: skip


STEPS = {
    "accept": Step(t("Accept", "受理"), services.accept_clue, "clue.accept", tone="primary"),
    "reject": Step(t("Do not take up…", "不予受理…"), services.reject_clue, "clue.reject",
                   lambda _: {"reason": words(t("Why is it not taken up?", "不予受理的理由"))}, tone="grave"),
    "dispatch": Step(t("Pass on to another office…", "移交其他机构…"),
                     lambda actor, record, **typed: services.dispatch_clue(actor, record, **typed) and None,
                     "clue.dispatch", _offices),
    "file": Step(t("Open a case…", "立案…"), _file, "clue.file", _filing, tone="primary",
                 note=t("Two officers carry a case. The filing form is made as a document, and the term to decide runs.",
                        "案件由两名以上执法人员承办；系统制作立案审批表，办案期限自此起算。")),
}  # fmt: skip


@never_cache
@require_safe
def clues(request: Any) -> HttpResponse:
    asked = {name: request.GET.get(name, "") for name in ("state", "origin", "q")}
    rows = Clue.objects.visible_to(request.actor).select_related("platform", "work", "case", "office")
    state = asked["state"] or "open"
    if state == "open":
        rows = rows.filter(state__in=("received", "accepted"))
    elif state != "all":
        rows = rows.filter(state=state)
    if asked["origin"]:
        rows = rows.filter(origin=asked["origin"])
    if asked["q"]:
        rows = rows.filter(
            Q(number__icontains=asked["q"]) | Q(title__icontains=asked["q"]) | Q(url__icontains=asked["q"])
        )
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    now = clock.now()
    shown = [{"clue": one, "clock": next(iter(services.clocks_of(one, now)), None)} for one in page.object_list]
    facts = {
        "nav": "enforcement", "page": page, "rows": shown, "asked": asked, "state": state,
        "states": [(one.name, one.label) for one in CLUE.states], "origins": Clue.Origin.choices,
    }  # fmt: skip
    return render(request, "web/officer/clues.html", facts)


def found(request: Any, number: str) -> Clue:
    rows = Clue.objects.visible_to(request.actor).select_related("platform", "work", "case", "office", "finding__match")
    record: Clue | None = rows.filter(number=number).first()
    if record is None:
        raise Http404
    permissions.check(request.actor, "clue.read", record)
    return record


@never_cache
@require_safe
def clue(request: Any, number: str) -> HttpResponse:
    record = found(request, number)
    names = [(step.action, step.tone) for step in CLUE.possible(record.state)]
    if [tone for _, tone in names].count("primary") > 1:  # one primary button a view: the nearest step
        names = [(name, "" if name == "file" else tone) for name, tone in names]
    facts = {
        "nav": "enforcement", "clue": record, "clocks": services.clocks_of(record, clock.now()),
        "buttons": offered(request.actor, record, STEPS, names, {}, "clue"), "lead": record.lead,
        "acts": timeline.acts_of(record, viewer=request.actor),
    }  # fmt: skip
    return render(request, "web/officer/clue.html", facts)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def act(request: Any, number: str, action: str) -> HttpResponse:
    return carry_out(request, found(request, number), STEPS[action], kind="clue")
