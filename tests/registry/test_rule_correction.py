"""A correction: the letter says what to mend, the applicant mends it, and what had not passed is examined again."""

import pytest

from copyhold.core.lifecycle import ForbiddenTransition
from copyhold.errors import BadInput
from copyhold.registry import services
from copyhold.registry.errors import Incomplete


def asked(desk):
    application = desk.accepted()
    services.record_check(desk.people.examiner, application, item="nature", outcome="fail", note="作者与说明不符")
    services.record_check(desk.people.examiner, application, item="content", outcome="pass")
    return services.ask_correction(desk.people.examiner, application, text="请更正作者。", ground="false_statement")


def test_the_letter_has_a_date_and_cites_the_ground(desk):
    letter = asked(desk).letters.get(kind="correction")
    assert letter.due_on
    assert letter.article.startswith("《广东省版权条例》")


def test_what_had_not_passed_is_open_again_and_the_rest_stands(desk):
    application = asked(desk)
    services.answer_correction(desk.people.holder, application, text="已更正。", authors=[{"name": "白榆"}])
    outcomes = dict(application.checks.values_list("item", "outcome"))
    assert (application.state, outcomes["nature"], outcomes["content"]) == ("in_examination", "open", "pass")
    assert application.authors == [{"name": "白榆"}]
    assert application.letters.get(kind="answer").text == "已更正。"


def test_a_correction_may_bring_another_copy_of_the_work(desk):
    application = asked(desk)
    desk.deposit(application, b"a clearer copy", "clear.png")
    assert application.deposits.count() == 2
    services.answer_correction(desk.people.holder, application, text="已补充样本。")
    with pytest.raises(ForbiddenTransition):
        desk.deposit(application, b"too late", "late.png")


def test_a_correction_that_breaks_something_else_is_not_taken(desk):
    application = asked(desk)
    with pytest.raises(Incomplete):
        services.answer_correction(desk.people.holder, application, text="已更正。", authors=[])
    application.refresh_from_db()
    assert application.state == "correction"


def test_the_letter_must_say_something(desk):
    with pytest.raises(BadInput):
        services.ask_correction(desk.people.examiner, desk.accepted(), text="")
