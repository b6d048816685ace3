"""From something seen to something that a person judges: sighting → match → licence check → exhibit → finding.

One act per capture, so that a kill leaves either all of it or nothing; the unique rows make a second visit harmless.
"""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from copyhold.core import clock, vault
from copyhold.core.ledger import acting
from copyhold.errors import BadInput
from copyhold.evidence.services import Item, seal_exhibit
from copyhold.inspection import licences
from copyhold.inspection.models import Finding, Match, Sighting
from copyhold.people.actors import system
from copyhold.recognition.extract import match_to_json
from copyhold.recognition.registry import sniff
from copyhold.reference import services as reference
from copyhold.registry.numbers import next_number

if TYPE_CHECKING:
    from typing import BinaryIO

    from copyhold.core.models import Blob
    from copyhold.evidence.models import Exhibit
    from copyhold.guards.recorder import RecordRef
    from copyhold.inspection.capture import Capture
    from copyhold.inspection.models import Patrol
    from copyhold.reference.services import Identification, Identified
    from copyhold.registry.models import Work

MACHINE = system("inspection")
MEMBER_STEP = 1 << 16


def examine(patrol: Patrol, capture: Capture) -> Sighting:
    """Recognise a capture and keep what follows from it. Idempotent for the same bytes at the same place."""
    blob = vault.put(capture.data, capture.media_type)
    if seen := patrol.sightings.filter(resource_url=capture.resource_url, blob=blob).first():
        return seen
    medium, outcome, reason, identification = _recognise(capture)
    found = identification.matches if identification else []
    shown = [(one, one.work, reference.explain(capture.data, one)) for one in found if one.work]
    with acting(MACHINE, "sighting.record") as act:
        sighting = act.subject = Sighting.objects.create(
            patrol=patrol,
            page_url=capture.page_url,
            resource_url=capture.resource_url,
            medium=medium,
            media_type=capture.media_type[:100],
            blob=blob,
            warc_file=capture.record.file if capture.record else "",
            warc_offset=capture.record.offset if capture.record else None,
            warc_length=capture.record.length if capture.record else None,
            captured_at=capture.captured_at,
            outcome=outcome,
            reason=reason[:300],
        )
        for identified, work, explanation in shown:
            match = _keep_match(sighting, identified, work, explanation)
            if match.verdict == Match.Verdict.FINDING:
                _make_finding(match, capture)
        act.note(outcome=outcome, matches=len(shown), sha256=blob.sha256)
    return sighting


def _recognise(capture: Capture) -> tuple[str, str, str, Identification | None]:
    """Medium, outcome, reason and what was recognised. Bytes that cannot be read are an outcome."""
    try:
        medium = capture.medium or sniff(capture.data, capture.filename)
        found = reference.identify(capture.data, capture.filename, medium=medium)
    except BadInput as error:
        return capture.medium or "", "unreadable", f"{error.instance_code}: {error}", None
    if found.reason:
        return medium, "not_matchable", found.reason, found
    return medium, "matched" if found.matches else "nothing", "", found


def _keep_match(sighting: Sighting, identified: Identified, work: Work, explanation: Blob) -> Match:
    match = identified.match
    target = sighting.patrol.target
    verdict = licences.check(work, url=sighting.page_url, on=clock.today(), territory=target.territory)
    return Match.objects.create(
        sighting=sighting,
        fingerprint=identified.fingerprint,
        work=work,
        bits=match.bits,
        query_share=match.query_share,
        work_share=match.work_share,
        match=match_to_json(match),
        explanation=explanation,
        verdict=verdict.verdict,
        reasons=verdict.reasons,
    )


def _make_finding(match: Match, capture: Capture) -> Finding:
    target = match.sighting.patrol.target
    now = clock.now()
    finding = Finding.objects.create(
        number=f"F-{now.year}-{next_number('finding', year=now.year):06d}",
        match=match,
        exhibit=_seal(match, capture),
        office=target.office,
        found_at=now,
    )
    with acting(MACHINE, "finding.make", finding) as act:
        act.note(work=match.work.number, exhibit=finding.exhibit.number, bits=round(match.bits, 1))
    return finding


def _seal(match: Match, capture: Capture) -> Exhibit:
    """The exhibit of a finding: the copy, the record of the exchange, the explanation, and the facts in words."""
    sighting, work = match.sighting, match.work
    plain = {
        "work": work.number,
        "title": work.title,
        "bits": round(match.bits, 1),
        "query_share": round(match.query_share, 4),
        "work_share": round(match.work_share, 4),
        "medium": match.fingerprint.medium,
        "recogniser_version": match.fingerprint.recogniser_version,
        "segments": match.match["segments"],
        "licence_check": match.reasons,
    }
    items = [
        Item(f"copy-{Path(capture.filename).name[:80]}", "copy", capture.media_type, capture.data),
        Item("match.json", "match", "application/json", json.dumps(plain, ensure_ascii=False, indent=1).encode()),
    ]
    shown = reference.explanation(match.explanation)
    words = {"kind": shown.kind, "data": shown.data}
    items.append(
        Item("explanation.json", "explanation", "application/json", json.dumps(words, ensure_ascii=False).encode())
    )
    items += [
        Item(f"explanation-{name}", "explanation", _type_of(data), data) for name, data in sorted(shown.files.items())
    ]
    for role, record in (("warc", capture.record), ("warc", capture.page_record)):
        if record is not None:
            name = "exchange.warc.gz" if record is capture.record else "page.warc.gz"
            items.append(Item(name, role, "application/warc", _member(sighting.patrol, record)))
    return seal_exhibit(
        MACHINE,
        title=f"{work.title} · {sighting.page_url}"[:300],
        source=sighting.resource_url,
        captured_at=sighting.captured_at,
        office=sighting.patrol.target.office,
        items=items,
        detail={
            "page": sighting.page_url,
            "patrol": sighting.patrol.number,
            "warc": sighting.warc_file,
            "warc_offset": sighting.warc_offset,
            **capture.facts,
        },
    )


def _member(patrol: Patrol, record: RecordRef) -> bytes:
    """The gzip members of one exchange (response, then its request) cut out of the patrol's WARC: itself a WARC."""
    path = Path(settings.COPYHOLD_WARC) / patrol.number / record.file
    members = []
    with path.open("rb") as file:
        file.seek(record.offset)
        for _ in range(2):
            member = _one_member(file)
            if not member:
                break
            members.append(member)
    return b"".join(members)


def _one_member(file: BinaryIO) -> bytes:
    stream, taken = zlib.decompressobj(31), b""
    start = file.tell()
    while not stream.eof:
        piece = file.read(MEMBER_STEP)
        if not piece:
            return b""
        stream.decompress(piece)
        taken += piece
    length = len(taken) - len(stream.unused_data)
    file.seek(start + length)
    return taken[:length]


def _type_of(data: bytes) -> str:
    if data.startswith(b"\x89PNG"):
        return "image/png"
    return "image/jpeg" if data.startswith(b"\xff\xd8") else "audio/wav"
