"""No decision before the party had prior notice and the terms to speak and to ask for a hearing are over."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copyhold.core import clock
from copyhold.enforcement import papers, rules, services
from copyhold.enforcement.errors import BadField, NoPriorNotice, StatementTermRuns
from copyhold.enforcement.facts import facts_of, obstacles_to_decision
from copyhold.enforcement.rules import CaseFacts
from copyhold.jurisdictions import load_version

PACK = load_version("cn", "2026-1")
MONDAY = datetime(2026, 6, 1, 2, tzinfo=UTC)  # 10:00 in the office


def review(desk, case):
    services.send_to_review(desk.people.officer, case)
    return services.review_case(desk.people.legal, case, opinion="同意。", passes=True)


def test_without_prior_notice_there_is_no_decision(desk):
    case = review(desk, desk.investigating())
    with pytest.raises(NoPriorNotice):
        services.decide_case(desk.people.head, case, decision="责令停止。")
    case.refresh_from_db()
    assert case.state == "legal_review"
    assert not case.documents.filter(kind="decision").exists()


def test_the_term_is_the_law_packs_and_its_last_day_belongs_to_the_party(desk):
    with clock.frozen(MONDAY):
        case = desk.reviewed(waives=False)
    over = max(PACK.due_at(code, MONDAY) for code in rules.STATEMENT_CLOCKS)
    assert papers.statement_until(case) == (over - timedelta(seconds=1)).date()
    with clock.frozen(over - timedelta(seconds=1)), pytest.raises(StatementTermRuns):
        services.decide_case(desk.people.head, case, decision="责令停止。")
    with clock.frozen(over):
        services.decide_case(desk.people.head, case, decision="责令停止。")
    assert case.state == "decided"


def test_a_statement_alone_does_not_shorten_the_term_a_waiver_does(desk):
    people, case = desk.people, desk.pre_notice()
    services.record_statement(people.officer, case, text="不是我方。")
    review(desk, case)
    assert [type(found) for found in obstacles_to_decision(case, clock.now())] == [StatementTermRuns]
    services.record_statement(people.officer, case, text="放弃陈述和听证。", waives=True)
    services.review_case(people.legal, case, opinion="同意。", passes=True)
    assert obstacles_to_decision(case, clock.now()) == []


def test_a_new_prior_notice_starts_the_term_anew(desk):
    people, case = desk.people, desk.reviewed()
    services.return_case(people.head, case, reason="请补充证据。")
    services.give_prior_notice(people.officer, case, text="另拟没收。")
    assert (case.has_waived, case.statement) == (False, "")
    review(desk, case)
    with pytest.raises(StatementTermRuns):
        services.decide_case(people.head, case, decision="没收。")


def test_no_statement_before_the_notice(desk):
    with pytest.raises(BadField):
        services.record_statement(desk.people.officer, desk.investigating(), text="早了。")


def test_the_paper_and_the_gate_name_the_same_day(desk):
    case = desk.pre_notice()
    assert facts_of(case).statement_until == papers.statement_until(case)
    assert facts_of(case).statement_over_at.date() == papers.statement_until(case) + timedelta(days=1)


@given(
    gone=st.integers(-5, 5), has_notice=st.booleans(), waives=st.booleans(), passed=st.booleans(),
    reviewer=st.sampled_from([None, 1, 9]), officers=st.frozensets(st.integers(1, 4)),
)  # fmt: skip
def test_a_case_is_ripe_exactly_when_every_condition_holds(gone, has_notice, waives, passed, reviewer, officers):
    over = MONDAY + timedelta(days=7)
    facts = CaseFacts(
        officers=officers, prior_notice_at=MONDAY if has_notice else None,
        statement_over_at=over if has_notice else None,
        statement_until=over.date(), has_waived=waives, reviewer=reviewer, has_passed_review=passed,
    )  # fmt: skip
    is_ripe = (
        len(officers) >= 2 and has_notice and (waives or gone >= 0)
        and passed and reviewer is not None and reviewer not in officers
    )  # fmt: skip
    assert (rules.obstacles_to_decision(facts, over + timedelta(days=gone)) == []) == is_ripe
