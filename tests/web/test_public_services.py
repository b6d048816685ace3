"""Verify, identify, report, sign in, and the small API: what anyone may do."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote

import iscc_samples
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.web.conftest import register

from copyhold.core.models import Entry
from copyhold.enforcement.models import Clue
from copyhold.people.models import Account
from copyhold.reference import services as reference
from copyhold.registry import services
from copyhold.registry.models import Certificate, Work

ENGLISH = {"accept-language": "en"}
BOOK = next(path for path in iscc_samples.texts() if path.suffix == ".md")


def file(data: bytes, name: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def words(answer: object) -> str:
    return answer.content.decode()


# --- verify ---------------------------------------------------------------------------------------------------------


def test_a_certificate_in_force_is_genuine(work: Work):
    html = words(Client().get(f"/v/{quote(work.number)}", headers=ENGLISH))
    assert "Genuine and in force" in html


def test_a_revoked_one_is_not(work: Work):
    Work.objects.filter(pk=work.pk).update(state="revoked")
    html = words(Client().get(f"/v/{work.number}", headers=ENGLISH))
    assert "Genuine, but no longer in force" in html
    assert "REVOKED" in html


def test_an_unknown_number_is_404_and_says_so(people: SimpleNamespace):
    answer = Client().get("/v/兰作登字-2020-F-00000001", headers=ENGLISH)
    assert answer.status_code == 404
    assert "Not in this register" in words(answer)


def test_the_file_itself(work: Work):
    bundle = services.certificate_bundle(Certificate.objects.get(work=work))
    client = Client()
    assert "Genuine and in force" in words(client.post("/verify/", {"file": file(bundle, "c.zip")}, headers=ENGLISH))
    spoiled = bytearray(bundle)
    spoiled[len(spoiled) // 2] ^= 1
    html = words(client.post("/verify/", {"file": file(bytes(spoiled), "c.zip")}, headers=ENGLISH))
    assert "Not genuine, or changed" in html


def test_a_pdf_alone_is_compared_with_our_record(work: Work):
    client = Client()
    pdf = client.get(f"/works/{work.number}/certificate.pdf").content
    assert "Genuine and in force" in words(client.post("/verify/", {"file": file(pdf, "c.pdf")}, headers=ENGLISH))
    html = words(client.post("/verify/", {"file": file(pdf + b" ", "c.pdf")}, headers=ENGLISH))
    assert "No certificate of this office has these bytes" in html


@pytest.mark.parametrize("data", [b"", b"nothing known", b"PK\x03\x04" + bytes(40)])
def test_other_files_are_refused_with_what_to_do(data: bytes, people: SimpleNamespace):
    answer = Client().post("/verify/", {"file": file(data, "x.zip")}, headers=ENGLISH)
    html = words(answer)
    assert "Genuine" not in html
    assert "put right" in html or "Not genuine" in html


# --- the log ----------------------------------------------------------------------------------------------------------


def test_the_log_is_open(work: Work):
    client = Client()
    number = Certificate.objects.get(work=work).entry_number
    checkpoint = words(client.get("/log/checkpoint"))
    proof = words(client.get(f"/log/?entry={number}&proof=1"))
    assert checkpoint.splitlines()[0] == "copyhold.example/log"
    assert "c2sp.org/tlog-proof" in proof
    size = Entry.objects.count()
    tile = client.get(f"/log/tile/0/000.p/{size}").content
    assert tile == b"".join(bytes(leaf) for leaf in Entry.objects.order_by("number").values_list("leaf", flat=True))
    for url in ("/log/tile/0/000", "/log/tile/9/000", "/log/tile/0/x999/x999/999", "/log/?entry=99999999999999999999"):
        assert client.get(url).status_code == 404, url


# --- what is this? ----------------------------------------------------------------------------------------------------


def test_a_copy_is_recognised_and_shown_side_by_side(people: SimpleNamespace):
    work = register(people, BOOK.read_bytes(), BOOK.name)
    reference.fingerprint_deposit(deposit=work.application.deposits.get())
    text = BOOK.read_text()
    copy = file(text[len(text) // 4 : len(text) // 2].encode(), "copy.txt")
    html = words(Client().post("/identify/", {"file": copy}, headers=ENGLISH))
    assert "This resembles registered works" in html
    assert 'class="align"' in html
    copy.seek(0)
    found = Client().post("/api/v1/identify", {"file": copy}).json()
    assert [match["work"] for match in found["matches"]] == [work.number]


def test_a_file_that_cannot_be_compared_is_told(people: SimpleNamespace):
    answer = Client().post("/identify/", {"file": file(b"\x00" * 50, "x.bin")}, headers=ENGLISH)
    assert answer.status_code == 400
    assert "Send the original file" in words(answer)


# --- report -----------------------------------------------------------------------------------------------------------


def test_an_anonymous_report_is_followed_by_its_receipt(people: SimpleNamespace):
    client = Client()
    sent = {"url": "https://mall.halfmoon.example/item/7", "title": "盐沼夜鹭", "text": "手机壳"}
    answer = client.post("/report/", sent, headers=ENGLISH)
    assert answer.status_code == 302
    clue = Clue.objects.get()
    assert clue.platform == people.mall
    assert "Keep this receipt" in words(client.get(answer["Location"], headers=ENGLISH))
    assert "Where it stands" in words(Client().get(answer["Location"], headers=ENGLISH))
    assert client.get("/report/NO-SUCH-RECEIPT").status_code == 404


@pytest.mark.parametrize("url", ["", "not an address", "javascript:alert(1)", "ftp://host.example/x"])
def test_a_report_needs_an_address(url: str, people: SimpleNamespace):
    html = words(Client().post("/report/", {"url": url, "title": "盐沼夜鹭", "text": "见过"}, headers=ENGLISH))
    assert "put right" in html
    assert "见过" in html  # nothing typed is lost
    assert Clue.objects.count() == 0


# --- sign in ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def officer(people: SimpleNamespace) -> Account:
    account = people.officer.account
    account.set_password("a long sentence")
    account.save()
    return account


def test_one_role_goes_straight_to_its_desk(officer: Account):
    answer = Client().post("/sign-in/", {"login": "officer", "password": "a long sentence"})
    assert answer["Location"] == "/desk/"


def test_several_roles_are_chosen_from(officer: Account, people: SimpleNamespace):
    other = officer.memberships.create(organisation=people.office, role="examiner")
    foreign = people.head.account.memberships.get()
    client = Client()
    answer = client.post("/sign-in/", {"login": "officer", "password": "a long sentence", "next": "/works/"})
    assert answer["Location"] == "/sign-in/role/"
    client.post("/sign-in/role/", {"membership": foreign.pk})
    assert "membership" not in client.session
    assert client.post("/sign-in/role/", {"membership": other.pk})["Location"] == "/works/"


def test_next_does_not_lead_out_of_the_house(officer: Account):
    sent = {"login": "officer", "password": "a long sentence", "next": "https://evil.example/"}
    assert Client().post("/sign-in/", sent)["Location"] == "/desk/"


def test_wrong_passwords_are_braked(officer: Account):
    client = Client()
    tries = [client.post("/sign-in/", {"login": "officer", "password": "x"}).status_code for _ in range(9)]
    assert tries == [200] * 8 + [429]


def test_leaving_needs_a_post(people: SimpleNamespace, enter: Callable[..., Client]):
    client = enter(people.holder)
    client.get("/sign-out/")
    assert client.get("/applications/").status_code == 200
    client.post("/sign-out/")
    assert client.get("/applications/").status_code == 302


# --- API --------------------------------------------------------------------------------------------------------------


def test_the_api_finds_and_shows(work: Work):
    found = Client().get("/api/v1/works", {"q": "盐站"}).json()
    assert [row["number"] for row in found["works"]] == [work.number]
    one = Client().get(f"/api/v1/works/{work.number}").json()
    assert one["certificate"]["pdf_sha256"] == Certificate.objects.get().pdf_id


@pytest.mark.parametrize("page", ["0", "-1", "99999999999999999999", "x", "１"])
def test_numbers_of_the_api_are_bounded(page: str, people: SimpleNamespace):
    answer = Client().get("/api/v1/works", {"page": page})
    assert answer.status_code == 400
    problem = json.loads(answer.content)
    assert answer["Content-Type"] == "application/problem+json"
    assert problem["request_id"] == answer["X-Request-ID"]


def test_the_api_verifies_in_both_languages(work: Work):
    answer = Client().post("/api/v1/verify", {"number": work.number}).json()
    assert answer["verdict"] == "genuine"
    assert all(check["en"][0] != check["zh"][0] for check in answer["checks"])
    bundle = services.certificate_bundle(Certificate.objects.get())
    assert Client().post("/api/v1/verify", {"file": io.BytesIO(bundle)}).json()["number"] == work.number
    assert Client().post("/api/v1/verify", {"number": "none"}).json()["verdict"] == "refused"
    assert Client().get("/api/v1/works/none").status_code == 404


def test_every_path_of_the_api_is_documented(people: SimpleNamespace):
    from copyhold.web.faces import api

    html = words(Client().get("/api/", headers=ENGLISH))
    for pattern in api.urlpatterns[1:]:
        assert "/" + str(pattern.pattern).replace("<str:number>", "NUMBER") in html


def test_no_third_party_is_asked_for_anything():
    for path in Path(trouble_free()).rglob("*.html"):
        text = path.read_text()
        assert 'src="http' not in text, path
        assert 'href="http' not in text, path


def trouble_free() -> str:
    import copyhold.web

    return str(Path(copyhold.web.__file__).parent / "templates")
