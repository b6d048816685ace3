"""Two originals, not a translation: page prose is written twice, side by side, and the reader's language chooses.

    t("Verify a certificate", "核验证书")

gettext serves only what is shared by all rooms: labels of models and the messages of errors.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import get_language

if TYPE_CHECKING:
    from collections.abc import Sequence

MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def is_chinese() -> bool:
    return (get_language() or "en").startswith("zh")


def _choose(en: str, zh: str) -> str:
    return zh if is_chinese() else en


t = lazy(_choose, str)


def day(value: date | datetime | None) -> str:
    """In prose: 15 June 2026 / 2026 年 6 月 15 日, in the office's time zone."""
    if not value:  # also what a template gets for a record that is not there
        return "—"
    d = _local(value)
    return f"{d.year} 年 {d.month} 月 {d.day} 日" if is_chinese() else f"{d.day} {MONTHS[d.month - 1]} {d.year}"


def short_day(value: date | datetime | None) -> str:
    """In tables: 15 Jun 2026 / 2026-06-15."""
    if not value:  # also what a template gets for a record that is not there
        return "—"
    d = _local(value)
    return f"{d:%Y-%m-%d}" if is_chinese() else f"{d.day} {MONTHS[d.month - 1][:3]} {d.year}"


def month_day(value: date | datetime) -> str:
    """In lists of news and acts: 15 Jun / 6 月 15 日."""
    d = _local(value)
    return f"{d.month} 月 {d.day} 日" if is_chinese() else f"{d.day} {MONTHS[d.month - 1][:3]}"


def moment(value: datetime | None) -> str:
    """A day with its minute: 15 June 2026, 14:05 / 2026 年 6 月 15 日 14:05."""
    if not value:  # also what a template gets for a record that is not there
        return "—"
    joint = " " if is_chinese() else ", "
    return f"{day(value)}{joint}{_local(value):%H:%M}"


def number(value: int) -> str:
    """1,000 in both languages."""
    return f"{value:,}"


def size(octets: int) -> str:
    """214 kB, 38.2 MB: decimal units, as on the disk's box."""
    if octets < 1000:
        return f"{octets} B"
    for unit, step in (("kB", 10**3), ("MB", 10**6), ("GB", 10**9)):
        if octets < step * 1000 or unit == "GB":
            return (
                f"{octets / step:.0f} {unit}" if octets >= 100 * step or unit == "kB" else f"{octets / step:.1f} {unit}"
            )
    raise AssertionError


def short_hash(value: str) -> str:
    return f"{value[:4]}…{value[-4:]}" if len(value) > 12 else value


def listed(names: Sequence[str]) -> str:
    return ("、" if is_chinese() else ", ").join(names)


def _local(value: date | datetime) -> date | datetime:
    return timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else value


def unlocal(value: float) -> str:
    """A coordinate in SVG: a point for the decimals in every language."""
    return str(value)
