"""What the exhibit of a finding holds: the copy, the record of the exchange, the match, its explanation.

The items are made safe in the vault before the act that seals them, so that the ledger is not held up by the disk.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

from copyhold.core import vault
from copyhold.evidence.services import Item
from copyhold.reference import services as reference

if TYPE_CHECKING:
    from typing import BinaryIO

    from copyhold.guards.recorder import RecordRef
    from copyhold.inspection.capture import Capture
    from copyhold.inspection.licences import Verdict
    from copyhold.inspection.models import Patrol
    from copyhold.inspection.recognise import Likeness

STEP = 1 << 16
JSON = "application/json"


def items_of(patrol: Patrol, capture: Capture, likeness: Likeness, verdict: Verdict) -> list[Item]:
    """The files to seal, in the vault already."""
    shown = reference.explanation(likeness.explanation)
    items = [
        Item(f"copy-{_plain_name(capture.filename)}", "copy", capture.media_type, capture.data),
        Item("match.json", "match", JSON, _json(_facts(likeness, verdict))),
        Item("explanation.json", "explanation", JSON, _json({"kind": shown.kind, "data": shown.data})),
    ]
    items += [
        Item(f"explanation-{name}", "explanation", _type_of(data), data) for name, data in sorted(shown.files.items())
    ]
    for name, record in (("exchange.warc.gz", capture.record), ("page.warc.gz", capture.page_record)):
        if record is not None:
            items.append(Item(name, "warc", "application/warc", exchange(patrol, record)))
    return [replace(item, data=vault.put(item.data, item.media_type)) for item in items]  # type: ignore[arg-type]


def _facts(likeness: Likeness, verdict: Verdict) -> dict[str, Any]:
    """The match in plain words and numbers; shares are parts of 1."""
    return {
        "work": likeness.work.number,
        "title": likeness.work.title,
        "bits": round(likeness.bits, 1),
        "query_share": round(likeness.query_share, 4),
        "work_share": round(likeness.work_share, 4),
        "medium": likeness.fingerprint.medium,
        "recogniser_version": likeness.fingerprint.recogniser_version,
        "segments": likeness.match["segments"],
        "licence_check": verdict.reasons,
    }


def exchange(patrol: Patrol, record: RecordRef) -> bytes:
    """One exchange (response, then its request) cut out of the patrol's WARC: two gzip members, itself a WARC."""
    with (Path(settings.COPYHOLD_WARC) / patrol.number / record.file).open("rb") as file:
        file.seek(record.offset)
        return file.read(record.length) + _next_member(file)


def _next_member(file: BinaryIO) -> bytes:
    """The whole gzip member at the file's position; nothing when there is none."""
    stream, taken = zlib.decompressobj(31), b""
    while not stream.eof:
        piece = file.read(STEP)
        if not piece:
            return b""
        taken += piece
        while piece and not stream.eof:
            stream.decompress(piece, STEP)
            piece = stream.unconsumed_tail
    return taken[: len(taken) - len(stream.unused_data)]


def _plain_name(filename: str) -> str:
    """What is allowed as an item's name: no folder, no control character, not too long."""
    name = filename.replace("\\", "/").rpartition("/")[2]
    return "".join(char for char in name if char.isprintable())[-80:] or "file"


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode()


def _type_of(data: bytes) -> str:
    if data.startswith(b"\x89PNG"):
        return "image/png"
    return "image/jpeg" if data.startswith(b"\xff\xd8") else "audio/wav"
