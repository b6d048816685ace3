"""Finds, reads and checks law packs: `data/<country>/<version>/*.json` with that country's laws and calendars.

Reading is strict: an unknown or a missing key, a wrong type, or a value outside its list stops the load.
"""

import json
import types
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from copyhold.jurisdictions.errors import BrokenPackError, NoPack
from copyhold.jurisdictions.model import CalendarYear, Law
from copyhold.jurisdictions.pack import LawPack
from copyhold.jurisdictions.working_days import WorkCalendar

SECTIONS = ("pack", "registration", "enforcement")
T = TypeVar("T")


def versions(code: str) -> tuple[str, ...]:
    """All versions of a country's pack, oldest first. Raises NoPack."""
    country = _country(code)
    return tuple(sorted(entry.name for entry in country.iterdir() if (entry / "pack.json").is_file()))


def load(code: str, on: date) -> LawPack:
    """The version in force on that day. Raises NoPack."""
    for version in versions(code):
        pack = load_version(code, version)
        if pack.valid_from <= on and (pack.valid_to is None or on <= pack.valid_to):
            return pack
    raise NoPack(name=f"{code}, {on:%Y-%m-%d}")


@cache
def load_version(code: str, version: str) -> LawPack:
    """One version, for ever the same: an application keeps the version of its day. Raises NoPack, BrokenPackError."""
    if version not in versions(code):
        raise NoPack(name=f"{code} {version}")
    country = _country(code)
    facts: dict[str, Any] = {}
    for section in SECTIONS:
        facts |= _read(country / version / f"{section}.json")
    where = f"{code}/{version}"
    facts["laws"] = [_read(country / "laws" / f"{law}.json") for law in facts.get("laws", ())]
    laws = tuple(build(Law, law, f"{where}/laws") for law in facts.pop("laws"))
    years = [_read(entry) for entry in (country / "calendars").iterdir()]
    calendar = WorkCalendar(build(CalendarYear, year, f"{where}/calendars") for year in years)
    return build(LawPack, facts, where, laws=laws, calendar=calendar)


def build(cls: type[T], facts: dict[str, Any], where: str, **ready: Any) -> T:
    """A dataclass from JSON, strictly. `where` names the place for the error; `ready` are finished fields."""
    if not isinstance(facts, dict) or not is_dataclass(cls):
        raise BrokenPackError(file=where, why="an object is expected")
    hints = get_type_hints(cls)
    wanted = {entry.name: entry for entry in fields(cls)}
    unknown = set(facts) - set(wanted) | set(facts) & set(ready)
    missing = {name for name, entry in wanted.items() if entry.default is MISSING} - set(facts) - set(ready)
    if unknown or missing:
        raise BrokenPackError(file=where, why=f"unknown keys {sorted(unknown)}, missing keys {sorted(missing)}")
    values = {name: _value(hints[name], value, f"{where}.{name}") for name, value in facts.items()}
    return cls(**values, **ready)


def _value(kind: Any, value: Any, where: str) -> Any:
    origin, args = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return None if value is None else _value(args[0], value, where)
    if origin is tuple and isinstance(value, list):
        return tuple(_value(args[0], entry, f"{where}[{n}]") for n, entry in enumerate(value))
    if origin is dict and isinstance(value, dict):
        return {key: _value(args[1], entry, f"{where}.{key}") for key, entry in value.items()}
    if is_dataclass(kind) and isinstance(kind, type):
        return build(kind, value, where)
    return _scalar(kind, value, where)


def _scalar(kind: Any, value: Any, where: str) -> Any:
    if get_origin(kind) is Literal and value in get_args(kind):
        return value
    if kind is date and isinstance(value, str):
        return _date(value, where)
    if kind in (str, int, bool) and type(value) is kind:
        return value
    raise BrokenPackError(file=where, why=f"{value!r} is not allowed here")


def _date(value: str, where: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise BrokenPackError(file=where, why=f"{value!r} is no date") from error


def _country(code: str) -> Traversable:
    country = files("copyhold.jurisdictions") / "data" / code
    if not code.isalpha() or not country.is_dir():
        raise NoPack(name=code)
    return country


def _read(entry: Traversable) -> dict[str, Any]:
    try:
        facts = json.loads(entry.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BrokenPackError(file=entry.name, why="it is missing or is no JSON") from error
    if not isinstance(facts, dict):
        raise BrokenPackError(file=entry.name, why="an object is expected")
    return facts
