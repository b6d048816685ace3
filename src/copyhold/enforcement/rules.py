"""The rules of enforcement, pure: facts in, what stands in the way out. Terms and thresholds come from the law pack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from copyhold.enforcement.errors import (
    NoLegalReview,
    NoPriorNotice,
    ReviewedByInvestigator,
    StatementTermRuns,
    TooFewOfficers,
    UnknownTerm,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date, datetime

    from copyhold.errors import Conflict
    from copyhold.jurisdictions.model import Confidence, NoticeRule, Text
    from copyhold.jurisdictions.pack import LawPack

LEAST_OFFICERS = 2
STATEMENT_CLOCKS = ("statement", "hearing_request")  # what the party may do after the prior notice
ANY_SERVICE = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """What bears on whether a case may be decided. Accounts by key; `statement_over_at` the first moment after."""

    officers: frozenset[int]
    prior_notice_at: datetime | None
    statement_over_at: datetime | None
    statement_until: date | None
    has_waived: bool
    reviewer: int | None
    has_passed_review: bool


def need_officers(officers: Collection[object]) -> list[Conflict]:
    """Two officers at least carry a case."""
    missing = LEAST_OFFICERS - len(set(officers))
    return [TooFewOfficers(least=LEAST_OFFICERS, missing=missing)] if missing > 0 else []


def need_other_reviewer(officers: Collection[int], reviewer: int | None) -> list[Conflict]:
    """Who investigates does not review."""
    return [ReviewedByInvestigator()] if reviewer is not None and reviewer in officers else []


def obstacles_to_decision(facts: CaseFacts, now: datetime) -> list[Conflict]:
    """Everything that stands in the way of a decision at `now`; empty: it may be made."""
    found = need_officers(facts.officers)
    if facts.prior_notice_at is None:
        found.append(NoPriorNotice())
    elif not facts.has_waived and facts.statement_over_at is not None and now < facts.statement_over_at:
        found.append(StatementTermRuns(until=str(facts.statement_until)))
    if facts.reviewer is None or not facts.has_passed_review:
        found.append(NoLegalReview())
    return found + need_other_reviewer(facts.officers, facts.reviewer)


def notice_rule(pack: LawPack, code: str) -> NoticeRule:
    """A notice rule by its code. Raises UnknownTerm, which lists those there are."""
    for rule in pack.notice_rules:
        if rule.code == code:
            return rule
    raise UnknownTerm(term=code, known=", ".join(rule.code for rule in pack.notice_rules))


def notice_rule_for(pack: LawPack, service_type: str) -> NoticeRule:
    """The rule set for a kind of service (storage, marketplace, app …); the pack's general one for an unknown kind."""
    by_service = {service: rule for rule in pack.notice_rules for service in rule.service_types}
    rule = by_service.get(service_type) or by_service.get(ANY_SERVICE)
    if rule is None:
        raise UnknownTerm(term=service_type, known=", ".join(sorted(by_service)))
    return rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One threshold beside the case's own quantity: a prompt to look again, never a verdict."""

    code: str
    name: Text
    quantity: str
    value: int
    at_least: int
    grade: str
    confidence: Confidence
    citation: Text | None
    is_reached: bool


def referral_marks(pack: LawPack, quantities: Mapping[str, int]) -> list[Mark]:
    """Each threshold of the law pack for which the case states a quantity, reached ones first."""
    marks = [
        Mark(
            code=threshold.code,
            name=threshold.name,
            quantity=threshold.quantity,
            value=quantities[threshold.quantity],
            at_least=threshold.at_least,
            grade=threshold.grade,
            confidence=threshold.confidence,
            citation=pack.cite(threshold.articles[0]).citation if threshold.articles else None,
            is_reached=quantities[threshold.quantity] >= threshold.at_least,
        )
        for threshold in pack.thresholds
        if threshold.quantity in quantities
    ]
    return sorted(marks, key=lambda mark: not mark.is_reached)
