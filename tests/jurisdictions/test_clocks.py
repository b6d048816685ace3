"""Legal periods: the Chinese calendar of 2026 day by day, each unit, and a day-by-day oracle."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copyhold.jurisdictions import load
from copyhold.jurisdictions.pack import chinese_numeral

CN = load("cn", date(2026, 11, 22))
DAY = timedelta(days=1)
DAYS_OF_2026 = st.dates(date(2026, 1, 1), date(2026, 12, 1))
COUNTED = [clock for clock in CN.clocks if clock.unit != "hours"]


@pytest.mark.parametrize(
    ("clock", "start", "due"),
    [
        ("examination", date(2026, 11, 22), date(2026, 12, 11)),  # GDCR 30: 15 working days
        ("examination", date(2026, 9, 18), date(2026, 10, 15)),  # 20 September and 10 October are worked
        ("examination", date(2026, 2, 13), date(2026, 3, 12)),  # over the Spring Festival
        ("decision", date(2026, 3, 2), date(2026, 6, 1)),  # 90 days end on 31 May, a Sunday
        ("preserve", date(2026, 4, 30), date(2026, 5, 13)),  # APL 85: seven working days, 9 May is worked
        ("payment", date(2026, 9, 14), date(2026, 9, 29)),  # 15 calendar days
        ("correction", date(2026, 12, 31), date(2027, 3, 1)),  # two months end on 28 February, a Sunday
    ],
)
def test_the_last_day_in_time(clock, start, due):
    assert CN.due(clock, start) == due


def test_hours_run_through_the_night():
    start = datetime(2026, 11, 21, 22, 30, tzinfo=UTC)
    assert CN.due_at("platform_action", start) == start + timedelta(hours=24)
    ruler = CN.ruler("platform_action", start, start + timedelta(hours=23, minutes=1))
    assert (ruler.total, ruler.used, ruler.left, ruler.unit, ruler.is_overdue) == (24, 24, 0, "hours", False)
    assert CN.ruler("platform_action", start, start + timedelta(hours=24)).is_overdue


def test_the_day_is_the_office_s_day():
    evening_in_utc = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)  # already the 23rd in Beijing
    assert CN.due("payment", evening_in_utc) == CN.due("payment", date(2026, 11, 23))


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        CN.due("payment", datetime(2026, 11, 22))  # noqa: DTZ001


@given(start=DAYS_OF_2026, count=st.integers(1, 20))
def test_working_days_agree_with_counting_on_fingers(start, count):
    due = CN.calendar.add(start, count)
    fingers = [start + DAY * n for n in range(1, (due - start).days + 1) if CN.calendar.is_working(start + DAY * n)]
    assert len(fingers) == count == CN.calendar.between(start, due)
    assert fingers[-1] == due


@given(start=DAYS_OF_2026, elapsed=st.integers(0, 60), clock=st.sampled_from(COUNTED))
def test_a_ruler_adds_up_and_turns_red_on_the_first_day_too_late(start, elapsed, clock):
    now = datetime.combine(start, datetime.min.time(), CN.zone) + DAY * elapsed
    ruler = CN.ruler(clock, start, now)
    assert ruler.used + ruler.left == ruler.total
    assert ruler.left == CN.days_left(clock, start, now)
    assert ruler.is_overdue == (now.date() > ruler.due) == (now >= ruler.due_at)
    assert not ruler.is_overdue or ruler.left <= 0
    assert elapsed or ruler.used == 0


def test_2026_has_the_working_days_that_were_declared():
    year = [date(2026, 1, 1) + DAY * n for n in range(365)]
    assert sum(map(CN.calendar.is_working, year)) == 248
    assert not CN.calendar.is_working(date(2026, 10, 1))
    assert CN.calendar.is_working(date(2026, 10, 10))


def test_a_year_without_a_declared_calendar_makes_the_ruler_provisional():
    now = datetime(2026, 11, 22, tzinfo=UTC)
    assert CN.ruler("decision", date(2026, 11, 20), now).is_provisional
    assert not CN.ruler("examination", date(2026, 11, 20), now).is_provisional
    assert CN.calendar.is_provisional(date(2031, 1, 1), date(2031, 1, 1))
    assert CN.calendar.is_working(date(2031, 1, 1))


def test_a_ruler_carries_its_article():
    article = CN.ruler("decision", date(2026, 11, 20), datetime(2026, 11, 22, tzinfo=UTC)).article
    assert article.citation.zh == "《中华人民共和国行政处罚法》第六十条"
    assert "九十日" in article.text


@pytest.mark.parametrize(
    ("reference", "zh"),
    [
        ("CL 5", "《中华人民共和国著作权法》第五条"),
        ("CL 5(2)", "《中华人民共和国著作权法》第五条第（二）项"),
        ("CL 10(1)(12)", "《中华人民共和国著作权法》第十条第一款第（十二）项"),
    ],
)
def test_citations_read_as_lawyers_write_them(reference, zh):
    assert CN.cite(reference).citation.zh == zh


@pytest.mark.parametrize(
    ("number", "text"),
    [(1, "一"), (10, "十"), (12, "十二"), (20, "二十"), (53, "五十三"), (100, "一百"), (105, "一百零五"),
     (110, "一百一十"), (1005, "一千零五"), (1195, "一千一百九十五"), (1200, "一千二百")],
)  # fmt: skip
def test_chinese_numerals(number, text):
    assert chinese_numeral(number) == text


def test_the_law_of_the_day_stays_the_law_of_the_case():
    old, new = load("xx", date(2025, 12, 31)), load("xx", date(2026, 1, 1))
    assert (old.clock("examination").amount, new.clock("examination").amount) == (30, 20)


def test_china_names_what_it_must():
    assert len(CN.classes) == 14
    assert len(CN.rights) == 17
    assert CN.rights[11].code == "network"
    assert CN.format_number("粤", 2026, "F", 12) == "粤作登字-2026-F-00000012"
    assert CN.parse_number("国作登字-2019-I-A0106805").serial == "A0106805"
    assert CN.notice_rule("marketplace").restore_clock == "restore_wait"
    assert CN.clock(CN.registrar("国").examination_clock).amount == 30
    assert CN.item("refusal_grounds", "not_protected_news").articles == ("CL 5(2)",)
    assert CN.work_class("art").letter == "F"
    assert CN.form("application").fields[0].code == "title"
    assert CN.effect.name.to("zh-hans") == CN.effect.name.zh
