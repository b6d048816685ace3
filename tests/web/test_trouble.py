"""Errors are pages that say what to do, with the right status, in the reader's language, and a number to quote."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.db import OperationalError
from django.test import Client, RequestFactory

from copyhold.core.ledger import request_id
from copyhold.errors import BadInput, Conflict, CopyholdError, Forbidden, NotFound, Unavailable
from copyhold.registry import services
from copyhold.registry.models import Work
from copyhold.web import trouble


@pytest.mark.parametrize(
    ("error", "status"), [(BadInput, 400), (Forbidden, 403), (NotFound, 404), (Conflict, 409), (Unavailable, 503)]
)
def test_each_kind_of_error_has_its_status(error: type[CopyholdError], status: int):
    answer = trouble.answer(RequestFactory().get("/api/v1/works"), error())
    assert answer is not None
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"


def test_a_lost_database_is_told_without_asking_the_database():
    """No `db` fixture here: a page that touched the database would fail this test."""
    answer = trouble.answer(RequestFactory().get("/"), OperationalError("server closed the connection"))
    assert answer is not None
    assert answer.status_code == 503
    assert "没有任何内容丢失" in answer.content.decode() or "Nothing was lost" in answer.content.decode()


def test_an_error_without_a_meaning_is_left_to_the_page_for_500():
    assert trouble.answer(RequestFactory().get("/"), ZeroDivisionError()) is None
    answer = trouble.broken(RequestFactory().get("/"))
    assert answer.status_code == 500


@pytest.mark.parametrize(("language", "words"), [("en", "There is nothing here"), ("zh-hans", "此处没有内容")])
def test_a_wrong_address(language: str, words: str, people: SimpleNamespace):
    answer = Client().get("/no/such/page", headers={"accept-language": language})
    assert answer.status_code == 404
    assert words in answer.content.decode()
    assert answer["X-Request-ID"] in answer.content.decode()
    assert "Content-Security-Policy" in answer


def test_two_at_one_draft_the_second_keeps_what_was_typed(people: SimpleNamespace, enter: Callable[..., Client]):
    draft = services.start_application(people.holder, applicant=people.reedbank, office=people.office, title="灯彩")
    seen = draft.version
    services.save_application(people.holder, draft, title_en="Lanterns")
    answer = enter(people.holder).post(
        f"/applications/{draft.number}/step/1/",
        {"title": "灯彩三件", "category": "F", "nature": "original", "seen": seen},
        headers={"accept-language": "en"},
    )
    html = answer.content.decode()
    assert "Open it again and look before you act" in html
    assert "灯彩三件" in html
    draft.refresh_from_db()
    assert draft.title == "灯彩"


def test_a_stale_form_is_explained(people: SimpleNamespace):
    answer = Client(enforce_csrf_checks=True).post("/report/", {}, headers={"accept-language": "en"})
    assert answer.status_code == 403
    assert "open too long" in answer.content.decode()


def test_what_a_role_may_not_do_says_so(people: SimpleNamespace, work: Work, enter: Callable[..., Client]):
    answer = enter(people.other_holder).get(f"/works/{work.number}/licence/", headers={"accept-language": "en"})
    assert answer.status_code == 403
    assert "may not do this" in answer.content.decode()


def test_the_number_of_the_request_does_not_outlive_it(people: SimpleNamespace):
    Client().get("/")
    assert request_id.get() == ""


def test_wrong_method_is_refused(people: SimpleNamespace):
    assert Client().post("/applications/A-1/submit/").status_code in {302, 403, 405}
    assert Client().get("/api/v1/verify").status_code == 405
