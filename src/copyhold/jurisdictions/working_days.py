"""Working-day arithmetic over declared calendars. A year without one has weekends only and is provisional."""

from collections.abc import Iterable
from datetime import date, timedelta

from copyhold.jurisdictions.model import CalendarYear

DAY = timedelta(days=1)
SATURDAY_SUNDAY = (5, 6)


class WorkCalendar:
    """Knows for each day whether the office works."""

    def __init__(self, years: Iterable[CalendarYear]) -> None:
        self.years = {year.year: year for year in years}
        self._off = {day for year in self.years.values() for day in year.days_off}
        self._worked = {day for year in self.years.values() for day in year.days_worked}

    def is_working(self, day: date) -> bool:
        if day in self._worked:
            return True
        if day in self._off:
            return False
        year = self.years.get(day.year)
        return day.weekday() not in (year.weekend if year else SATURDAY_SUNDAY)

    def is_provisional(self, first: date, last: date) -> bool:
        """Does any year from first to last lack a declared calendar?"""
        years = (self.years.get(year) for year in range(first.year, last.year + 1))
        return any(year is None or year.confidence in ("inferred", "unverified") for year in years)

    def add(self, start: date, count: int) -> date:
        """The `count`-th working day after `start`, which itself is not counted."""
        day = start
        while count > 0:
            day += DAY
            count -= self.is_working(day)
        return day

    def next_working(self, day: date) -> date:
        """`day` itself if the office works, else the next day that it does."""
        while not self.is_working(day):
            day += DAY
        return day

    def between(self, start: date, end: date) -> int:
        """Working days after `start` up to and including `end`; negative when `end` is earlier."""
        if end < start:
            return -self.between(end, start)
        return sum(self.is_working(start + DAY * n) for n in range(1, (end - start).days + 1))
