"""The manifest of an exhibit: which files were sealed, when, from where, and the note that signs it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final

from copyhold.proofs import note
from copyhold.proofs.canonical import canonical, digest, parse_canonical
from copyhold.proofs.errors import Malformed
from copyhold.proofs.keys import Signer, Verifier

HEADER: Final = "copyhold exhibit manifest v1"
ITEM_NAME: Final = re.compile(r"[^/\\\x00-\x1f\x7f]{1,120}")


@dataclass(frozen=True, slots=True)
class ManifestItem:
    """One file of an exhibit. `role`: warc, copy, page, screenshot, explanation, match …"""

    name: str
    sha256: str
    size: int
    media_type: str
    role: str


def exhibit_manifest(
    *,
    number: str,
    sealed_at: datetime,
    source: str,
    items: Sequence[ManifestItem],
    sealed_by: Verifier,
    facts: Mapping[str, Any] | None = None,
) -> bytes:
    """The canonical manifest of an exhibit; `facts` (title, captured_at, …) are further JSON values to seal.

    Raises `Malformed` for names that repeat or are not plain file names, and for a time without a zone.
    """
    names = [item.name for item in items]
    if len(set(names)) != len(names) or any(not is_item_name(name) for name in names):
        raise Malformed(what="manifest", why="an item's name repeats, or is not a plain file name")
    if sealed_at.tzinfo is None:
        raise Malformed(what="manifest", why="the time of sealing has no time zone")
    fixed = {
        "exhibit": number,
        "sealed_at": sealed_at.astimezone(UTC).isoformat(timespec="seconds"),
        "source": source,
        "sealed_by": sealed_by.vkey,
        "items": [asdict(item) for item in items],
    }
    return canonical({**(facts or {}), **fixed})


def sign_manifest(manifest: bytes, signer: Signer) -> str:
    """The signed note over a manifest: a header, so that it is never taken for a checkpoint, and the digest."""
    return note.sign(note_text(manifest), signer)


def note_text(manifest: bytes) -> str:
    return f"{HEADER}\n{digest(manifest)}\n"


def is_item_name(name: str) -> bool:
    """A plain file name: no folder, no control character, at most 120 characters."""
    return ITEM_NAME.fullmatch(name) is not None and name not in (".", "..")


def parse(data: bytes) -> dict[str, Any]:
    """The facts of a manifest, unverified. Raises `Malformed`."""
    facts = parse_canonical(data, "manifest")
    if not isinstance(facts, dict) or not isinstance(facts.get("sealed_by"), str):
        raise Malformed(what="manifest", why="it does not say who sealed it")
    return facts


def items_of(facts: Mapping[str, Any]) -> list[ManifestItem]:
    """The items of a manifest that was read. Raises `Malformed`."""
    try:
        items = [ManifestItem(**item) for item in facts["items"]]
    except (KeyError, TypeError) as error:
        raise Malformed(what="manifest", why="its list of items is not of the form it should have") from error
    if any(not isinstance(item.name, str) or not is_item_name(item.name) for item in items):
        raise Malformed(what="manifest", why="an item's name is not a plain file name")
    return items
