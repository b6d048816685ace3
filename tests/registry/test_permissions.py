"""Applicants reach their own or mandated records, examiners those of their office, the list and the gate alike."""

from datetime import date

import pytest

from copyhold.errors import Forbidden
from copyhold.people.actors import PUBLIC, system
from copyhold.people.models import Mandate
from copyhold.people.permissions import matrix, may
from copyhold.registry import services
from copyhold.registry.lifecycle import APPLICATION, LICENCE, WORK
from copyhold.registry.models import Application


def everyone(people):
    return {name: actor for name, actor in vars(people).items() if hasattr(actor, "actor_id")} | {
        "public": PUBLIC,
        "machine": system("registry"),
    }


READERS = {
    "draft": {"holder", "headquarters", "machine"},
    "submitted": {"holder", "headquarters", "machine", "examiner", "second_examiner", "chief"},
}


@pytest.mark.parametrize("stage", READERS)
def test_who_sees_an_application(desk, stage):
    application = getattr(desk, stage)()
    actors = everyone(desk.people)
    seen = {name for name, actor in actors.items() if may(actor, "application.read", application)}
    listed = {
        name
        for name, actor in actors.items()
        if actor.role in READ_ROLES and application in Application.objects.visible_to(actor)
    }
    assert seen == READERS[stage]
    assert seen == listed


READ_ROLES = next(permission.roles for permission in matrix() if permission.action == "application.read")


def test_an_agent_sees_and_acts_while_the_mandate_lasts(desk):
    people, application = desk.people, desk.draft()
    assert not may(people.agent, "application.read", application)
    mandate = Mandate.objects.create(principal=people.reedbank, agent=people.agent_firm, valid_to=date(2099, 1, 1))
    assert may(people.agent, "application.read", application)
    services.save_application(people.agent, application, title_en="Night Heron")
    mandate.valid_to = date(2020, 1, 1)
    mandate.save()
    assert application not in Application.objects.visible_to(people.agent)
    with pytest.raises(Forbidden):
        services.save_application(people.agent, application, title_en="Day Heron")


def test_nobody_starts_an_application_for_a_stranger(desk):
    people = desk.people
    for actor in (people.other_holder, people.agent, people.examiner, people.officer, PUBLIC):
        with pytest.raises(Forbidden):
            services.start_application(actor, applicant=people.reedbank, office=people.office, title="盐沼夜鹭")
    assert not Application.objects.exists()


def test_every_transition_is_granted():
    granted = {permission.action for permission in matrix()}
    for lifecycle in (APPLICATION, WORK, LICENCE):
        assert {f"{lifecycle.name}.{transition.action}" for transition in lifecycle.transitions} <= granted
        assert lifecycle.dead_ends() == set()


@pytest.mark.parametrize("act", ["submit", "withdraw", "save"])
def test_another_holder_does_nothing_with_it(desk, act):
    application = desk.draft()
    with pytest.raises(Forbidden):
        getattr(services, f"{act}_application")(desk.people.other_holder, application)


def test_a_withdrawn_application_is_over(desk):
    from copyhold.core.lifecycle import ForbiddenTransition

    application = services.withdraw_application(desk.people.holder, desk.checked())
    assert (application.state, bool(application.decided_at)) == ("withdrawn", True)
    with pytest.raises(ForbiddenTransition):
        services.approve_application(desk.people.examiner, application)
