"""What crosses the sandbox: bytes in, a small framed answer out; both ends are in this file.

    answer = sandbox.call("copyhold.recognition.extract:extract", data, name="photo.jpg", side="both")
    taken = parse_extract(answer)

A frame is a JSON head and named parts: "CHX1", length of the head (u32), the head, the parts one after the other.
The reading end believes nothing: sizes, types, media, versions and counts are checked before anything is built.
"""

from __future__ import annotations

import json
import math
import struct
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from copyhold.errors import BadInput, gettext_noop
from copyhold.recognition.core import Explanation, Fingerprint, Match, NotMatchable, Segment
from copyhold.recognition.registry import for_medium, recognisers, sniff

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Side = Literal["reference", "query", "both"]

MOST_BYTES = 256 << 20
MOST_VARIANTS = 64
MOST_FILES = 64
_MAGIC = b"CHX1"
_LENGTH = struct.Struct("<I")
_FACTS = ("width", "height", "duration_ms", "format", "form", "frames", "channels")
_REASONS = frozenset({"featureless", "silent", "too_short", "template_only"})


class DamagedExtract(BadInput):
    code = "extract.damaged"
    message = gettext_noop(
        "What came back from reading the file is not valid. Try again; if it stays, report the file."
    )


@dataclass(frozen=True, slots=True)
class Extract:
    """What is known of one file: its medium, some facts, and the sides that were asked for.

    `not_matchable` is the reason (see NotMatchable) when the file is readable but holds too little; then both sides are
    empty. `facts` holds `bytes` and what the medium tells: width, height, duration_ms, characters, format.
    """

    medium: str
    facts: dict[str, Any]
    reference: Fingerprint | None
    queries: Sequence[Fingerprint]
    not_matchable: str | None


def extract(data: bytes, name: str = "", side: Side = "reference", medium: str = "") -> bytes:
    """Sniff, decode and fingerprint; the frame that `parse_extract` reads. Raises UnreadableMedia.

    With `medium` the sniffing is left out (the caller knows that a page's text is wanted, whatever its name).
    """
    medium = medium or sniff(data, name)
    recogniser = for_medium(medium)
    decoded = recogniser.decode(data)
    head: dict[str, Any] = {"medium": medium, "facts": {"bytes": len(data), **_facts(decoded)}, "not_matchable": None}
    parts: dict[str, bytes] = {}
    try:
        if side in {"reference", "both"}:
            parts["reference"] = recogniser.fingerprint(decoded).to_bytes()
        if side in {"query", "both"}:
            queries = recogniser.query(decoded)
            # A medium whose variants follow from the first sends that one; `expand` makes the others, lazily, outside.
            sent = queries[:1] if hasattr(recogniser, "expand") else queries[:MOST_VARIANTS]
            parts.update({f"query-{row}": query.to_bytes() for row, query in enumerate(sent)})
    except NotMatchable as error:
        parts, head["not_matchable"] = {}, error.reason
    return _frame(head, parts)


def _facts(decoded: Any) -> dict[str, Any]:
    facts = {key: getattr(decoded, key) for key in _FACTS if hasattr(decoded, key)}
    if hasattr(decoded, "text"):
        facts["characters"] = len(decoded.text)
    return {key: value if isinstance(value, str) else int(value) for key, value in facts.items()}


def parse_extract(untrusted: bytes) -> Extract:
    """Read the frame of `extract`. Raises DamagedExtract."""
    head, parts = _unframe(untrusted)
    medium, facts, reason = str(head.get("medium")), head.get("facts"), head.get("not_matchable")
    _need(medium.isalnum() and len(medium) <= 8)
    if not isinstance(facts, dict) or len(facts) > 32:
        raise DamagedExtract
    _need(all(len(key) <= 32 and _is_plain(value) for key, value in facts.items()))
    _need(reason is None or (reason in _REASONS and not parts))
    _need(set(parts) <= {"reference", *(f"query-{row}" for row in range(MOST_VARIANTS))})
    recogniser = for_medium(medium)
    prints = {name: _fingerprint(part, medium, recogniser.version) for name, part in parts.items()}
    queries: Sequence[Fingerprint] = [prints[name] for name in sorted(prints, key=_row) if name != "reference"]
    expand = getattr(recogniser, "expand", None)
    return Extract(
        medium=medium,
        facts=facts,
        reference=prints.get("reference"),
        queries=expand(queries[0]) if expand and queries else queries,
        not_matchable=reason,
    )


def _row(name: str) -> int:
    return int(name.partition("-")[2] or -1)


def _fingerprint(part: bytes, medium: str, version: int) -> Fingerprint:
    try:
        found = Fingerprint.from_bytes(part)
    except (BadInput, UnicodeDecodeError) as error:
        raise DamagedExtract from error
    _need((found.medium, found.version) == (medium, version))
    return found


def explain(data: bytes, reference_bytes: int, match: Mapping[str, Any], medium: str) -> bytes:
    """Show a match on the two files: `data` is the query followed by the last `reference_bytes` bytes, the work.

    (The sandbox passes one block of bytes.) `match` is `match_to_json`. The frame that `parse_explanation` reads.
    """
    if not 0 < reference_bytes < len(data):
        raise DamagedExtract
    recogniser = for_medium(medium)
    query, reference = (recogniser.decode(part) for part in (data[:-reference_bytes], data[-reference_bytes:]))
    explanation = recogniser.explain(query, reference, match_from_json(match))
    return _frame({"kind": explanation.kind, "data": explanation.data}, explanation.files)


def parse_explanation(untrusted: bytes) -> Explanation:
    """Read the frame of `explain`. Raises DamagedExtract. Pictures and sounds are named, typed by magic and bounded."""
    head, parts = _unframe(untrusted)
    _need(isinstance(head.get("kind"), str) and isinstance(head.get("data"), dict) and len(parts) <= MOST_FILES)
    for name, content in parts.items():
        _need(name.replace("-", "").replace("_", "").replace(".", "").isalnum() and not name.startswith("."))
        _need(content.startswith((b"\x89PNG\r\n", b"\xff\xd8\xff", b"RIFF")))
    return Explanation(head["kind"], head["data"], parts)


def match_to_json(match: Match) -> dict[str, Any]:
    """Plain JSON of a match."""
    return dict(json.loads(json.dumps(asdict(match), default=float)))


def match_from_json(untrusted: Mapping[str, Any]) -> Match:
    """Read `match_to_json` back. Raises DamagedExtract."""
    try:
        segments = tuple(
            Segment(_tuples(one["query"]), _tuples(one["reference"]), float(one["bits"]), dict(one["detail"]))
            for one in untrusted["segments"]
        )
        return Match(
            work=int(untrusted["work"]),
            bits=float(untrusted["bits"]),
            segments=segments,
            query_share=float(untrusted["query_share"]),
            work_share=float(untrusted["work_share"]),
            detail=dict(untrusted["detail"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise DamagedExtract from error


def warm() -> None:
    """Load and compile everything once, before the sandbox closes the files and in front of the first user."""
    from copyhold.recognition.conformance import shipped_inputs

    recognisers()
    for medium, inputs in shipped_inputs().items():
        for data in inputs.values():
            taken = parse_extract(extract(data, side="both", medium=medium))
            if taken.reference and taken.queries:
                match = for_medium(medium).confirm(taken.queries[0], taken.reference, 0)
                if match:
                    explain(data + data, len(data), match_to_json(match), medium)


def _tuples(value: Any) -> tuple[Any, ...]:
    return tuple(_tuples(one) if isinstance(one, list | tuple) else one for one in value)


def _is_plain(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= 64
    return isinstance(value, int | float) and math.isfinite(value)


def _need(is_so: bool) -> None:  # noqa: FBT001
    if not is_so:
        raise DamagedExtract


def _frame(head: dict[str, Any], parts: Mapping[str, bytes]) -> bytes:
    sizes = {name: len(part) for name, part in parts.items()}
    text = json.dumps({"head": head, "parts": sizes}, ensure_ascii=False, allow_nan=False).encode()
    return b"".join((_MAGIC, _LENGTH.pack(len(text)), text, *parts.values()))


def _unframe(untrusted: bytes) -> tuple[dict[str, Any], dict[str, bytes]]:
    _need(8 <= len(untrusted) <= MOST_BYTES and untrusted[:4] == _MAGIC)
    (length,) = _LENGTH.unpack_from(untrusted, 4)
    try:
        frame = json.loads(untrusted[8 : 8 + length].decode())
        head, sizes = frame["head"], frame["parts"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise DamagedExtract from error
    _need(isinstance(head, dict) and isinstance(sizes, dict) and len(sizes) <= MOST_VARIANTS + 1)
    _need(all(type(size) is int and size >= 0 for size in sizes.values()))
    _need(8 + length + sum(sizes.values()) == len(untrusted))
    parts: dict[str, bytes] = {}
    at = 8 + length
    for name, size in sizes.items():
        parts[name] = untrusted[at : at + size]
        at += size
    return head, parts
