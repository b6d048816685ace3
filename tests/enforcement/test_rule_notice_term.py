"""A platform acts in the term of the law pack, counted from service; after it the notice lapses by itself."""

from datetime import UTC, datetime, timedelta

import pytest

from copyhold.core import clock
from copyhold.core.jobs import run_pending
from copyhold.core.lifecycle import ForbiddenTransition
from copyhold.enforcement import jobs, rules, services
from copyhold.enforcement.errors import BadField, CaseOver, TermRuns, UnknownTerm
from copyhold.jurisdictions import load_version

PACK = load_version("cn", "2026-1")
NIGHT = datetime(2026, 9, 30, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize("rule", [rule.code for rule in PACK.notice_rules])
def test_due_is_the_packs_term_from_service(desk, rule):
    with clock.frozen(NIGHT):
        notice = desk.served(rule=rule)
    assert notice.due_at == PACK.due_at(rules.notice_rule(PACK, rule).act_clock, NIGHT)


def test_only_what_is_overdue_lapses_and_only_once(desk):
    notice, other = desk.served(), desk.served()
    services.record_compliance(desk.people.platform, other)
    jobs.lapse_overdue_notices.func()
    notice.refresh_from_db()
    assert notice.state == "served"
    with clock.frozen(notice.due_at):
        jobs.lapse_overdue_notices.func()
        jobs.lapse_overdue_notices.func()
    notice.refresh_from_db()
    other.refresh_from_db()
    assert (notice.state, other.state) == ("ignored", "complied")


def test_nobody_records_a_lapse_before_the_term_is_over(desk):
    notice = desk.served()
    with clock.frozen(notice.due_at - timedelta(microseconds=1)), pytest.raises(TermRuns):
        services.lapse_notice(desk.people.officer, notice)


def test_compliance_after_the_lapse_still_counts(desk):
    notice = desk.served()
    with clock.frozen(notice.due_at):
        services.lapse_notice(desk.people.officer, notice)
        services.record_compliance(desk.people.platform, notice, answer="已下架。")
    assert (notice.state, notice.answer) == ("complied", "已下架。")


def test_a_counter_statement_starts_the_wait_where_the_rule_has_one(desk):
    notice = services.record_answer(desk.people.platform, desk.served(), answer="商户提交不侵权声明。")
    codes = {facts["code"] for facts in services.clocks_of(notice, clock.now())}
    assert codes == {"platform_action", "restore_wait"}
    services.lift_notice(desk.people.officer, notice, reason="声明成立。")
    assert all(facts["is_met"] for facts in services.clocks_of(notice, clock.now()))


@pytest.mark.parametrize(
    ("service", "rule"),
    [("storage", "network"), ("search", "network"), ("link", "network"), ("marketplace", "ecommerce"),
     ("app", "civil"), ("social", "civil"), ("something new", "civil")],
)  # fmt: skip
def test_the_kind_of_service_chooses_the_rule(service, rule):
    assert rules.notice_rule_for(PACK, service).code == rule


def test_an_unknown_rule_is_answered_with_the_known_ones(desk):
    with pytest.raises(UnknownTerm) as refused:
        desk.drafted(rule="marketplace-2")
    assert "ecommerce" in str(refused.value)


@pytest.mark.parametrize(
    "urls", [[], ["halfmoon"], ["ftp://mall.example/1"], ["http://"], ["javascript:alert(1)"], ["http://a b.example/"],
             ["http://[::1"], ["http://mall.example/\x00"], ["http://mall.example/" + "x" * 2000], [""]],
)  # fmt: skip
def test_addresses_that_are_none_are_refused(desk, urls):
    people = desk.people
    with pytest.raises(BadField):
        services.draft_notice(people.officer, desk.case(), addressee=people.mall, rule="ecommerce", urls=urls)


def test_a_notice_goes_to_a_platform(desk):
    people = desk.people
    with pytest.raises(BadField):
        services.draft_notice(
            people.officer, desk.case(), addressee=people.reedbank, rule="ecommerce", urls=["http://a.example/1"]
        )


def test_a_closed_case_sends_no_notice(desk):
    case = services.close_case(desk.people.officer, desk.decided())
    with pytest.raises(CaseOver):
        desk.drafted(case)


def test_a_lifted_draft_is_never_served(desk):
    notice = services.lift_notice(desk.people.officer, desk.drafted(), reason="误发。")
    with pytest.raises(ForbiddenTransition):
        services.serve_notice(desk.people.officer, notice)
    run_pending()
    assert notice.due_at is None
