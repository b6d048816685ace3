"""The office decides within 15 working days of acceptance; a correction stops that term and starts it anew."""

from datetime import UTC, date, datetime, timedelta

import pytest

from copyhold.core import clock
from copyhold.registry import clocks, services
from copyhold.registry.jobs import lapse_unanswered

MONDAY = datetime(2026, 6, 8, 1, tzinfo=UTC)  # 9 o'clock in Beijing


def test_before_acceptance_no_term_runs(desk):
    with clock.frozen(MONDAY):
        assert clocks.clock_of(desk.submitted(), MONDAY) is None


def test_fifteen_working_days_from_acceptance(desk):
    with clock.frozen(MONDAY):
        application = desk.accepted()
    # 19 June 2026 is the Dragon Boat festival; 15 working days after 8 June end on 30 June.
    letter = application.letters.get(kind="acceptance")
    ruler = clocks.clock_of(application, MONDAY)
    assert letter.due_on == ruler["due"] == date(2026, 6, 30)
    assert (ruler["total"], ruler["used"], ruler["left"], ruler["unit"]) == (15, 0, 15, "working_days")
    assert not ruler["is_soon"]
    assert "GD" in ruler["article_en"] or ruler["article_zh"]
    later = clocks.clock_of(application, MONDAY + timedelta(21))
    assert (later["left"], later["is_soon"], later["is_overdue"]) == (1, True, False)
    assert later["words_en"] == "1 working day left: the office acts by 30 June 2026."
    assert later["words_zh"] == "剩余 1 个工作日：登记机构应当于 2026 年 6 月 30 日前办理。"
    late = clocks.clock_of(application, MONDAY + timedelta(24))
    assert (late["left"], late["is_overdue"]) == (-2, True)
    assert late["words_en"].startswith("2 working days late")


def test_a_decision_stops_the_term(desk):
    with clock.frozen(MONDAY):
        application = desk.checked()
    with clock.frozen(MONDAY + timedelta(2)):
        services.approve_application(desk.people.examiner, application)
    ruler = clocks.clock_of(application, MONDAY + timedelta(400))
    assert (ruler["is_met"], ruler["used"], ruler["is_overdue"]) == (True, 2, False)
    assert ruler["words_en"] == "Decided after 2 working days, in time."


def test_a_correction_has_its_own_term_and_the_examination_begins_anew(desk):
    with clock.frozen(MONDAY):
        application = desk.accepted()
    with clock.frozen(MONDAY + timedelta(3)):
        services.ask_correction(desk.people.examiner, application, text="请提供清晰的样本。")
    ruler = clocks.clock_of(application, MONDAY + timedelta(3))
    assert (ruler["code"], ruler["due"]) == ("correction", date(2026, 8, 11))
    with clock.frozen(MONDAY + timedelta(30)):
        services.answer_correction(desk.people.holder, application, text="已更换。")
    assert clocks.clock_of(application, MONDAY + timedelta(30))["left"] == 15


def test_what_is_not_corrected_in_time_lapses_and_not_a_day_earlier(desk):
    with clock.frozen(MONDAY):
        application = desk.accepted()
        services.ask_correction(desk.people.examiner, application, text="请提供清晰的样本。")
    due = application.letters.get(kind="correction").due_on
    for day, state in [(due, "correction"), (due + timedelta(1), "deemed_withdrawn")]:
        with clock.frozen(datetime(day.year, day.month, day.day, 4, tzinfo=UTC)):
            lapse_unanswered.call()
        application.refresh_from_db()
        assert application.state == state


def test_the_machine_itself_may_not_close_too_early(desk):
    from copyhold.core.lifecycle import ForbiddenTransition
    from copyhold.people.actors import system

    application = desk.accepted()
    services.ask_correction(desk.people.examiner, application, text="请提供清晰的样本。")
    with pytest.raises(ForbiddenTransition):
        services.lapse_application(system("registry"), application)


def test_the_law_of_the_day_of_filing_judges_for_ever(desk):
    application = desk.accepted()
    assert (application.law_pack, application.law_pack_version) == ("cn", "2026-1")
    with clock.shifted(timedelta(3650)):
        assert clocks.clock_of(application, clock.now())["law_pack"] == "cn 2026-1"
