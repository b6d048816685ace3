"""A refusal stands on a ground of the law pack of the application's day, and its letter cites the article."""

import pytest

from copyhold.core.lifecycle import ForbiddenTransition
from copyhold.errors import BadInput
from copyhold.registry import services
from copyhold.registry.errors import UnknownGround


def test_the_letter_cites_the_article(desk):
    application = desk.accepted()
    services.refuse_application(desk.people.examiner, application, ground="not_protected_form", text="本表为通用表格。")
    letter = application.letters.get(kind="refusal")
    assert letter.article == "《中华人民共和国著作权法》第五条第（三）项"
    assert (application.state, letter.ground, letter.text) == ("refused", "not_protected_form", "本表为通用表格。")
    assert application.decided_at


def test_a_ground_that_the_law_does_not_know_is_answered_with_those_it_knows(desk):
    application = desk.accepted()
    with pytest.raises(UnknownGround) as told:
        services.refuse_application(desk.people.examiner, application, ground="ugly", text="…")
    assert "no_originality" in str(told.value)
    assert application.letters.count() == 1


def test_a_refusal_without_words_is_not_sent(desk):
    with pytest.raises(BadInput):
        services.refuse_application(desk.people.examiner, desk.accepted(), ground="duplicate", text=" ")


def test_what_is_refused_stays_refused(desk):
    application = desk.checked()
    services.refuse_application(desk.people.examiner, application, ground="duplicate", text="同一作品已经登记。")
    with pytest.raises(ForbiddenTransition):
        services.approve_application(desk.people.examiner, application)
