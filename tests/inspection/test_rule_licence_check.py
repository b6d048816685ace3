"""The licence check: the owner's own site, then each recorded licence, each with its sentence."""

from datetime import date

import pytest

from copyhold.inspection import licences
from copyhold.registry import services as registry

DAY = date(2026, 6, 15)
FITS = {
    "rights": ["network"],
    "hosts": ["news.example"],
    "territories": ["CN"],
    "valid_from": date(2026, 1, 1),
    "valid_to": date(2026, 12, 31),
}


@pytest.fixture
def work(register, people):
    people.reedbank.hosts = ["reedbank.example"]
    people.reedbank.save()
    return register("lamp")[0]


def verdict_of(work, url="https://news.example/a", on=DAY, territory="CN"):
    found = licences.check(work, url=url, on=on, territory=territory)
    return found.verdict, found.reasons[0]["code"]


def test_the_owners_own_site(work):
    assert verdict_of(work, "https://www.reedbank.example/x") == ("own", "own_site")
    assert verdict_of(work, "https://notreedbank.example/x") == ("finding", "no_licence")


@pytest.mark.parametrize(
    ("licence", "use", "expected"),
    [
        ({}, {}, ("licensed", "covered")),
        ({"hosts": []}, {"url": "https://other.example/"}, ("licensed", "covered")),
        ({}, {"url": "https://img.news.example/x"}, ("licensed", "covered")),
        ({}, {"url": "https://other.example/"}, ("finding", "host_not_licensed")),
        ({}, {"on": date(2025, 12, 31)}, ("finding", "not_yet_valid")),
        ({}, {"on": date(2027, 1, 1)}, ("finding", "expired")),
        ({"rights": ["reproduction"]}, {}, ("finding", "right_not_licensed")),
        ({}, {"territory": ""}, ("finding", "territory_unknown")),
        ({}, {"territory": "JP"}, ("finding", "outside_territory")),
        ({"territories": []}, {"territory": "JP"}, ("licensed", "covered")),
    ],
)
def test_each_case_of_coverage(work, people, licence, use, expected):
    registry.record_licence(people.holder, work=work, licensee="新闻网", **{**FITS, **licence})
    assert verdict_of(work, **use) == expected


def test_one_covering_licence_is_enough_and_stands_first(work, people):
    registry.record_licence(people.holder, work=work, licensee="甲", **{**FITS, "hosts": ["else.example"]})
    registry.record_licence(people.holder, work=work, licensee="乙", **FITS)
    found = licences.check(work, url="https://news.example/", on=DAY, territory="CN")
    assert (found.verdict, len(found.reasons)) == ("licensed", 2)
    assert [reason["covers"] for reason in found.reasons] == [True, False]
    assert all(reason["en"] and reason["zh"] and reason["licence"] for reason in found.reasons)
