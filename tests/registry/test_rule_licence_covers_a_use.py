"""A recorded licence covers a use by period, right, site and territory; the first that does not fit is the answer."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copyhold.registry import rules

LICENCE = rules.LicenceFacts(
    number="L-2026-000001",
    rights=["network"],
    hosts=["press.example"],
    territories=["CN"],
    valid_from=date(2026, 1, 1),
    valid_to=date(2026, 12, 31),
)


def use(right="network", host="press.example", territory="CN", on=date(2026, 6, 15)):
    return rules.UseFacts(right=right, host=host, territory=territory, on=on)


@pytest.mark.parametrize(
    ("fits", "code"),
    [
        (use(), "covered"),
        (use(on=date(2026, 1, 1)), "covered"),
        (use(on=date(2026, 12, 31)), "covered"),
        (use(host="www.press.example"), "covered"),
        (use(host="PRESS.example:8443"), "covered"),
        (use(territory="cn-gd"), "covered"),
        (use(on=date(2025, 12, 31)), "not_yet_valid"),
        (use(on=date(2027, 1, 1)), "expired"),
        (use(right="reproduction"), "right_not_licensed"),
        (use(host="notpress.example"), "host_not_licensed"),
        (use(host="press.example.evil.example"), "host_not_licensed"),
        (use(host=""), "host_not_licensed"),
        (use(territory=""), "territory_unknown"),
        (use(territory="CND"), "outside_territory"),
        (use(territory="US"), "outside_territory"),
    ],
)
def test_the_answer_and_its_reason(fits, code):
    coverage = rules.licence_covers(LICENCE, fits)
    assert (coverage.code, coverage.covers) == (code, code == "covered")
    assert "L-2026-000001" in coverage.en
    assert "L-2026-000001" in coverage.zh


def test_an_empty_limit_is_no_limit():
    wide = rules.LicenceFacts(number="L-1", valid_from=date(2026, 1, 1), valid_to=date(2026, 12, 31))
    assert rules.licence_covers(wide, use(right="anything", host="any.example", territory="")).covers


RIGHTS, HOSTS, PLACES = ["a", "b"], ["x.example", "w.x.example", "y.example"], ["CN", "CN-GD", "US"]
DAY = date(2026, 1, 1)


@st.composite
def licences(draw):
    begins = draw(st.integers(0, 6))
    return rules.LicenceFacts(
        number="L",
        rights=draw(st.lists(st.sampled_from(RIGHTS), unique=True)),
        hosts=draw(st.lists(st.sampled_from(HOSTS), unique=True)),
        territories=draw(st.lists(st.sampled_from(PLACES), unique=True)),
        valid_from=DAY + timedelta(begins),
        valid_to=DAY + timedelta(begins + draw(st.integers(0, 4))),
    )


USES = [
    rules.UseFacts(right=right, host=host, territory=place, on=DAY + timedelta(day))
    for right in RIGHTS
    for host in HOSTS
    for place in PLACES
    for day in range(12)
]


@given(licences(), licences())
def test_two_licences_overlap_exactly_when_some_use_is_covered_by_both(one, other):
    both = any(rules.licence_covers(one, each).covers and rules.licence_covers(other, each).covers for each in USES)
    assert rules.overlaps(one, other) == rules.overlaps(other, one) == both
