"""Recording a licence: on a work in force, in exact terms; an exclusive one excludes every other for the same use."""

from datetime import date

import pytest

from copyhold.errors import BadInput, Forbidden
from copyhold.registry import queries, rules, services
from copyhold.registry.errors import ExclusiveElsewhere, NotInForce

TERMS = {
    "licensee": "白榆书局",
    "rights": ["network"],
    "hosts": ["WhiteElm.example."],
    "territories": ["cn"],
    "valid_from": date(2026, 1, 1),
    "valid_to": date(2026, 12, 31),
}


def record(desk, work, actor=None, **terms):
    return services.record_licence(actor or desk.people.holder, work=work, **{**TERMS, **terms})


def test_a_licence_is_recorded_in_exact_terms(desk):
    work = desk.registered()
    licence = record(desk, work)
    licence.refresh_from_db()
    assert licence.number == f"L-{work.registered_on.year}-000001"
    assert (licence.hosts, licence.territories) == (["whiteelm.example"], ["CN"])
    assert list(queries.licences_of(work)) == [licence]
    use = rules.UseFacts(right="network", host="whiteelm.example", territory="CN", on=date(2026, 6, 1))
    assert [coverage.covers for coverage in queries.coverage_of(work, use)] == [True]


def test_an_international_host_is_kept_as_the_network_writes_it(desk):
    assert record(desk, desk.registered(), hosts=["例子.example"]).hosts == ["xn--fsqu00a.example"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"licensee": " "}, "licensee"),
        ({"rights": ["everything"]}, "rights"),
        ({"hosts": ["https://whiteelm.example/"]}, "hosts"),
        ({"hosts": ["white elm"]}, "hosts"),
        ({"hosts": ["a..example"]}, "hosts"),
        ({"territories": ["中国"]}, "territories"),
        ({"valid_to": date(2025, 12, 31)}, "valid_to"),
    ],
)
def test_terms_that_say_nothing_exact_are_told_by_field(desk, wrong, field):
    with pytest.raises(BadInput) as told:
        record(desk, desk.registered(), **wrong)
    assert told.value.params["field"] == field


def test_only_the_owner_the_mandated_or_the_registrar_records(desk):
    work = desk.registered()
    for stranger in (desk.people.other_holder, desk.people.agent, desk.people.officer, desk.people.platform):
        with pytest.raises(Forbidden):
            record(desk, work, actor=stranger)
    assert record(desk, work, actor=desk.people.examiner).number


def test_an_exclusive_licence_excludes_what_overlaps_and_nothing_else(desk):
    work = desk.registered()
    first = record(desk, work, is_exclusive=True)
    with pytest.raises(ExclusiveElsewhere) as told:
        record(desk, work)
    assert first.number in str(told.value)
    record(desk, work, hosts=["other.example"])
    record(desk, work, valid_from=date(2027, 1, 1), valid_to=date(2027, 12, 31))
    with pytest.raises(ExclusiveElsewhere):
        record(desk, work, hosts=["other.example"], is_exclusive=True)


def test_a_licence_that_ends_early_covers_what_was_used_before(desk):
    licence = record(desk, desk.registered())
    services.end_licence(desk.people.holder, licence, on=date(2026, 6, 30))
    facts = queries.coverage_of(
        licence.work,
        rules.UseFacts(right="network", host="whiteelm.example", territory="CN", on=date(2026, 6, 30)),
    )
    after = queries.coverage_of(
        licence.work,
        rules.UseFacts(right="network", host="whiteelm.example", territory="CN", on=date(2026, 7, 1)),
    )
    assert (facts[0].covers, after[0].code) == (True, "expired")
    assert licence.state == "ended"


def test_an_end_outside_the_period_is_told(desk):
    with pytest.raises(BadInput):
        services.end_licence(desk.people.holder, record(desk, desk.registered()), on=date(2027, 1, 1))


def test_nothing_is_licensed_on_a_revoked_registration(desk):
    work = desk.registered()
    services.revoke_work(desk.people.chief, work, ground="facts_differ", text="作者并非林秋水。")
    with pytest.raises(NotInForce):
        record(desk, work)
