"""The rows of the check-list, and what the machine says on them before a person looks."""

from __future__ import annotations

from typing import Any

from copyhold.core import clock
from copyhold.registry import queries, rules
from copyhold.registry.facts import regions_up
from copyhold.registry.models import Application, Check


def open_checklist(application: Application) -> None:
    """Make the rows at submission; after a correction, open again what was not passed."""
    Check.objects.bulk_create(
        [Check(application=application, item=code) for code in rules.CODES], ignore_conflicts=True
    )
    application.checks.exclude(outcome=Check.Outcome.PASS).update(outcome=Check.Outcome.OPEN, by="")
    _by_machine(application, "papers", rules.PASS, {"deposits": application.deposits.count()})
    _by_machine(application, "jurisdiction", *_jurisdiction(application))
    if same := queries.same_bytes(application):
        _by_machine(application, "duplicate", rules.CONCERN, {"same_bytes": same})


def write_check(check: Check, *, outcome: str, by: str, note: str, detail: dict[str, Any]) -> Check:
    """Keep one line as decided now."""
    check.outcome, check.by, check.note, check.detail, check.at = outcome, by, note, detail, clock.now()
    check.save()
    return check


def _by_machine(application: Application, item: str, outcome: str, detail: dict[str, Any]) -> None:
    check = application.checks.get(item=item)
    is_persons = check.by not in {"", rules.MACHINE}
    if rules.machine_prevails(decided_by_person=is_persons, before=check.detail, outcome=outcome, after=detail):
        write_check(check, outcome=outcome, by=rules.MACHINE, note="", detail=detail)


def _jurisdiction(application: Application) -> tuple[str, dict[str, Any]]:
    region = application.office.region
    regions = regions_up(application.applicant.region)
    competent = rules.is_competent(
        office_level=region.level if region else "",
        office_region=region.code if region else "",
        applicant_regions=regions,
    )
    outcome = rules.PASS if competent else rules.CONCERN
    return outcome, {"office_region": region.code if region else "", "applicant_regions": regions}
