"""From rows to the plain facts that rules judge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copyhold.enforcement import law, papers, rules
from copyhold.enforcement.rules import CaseFacts

if TYPE_CHECKING:
    from datetime import datetime

    from copyhold.enforcement.models import Case
    from copyhold.enforcement.rules import Mark
    from copyhold.errors import Conflict


def facts_of(case: Case) -> CaseFacts:
    """What bears on whether the case may be decided."""
    pack = law.pack_of(case)
    given = case.prior_notice_at
    known = [rule for code in rules.STATEMENT_CLOCKS if (rule := law.clock_of(pack, code))]
    return CaseFacts(
        officers=frozenset(case.officers.values_list("pk", flat=True)),
        prior_notice_at=given,
        statement_over_at=max((pack.due_at(rule, given) for rule in known), default=None) if given else None,
        statement_until=papers.statement_until(case) if given else None,
        has_waived=case.has_waived,
        reviewer=case.reviewer_id,
        has_passed_review=case.has_passed_review,
    )


def obstacles_to_decision(case: Case, now: datetime) -> list[Conflict]:
    """For the page of a case: everything that stands in the way of a decision."""
    return rules.obstacles_to_decision(facts_of(case), now)


def marks_of(case: Case) -> list[Mark]:
    """Referral marks of the law pack beside what the case states; the works of its clues are counted if not stated."""
    works = case.clues.exclude(work=None).values("work").distinct().count()
    return rules.referral_marks(law.pack_of(case), {"works": works, **case.quantities})
