"""The examiner's queue and workbench: what is filed, what the machine saw, and the acts that are open now."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.db.models import Count, F, Max, Q
from django.db.models.functions import Coalesce
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from copyhold.core import clock
from copyhold.people import permissions
from copyhold.people.roles import EXAMINERS
from copyhold.reference import services as reference
from copyhold.reference.models import Likeness
from copyhold.registry import clocks, queries, rules
from copyhold.registry.law import pack_today
from copyhold.registry.lifecycle import APPLICATION
from copyhold.registry.models import Application, Check, Deposit, Letter, Work
from copyhold.web import law, timeline
from copyhold.web.phrases import month_day, t
from copyhold.web.views.applicant import clock_of
from copyhold.web.views.likeness import figures, said, strength
from copyhold.web.views.wizard import summary

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpResponse

    from copyhold.people.actors import Actor

PER_PAGE = 25
OPEN = ("submitted", "in_examination")
STATES = {
    "open": t("to examine", "待审查"),
    "submitted": t("to accept", "待受理"),
    "in_examination": t("in examination", "审查中"),
    "correction": t("correction asked", "待补正"),
    "registered": t("registered", "已登记"),
    "refused": t("refused", "不予登记"),
    "all": t("all", "全部"),
}
TEXT_SHOWN = 6000  # characters of a text deposit that the page itself shows


def by_term(rows: Any) -> Any:
    """The one whose term ends first, first: the term counts from the last answer, else from acceptance."""
    answered = Max("letters__sent_at", filter=Q(letters__kind=Letter.Kind.ANSWER))
    started = Coalesce(answered, F("accepted_at"), F("submitted_at"))
    return rows.annotate(term_from=started).order_by("term_from", "pk")


@lru_cache(maxsize=64)
def _soon_since(now_hour: datetime, code: str) -> datetime:
    """The newest moment of a start whose term is about to end: the same rule as the red clock."""
    pack, last = pack_today(), now_hour
    for back in range(1, 120):
        start = now_hour - timedelta(days=back)
        ruler = pack.ruler(code, start, now_hour)
        if ruler.left * 4 <= ruler.total or ruler.left <= clocks.SOON_DAYS:
            return start
        last = start
    return last


def due_soon(rows: Any) -> Any:
    """Applications in examination whose clock is red today."""
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    since = _soon_since(hour, clocks.EXAMINATION)
    return by_term(rows.filter(state="in_examination")).filter(term_from__lte=since)


@never_cache
@require_safe
def queue(request: Any) -> HttpResponse:
    """The list, its filters kept in the URL."""
    asked = {name: request.GET.get(name, "") for name in ("state", "class", "due", "mine", "q")}
    state = asked["state"] if asked["state"] in STATES else "open"
    rows = Application.objects.visible_to(request.actor).exclude(state="draft")
    if asked["due"]:
        rows = due_soon(rows)
    else:
        rows = by_term(
            rows.filter(state__in=OPEN) if state == "open" else rows.filter(state=state) if state != "all" else rows
        )
    if asked["class"]:
        rows = rows.filter(category=asked["class"])
    if asked["mine"]:
        rows = rows.filter(examiner=request.actor.account)
    if asked["q"]:
        rows = rows.filter(Q(number__icontains=asked["q"]) | Q(title__icontains=asked["q"])
                           | Q(title_en__icontains=asked["q"]) | Q(applicant__name__icontains=asked["q"]))  # fmt: skip
    page = Paginator(rows.select_related("applicant", "agent", "examiner", "office"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    likenesses = dict(
        Likeness.objects.filter(deposit__application__in=list(page.object_list))
        .values_list("deposit__application").annotate(n=Count("pk"))
    )  # fmt: skip
    shown = [
        {"application": row, "clock": clock_of(row), "likenesses": likenesses.get(row.pk, 0),
         "is_mine": row.examiner_id == request.actor.account.pk}
        for row in page.object_list
    ]  # fmt: skip
    facts = {
        "nav": "registry", "page": page, "rows": shown, "asked": asked, "state": state,
        "states": STATES.items(), "classes": law.classes(),
    }  # fmt: skip
    return render(request, "web/examiner/queue.html", facts)


def found(request: Any, number: str) -> Application:
    """The application, if this person may see it at all."""
    rows = Application.objects.visible_to(request.actor).exclude(state="draft")
    record: Application | None = (
        rows.select_related("applicant", "agent", "office", "examiner").filter(number=number).first()
    )
    if record is None:
        raise Http404
    permissions.check(request.actor, "checks.read", record)
    return record


@never_cache
@require_safe
def workbench(request: Any, number: str) -> HttpResponse:
    return drawn(request, found(request, number))


def drawn(
    request: Any, record: Application, *, failure: str = "", typed: dict[str, str] | None = None, status: int = 200
) -> HttpResponse:
    """The workbench, also after an act that could not be carried out: what was typed is kept."""
    actor = request.actor
    likenesses, chosen = _likenesses(request, record)
    checks = checks_of(record, actor, typed or {})
    outcomes = [check["outcome"] for check in checks]
    facts = {
        "nav": "registry",
        "application": record,
        "work": Work.objects.filter(application=record).first(),
        "clock": clock_of(record),
        "parts": summary(record),
        "deposits": _deposits(record),
        "checks": checks,
        "counted": {name: outcomes.count(name) for name in ("pass", "concern", "fail", "open")},
        "likenesses": likenesses,
        "chosen": chosen,
        "letters": record.letters.order_by("-sent_at", "-pk"),
        "acts": timeline.acts_of(record, *[one["deposit"] for one in _deposits(record)], viewer=actor, limit=40),
        "agent": _agent(record),
        "buttons": buttons(record, actor),
        "failure": failure,
        **_place(record, actor),
    }
    return render(request, "web/examiner/workbench.html", facts, status=status)


def _likenesses(request: Any, record: Application) -> tuple[list[Any], dict[str, Any] | None]:
    rows = list(
        Likeness.objects.filter(deposit__application=record).select_related(
            "deposit", "explanation", "fingerprint__deposit__application__work__owner",
            "fingerprint__deposit__application__applicant",
        )
    )  # fmt: skip
    told = [_likeness(row, record) for row in rows]
    wanted = request.GET.get("likeness", "")
    one = next((one for one in told if str(one["row"].pk) == wanted), told[0] if told else None)
    if one:
        explanation = reference.explanation(one["row"].explanation)
        one |= {
            "is_chosen": True,
            "explanation": explanation,
            "figures": figures(explanation, one["row"]),
            "said": said(explanation) if explanation.kind == "text" else "",
            "base": reverse("likeness_file", args=[one["row"].pk, "x"])[:-1],
            "licences": list(queries.licences_of(one["work"])) if one["work"] else [],
        }
    return told, one


def _likeness(row: Likeness, record: Application) -> dict[str, Any]:
    earlier = row.fingerprint.deposit.application
    work = getattr(earlier, "work", None)
    is_same = earlier.applicant_id == record.applicant_id
    return {
        "row": row, "earlier": earlier, "work": work, "is_same_applicant": is_same, "strength": strength(row.bits),
        "number": work.number if work else earlier.number, "title": work or earlier,
    }  # fmt: skip


def _deposits(record: Application) -> list[dict[str, Any]]:
    return [{"deposit": one, "text": _opening(one)} for one in record.deposits.select_related("blob").order_by("pk")]


def _opening(deposit: Deposit) -> str:
    """The first page of a plain text, to be read beside the check-list."""
    if not deposit.media_type.startswith("text/plain"):
        return ""
    from copyhold.core import vault

    with vault.open(deposit.blob_id) as file:
        return file.read(TEXT_SHOWN * 3).decode("utf-8", "replace")[:TEXT_SHOWN]


def checks_of(record: Application, actor: Actor, typed: dict[str, str]) -> list[dict[str, Any]]:
    rows = {check.item: check for check in record.checks.all()}
    known = timeline.people(check.by for check in rows.values())
    may_act = record.state in {"submitted", "in_examination", "correction"} and not hindrance(record, actor)
    told = []
    for item in rules.CHECKLIST:
        check = rows.get(item.code) or Check(item=item.code)
        told.append(
            {
                "item": item.code, "label": item.label, "text": item.question, "outcome": check.outcome,
                "note": typed.get("note", "") if typed.get("item") == item.code else check.note,
                "numbers": [*check.detail.get("same_bytes", ()), *check.detail.get("likenesses", ())],
                "by": _by(check, known, actor), "may_act": may_act,
                "is_typed": typed.get("item") == item.code,
            }
        )  # fmt: skip
    return told


def _by(check: Check, known: dict[str, str], actor: Actor) -> str:
    if not check.by:
        return ""
    who = t("machine", "系统") if check.by == rules.MACHINE else timeline.who_is(check.by, known, actor)
    return f"{who}, {month_day(check.at)} {timeline.time_of(check.at)}" if check.at else str(who)


def hindrance(record: Application, actor: Actor) -> Any:
    """Why this person cannot act on it now; empty when they can."""
    if actor.role not in EXAMINERS or not permissions.may(actor, "application.claim", record):
        return t("You read along: an examiner of this office acts.", "您仅可查阅：由本机构审查员办理。")
    taken = record.examiner_id is not None and record.examiner_id != actor.account.pk  # type: ignore[union-attr]
    if taken and actor.role == "examiner":
        return t(f"{record.examiner} has taken it.", f"已由 {record.examiner} 领取。")
    return ""


def buttons(record: Application, actor: Actor) -> dict[str, Any]:
    """The action bar: what the table of states allows, each off with its reason."""
    barred = hindrance(record, actor)
    unsettled = rules.may_approve(dict(record.checks.values_list("item", "outcome")))
    labels = [str(item.label) for item in rules.CHECKLIST if item.code in unsettled]
    why_not = barred or (
        t(f"“Approve” opens when these are settled: {', '.join(labels)}.", f"以下审查项通过后方可准予登记：{'、'.join(labels)}。")
        if labels else ""
    )  # fmt: skip
    shown = [
        {
            "action": step.action, "label": step.label, "tone": step.tone,
            "is_off": bool(why_not if step.action == "approve" else barred),
            "is_form": step.action in {"ask_correction", "refuse"},
            "url": reverse(f"examine_{step.action}", args=[record.number]),
        }
        for step in APPLICATION.possible(record.state)
        if step.action in {"accept", "ask_correction", "approve", "refuse"}
    ]  # fmt: skip
    is_approvable = any(one["action"] == "approve" for one in shown)
    holds = record.examiner_id is not None and (
        record.examiner_id == actor.account.pk or actor.role == "chief_examiner"  # type: ignore[union-attr]
    )
    is_live = record.state in {"submitted", "in_examination", "correction"}
    return {
        "shown": shown,
        "why": why_not if is_approvable else barred if shown else "",
        "may_claim": is_live and not barred and record.examiner_id is None,
        "may_release": is_live and not barred and holds,
    }


def _agent(record: Application) -> dict[str, Any] | None:
    """What the same agent, or the same applicant where there is none, filed this month."""
    today = clock.today()
    who = record.agent or record.applicant
    month = Q(submitted_at__year=today.year, submitted_at__month=today.month)
    rows = Application.objects.filter(month, Q(agent=who) if record.agent else Q(applicant=who, agent=None))
    rows = rows.filter(office=record.office)
    others = list(
        rows.exclude(pk=record.pk).select_related("applicant", "work")
        .annotate(nearest=Max("deposits__likenesses__work_share")).order_by("-submitted_at")[:6]
    )  # fmt: skip
    return {"who": who, "count": rows.count(), "others": others, "is_agent": record.agent_id is not None}


def _place(record: Application, actor: Actor) -> dict[str, Any]:
    """7 of 18, and what comes next."""
    rows = by_term(Application.objects.visible_to(actor).filter(state__in=OPEN)).values_list("number", flat=True)
    numbers = list(rows[:500])
    if record.number not in numbers:
        return {"place": 0, "of": len(numbers), "next": numbers[0] if numbers else ""}
    at = numbers.index(record.number)
    following = [*numbers[at + 1 :], *numbers[:at]]
    return {"place": at + 1, "of": len(numbers), "next": following[0] if following else ""}
