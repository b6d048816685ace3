"""Thresholds of the law pack prompt a second look; they carry their confidence and decide nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copyhold.enforcement import rules, services
from copyhold.enforcement.errors import BadField, UnknownTerm
from copyhold.jurisdictions import load_version

PACK = load_version("cn", "2026-1")
QUANTITIES = sorted({threshold.quantity for threshold in PACK.thresholds})


@given(st.dictionaries(st.sampled_from(QUANTITIES), st.integers(0, 10**6)))
def test_each_stated_quantity_meets_each_of_its_thresholds(quantities):
    marks = rules.referral_marks(PACK, quantities)
    expected = {
        (threshold.code, quantities[threshold.quantity] >= threshold.at_least)
        for threshold in PACK.thresholds
        if threshold.quantity in quantities
    }
    assert {(mark.code, mark.is_reached) for mark in marks} == expected
    assert [mark.is_reached for mark in marks] == sorted((mark.is_reached for mark in marks), reverse=True)


def test_a_mark_says_how_far_it_may_be_relied_on(desk):
    case = services.record_quantities(desk.people.officer, desk.case(), quantities={"clicks": 100_000})
    (clicks,) = [mark for mark in services.marks_of(case) if mark.code == "clicks"]
    assert (clicks.is_reached, clicks.confidence, clicks.citation) == (True, "unverified", None)


def test_reached_marks_change_no_state(desk):
    case = desk.case()
    services.record_quantities(desk.people.officer, case, quantities=dict.fromkeys(QUANTITIES, 10**9))
    assert all(mark.is_reached for mark in services.marks_of(case))
    assert case.state == "filed"


def test_works_of_the_clues_are_counted_unless_stated(desk):
    work = desk.work()
    case = desk.case([desk.clue(work=work), desk.clue(work=work), desk.clue(work=desk.work())])
    assert next(mark.value for mark in services.marks_of(case) if mark.quantity == "works") == 2
    services.record_quantities(desk.people.officer, case, quantities={"works": 7})
    assert next(mark.value for mark in services.marks_of(case) if mark.quantity == "works") == 7


def test_a_later_count_joins_the_earlier(desk):
    case = services.record_quantities(desk.people.officer, desk.case(), quantities={"copies": 1, "clicks": 5})
    services.record_quantities(desk.people.officer, case, quantities={"copies": 2})
    assert case.quantities == {"copies": 2, "clicks": 5}


@pytest.mark.parametrize("value", [-1, 1.5, "12", None, True, 10**13])
def test_what_is_no_count_is_refused(desk, value):
    with pytest.raises(BadField):
        services.record_quantities(desk.people.officer, desk.case(), quantities={"copies": value})


def test_a_fine_is_no_quantity(desk):
    with pytest.raises(UnknownTerm):
        services.record_quantities(desk.people.officer, desk.case(), quantities={"fines": 1})
