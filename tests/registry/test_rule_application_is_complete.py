"""An application is complete when every required field is filled, agrees with the others, and a copy is filed."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from copyhold.errors import BadInput
from copyhold.jurisdictions import load_version
from copyhold.people.models import Mandate
from copyhold.registry import rules, services
from copyhold.registry.errors import Incomplete

PACK = load_version("cn", "2026-1")
TODAY = date(2026, 6, 15)
COMPLETE = rules.ApplicationFacts(
    today=TODAY,
    title="盐沼夜鹭",
    category="F",
    nature="original",
    completed_on=date(2024, 1, 18),
    published_on=date(2024, 2, 6),
    published_at_place="兰汀",
    ownership="individual",
    obtained="original",
    statement="独立完成",
    authors=[{"name": "林秋水"}],
    deposits=1,
)
WRONG = {
    "no title": ({"title": ""}, "title"),
    "no class": ({"category": ""}, "category"),
    "class the law does not know": ({"category": "Z"}, "category"),
    "no nature": ({"nature": ""}, "nature"),
    "no completion date": ({"completed_on": None}, "completed_on"),
    "completed tomorrow": ({"completed_on": TODAY + timedelta(1), "published_on": None}, "completed_on"),
    "published tomorrow": ({"published_on": TODAY + timedelta(1)}, "published_on"),
    "published before it was completed": ({"published_on": date(2024, 1, 17)}, "published_on"),
    "published nowhere": ({"published_at_place": ""}, "published_at_place"),
    "no ownership": ({"ownership": ""}, "ownership"),
    "obtained by assignment, which is a recordal": ({"obtained": "assignment"}, "obtained"),
    "no statement": ({"statement": ""}, "statement"),
    "no author": ({"authors": []}, "authors"),
    "author without a name": ({"authors": [{"name": " "}]}, "authors"),
    "joint work of one author": ({"ownership": "joint"}, "authors"),
    "person as a legal entity": ({"ownership": "legal_entity", "is_applicant_natural_person": True}, "ownership"),
    "no copy of the work": ({"deposits": 0}, "deposits"),
    "right the law does not know": ({"rights": ["perpetual"]}, "rights"),
    "agent without mandate": ({"has_agent": True}, "agent"),
}


def test_a_complete_application_has_no_problem():
    assert rules.missing(COMPLETE, PACK) == []
    assert rules.missing(replace(COMPLETE, published_on=None, published_at_place=""), PACK) == []
    assert rules.missing(replace(COMPLETE, has_agent=True, has_valid_mandate=True), PACK) == []
    assert rules.missing(replace(COMPLETE, completed_on=TODAY, published_on=TODAY), PACK) == []


@pytest.mark.parametrize("name", WRONG)
def test_one_thing_wrong_gives_one_problem_at_its_field(name):
    changes, field = WRONG[name]
    assert [problem.field for problem in rules.missing(replace(COMPLETE, **changes), PACK)] == [field]


def test_all_problems_are_told_at_once():
    empty = rules.ApplicationFacts(today=TODAY)
    assert [problem.field for problem in rules.missing(empty, PACK)] == [name for name, _ in rules.REQUIRED]


def test_submission_tells_every_problem_and_changes_nothing(people):
    application = services.start_application(
        people.holder, applicant=people.reedbank, office=people.office, title="盐沼夜鹭"
    )
    with pytest.raises(Incomplete) as told:
        services.submit_application(people.holder, application)
    assert {"category", "deposits"} <= {problem.field for problem in told.value.params["problems"]}
    assert str(told.value).startswith("The application is not complete: 8 points")
    application.refresh_from_db()
    assert application.state == "draft"
    assert not application.checks.exists()


def test_a_mandate_that_ended_stops_the_agent(desk):
    people = desk.people
    mandate = Mandate.objects.create(principal=people.reedbank, agent=people.agent_firm, valid_to=date(2099, 1, 1))
    application = services.start_application(
        people.agent, applicant=people.reedbank, office=people.office, title="盐沼夜鹭"
    )
    assert application.agent == people.agent_firm
    mandate.valid_to = date(2020, 1, 1)
    mandate.save()
    assert "agent" in {problem.field for problem in services.problems_of(application)}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "长" * 301),
        ("completed_on", "the other day"),
        ("authors", "林秋水"),
        ("authors", ["林秋水"]),
        ("rights", "all"),
        ("state", "registered"),
        ("number", "兰作登字-2026-F-00000001"),
    ],
)
def test_a_field_that_cannot_be_kept_is_named(people, field, value):
    application = services.start_application(
        people.holder, applicant=people.reedbank, office=people.office, title="盐沼夜鹭"
    )
    with pytest.raises(BadInput) as told:
        services.save_application(people.holder, application, **{field: value})
    assert told.value.params["field"] == field


def test_a_date_may_come_as_text_from_a_form(people):
    application = services.start_application(
        people.holder, applicant=people.reedbank, office=people.office, title="盐沼夜鹭", completed_on="2024-01-18"
    )
    application.refresh_from_db()
    assert application.completed_on == date(2024, 1, 18)
