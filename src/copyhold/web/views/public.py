"""The register, open to everyone: front page, search, and what the footer links to."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count
from django.db.models.functions import ExtractMonth, ExtractYear
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse

from copyhold.core import clock, ledger
from copyhold.enforcement.models import Case, Clue
from copyhold.registry.lifecycle import WORK
from copyhold.registry.models import Application, Work
from copyhold.registry.services import issuing
from copyhold.web import law
from copyhold.web.phrases import is_chinese, t

PER_PAGE = 20


def home(request: HttpRequest) -> HttpResponse:
    today = clock.today()
    lately = list(Work.objects.select_related("owner")[:6])
    return render(
        request,
        "web/public/home.html",
        {
            "figures": _figures(today),
            "chart": _chart(today),
            "lately": lately,
            "plate": lately[0] if lately else None,
            "plate_url": issuing.verify_address(lately[0].number) if lately else "",
            "announcements": _announcements(),
            "year_began": date(today.year, 1, 1),
            "today": today,
            "classes": law.classes(),
        },
    )


def _figures(today: date) -> dict[str, Any]:
    """Each figure counts rows as they stand now; none is typed in."""
    this_year = Work.objects.filter(registered_on__year=today.year)
    waits = [
        (decided - accepted).total_seconds() / 86400
        for accepted, decided in Application.objects.filter(
            state="registered", decided_at__year=today.year, accepted_at__isnull=False
        ).values_list("accepted_at", "decided_at")
    ]
    waits.sort()
    return {
        "registered": this_year.count(),
        "wait_days": waits[len(waits) // 2] if waits else None,
        "refused": Application.objects.filter(state="refused", decided_at__year=today.year).count(),
        "revoked": Work.objects.filter(state="revoked").count(),
        "all": Work.objects.count(),
    }


def _chart(today: date) -> dict[str, Any] | None:
    """Works registered each month, this year beside the last; None while there is nothing to draw."""
    rows = (
        Work.objects.filter(registered_on__year__in=(today.year, today.year - 1))
        .annotate(year=ExtractYear("registered_on"), month=ExtractMonth("registered_on"))
        .values_list("year", "month")
        .annotate(n=Count("pk"))
        .order_by()
    )
    counted = {(year, month): n for year, month, n in rows}
    if not counted:
        return None
    top = _round_up(max(counted.values()))
    names = (
        [f"{m}月" for m in range(1, 13)]
        if is_chinese()
        else ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    )

    def bar(year: int, month: int, offset: int) -> dict[str, Any]:
        n = counted.get((year, month), 0)
        height = round(150 * n / top, 1)
        return {"n": n, "x": 46 + (month - 1) * 60 + offset, "y": 180 - height, "h": height}

    months = [
        {
            "name": names[month - 1],
            "label_x": 46 + (month - 1) * 60 + 21,
            "past": bar(today.year - 1, month, 0),
            "now": bar(today.year, month, 22) if month <= today.month else None,
            "is_open": month == today.month,
        }
        for month in range(1, 13)
    ]
    grid = [{"value": value, "y": 180 - round(150 * value / top, 1)} for value in (0, top // 2, top)]
    return {"months": months, "grid": grid, "year": today.year, "last_year": today.year - 1}


def _round_up(value: int) -> int:
    """The next even round number: 2, 4, 10, 20, 40, 100 …"""
    step = 2
    for small, large in pairwise(n * 10**power for power in range(9) for n in (2, 4, 10)):
        step = small
        if value <= small:
            break
        step = large
    return step


def _announcements() -> list[dict[str, Any]]:
    """What the office made public lately: decided cases by number and act (no names), and revocations."""
    told = [
        {
            "at": case.state_since,
            "text": t(f"Penalty decision in case {case.number}", f"{case.number}：已作出行政处罚决定"),
            "kind": t("Decisions", "处罚公开"),
            "url": "",
        }
        for case in Case.objects.filter(state__in=("decided", "closed"))
        .exclude(decision="")
        .order_by("-state_since")[:5]
    ]
    for work in Work.objects.filter(state="revoked").order_by("-pk")[:3]:
        act = ledger.acts_of(work).filter(action="work.revoke").last()
        told.append(
            {
                "at": act.at if act else None,
                "text": t(f"Registration revoked: {work}", f"撤销登记：{work}"),
                "kind": t("Revocations, each with its reasons", "撤销登记（附理由）"),
                "url": reverse("work", args=[work.number]),
            }
        )
    return sorted((one for one in told if one["at"]), key=lambda one: one["at"], reverse=True)


def seek(request: Any) -> JsonResponse:
    """Search everywhere (Ctrl-K): works for all; one's own applications, clues and cases for those who may see them."""
    words = request.GET.get("q", "").strip()[:100]
    if not words:
        return JsonResponse({"hits": []})
    hits = [
        {
            "kind": str(t("Work", "作品")),
            "title": str(work),
            "number": work.number,
            "url": reverse("work", args=[work.number]),
        }
        for work in Work.objects.visible_to(request.actor).found_by(words)[:6]
    ]
    if request.actor.account:
        found = Application.objects.visible_to(request.actor)
        found = found.filter(number__icontains=words) | found.filter(title__icontains=words)
        hits += [
            {
                "kind": str(t("Application", "申请")),
                "title": str(one),
                "number": one.number,
                "url": reverse("application", args=[one.number]),
            }
            for one in found[:4]
            if request.actor.is_applicant
        ]
        hits += _staff_hits(request.actor, words)
    return JsonResponse({"hits": hits})


def _staff_hits(actor: Any, words: str) -> list[dict[str, str]]:
    """Lines for the desks; a kind whose page is not in `web.urls` yet is left out."""
    from django.urls import NoReverseMatch

    hits = []
    kinds = ((Case, "case", t("Case", "案件")), (Clue, "clue", t("Clue", "线索")))
    for model, name, kind in kinds:
        rows = model.objects.visible_to(actor)
        for row in (rows.filter(number__icontains=words) | rows.filter(title__icontains=words))[:4]:
            try:
                url = reverse(name, args=[row.number])
            except NoReverseMatch:
                break
            hits.append({"kind": str(kind), "title": row.title, "number": row.number, "url": url})
    return hits


FIELDS = {
    "": t("Anything", "全部字段"),
    "number": t("Number", "登记号"),
    "title": t("Title", "作品名称"),
    "owner": t("Owner", "著作权人"),
}


def search(parameters: Any) -> Any:
    """The register's rows for `q`, `by`, `category`, `state`, `from`, `to`: also used by the API."""
    found = Work.objects.select_related("owner", "registrar")
    words, by = parameters.get("q", "").strip()[:200], parameters.get("by", "")
    if words and by == "number":
        found = found.filter(number__icontains=words)
    elif words and by == "title":
        found = found.filter(title__icontains=words) | found.filter(title_en__icontains=words)
    elif words and by == "owner":
        named = found.filter(owner__is_natural_person=False)
        found = named.filter(owner__name__icontains=words) | named.filter(owner__name_en__icontains=words)
    elif words:
        found = found.found_by(words)
    if category := parameters.get("category", ""):
        found = found.filter(category=category)
    if state := parameters.get("state", ""):
        found = found.filter(state=state)
    for name, lookup in (("from", "registered_on__gte"), ("to", "registered_on__lte")):
        if limit := _day(parameters.get(name, "")):
            found = found.filter(**{lookup: limit})
    return found


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def works(request: HttpRequest) -> HttpResponse:
    page = Paginator(search(request.GET), PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "web/public/works.html",
        {
            "nav": "register",
            "page": page,
            "q": request.GET.get("q", "").strip(),
            "fields": FIELDS,
            "classes": law.classes(),
            "states": WORK.states,
            "chosen": {name: request.GET.get(name, "") for name in ("by", "category", "state", "from", "to")},
        },
    )


def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "web/public/accessibility.html")


def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "web/public/privacy.html")
