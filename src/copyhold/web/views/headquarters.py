"""The headquarters' overview: figures counted from rows as they stand, each opening to its list. And every role's desk."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Any

from django.db.models import Count, F, Q
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from copyhold.core import clock
from copyhold.enforcement.lifecycle import CASE
from copyhold.enforcement.models import Case, Notice
from copyhold.inspection.lifecycle import FINDING
from copyhold.inspection.models import Finding
from copyhold.people.models import Organisation
from copyhold.people.roles import Role
from copyhold.registry.models import Application, Work
from copyhold.web import rail

if TYPE_CHECKING:
    from django.http import HttpResponse

BAR = 300  # of the drawing: width of the longest bar


@never_cache
@require_safe
def overview(request: Any) -> HttpResponse:
    actor, today = request.actor, clock.today()
    applications = Application.objects.visible_to(actor)
    found = _counted(Finding.objects.visible_to(actor), FINDING, "findings")
    cases = _counted(Case.objects.visible_to(actor), CASE, "cases")
    served = Notice.objects.visible_to(actor).filter(served_at__isnull=False)
    met = Q(answered_at__lte=F("due_at")) | Q(closed_at__lte=F("due_at"))
    facts = {
        "nav": "figures", "year": today.year,
        "registered": Work.objects.filter(registered_on__year=today.year).count(),
        "examining": applications.filter(state="in_examination").count(), "days": _median_days(today.year),
        "findings": found, "findings_all": sum(one["n"] for one in found),
        "cases": cases, "cases_all": sum(one["n"] for one in cases),
        "served": served.count(), "in_time": served.filter(met).count(), "offices": _offices(),
    }  # fmt: skip
    return render(request, "web/headquarters/overview.html", facts)


def _median_days(year: int) -> float | None:
    """Days from acceptance to the decision, of what was decided this year."""
    spans = Application.objects.filter(decided_at__year=year, accepted_at__isnull=False)
    days = [(done - begun).total_seconds() / 86400 for begun, done in spans.values_list("accepted_at", "decided_at")]
    return median(days) if days else None


def _counted(rows: Any, lifecycle: Any, url_name: str) -> list[dict[str, Any]]:
    """A bar for each state, its list one click away."""
    counts = dict(rows.order_by().values_list("state").annotate(n=Count("pk")))
    top = max(counts.values(), default=0) or 1
    return [
        {
            "label": state.label, "n": counts.get(state.name, 0), "url": f"{reverse(url_name)}?state={state.name}",
            "w": round(BAR * counts.get(state.name, 0) / top, 1), "y": 26 * place, "text_y": 26 * place + 14,
            "value_x": round(180 + BAR * counts.get(state.name, 0) / top + 8, 1),
        }
        for place, state in enumerate(lifecycle.states)
    ]  # fmt: skip


def _offices() -> list[dict[str, Any]]:
    """By name, not by rank."""
    kinds = (Organisation.Kind.ADMINISTRATION, Organisation.Kind.ENFORCEMENT_CORPS)
    return [
        {
            "office": office,
            "works": Work.objects.filter(registrar=office).count(),
            "examining": Application.objects.filter(office=office, state="in_examination").count(),
            "findings": Finding.objects.filter(office=office).count(),
            "cases": Case.objects.filter(office=office).count(),
        }
        for office in Organisation.objects.filter(kind__in=kinds).order_by("name")
    ]


@never_cache
@require_safe
def today(request: Any) -> HttpResponse:
    """Where staff and platforms begin: what waits for me, each count opening to its list."""
    if request.actor.role in {Role.RIGHT_HOLDER, Role.AGENT}:
        return redirect("applications")
    return render(request, "web/headquarters/today.html", {"lines": rail.waiting(request.actor), "nav": ""})
