"""An application has one examiner: who claims it has it, until they or the chief give it back."""

import pytest

from copyhold.errors import Conflict
from copyhold.registry import services
from copyhold.registry.errors import AlreadyTaken


def test_the_second_examiner_is_told(desk):
    application = desk.submitted()
    services.claim_application(desk.people.examiner, application)
    services.claim_application(desk.people.examiner, application)
    with pytest.raises(AlreadyTaken):
        services.claim_application(desk.people.second_examiner, application)


def test_who_acts_first_has_it(desk):
    application = desk.checked()
    assert application.examiner == desk.people.examiner.account
    for act in (
        lambda who: services.record_check(who, application, item="papers", outcome="pass"),
        lambda who: services.approve_application(who, application),
        lambda who: services.refuse_application(who, application, ground="duplicate", text="重复。"),
        lambda who: services.release_application(who, application),
    ):
        with pytest.raises(AlreadyTaken):
            act(desk.people.second_examiner)


def test_it_can_be_given_back_and_the_chief_may_step_in(desk):
    application = desk.submitted()
    services.claim_application(desk.people.examiner, application)
    services.release_application(desk.people.chief, application)
    assert application.examiner is None
    services.claim_application(desk.people.second_examiner, application)
    desk.people.examiner = desk.people.chief
    services.accept_application(desk.people.chief, application)
    desk.check_all(application)
    assert services.approve_application(desk.people.chief, application).number


def test_whoever_looked_at_an_older_version_is_told(desk):
    application = desk.checked()
    seen = application.version
    services.record_check(desk.people.examiner, application, item="content", outcome="concern", note="请再核对")
    with pytest.raises(Conflict):
        services.approve_application(desk.people.examiner, application, seen=seen)
    assert services.claim_application(desk.people.examiner, application, seen=application.version)
