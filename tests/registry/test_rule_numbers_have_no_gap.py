"""Numbers are consecutive per registrar and year, shared by all classes; what a broken act took is given back."""

import re
import threading
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from copyhold.core import clock
from copyhold.errors import Conflict
from copyhold.jurisdictions import load_version
from copyhold.jurisdictions.errors import WrongNumber
from copyhold.registry import numbers, services
from copyhold.registry.models import NumberSeries, Work

PACK = load_version("cn", "2026-1")


class BrokenError(Exception):
    """Stands for whatever may go wrong after the number was taken."""


def break_each_third(n):
    if n % 3 == 1:
        raise BrokenError


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


def test_a_broken_act_gives_its_number_back(db):
    taken = []
    for n in range(20):
        try:
            with transaction.atomic():
                number = numbers.next_number("trial", "兰", year=2026)
                break_each_third(n)
                taken.append(number)
        except BrokenError:
            pass
    assert taken == list(range(1, len(taken) + 1))


def test_each_registrar_kind_and_year_has_its_own_series(db):
    keys = [("work", "兰", 2026), ("work", "国", 2026), ("work", "兰", 2027), ("licence", "兰", 2026)]
    with transaction.atomic():
        assert [numbers.next_number(kind, who, year=year) for kind, who, year in keys * 2] == [1] * 4 + [2] * 4


def test_a_number_is_never_taken_outside_an_act(transactional_db):
    with pytest.raises(RuntimeError):
        numbers.next_number("work")


def test_a_registration_number_reads_back_by_the_law_pack(db):
    with transaction.atomic(), clock.frozen(datetime(2026, 12, 31, 17, tzinfo=UTC)):  # already 2027 in the office
        number = numbers.work_number(PACK, registrar="兰", letter="F")
    assert number == "兰作登字-2027-F-00000001"
    assert PACK.parse_number(number).registrar == "兰"


def test_a_registrar_that_no_pattern_holds_is_refused(db):
    with transaction.atomic(), pytest.raises(WrongNumber):
        numbers.work_number(PACK, registrar="X-1", letter="F")


def test_classes_share_one_series(desk):
    works = [desk.registered(category=letter) for letter in "FAI"]
    assert [re.findall(r"[A-Z]-\d+$", work.number)[0] for work in works] == ["F-00000001", "A-00000002", "I-00000003"]


def test_two_approvals_at_once_get_consecutive_numbers(desk_committed):
    desk = desk_committed
    applications = [desk.checked() for _ in range(3)]
    works = at_once(
        *[lambda each=each: services.approve_application(desk.people.examiner, each) for each in applications]
    )
    serials = sorted(int(work.number[-8:]) for work in works)
    assert serials == [1, 2, 3]
    assert NumberSeries.objects.get(kind="work").last == 3


def test_one_application_is_approved_once_however_many_try(desk_committed):
    desk = desk_committed
    application = desk.checked()
    copies = [type(application).objects.get(pk=application.pk) for _ in range(3)]
    results = at_once(*[lambda each=each: services.approve_application(desk.people.examiner, each) for each in copies])
    assert sorted(isinstance(result, Conflict) for result in results) == [False, True, True]
    assert Work.objects.count() == 1


def test_two_examiners_take_one_application_and_one_gets_it(desk_committed):
    desk = desk_committed
    application = desk.submitted()
    copies = [type(application).objects.get(pk=application.pk) for _ in range(2)]
    people = [desk.people.examiner, desk.people.second_examiner]
    results = at_once(
        *[
            lambda who=who, each=each: services.claim_application(who, each)
            for who, each in zip(people, copies, strict=True)
        ]
    )
    assert sum(isinstance(result, Conflict) for result in results) == 1
    application.refresh_from_db()
    winner = next(place for place, result in enumerate(results) if not isinstance(result, Conflict))
    assert application.examiner == people[winner].account


def test_one_approves_while_another_refuses_and_one_of_them_is_told(desk_committed):
    desk = desk_committed
    application = desk.checked()
    one, other = (type(application).objects.get(pk=application.pk) for _ in range(2))
    results = at_once(
        lambda: services.approve_application(desk.people.examiner, one),
        lambda: services.refuse_application(desk.people.examiner, other, ground="duplicate", text="重复。"),
    )
    assert sum(isinstance(result, Conflict) for result in results) == 1
    application.refresh_from_db()
    assert (application.state == "registered") == Work.objects.exists()


def test_two_applications_for_one_file_are_not_both_approved_unseen(desk_committed):
    desk = desk_committed
    first, second = desk.checked(data=b"the heron"), desk.accepted(data=b"the heron")
    desk.check_all(second)
    desk.check_all(first)
    results = at_once(
        lambda: services.approve_application(desk.people.examiner, first),
        lambda: services.approve_application(desk.people.examiner, second),
    )
    assert sum(isinstance(result, Conflict) for result in results) == 1
    assert Work.objects.count() == 1
