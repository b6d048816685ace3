"""The vocabulary of a law pack: one frozen class per kind of datum. SCHEMA.md describes the files.

Every datum says where it was read (`source`) and how far that may be relied on (`confidence`): `law` (read in the
statute), `secondary` (read in another publication), `unverified` (believed), `inferred` (concluded or chosen here).
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Confidence = Literal["law", "secondary", "unverified", "inferred"]
Unit = Literal["working_days", "days", "months", "hours"]
Kind = Literal["text", "long_text", "date", "boolean", "choice", "choices", "party", "parties", "declaration", "files"]


@dataclass(frozen=True, slots=True)
class Text:
    """A phrase in the two languages every pack has."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.en

    def to(self, language: str) -> str:
        """Chinese for any `zh…` tag, else English."""
        return self.zh if language.lower().startswith("zh") else self.en


@dataclass(frozen=True, slots=True, kw_only=True)
class Datum:
    """What every datum carries. `articles` are references such as `CL 5(1)`; `LawPack.cite` opens them."""

    articles: tuple[str, ...]
    source: str
    confidence: Confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Item(Datum):
    """A coded term: a right, a ground, a document, an act …"""

    code: str
    name: Text
    note: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkClass(Datum):
    """A class of works with the letter it has in registration numbers."""

    letter: str
    code: str
    name: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Registrar(Datum):
    """A registration institution's prefix in numbers, its region code and which clock it examines by."""

    prefix: str
    name: Text
    region: str
    examination_clock: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Field(Datum):
    """One field of a form. `choices` names a list of the pack; `max_length` 0 means no limit."""

    code: str
    name: Text
    kind: Kind
    is_required: bool
    max_length: int
    choices: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Form(Datum):
    code: str
    name: Text
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee(Datum):
    """`amount_minor` is in the currency's minor unit (fen, cents); `classes` are letters, empty for any."""

    code: str
    name: Text
    classes: tuple[str, ...]
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Term(Datum):
    """A term of protection, to 31 December of the last year."""

    code: str
    name: Text
    years: int
    counted_from: Literal["author_death", "first_publication", "first_fixation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock(Datum):
    """A legal period. The day (or, for hours, the moment) named by `starts` is not counted."""

    code: str
    name: Text
    amount: int
    unit: Unit
    starts: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Penalty(Datum):
    """One row of the scale of fines, in yuan (or the pack's currency); None where the row sets no such limit."""

    code: str
    name: Text
    from_business_yuan: int | None
    min_multiple: int | None
    max_multiple: int | None
    min_fine_yuan: int | None
    max_fine_yuan: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold(Datum):
    """From `at_least` of `quantity`, the act may be a crime of this grade."""

    code: str
    name: Text
    quantity: Literal["illegal_gain_yuan", "illegal_business_yuan", "copies", "works", "downloads", "clicks", "members"]
    at_least: int
    grade: Literal["serious", "very_serious"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRule(Datum):
    """What a kind of platform must do on a notice, and when it puts the material back. Clocks are clock codes."""

    code: str
    name: Text
    service_types: tuple[str, ...]
    act: Literal["at_once", "in_time"]
    act_clock: str
    restore: Literal["at_once", "after_wait", "reasonable_period"]
    restore_clock: str | None
    required: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberRule:
    """`pattern` makes numbers; `legacy_expression` (a regular expression with named groups) reads old ones too."""

    pattern: str
    legacy_expression: str
    source: str
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class RegistrationNumber:
    """The parts of a number as printed; old serials may hold letters."""

    registrar: str
    year: int
    class_letter: str
    serial: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """A statute with all its articles, by number."""

    code: str
    name: Text
    in_force_from: date
    source: str
    confidence: Confidence
    articles: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """An article as it is cited: `law` its name, `text` the original words, `citation` for a document's sentence."""

    law_code: str
    number: str
    law: Text
    text: str
    citation: Text
    source: str
    confidence: Confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarYear:
    """Which days of a year were declared off, and which weekend days worked. `weekend`: Monday is 0."""

    year: int
    weekend: tuple[int, ...]
    days_off: tuple[date, ...]
    days_worked: tuple[date, ...]
    source: str
    confidence: Confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruler:
    """A running clock, ready to be drawn: `used` + `left` = `total`, in `unit`; `left` is negative when overdue.

    `unit` is `days` for a clock of months. `due_at` is the first moment too late; `due` the last day in time.
    `is_provisional` says that the calendar of a year it crosses is not yet official.
    """

    code: str
    name: Text
    total: int
    used: int
    left: int
    unit: Literal["working_days", "days", "hours"]
    due: date
    due_at: datetime
    is_overdue: bool
    is_provisional: bool
    article: Article | None
    source: str
    confidence: Confidence
