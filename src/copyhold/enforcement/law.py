"""The law pack of a record's own day, and what its papers cite from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from copyhold.enforcement.errors import UnknownTerm
from copyhold.enforcement.models import Notice
from copyhold.jurisdictions import load_version
from copyhold.jurisdictions.errors import NoSuchTerm

if TYPE_CHECKING:
    from collections.abc import Iterable

    from copyhold.enforcement.models import Case, Clue
    from copyhold.jurisdictions.model import Clock, Item, Text
    from copyhold.jurisdictions.pack import LawPack


def pack_of(record: Case | Clue | Notice) -> LawPack:
    """The law by which the record is judged for ever."""
    holder: Any = record.case if isinstance(record, Notice) else record
    return load_version(holder.law_pack, holder.law_pack_version)


def act_of(pack: LawPack, code: str) -> Item:
    """An unlawful act of the pack. Raises UnknownTerm, which lists those there are."""
    try:
        return pack.item("acts", code)
    except NoSuchTerm:
        raise UnknownTerm(term=code, known=", ".join(item.code for item in pack.acts)) from None


def clock_of(pack: LawPack, code: str) -> Clock | None:
    """A clock of the pack; None where this law knows no such term."""
    return next((clock for clock in pack.clocks if clock.code == code), None)


def citations(pack: LawPack, references: Iterable[str]) -> list[Text]:
    """The articles as a paper prints them, each once."""
    return [pack.cite(reference).citation for reference in dict.fromkeys(references)]
