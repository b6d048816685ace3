"""Applications on their way: what an applicant of Reedbank Studio would file, at each stage."""

from datetime import date
from types import SimpleNamespace

import pytest

from copyhold.registry import rules, services
from copyhold.registry.models import Application, Work

HERON = {
    "title": "盐沼夜鹭",
    "title_en": "Night Heron over the Salt Marsh",
    "category": "F",
    "nature": "original",
    "completed_on": date(2024, 1, 18),
    "completed_at_place": "兰汀",
    "published_on": date(2024, 2, 6),
    "published_at_place": "兰汀",
    "ownership": "individual",
    "obtained": "original",
    "statement": "为盐沼湿地观鸟季而作；水彩写生后数位上色；构图与设色均为独立完成。",
    "authors": [{"name": "林秋水", "nationality": "CN", "signature": "real"}],
}


class Desk:
    """Brings an application to a stage, with the people of `tests/conftest.py`."""

    def __init__(self, people: SimpleNamespace) -> None:
        self.people = people
        self.files = 0

    def draft(self, *, data: bytes | None = None, **fields: object) -> Application:
        self.files += 1
        application = services.start_application(
            self.people.holder, applicant=self.people.reedbank, office=self.people.office, **{**HERON, **fields}
        )
        content = data if data is not None else b"heron %d" % self.files
        self.deposit(application, content)
        return application

    def deposit(self, application: Application, data: bytes, filename: str = "heron.png"):
        return services.add_deposit(
            self.people.holder, application, filename=filename, data=data, medium="image", media_type="image/png"
        )

    def submitted(self, **fields: object) -> Application:
        return services.submit_application(self.people.holder, self.draft(**fields))

    def accepted(self, **fields: object) -> Application:
        return services.accept_application(self.people.examiner, self.submitted(**fields))

    def check_all(self, application: Application) -> None:
        for code in rules.CODES:
            services.record_check(self.people.examiner, application, item=code, outcome="pass", note="seen")

    def checked(self, **fields: object) -> Application:
        application = self.accepted(**fields)
        self.check_all(application)
        return application

    def registered(self, **fields: object) -> Work:
        return services.approve_application(self.people.examiner, self.checked(**fields))


@pytest.fixture
def desk(people: SimpleNamespace) -> Desk:
    return Desk(people)


@pytest.fixture
def desk_committed(people_committed: SimpleNamespace) -> Desk:
    return Desk(people_committed)
