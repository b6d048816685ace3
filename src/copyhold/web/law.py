"""Words of the law pack in the reader's language, for lists and labels. Decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings

from copyhold.core import clock
from copyhold.errors import CopyholdError
from copyhold.jurisdictions import load
from copyhold.web.phrases import is_chinese

if TYPE_CHECKING:
    from collections.abc import Iterable

    from copyhold.jurisdictions.pack import LawPack


def pack() -> LawPack:
    return load(settings.COPYHOLD_LAW_PACK, clock.today())


def _in_language(text: Any) -> str:
    return str(text.zh if is_chinese() else text.en)


def classes() -> list[tuple[str, str]]:
    return [(entry.letter, _in_language(entry.name)) for entry in pack().classes]


def class_name(letter: str) -> str:
    """For tables and facts: without the explanation in brackets."""
    name = dict(classes()).get(letter, letter)
    return name.split(" (")[0].split("（")[0]


def items(kind: str) -> list[tuple[str, str]]:
    """The coded terms of one list of the pack: rights, ownership_types, refusal_grounds …"""
    return [(item.code, _in_language(item.name)) for item in getattr(pack(), kind)]


def item_name(kind: str, code: str) -> str:
    try:
        return _in_language(pack().item(kind, code).name) if code else ""
    except CopyholdError:
        return code


def notes(kind: str) -> dict[str, str]:
    return {item.code: _in_language(item.note) for item in getattr(pack(), kind) if item.note}


def joined(words: Iterable[str]) -> str:
    return ("、" if is_chinese() else ", ").join(word for word in words if word)
