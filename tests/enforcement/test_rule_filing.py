"""A case is filed once, from one clue or several of one office, under a number that leaves no gap."""

import threading

import pytest
from django.db import connection
from tests.enforcement.conftest import INSPECTION

from copyhold.core import clock
from copyhold.core.ledger import acts_of
from copyhold.core.lifecycle import ForbiddenTransition
from copyhold.enforcement import services
from copyhold.enforcement.errors import AlreadyInCase, BadField, CaseOver, MixedOffices, UnknownTerm
from copyhold.enforcement.models import Case, Clue
from copyhold.errors import Conflict, Forbidden
from copyhold.evidence.services import Item, seal_exhibit


def at_once(*calls):
    """Run the calls in threads of their own, on connections of their own; what each gave or raised."""
    results = [None] * len(calls)
    gate = threading.Barrier(len(calls))

    def run(place, call):
        gate.wait()
        try:
            results[place] = call()
        except Exception as error:  # noqa: BLE001 - handed to the test
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(calls)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    return results


def serial(case):
    return int(case.number.removesuffix("号").rpartition("〕")[2])


def test_several_clues_make_one_case_and_more_join_it(desk):
    clues = [desk.clue() for _ in range(3)]
    case = desk.case(clues[:2])
    services.add_clue(desk.people.officer, case, clues[2])
    assert list(case.clues.order_by("pk")) == clues
    assert {clue.state for clue in case.clues.all()} == {"filed"}
    assert all("clue.file" in acts_of(clue).values_list("action", flat=True) for clue in clues)


def test_numbers_bear_the_prefix_of_the_administration_and_have_no_gap(desk):
    year = clock.today().year
    cases = []
    for at in range(4):
        cases.append(desk.case())
        if at % 2:
            with pytest.raises(ForbiddenTransition):
                desk.case(list(cases[-1].clues.all()))
    assert [case.number for case in cases] == [f"兰版案〔{year}〕{at}号" for at in range(1, 5)]


def test_an_office_without_a_prefix_is_told_so(desk):
    desk.people.office.registrar_prefix = ""
    desk.people.office.save()
    with pytest.raises(BadField) as refused:
        desk.case()
    assert refused.value.params["field"] == "office"
    assert not Case.objects.exists()


def test_clues_of_two_offices_do_not_mix(desk):
    people = desk.people
    other = desk.clue()
    Clue.objects.filter(pk=other.pk).update(office=people.office)
    other.refresh_from_db()
    with pytest.raises(MixedOffices):
        desk.case([desk.clue(), other])
    with pytest.raises(MixedOffices):
        services.add_clue(people.officer, desk.case(), other)


@pytest.mark.parametrize(("field", "value"), [("title", " "), ("title", "x" * 301), ("party", "a\x00b"), ("clues", [])])
def test_what_cannot_be_used_is_named(desk, field, value):
    facts = {"clues": [desk.clue()], "title": "案", "officers": desk.officers, field: value}
    with pytest.raises(BadField) as refused:
        services.file_case(desk.people.head, **facts)
    assert refused.value.params["field"] == field


def test_one_clue_named_twice_is_refused(desk):
    clue = desk.clue()
    with pytest.raises(BadField):
        desk.case([clue, clue])


def test_an_act_that_the_law_does_not_know_is_answered_with_the_known_ones(desk):
    with pytest.raises(UnknownTerm) as refused:
        desk.case(act="communication")
    assert "network_offer" in str(refused.value)


def test_the_version_on_the_screen_is_compared(desk):
    clue = desk.clue()
    seen = clue.version
    services.accept_clue(desk.people.officer, clue)
    with pytest.raises(Conflict) as refused:
        desk.case([clue], seen=seen)
    assert refused.value.instance_code == "record.changed_meanwhile"
    assert not Case.objects.exists()
    assert desk.case([clue], seen=clue.version).state == "filed"


def test_two_officers_file_one_clue_and_one_is_told(desk_committed):
    desk = desk_committed
    people, clue = desk.people, desk.clue()
    one, other = (Clue.objects.get(pk=clue.pk) for _ in range(2))
    results = at_once(
        *[
            lambda who=who, each=each: services.file_case(
                who, clues=[each], title="案", officers=desk.officers, seen=each.version
            )
            for who, each in [(people.officer, one), (people.second_officer, other)]
        ]
    )
    assert sum(isinstance(result, Conflict) for result in results) == 1, results
    case = Case.objects.get()
    clue.refresh_from_db()
    assert (clue.case, clue.state, serial(case)) == (case, "filed", 1)


def test_filings_that_share_clues_in_another_order_never_wait_for_each_other(desk_committed):
    desk = desk_committed
    keys = [desk.clue().pk for _ in range(4)]

    def file(order):
        clues = [Clue.objects.get(pk=keys[at]) for at in order]
        return services.file_case(desk.people.head, clues=clues, title="案", officers=desk.officers)

    results = at_once(*[lambda order=order: file(order) for order in ([0, 1, 2], [2, 1, 0], [3])])
    assert sum(isinstance(result, Conflict) for result in results) == 1, results
    assert sorted(serial(case) for case in Case.objects.all()) == [1, 2]


def test_an_exhibit_lies_in_a_file_once_and_only_ones_own(desk):
    people, case, finding = desk.people, desk.case(), desk.finding()
    services.add_exhibit(people.officer, case, finding.exhibit)
    with pytest.raises(AlreadyInCase):
        services.add_exhibit(people.officer, case, finding.exhibit)
    foreign = seal_exhibit(
        INSPECTION, title="x", source="", captured_at=clock.now(), office=people.office,
        items=[Item("a", "copy", "text/plain", b"x")],
    )  # fmt: skip
    with pytest.raises(Forbidden):
        services.add_exhibit(people.officer, case, foreign)
    assert case.exhibits.count() == 1


def test_nothing_is_added_to_a_decided_case(desk):
    people, case = desk.people, desk.decided()
    with pytest.raises(CaseOver):
        services.add_clue(people.officer, case, desk.clue())
    with pytest.raises(CaseOver):
        services.add_exhibit(people.officer, case, desk.finding().exhibit)
    with pytest.raises(CaseOver):
        services.record_quantities(people.officer, case, quantities={"copies": 1})
