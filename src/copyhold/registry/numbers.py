"""Numbers of the house: taken under a row lock in the act that needs them, so that no series has a gap or a double.

Never from a sequence: a sequence forgets to give back what a rolled-back act took.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection

from copyhold.core import clock

if TYPE_CHECKING:
    from copyhold.jurisdictions.pack import LawPack

TAKE = """
INSERT INTO registry_numberseries (kind, registrar, year, last) VALUES (%s, %s, %s, 1)
ON CONFLICT (kind, registrar, year) DO UPDATE SET last = registry_numberseries.last + 1
RETURNING last
"""


def next_number(kind: str, registrar: str = "", *, year: int | None = None) -> int:
    """The next number of a series, from 1. The row stays locked until the act ends; a broken act gives it back."""
    if not connection.in_atomic_block:
        raise RuntimeError("a number is taken inside an act only, or it could be lost")
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [kind, registrar, year if year is not None else clock.today().year])
        return int(cursor.fetchone()[0])


def application_number() -> str:
    """A-2026-000001: the serial of filing, which is not the registration number."""
    year = clock.today().year
    return f"A-{year}-{next_number('application', year=year):06d}"


def licence_number() -> str:
    """L-2026-000001: the serial of a recorded licence."""
    year = clock.today().year
    return f"L-{year}-{next_number('licence', year=year):06d}"


def work_number(pack: LawPack, *, registrar: str, letter: str) -> str:
    """The registration number by the law pack's pattern; one series per registrar and year, shared by all classes.

    The office's own prefix is used, also where the pack does not list it. Raises WrongNumber if the number would not
    read back.
    """
    year = clock.today().year
    serial = next_number("work", registrar, year=year)
    number = pack.number.pattern.format(registrar=registrar, year=year, class_letter=letter, serial=serial)
    pack.parse_number(number)
    return number
