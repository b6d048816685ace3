"""Notices to platforms, for the officers who serve them and for the platforms that answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from copyhold.core import clock
from copyhold.enforcement import law as enforcement_law
from copyhold.enforcement import rules, services
from copyhold.enforcement.lifecycle import NOTICE
from copyhold.enforcement.models import Notice
from copyhold.people import permissions
from copyhold.people.roles import Role
from copyhold.web import timeline
from copyhold.web.phrases import is_chinese, t
from copyhold.web.views.steps import Step, carry_out, offered, words

if TYPE_CHECKING:
    from django.http import HttpResponse

PER_PAGE = 25
STEPS = {
    "serve": Step(t("Serve the notice", "送达通知"), services.serve_notice, "notice.serve", tone="primary"),
    "comply": Step(t("Record compliance…", "登记已处理…"), services.record_compliance, "notice.comply",
                   lambda _: {"answer": words(t("What was done, and when", "处理情况及时间"), is_needed=False, rows=4)},
                   tone="primary"),
    "answer": Step(t("Record a counter-statement…", "登记反通知…"), services.record_answer, "notice.answer",
                   lambda _: {"answer": words(t("The counter-statement, as written", "反通知内容（原文）"))}),
    "lapse": Step(t("Record that the term passed", "登记期满未答复"), services.lapse_notice, "notice.lapse"),
    "lift": Step(t("Lift…", "撤回…"), services.lift_notice, "notice.lift",
                 lambda _: {"reason": words(t("Why is it taken back?", "撤回理由"), rows=4)}, tone="grave"),
}  # fmt: skip


@never_cache
@require_safe
def notices(request: Any) -> HttpResponse:
    state = request.GET.get("state", "") or "open"
    rows = Notice.objects.visible_to(request.actor).select_related("case", "addressee")
    if state == "open":
        rows = rows.filter(state__in=("drafted", "served", "answered", "ignored"))
    elif state != "all":
        rows = rows.filter(state=state)
    page = Paginator(rows.order_by("due_at", "-drafted_at"), PER_PAGE).get_page(request.GET.get("page"))
    now = clock.now()
    shown = [{"notice": one, "clock": next(iter(services.clocks_of(one, now)), None)} for one in page.object_list]
    facts = {
        "nav": "notices", "page": page, "rows": shown, "state": state,
        "states": [(one.name, one.label) for one in NOTICE.states], "is_platform": request.actor.role == Role.PLATFORM,
    }  # fmt: skip
    return render(request, "web/officer/notices.html", facts)


def found(request: Any, number: str) -> Notice:
    rows = Notice.objects.visible_to(request.actor).select_related("case__office", "addressee")
    record: Notice | None = rows.filter(number=number).first()
    if record is None:
        raise Http404
    permissions.check(request.actor, "notice.read", record)
    return record


@never_cache
@require_safe
def notice(request: Any, number: str) -> HttpResponse:
    record = found(request, number)
    now = clock.now()
    is_platform = request.actor.role == Role.PLATFORM
    names = [(step.action, step.tone) for step in NOTICE.possible(record.state)
             if not is_platform or step.action in {"comply", "answer"}]  # fmt: skip
    waits = record.due_at is not None and now < record.due_at
    reasons = {"lapse": t("its term still runs", "期限尚未届满") if waits else ""}
    pack = enforcement_law.pack_of(record)
    rule = rules.notice_rule(pack, record.rule)
    facts = {
        "nav": "notices", "notice": record, "clocks": services.clocks_of(record, now), "is_platform": is_platform,
        "buttons": offered(request.actor, record, STEPS, names, reasons, "notice"),
        "rule": rule.name.zh if is_chinese() else rule.name.en, "documents": record.documents.all(),
        "acts": timeline.acts_of(record, viewer=request.actor),
    }  # fmt: skip
    return render(request, "web/officer/notice.html", facts)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def act(request: Any, number: str, action: str) -> HttpResponse:
    return carry_out(request, found(request, number), STEPS[action], kind="notice", nav="notices")
