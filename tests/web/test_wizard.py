"""The applicant's way through the pages: nothing typed is lost, files are opened in the sandbox, sending is one act."""

from collections.abc import Callable
from types import SimpleNamespace

import iscc_samples
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from copyhold.registry.models import Application

PICTURE = next(path for path in iscc_samples.images() if path.suffix == ".jpg")
WORK = {"title": "盐沼夜鹭", "title_en": "Night Heron", "category": "F", "nature": "original"}
CREATION = {
    "ownership": "individual",
    "authors": "林秋水\n\n白榆",
    "completed_on_0": "18",
    "completed_on_1": "1",
    "completed_on_2": "2024",
    "completed_at_place": "兰汀",
    "statement": "水彩写生后数位上色，构图与设色均为独立完成。",
}


@pytest.fixture
def client(people: SimpleNamespace, enter: Callable[..., Client]) -> Client:
    client = enter(people.holder)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def started(client: Client) -> Application:
    answer = client.post("/applications/new/", WORK)
    assert answer.status_code == 302
    return Application.objects.latest("pk")


def test_the_whole_way(client: Client):
    draft = started(client)
    steps = f"/applications/{draft.number}/step"
    upload = SimpleUploadedFile(PICTURE.name, PICTURE.read_bytes(), "image/jpeg")
    assert client.post(f"/applications/{draft.number}/deposit/", {"file": upload}).status_code == 302
    assert client.post(f"{steps}/3/", CREATION)["Location"] == f"{steps}/4/"
    assert client.post(f"{steps}/4/", {"obtained": "original"})["Location"] == f"{steps}/5/"
    assert "Everything is there" in client.get(f"{steps}/5/").content.decode()
    assert client.post(f"/applications/{draft.number}/submit/").status_code == 302
    draft.refresh_from_db()
    assert draft.state == "submitted"
    assert draft.authors == [{"name": "林秋水"}, {"name": "白榆"}]
    assert draft.deposits.get().medium == "image"
    assert "Your work" not in client.get(f"{steps}/2/", follow=True).content.decode()  # no longer to be changed


def test_what_is_right_is_kept_when_something_else_is_wrong(client: Client):
    draft = started(client)
    url = f"/applications/{draft.number}/step/3/"
    html = client.post(url, {**CREATION, "completed_on_2": "", "ownership": ""}).content.decode()
    assert "2 things to put right" in html
    assert "Enter the year the work was completed." in html
    assert 'href="#id_completed_on_0"' in html
    assert 'value="18"' in html
    draft.refresh_from_db()
    assert draft.statement == CREATION["statement"]
    assert draft.completed_on is None


def test_saving_and_leaving_is_possible_at_any_time(client: Client):
    draft = started(client)
    answer = client.post(f"/applications/{draft.number}/step/3/", {"statement": "半句", "then": "leave"})
    assert answer["Location"] == "/applications/"
    draft.refresh_from_db()
    assert draft.statement == "半句"


def test_an_incomplete_application_is_not_sent_and_says_where_to_go(client: Client):
    draft = started(client)
    html = client.post(f"/applications/{draft.number}/submit/").content.decode()
    assert f"/applications/{draft.number}/step/2/#id_deposits" in html
    draft.refresh_from_db()
    assert draft.state == "draft"


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("empty.jpg", b"", "Choose a file first"),
        ("cover.psd", b"8BPS\x00\x01" + bytes(200), "cannot be read"),
        ("mislabelled.jpg", b"%PDF-1.7 no picture", "Send the original file"),
        ("cut.jpg", PICTURE.read_bytes()[:900], "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_and_not_filed(name: str, data: bytes, why: str, client: Client):
    draft = started(client)
    html = client.post(
        f"/applications/{draft.number}/deposit/", {"file": SimpleUploadedFile(name, data)}
    ).content.decode()
    assert why in html, html[html.find("errsum") :][:600]
    assert draft.deposits.count() == 0


def test_the_same_file_twice_is_told(client: Client):
    draft = started(client)
    url = f"/applications/{draft.number}/deposit/"
    first, second = (SimpleUploadedFile(PICTURE.name, PICTURE.read_bytes()) for _ in range(2))
    client.post(url, {"file": first})
    assert "already lies in the application" in client.post(url, {"file": second}).content.decode()
    deposit = draft.deposits.get()
    client.post(f"{url}{deposit.pk}/remove/")
    assert draft.deposits.count() == 0


def test_an_agent_without_mandate_is_told(people: SimpleNamespace, enter: Callable[..., Client]):
    client = enter(people.agent)
    html = client.get("/applications/new/", headers={"accept-language": "en"}).content.decode()
    assert "No right holder has given you a mandate" in html
    client.post("/applications/new/", {**WORK, "applicant": people.reedbank.pk})
    assert Application.objects.count() == 0
