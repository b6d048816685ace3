"""A visitor's browser without a browser: Django's client, signed in as one of the office's people."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.test import Client

from copyhold.people.actors import Actor, system
from copyhold.registry import rules, services
from copyhold.registry.models import Work

ANSWERS = {
    "title": "盐站来信",
    "title_en": "Letters from Salt Station",
    "category": "A",
    "nature": "original",
    "completed_on": date(2024, 1, 18),
    "completed_at_place": "兰汀",
    "published_on": date(2024, 2, 6),
    "published_at_place": "兰汀",
    "ownership": "individual",
    "obtained": "original",
    "statement": "书信体散文，取材于盐站旧事，结构与文字均为独立完成。",
    "authors": [{"name": "林秋水"}],
}


@pytest.fixture(autouse=True)
def _no_brake_from_the_test_before() -> None:
    cache.clear()


def signed_in(actor: Actor, **options: object) -> Client:
    client = Client(**options)
    client.force_login(actor.account)
    session = client.session
    session["membership"] = actor.account.memberships.get(organisation=actor.organisation, role=actor.role).pk
    session.save()
    return client


@pytest.fixture
def enter() -> Callable[..., Client]:
    return signed_in


def register(people: SimpleNamespace, data: bytes, filename: str = "letters.txt", **answers: object) -> Work:
    """The whole way by the services: filed, accepted, checked, approved, certified."""
    draft = services.start_application(
        people.holder, applicant=people.reedbank, office=people.office, **{**ANSWERS, **answers}
    )
    services.add_deposit(people.holder, draft, filename=filename, data=data, medium="text", media_type="text/plain")
    services.submit_application(people.holder, draft)
    services.accept_application(people.examiner, draft)
    for code in rules.CODES:
        services.record_check(people.examiner, draft, item=code, outcome="pass", note="seen")
    work = services.approve_application(people.examiner, draft)
    services.finish_issuing(services.begin_issuing(system("registry"), work))
    return work


@pytest.fixture
def work(people: SimpleNamespace) -> Work:
    return register(people, Path(__file__).read_bytes())
