"""The law pack of today, and the one by which a record is judged for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from copyhold.core import clock
from copyhold.jurisdictions import load, load_version
from copyhold.jurisdictions.errors import NoSuchTerm
from copyhold.registry.errors import UnknownGround

if TYPE_CHECKING:
    from collections.abc import Iterable

    from copyhold.jurisdictions.model import Item
    from copyhold.jurisdictions.pack import LawPack
    from copyhold.registry.models import Application


def pack_today() -> LawPack:
    """The law in force in this office today."""
    return load(settings.COPYHOLD_LAW_PACK, clock.today())


def pack_of(application: Application) -> LawPack:
    """The law of the application's own day."""
    return load_version(application.law_pack, application.law_pack_version)


def ground_of(pack: LawPack, kind: str, code: str) -> Item:
    """A refusal or revocation ground of the pack. Raises UnknownGround, which lists those there are."""
    try:
        return pack.item(kind, code)
    except NoSuchTerm:
        known = ", ".join(item.code for item in getattr(pack, kind))
        raise UnknownGround(ground=code, known=known) from None


def citation(pack: LawPack, references: Iterable[str]) -> str:
    """The articles as a letter prints them, in the language of record."""
    return "、".join(pack.cite(reference).citation.zh for reference in references)
