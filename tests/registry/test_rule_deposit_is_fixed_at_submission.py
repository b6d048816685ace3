"""A copy of the work is filed with the application and fixed when that is submitted."""

import pytest

from copyhold.core import vault
from copyhold.core.lifecycle import ForbiddenTransition
from copyhold.core.models import Job
from copyhold.errors import BadInput
from copyhold.registry import services


def test_a_deposit_lies_in_the_vault_under_its_digest(desk):
    deposit = desk.deposit(desk.draft(), b"another copy", "more.png")
    assert vault.get(deposit.blob_id) == b"another copy"


def test_filing_tells_the_rooms_above(desk):
    from copyhold.core.jobs import subscribers

    before = Job.objects.count()
    desk.draft()
    assert Job.objects.count() == before + len(subscribers("deposit.received"))


def test_it_can_be_taken_out_of_a_draft_only(desk):
    application = desk.draft()
    deposit = desk.deposit(application, b"another copy", "more.png")
    services.remove_deposit(desk.people.holder, application, deposit)
    assert application.deposits.count() == 1
    services.submit_application(desk.people.holder, application)
    with pytest.raises(ForbiddenTransition):
        services.remove_deposit(desk.people.holder, application, application.deposits.get())
    with pytest.raises(ForbiddenTransition):
        desk.deposit(application, b"too late", "late.png")


def test_another_applications_deposit_is_left_alone(desk):
    mine, other = desk.draft(), desk.draft()
    with pytest.raises(ForbiddenTransition):
        services.remove_deposit(desk.people.holder, mine, other.deposits.get())


@pytest.mark.parametrize(
    "wrong",
    [
        {"data": b""},
        {"filename": ""},
        {"filename": "folder/"},
        {"medium": "smell"},
        {"media_type": "picture"},
        {"media_type": "image/png\r\nX-Evil: 1"},
    ],
)
def test_what_cannot_be_filed_is_told(desk, wrong):
    fields = {"filename": "a.png", "data": b"x", "medium": "image", "media_type": "image/png"}
    with pytest.raises(BadInput):
        services.add_deposit(desk.people.holder, desk.draft(), **{**fields, **wrong})


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\works\\heron.png", "heron.png"),
        ("a\x00b\n.png", "ab.png"),
        ("鹭" * 300, "鹭" * 200),
    ],
)
def test_a_file_name_is_kept_for_people_only(desk, given, kept):
    assert desk.deposit(desk.draft(), b"named", given).filename == kept
