"""The one clock. Everything that dates a record asks here, so a test or a demonstration can set the day."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta, tzinfo

from django.utils import timezone

_offset: ContextVar[timedelta] = ContextVar("copyhold_clock_offset", default=timedelta())
_frozen: ContextVar[datetime | None] = ContextVar("copyhold_clock_frozen", default=None)


def now() -> datetime:
    """The present moment, timezone-aware, in UTC."""
    return (_frozen.get() or timezone.now()) + _offset.get()


def today(zone: tzinfo | None = None) -> date:
    """The office's calendar day (settings.TIME_ZONE unless told otherwise)."""
    return timezone.localtime(now(), zone).date()


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Stand still at `at` (aware) inside the block: for tests and for back-dated demonstrations."""
    token = _frozen.set(at)
    try:
        yield
    finally:
        _frozen.reset(token)


@contextmanager
def shifted(by: timedelta) -> Iterator[None]:
    """Let time run, but `by` later (or earlier) than it is."""
    token = _offset.set(_offset.get() + by)
    try:
        yield
    finally:
        _offset.reset(token)
