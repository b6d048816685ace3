"""A published picture is shown reduced; an unpublished one is not shown to anyone outside."""

from types import SimpleNamespace

import iscc_samples
import pytest
from django.test import Client
from tests.web.conftest import ANSWERS

from copyhold.registry import rules, services
from copyhold.registry.models import Work

PICTURE = next(path for path in iscc_samples.images() if path.suffix == ".jpg")


@pytest.fixture
def picture(people: SimpleNamespace) -> Work:
    answers = {**ANSWERS, "category": "G"}
    draft = services.start_application(people.holder, applicant=people.reedbank, office=people.office, **answers)
    data = PICTURE.read_bytes()
    services.add_deposit(people.holder, draft, filename="a.jpg", data=data, medium="image", media_type="image/jpeg")
    services.submit_application(people.holder, draft)
    services.accept_application(people.examiner, draft)
    for code in rules.CODES:
        services.record_check(people.examiner, draft, item=code, outcome="pass", note="seen")
    return services.approve_application(people.examiner, draft)


def test_shown_when_published(picture: Work):
    answer = Client().get(f"/works/{picture.number}/picture.jpg")
    assert answer.content[:3] == b"\xff\xd8\xff"
    assert len(answer.content) < len(PICTURE.read_bytes())
    assert "/picture.jpg" in Client().get(f"/works/{picture.number}").content.decode()


def test_closed_when_not_published(picture: Work):
    Work.objects.filter(pk=picture.pk).update(published_on=None)
    assert Client().get(f"/works/{picture.number}/picture.jpg").status_code == 404
    assert "/picture.jpg" not in Client().get(f"/works/{picture.number}").content.decode()
