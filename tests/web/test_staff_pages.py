"""The desks: each role opens its own lists and no others, and the examiner's acts go through the pages."""

from types import SimpleNamespace

import pytest
from django.test import Client

from copyhold.people.actors import Actor
from copyhold.registry.models import Application

LISTS = ("examination", "findings", "targets", "exhibits", "clues", "cases", "notices", "overview")
OPEN = {
    "examiner": {"examination"},
    "chief": {"examination", "overview"},
    "officer": {"examination", "findings", "targets", "exhibits", "clues", "cases", "notices"},
    "head": set(LISTS),
    "headquarters": set(LISTS),
    "platform": {"notices"},
    "holder": set(),
}


def signed_in(actor: Actor) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(actor.account)
    session = client.session
    session["membership"] = actor.account.memberships.get(role=actor.role).pk
    session.save()
    return client


@pytest.mark.parametrize("role", OPEN)
def test_a_role_opens_its_own_lists_and_no_others(people: SimpleNamespace, role: str) -> None:
    client = signed_in(getattr(people, role))

    opened = {name for name in LISTS if client.get(f"/{name}/").status_code == 200}

    assert opened == OPEN[role]


@pytest.mark.parametrize("name", LISTS)
def test_the_public_is_asked_to_sign_in(people: SimpleNamespace, client: Client, name: str) -> None:
    answer = client.get(f"/{name}/")

    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("role", ["examiner", "officer", "headquarters", "platform", "legal"])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_desk_opens_in_both_languages(people: SimpleNamespace, role: str, language: str) -> None:
    answer = signed_in(getattr(people, role)).get("/desk/", {"lang": language}, follow=True)

    assert answer.status_code == 200
    assert b"style=" not in answer.content


@pytest.fixture
def filed(people: SimpleNamespace) -> Application:
    from datetime import date

    from copyhold.registry import services

    record = services.start_application(
        people.holder, applicant=people.reedbank, office=people.office, title="苇间", category="F", nature="original",
        completed_on=date(2026, 1, 18), ownership="individual", obtained="original", statement="写生而成。",
        authors=[{"name": "林秋水"}],
    )  # fmt: skip
    services.add_deposit(
        people.holder, record, filename="reeds.txt", data="苇间有鹭。".encode(), medium="text", media_type="text/plain"
    )
    return services.submit_application(people.holder, record)


def test_the_examiner_accepts_and_records_a_check(people: SimpleNamespace, filed: Application) -> None:
    client, page = signed_in(people.examiner), f"/examination/{filed.number}/"

    assert client.get(page).status_code == 200
    assert client.post(f"{page}accept/", {"seen": filed.version}).status_code == 302
    filed.refresh_from_db()
    assert filed.state == "in_examination"
    sent = {"seen": filed.version, "item": "content", "outcome": "concern", "note": ""}
    without_reason = client.post(f"{page}check/", sent)
    assert without_reason.status_code == 400
    assert client.post(f"{page}check/", sent | {"note": "看大图后再定"}).status_code == 302
    assert filed.checks.get(item="content").outcome == "concern"


def test_who_comes_second_sees_that_the_record_moved_on(people: SimpleNamespace, filed: Application) -> None:
    page = f"/examination/{filed.number}/accept/"

    assert signed_in(people.examiner).post(page, {"seen": filed.version}).status_code == 302
    assert signed_in(people.second_examiner).post(page, {"seen": filed.version}).status_code == 409


def test_a_refusal_needs_a_ground_and_words(people: SimpleNamespace, filed: Application) -> None:
    client, page = signed_in(people.examiner), f"/examination/{filed.number}/refuse/"

    assert client.get(page).status_code == 200
    assert client.post(page, {"text": "", "ground": ""}).status_code == 400
    filed.refresh_from_db()
    assert filed.state == "submitted"


def test_a_deposit_goes_to_those_who_may_and_each_opening_is_written_down(
    people: SimpleNamespace, filed: Application
) -> None:
    from copyhold.core import ledger

    deposit = filed.deposits.get()
    page = f"/deposits/{deposit.pk}"

    assert signed_in(people.other_holder).get(page).status_code == 403
    examiner = signed_in(people.examiner)
    assert [examiner.get(page).status_code for _ in range(2)] == [200, 200]
    assert ledger.acts_of(deposit).filter(action="deposit.open").count() == 1
