"""The same file is not registered twice unseen: a concern at the check-list, by anyone, before or meanwhile."""

import pytest

from copyhold.people.actors import system
from copyhold.registry import services
from copyhold.registry.errors import AlreadyDeposited, AlreadyRegistered
from copyhold.registry.models import Deposit


def test_a_file_that_is_registered_already_raises_a_concern(desk):
    work = desk.registered(data=b"the heron")
    second = desk.submitted(data=b"the heron", title="别名")
    check = second.checks.get(item="duplicate")
    assert (check.outcome, check.by, check.detail) == ("concern", "machine", {"same_bytes": [work.number]})


def test_an_application_under_way_with_the_same_file_raises_it_too(desk):
    first = desk.submitted(data=b"the heron")
    assert desk.submitted(data=b"the heron").checks.get(item="duplicate").detail == {"same_bytes": [first.number]}


def test_a_draft_or_a_refused_one_does_not(desk):
    desk.draft(data=b"the heron")
    refused = desk.accepted(data=b"the heron")
    services.refuse_application(desk.people.examiner, refused, ground="no_originality", text="不具有独创性。")
    assert desk.submitted(data=b"the heron").checks.get(item="duplicate").outcome == "open"


def test_the_likeness_machine_cannot_pass_what_has_the_same_bytes(desk):
    desk.registered(data=b"the heron")
    second = desk.submitted(data=b"the heron")
    found = {"likenesses": [], "not_matchable": []}
    check = services.record_check(system("reference"), second, item="duplicate", outcome="pass", detail=found)
    assert check.outcome == "concern"
    assert len(check.detail["same_bytes"]) == 1


def test_of_two_applications_for_one_file_the_second_sees_the_first_ones_work(desk):
    first, second = desk.checked(data=b"the heron"), desk.accepted(data=b"the heron")
    desk.check_all(second)
    work = services.approve_application(desk.people.examiner, first)
    with pytest.raises(AlreadyRegistered) as told:
        services.approve_application(desk.people.examiner, second)
    assert work.number in str(told.value)
    services.record_check(desk.people.examiner, second, item="duplicate", outcome="pass", note="系授权的再版")
    assert services.approve_application(desk.people.examiner, second).number != work.number


def test_the_same_file_twice_in_one_application_is_a_clear_conflict(desk):
    application = desk.draft(data=b"the heron")
    with pytest.raises(AlreadyDeposited) as told:
        desk.deposit(application, b"the heron", "again.png")
    assert "heron.png" in str(told.value)
    assert Deposit.objects.count() == 1
