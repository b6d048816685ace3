"""A registration is never deleted: a dispute is noted, a revocation names its ground, and the record stays."""

import pytest

from copyhold.core.lifecycle import ForbiddenTransition
from copyhold.core.models import Job
from copyhold.errors import BadInput, Forbidden
from copyhold.registry import services
from copyhold.registry.errors import NotInForce, UnknownGround
from copyhold.registry.models import Annotation, Issuance


def test_a_dispute_is_noted_and_settled(desk):
    work = desk.registered()
    services.dispute_work(desk.people.examiner, work, text="第三人对权属提出异议。")
    assert work.state == "disputed"
    services.settle_work(desk.people.examiner, work, text="异议不成立。")
    assert work.state == "active"
    assert [note.kind for note in work.annotations.all()] == ["dispute", "settle"]


def test_the_chief_revokes_on_a_ground_and_the_rooms_above_hear_of_it(desk):
    from copyhold.core.jobs import subscribers

    work = desk.registered()
    before = Job.objects.count()
    services.revoke_work(desk.people.chief, work, ground="judgment", text="判决书（2026）兰民终 1 号。")
    note = work.annotations.get()
    assert (work.state, note.ground) == ("revoked", "judgment")
    assert Job.objects.count() == before + len(subscribers("work.withdrawn"))
    with pytest.raises(ForbiddenTransition):
        services.settle_work(desk.people.examiner, work, text="…")


def test_an_examiner_does_not_revoke(desk):
    with pytest.raises(Forbidden):
        services.revoke_work(desk.people.examiner, desk.registered(), ground="duplicate", text="重复。")


def test_a_revocation_needs_a_known_ground_and_words(desk):
    work = desk.registered()
    with pytest.raises(UnknownGround):
        services.revoke_work(desk.people.chief, work, ground="no_originality", text="…")
    with pytest.raises(BadInput):
        services.revoke_work(desk.people.chief, work, ground="duplicate", text="")
    assert not Annotation.objects.exists()


def test_no_certificate_is_begun_for_a_revoked_registration(desk):
    work = desk.registered()
    services.revoke_work(desk.people.chief, work, ground="duplicate", text="重复登记。")
    with pytest.raises(NotInForce):
        services.begin_issuing(desk.people.chief, work)
    assert not Issuance.objects.exists()
