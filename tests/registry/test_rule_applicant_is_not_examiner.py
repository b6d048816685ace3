"""The applicant is separate from the examiner: nobody examines or decides for their own organisation."""

import pytest

from copyhold.errors import Forbidden
from copyhold.people.models import Organisation
from copyhold.people.roles import Role
from copyhold.registry import services
from copyhold.registry.errors import OwnCase
from copyhold.registry.models import Work


def decisions(application):
    return [
        lambda actor: services.accept_application(actor, application),
        lambda actor: services.claim_application(actor, application),
        lambda actor: services.record_check(actor, application, item="papers", outcome="pass"),
        lambda actor: services.ask_correction(actor, application, text="请更正"),
        lambda actor: services.approve_application(actor, application),
        lambda actor: services.refuse_application(actor, application, ground="duplicate", text="已登记"),
    ]


def test_an_office_does_not_decide_its_own_application(desk):
    application = desk.checked()
    application.applicant = desk.people.office
    application.save()
    for decide in decisions(application):
        with pytest.raises(OwnCase):
            decide(desk.people.examiner)
    assert not Work.objects.exists()


def test_nor_one_that_it_filed_as_agent(desk):
    application = desk.checked()
    application.agent = desk.people.office
    application.save()
    with pytest.raises(OwnCase):
        services.approve_application(desk.people.examiner, application)


def test_a_person_who_also_works_for_the_applicant_does_not_decide(desk):
    application = desk.checked()
    account = desk.people.examiner.account
    account.memberships.create(organisation=desk.people.reedbank, role=Role.RIGHT_HOLDER)
    with pytest.raises(OwnCase):
        services.approve_application(desk.people.examiner, application)


def test_the_applicant_cannot_approve(desk):
    application = desk.checked()
    for decide in decisions(application):
        with pytest.raises(Forbidden):
            decide(desk.people.holder)


def test_nor_can_the_examiner_of_another_office(desk):
    from copyhold.people.actors import Actor

    other = Organisation.objects.create(code="elsewhere", name="别处版权局", kind=Organisation.Kind.ADMINISTRATION)
    stranger = Actor(role=Role.CHIEF_EXAMINER, account=desk.people.chief.account, organisation=other)
    application = desk.checked()
    for decide in decisions(application):
        with pytest.raises(Forbidden):
            decide(stranger)
