"""A law pack: the law of one office as it stood on one day, with the questions the other rooms ask it."""

import calendar
import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone

from copyhold.jurisdictions.errors import NoSuchTerm, WrongNumber
from copyhold.jurisdictions.model import (
    Article,
    Clock,
    Confidence,
    Fee,
    Form,
    Item,
    Law,
    NoticeRule,
    NumberRule,
    Penalty,
    Registrar,
    RegistrationNumber,
    Ruler,
    Term,
    Text,
    Threshold,
    WorkClass,
)
from copyhold.jurisdictions.working_days import DAY, WorkCalendar

HOUR = timedelta(hours=1)
MONTHS_A_YEAR = 12
REFERENCE = re.compile(r"^(?P<law>[A-Z][A-Z0-9-]*) (?P<number>[0-9]+(?:bis|ter)?)(?P<parts>(?:\([0-9]+\))*)$")


@dataclass(frozen=True, kw_only=True)
class LawPack:
    """Frozen data and pure arithmetic. `valid_to` None means still in force."""

    code: str
    version: str
    name: Text
    valid_from: date
    valid_to: date | None
    languages: tuple[str, ...]
    currency: str
    utc_offset_minutes: int
    source: str
    confidence: Confidence
    number: NumberRule
    classes: tuple[WorkClass, ...]
    registrars: tuple[Registrar, ...]
    rights: tuple[Item, ...]
    ownership_types: tuple[Item, ...]
    creation_natures: tuple[Item, ...]
    acquisition_modes: tuple[Item, ...]
    refusal_grounds: tuple[Item, ...]
    revocation_grounds: tuple[Item, ...]
    documents: tuple[Item, ...]
    terms: tuple[Term, ...]
    fees: tuple[Fee, ...]
    forms: tuple[Form, ...]
    effect: Item
    certificate_basis: Item
    clocks: tuple[Clock, ...]
    acts: tuple[Item, ...]
    penalties: tuple[Penalty, ...]
    thresholds: tuple[Threshold, ...]
    notice_rules: tuple[NoticeRule, ...]
    clue_sources: tuple[Item, ...]
    laws: tuple[Law, ...] = field(repr=False)
    calendar: WorkCalendar = field(repr=False, compare=False)

    def __str__(self) -> str:
        return f"{self.code} {self.version}"

    # --- look-ups (each raises NoSuchTerm) -----------------------------------------------------------------------

    def work_class(self, letter_or_code: str) -> WorkClass:
        for entry in self.classes:
            if letter_or_code in (entry.letter, entry.code):
                return entry
        raise self._missing("class", letter_or_code)

    def registrar(self, prefix: str) -> Registrar:
        for entry in self.registrars:
            if entry.prefix == prefix:
                return entry
        raise self._missing("registrar", prefix)

    def item(self, kind: str, code: str) -> Item:
        """One term of a list, e.g. `item("refusal_grounds", "duplicate")`."""
        entries = getattr(self, kind, ())
        for entry in entries if isinstance(entries, tuple) else ():
            if isinstance(entry, Item) and entry.code == code:
                return entry
        raise self._missing(kind, code)

    def form(self, code: str) -> Form:
        for entry in self.forms:
            if entry.code == code:
                return entry
        raise self._missing("form", code)

    def notice_rule(self, service_type: str) -> NoticeRule:
        """The rule for a kind of service, such as `storage` or `marketplace`."""
        for entry in self.notice_rules:
            if service_type in entry.service_types:
                return entry
        raise self._missing("notice rule", service_type)

    def clock(self, code: str) -> Clock:
        for entry in self.clocks:
            if entry.code == code:
                return entry
        raise self._missing("clock", code)

    def article(self, law_code: str, number: str) -> Article:
        """An article by law and number, `article("CL", "5")`; a point may follow: `"10(1)(12)"`."""
        return self.cite(f"{law_code} {number}")

    def cite(self, reference: str) -> Article:
        """An article by a reference as the data write it, `cite("CL 10(1)(12)")`. The text is the whole article."""
        match = REFERENCE.match(reference)
        law = next((law for law in self.laws if match and law.code == match["law"]), None)
        if not match or not law or match["number"] not in law.articles:
            raise self._missing("article", reference)
        return Article(
            law_code=law.code,
            number=match["number"] + match["parts"],
            law=law.name,
            text=law.articles[match["number"]],
            citation=_citation(law, match["number"], re.findall(r"[0-9]+", match["parts"])),
            source=law.source,
            confidence=law.confidence,
        )

    # --- numbers -------------------------------------------------------------------------------------------------

    def format_number(self, registrar: str, year: int, class_letter: str, serial: int) -> str:
        """A new registration number. Raises WrongNumber for a registrar, class, year or serial it cannot hold."""
        if registrar not in {entry.prefix for entry in self.registrars}:
            raise WrongNumber(why=f"there is no registrar “{registrar}”")
        if class_letter not in {entry.letter for entry in self.classes}:
            raise WrongNumber(why=f"there is no class “{class_letter}”")
        number = self.number.pattern.format(registrar=registrar, year=year, class_letter=class_letter, serial=serial)
        parts = re.match(self.number.legacy_expression, number)
        if serial < 1 or parts is None or int(parts["serial"]) != serial or int(parts["year"]) != year:
            raise WrongNumber(why=f"year {year} or serial {serial} does not fit the pattern")
        return number

    def parse_number(self, text: str) -> RegistrationNumber:
        """The parts of a number, old forms included. Raises WrongNumber."""
        match = re.match(self.number.legacy_expression, text.strip())
        if match is None:
            raise WrongNumber(why=f"“{text}” is not of the form {self.number.pattern}")
        return RegistrationNumber(match["registrar"], int(match["year"]), match["class_letter"], match["serial"])

    # --- clocks --------------------------------------------------------------------------------------------------

    def due(self, clock: str | Clock, start: date | datetime) -> date:
        """The last day on which the act is still in time. A datetime must have a zone; the office's day counts."""
        return (self.due_at(clock, start) - timedelta(microseconds=1)).date()

    def due_at(self, clock: str | Clock, start: date | datetime) -> datetime:
        """The first moment too late, in the office's time: midnight after the last day, or the hour itself."""
        rule = self.clock(clock) if isinstance(clock, str) else clock
        if rule.unit == "hours":
            return self._moment(start) + rule.amount * HOUR
        first = self._day(start)
        if rule.unit == "working_days":
            last = self.calendar.add(first, rule.amount)
        else:
            last = first + rule.amount * DAY if rule.unit == "days" else _add_months(first, rule.amount)
            last = self.calendar.next_working(last)  # a period that ends on a day off ends on the next working day
        return datetime.combine(last + DAY, time.min, self.zone)

    def days_left(self, clock: str | Clock, start: date | datetime, now: datetime) -> int:
        """What the ruler has left in its own unit (working days, days or hours); negative when overdue."""
        return self.ruler(clock, start, now).left

    def ruler(self, clock: str | Clock, start: date | datetime, now: datetime) -> Ruler:
        """The clock as it stands at `now`."""
        rule = self.clock(clock) if isinstance(clock, str) else clock
        due_at = self.due_at(rule, start)
        first, today, due = self._day(start), self._day(now), self.due(rule, start)
        moment = self._moment(now)
        if rule.unit == "hours":
            total, left = rule.amount, (due_at - moment) // HOUR
        elif rule.unit == "working_days":
            total, left = rule.amount, self.calendar.between(today, due)
        else:
            total, left = (due - first).days, (due - today).days
        is_overdue = moment >= due_at
        return Ruler(
            code=rule.code,
            name=rule.name,
            total=total,
            used=total - left,
            left=left,
            unit="days" if rule.unit == "months" else rule.unit,
            due=due,
            due_at=due_at,
            is_overdue=is_overdue,
            is_provisional=self.calendar.is_provisional(first, due),
            article=self.cite(rule.articles[0]) if rule.articles else None,
            source=rule.source,
            confidence=rule.confidence,
        )

    @property
    def zone(self) -> timezone:
        return timezone(timedelta(minutes=self.utc_offset_minutes))

    def _day(self, moment: date | datetime) -> date:
        return self._moment(moment).date() if isinstance(moment, datetime) else moment

    def _moment(self, moment: date | datetime) -> datetime:
        """In the office's zone; a bare date means its first moment."""
        if not isinstance(moment, datetime):
            return datetime.combine(moment, time.min, self.zone)
        if moment.tzinfo is None:
            raise ValueError("a moment needs a time zone: pass an aware datetime")
        return moment.astimezone(self.zone)

    def _missing(self, kind: str, name: str) -> NoSuchTerm:
        return NoSuchTerm(pack=str(self), kind=kind, name=name)


def _add_months(day: date, months: int) -> date:
    """The same day of a later month, or its last day when that month is shorter."""
    year, month = divmod(day.year * MONTHS_A_YEAR + day.month - 1 + months, MONTHS_A_YEAR)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _citation(law: Law, number: str, parts: list[str]) -> Text:
    """`CL 10(1)(12)` → 《…》第十条第一款第（十二）项 and “…, art. 10(1)(12)”. One part alone is a point."""
    paragraph = f"第{chinese_numeral(int(parts[0]))}款" if len(parts) > 1 else ""
    point = f"第（{chinese_numeral(int(parts[-1]))}）项" if parts else ""
    suffix = number.lstrip("0123456789")
    article = f"第{chinese_numeral(int(number.removesuffix(suffix)))}条{suffix}"
    brackets = "".join(f"({part})" for part in parts)
    return Text(zh=f"《{law.name.zh}》{article}{paragraph}{point}", en=f"{law.name.en}, art. {number}{brackets}")


def chinese_numeral(number: int) -> str:
    """1 → 一, 12 → 十二, 105 → 一百零五, 1195 → 一千一百九十五 (1 … 9999)."""
    digits, units = "零一二三四五六七八九", ("", "十", "百", "千")
    text = "".join(
        digits[int(char)] + (units[place] if char != "0" else "")
        for place, char in zip(range(len(str(number)) - 1, -1, -1), str(number), strict=True)
    )
    text = re.sub("零+", "零", text).rstrip("零")
    return text.removeprefix("一") if text.startswith("一十") else text
