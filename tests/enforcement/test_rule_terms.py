"""The law pack counts the days: for taking up a clue, for the decision of a case, for the party and the platform."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from copyhold.core import clock
from copyhold.enforcement import services
from copyhold.enforcement.clocks import clocks_of
from copyhold.enforcement.models import Case, Clue, Notice
from copyhold.jurisdictions import load_version

PACK = load_version("cn", "2026-1")
MONDAY = datetime(2026, 6, 1, 2, tzinfo=UTC)
KEYS = {
    "code", "name_en", "name_zh", "total", "used", "left", "unit", "due", "due_at", "words_en", "words_zh",
    "article_en", "article_zh", "law_pack", "confidence", "source", "is_soon", "is_overdue", "is_met",
    "is_provisional",
}  # fmt: skip
CN = {"law_pack": "cn", "law_pack_version": "2026-1"}


def one(record, now, code):
    return next(facts for facts in clocks_of(record, now) if facts["code"] == code)


def test_a_clue_is_taken_up_within_fifteen_days(desk):
    with clock.frozen(MONDAY):
        clue = desk.clue()
    facts = one(clue, MONDAY, "clue_acceptance")
    assert set(facts) == KEYS
    assert (facts["due"], facts["is_met"], facts["is_soon"]) == (PACK.due("clue_acceptance", MONDAY), False, False)
    assert facts["confidence"] == "unverified"  # shown as such: the term was not read in the law itself
    with clock.frozen(MONDAY + timedelta(days=3)):
        services.accept_clue(desk.people.officer, clue)
    assert one(clue, MONDAY + timedelta(days=90), "clue_acceptance")["is_met"]


def test_a_case_is_decided_within_ninety_days_of_filing(desk):
    with clock.frozen(MONDAY):
        case = desk.case()
    facts = one(case, MONDAY + timedelta(days=80), "decision")
    assert (facts["due"], facts["used"], facts["is_soon"]) == (PACK.due("decision", MONDAY), 80, True)
    assert "60" in facts["article_en"]
    late = one(case, MONDAY + timedelta(days=100), "decision")
    assert late["is_overdue"]
    assert late["left"] < 0
    assert late["words_en"].startswith("The term is over since")


def test_the_partys_terms_stand_first_while_they_run(desk):
    with clock.frozen(MONDAY):
        case = desk.pre_notice()
    assert [facts["code"] for facts in clocks_of(case, MONDAY)] == ["statement", "hearing_request", "decision"]
    assert clocks_of(case, MONDAY)[0]["words_zh"].endswith("当事人可以陈述、申辩。")


def test_a_decided_case_has_no_running_term(desk):
    case = desk.decided()
    assert all(facts["is_met"] for facts in clocks_of(case, clock.now() + timedelta(days=900)))


def test_a_referred_case_has_met_its_term(desk):
    case = services.refer_case(desk.people.head, desk.case(), reason="涉嫌犯罪。")
    assert one(case, clock.now() + timedelta(days=900), "decision")["is_met"]


def test_a_draft_has_no_term(desk):
    assert clocks_of(desk.drafted(), clock.now()) == []


def test_a_law_that_knows_no_such_term_draws_none():
    case = Case(filed_on=MONDAY.date(), prior_notice_at=MONDAY, law_pack="xx", law_pack_version="2026-1")
    assert {facts["code"] for facts in clocks_of(case, MONDAY)} == {"decision", "hearing_request"}


@given(gone=st.integers(0, 60 * 24 * 200))
def test_used_and_left_make_the_whole_and_the_words_agree(gone):
    now = MONDAY + timedelta(minutes=gone)
    clue = Clue(received_at=MONDAY, **CN)
    notice = Notice(
        case=Case(filed_on=MONDAY.date(), **CN),
        rule="ecommerce",
        served_at=MONDAY,
        answered_at=MONDAY,
        state="answered",
    )
    for facts in [*clocks_of(clue, now), *clocks_of(notice, now)]:
        assert facts["used"] + facts["left"] == facts["total"]
        assert not (facts["is_met"] and (facts["is_soon"] or facts["is_overdue"]))
        assert facts["is_met"] or facts["is_overdue"] == (now >= facts["due_at"])
        if not facts["is_met"]:
            assert facts["is_overdue"] == facts["words_en"].startswith("The term is over")
            assert facts["is_overdue"] == facts["words_zh"].startswith("期限已过")
