"""Two enforcement officers at least carry a case, and they are of the office that files it."""

import pytest

from copyhold.enforcement import rules, services
from copyhold.enforcement.errors import BadField, TooFewOfficers
from copyhold.enforcement.models import Case


@pytest.mark.parametrize("named", [[], [0], [0, 0]])
def test_fewer_than_two_are_refused_and_nothing_is_done(desk, named):
    clue = desk.clue()
    with pytest.raises(TooFewOfficers) as refused:
        services.file_case(desk.people.head, clues=[clue], title="案", officers=[desk.officers[at] for at in named])
    assert refused.value.params["missing"] == 2 - len(set(named))
    clue.refresh_from_db()
    assert clue.state == "received"
    assert not Case.objects.exists()


def test_two_or_more_are_enough():
    assert rules.need_officers([1, 2]) == rules.need_officers([1, 2, 3]) == []


@pytest.mark.parametrize("who", ["examiner", "legal", "holder", "platform"])
def test_only_enforcement_officers_of_the_office_are_named(desk, who):
    people = desk.people
    officers = [people.officer.account, getattr(people, who).account]
    with pytest.raises(BadField):
        services.file_case(people.head, clues=[desk.clue()], title="案", officers=officers)
