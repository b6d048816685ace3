"""Journey 2: a deposit can be recognised as soon as its transaction commits, and never again once it is withdrawn."""

import pytest
from tests.reference.registering import PIECES, approved, filed, registered

from copyhold.core import vault
from copyhold.errors import BadInput
from copyhold.reference import live, services
from copyhold.reference.models import Fingerprint
from copyhold.registry import services as registry
from copyhold.registry.models import Application
from copyhold.web.demonstration import edits

CAT = PIECES["cat"]


def titles(found):
    return [one.application.title for one in found.matches]


def test_an_edited_copy_is_found_at_once_with_its_region(people):
    registered(people, "cat")
    found = services.identify(edits.cropped(CAT.read()), "photo.jpg")
    assert titles(found) == [CAT.title]
    (match,) = found.matches
    assert match.work.title == CAT.title
    assert match.match.bits > 50
    assert match.match.segments
    shown = services.explanation(services.explain(edits.cropped(CAT.read()), match))
    assert shown.kind == "image"
    assert shown.files


def test_a_work_under_examination_is_seen_by_examiners_only(people):
    filed(people, (CAT.filename, CAT.read(), "image"), title=CAT.title)
    assert titles(services.identify(CAT.read(), "c.png")) == []
    assert titles(services.identify(CAT.read(), "c.png", scope="all")) == [CAT.title]


def test_a_withdrawn_work_never_matches_again(people):
    work = registered(people, "cat")
    live.index_of("image").compact(at=1)
    assert titles(services.identify(CAT.read(), "c.png")) == [CAT.title]
    services.withdraw(application=work.application)
    for scope in ("registered", "all"):
        assert titles(services.identify(CAT.read(), "c.png", scope=scope)) == []
    live.index_of("image").compact(at=1)
    assert live.index_of("image").size() == 0
    assert titles(services.identify(CAT.read(), "c.png", scope="all")) == []


def test_unregistered_copies_push_no_registered_work_aside(people):
    """Somebody files the same picture five times; its bits must not be divided, nor the list of candidates filled."""
    registered(people, "lamp")
    before = services.identify(PIECES["lamp"].read(), "a.txt").matches[0].match.bits
    for number in range(5):
        filed(people, (f"{number}.txt", PIECES["lamp"].read() + b"\n%d" % number, "text"), holder=people.other_holder)
    found = services.identify(PIECES["lamp"].read(), "a.txt")
    assert titles(found) == [PIECES["lamp"].title]
    assert found.matches[0].match.bits == before


def test_what_cannot_be_matched_is_kept_with_its_reason(people):
    application = filed(people, ("short.txt", "太短了。".encode(), "text"))
    fingerprint = Fingerprint.objects.get(deposit__application=application)
    assert (fingerprint.blob, fingerprint.reason) == (None, "too_short")
    services.compare(application=application)
    assert application.checks.get(item="duplicate").detail["not_matchable"] == ["too_short"]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "no picture in it"),
        (CAT.read()[:2000], "cut off"),
        (b"GIF89a\xff\xff", "torn"),
    ],
    ids=["empty-png", "truncated-png", "torn-gif"],
)
def test_an_unreadable_deposit_is_a_clear_state_for_a_person(people, data, why):
    application = filed(people, ("broken.png", data, "image"))
    fingerprint = Fingerprint.objects.get(deposit__application=application)
    assert (fingerprint.blob, fingerprint.reason) == (None, "unreadable"), why
    assert "." in fingerprint.facts["error"]
    services.compare(application=application)
    check = application.checks.get(item="duplicate")
    assert (check.outcome, check.detail["not_matchable"]) == ("concern", ["unreadable"])


def test_an_edited_copy_is_put_beside_the_check_list(people):
    work = registered(people, "cat")
    application = filed(people, ("kitten.jpg", edits.mirrored_crop(CAT.read()), "image"), holder=people.other_holder)
    (likeness,) = services.compare(application=application)
    assert likeness.fingerprint.deposit.application_id == work.application_id
    check = application.checks.get(item="duplicate")
    assert (check.outcome, check.detail["likenesses"]) == ("concern", [work.number])
    assert services.compare(application=application) == [likeness], "a second look doubles nothing"


def test_a_work_with_two_deposits_is_found_by_each(people):
    application = filed(people, (CAT.filename, CAT.read(), "image"), ("b.png", PIECES["coffee"].read(), "image"))
    work = approved(people, application)
    for data in (CAT.read(), PIECES["coffee"].read()):
        assert {one.work.pk for one in services.identify(data, "x.png").matches} == {work.pk}


def test_fingerprinting_twice_gives_the_same_row(people):
    work = registered(people, "lamp")
    deposit = work.application.deposits.get()
    first = services.fingerprint_deposit(deposit=deposit)
    assert services.fingerprint_deposit(deposit=deposit).pk == first.pk
    assert vault.get(first.blob_id)


def test_what_is_no_medium_is_said_so(people):
    with pytest.raises(BadInput):
        services.identify(b"MZ\x90\x00" + b"\0" * 100, "setup.exe")


def test_a_draft_is_seen_by_nobody(people):
    application = registry.start_application(
        people.holder, applicant=people.reedbank, office=people.office, title="draft"
    )
    deposit = registry.add_deposit(
        people.holder, application, filename="c.png", data=CAT.read(), medium="image", media_type="image/png"
    )
    services.fingerprint_deposit(deposit=deposit)
    assert services.identify(CAT.read(), "c.png", scope="all").matches == []
    assert Application.objects.get().state == "draft"
