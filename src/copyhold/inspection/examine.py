"""From something seen to something that a person judges: sighting → match → licence check → exhibit → finding.

One act per capture, so that a kill leaves either all of it or nothing; the unique rows make a second visit harmless.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone

from copyhold.core import clock, vault
from copyhold.core.ledger import acting
from copyhold.evidence.services import seal_exhibit
from copyhold.inspection import licences
from copyhold.inspection.exhibits import items_of
from copyhold.inspection.models import Finding, Match, Sighting
from copyhold.inspection.recognise import recognise
from copyhold.people.actors import system
from copyhold.registry.numbers import next_number

if TYPE_CHECKING:
    from copyhold.core.models import Blob
    from copyhold.evidence.models import Exhibit
    from copyhold.evidence.services import Item
    from copyhold.inspection.capture import Capture
    from copyhold.inspection.licences import Verdict
    from copyhold.inspection.models import Patrol
    from copyhold.inspection.recognise import Likeness, Recognised

MACHINE = system("inspection")


@dataclass(frozen=True, slots=True)
class Judged:
    """A likeness with what the register says of the use; `items` is what a finding's exhibit will hold."""

    likeness: Likeness
    verdict: Verdict
    items: list[Item]


def examine(patrol: Patrol, capture: Capture) -> Sighting:
    """Recognise a capture and keep what follows from it. Idempotent for the same bytes at the same place."""
    sha256 = hashlib.sha256(capture.data).hexdigest()
    if seen := patrol.sightings.filter(resource_url=capture.resource_url, sha256=sha256).first():
        return seen
    recognised = recognise(patrol, capture, sha256)
    judged = [_judge(patrol, capture, likeness) for likeness in recognised.likenesses]
    blob = vault.put(capture.data, capture.media_type) if judged else None
    with acting(MACHINE, "sighting.record") as act:
        sighting = act.subject = _keep_sighting(patrol, capture, recognised, sha256, blob)
        for one in judged:
            match = _keep_match(sighting, one)
            if match.verdict == Match.Verdict.FINDING:
                _make_finding(match, capture, one.items)
        act.note(outcome=recognised.outcome, matches=len(judged), sha256=sha256)
    return sighting


def _judge(patrol: Patrol, capture: Capture, likeness: Likeness) -> Judged:
    """The licence check is for the day on which it was seen, and for the page that shows it."""
    seen_on = timezone.localdate(capture.captured_at)
    verdict = licences.check(likeness.work, url=capture.page_url, on=seen_on, territory=patrol.target.territory)
    is_finding = verdict.verdict == Match.Verdict.FINDING
    return Judged(likeness, verdict, items_of(patrol, capture, likeness, verdict) if is_finding else [])


def _keep_sighting(
    patrol: Patrol, capture: Capture, recognised: Recognised, sha256: str, blob: Blob | None
) -> Sighting:
    record = capture.record
    return Sighting.objects.create(
        patrol=patrol,
        page_url=capture.page_url,
        resource_url=capture.resource_url,
        medium=recognised.medium,
        media_type=capture.media_type[:100],
        sha256=sha256,
        blob=blob,
        warc_file=record.file if record else "",
        warc_offset=record.offset if record else None,
        warc_length=record.length if record else None,
        captured_at=capture.captured_at,
        outcome=recognised.outcome,
        reason=recognised.reason[:300],
    )


def _keep_match(sighting: Sighting, judged: Judged) -> Match:
    likeness = judged.likeness
    return Match.objects.create(
        sighting=sighting,
        fingerprint=likeness.fingerprint,
        work=likeness.work,
        bits=likeness.bits,
        query_share=likeness.query_share,
        work_share=likeness.work_share,
        match=likeness.match,
        explanation=likeness.explanation,
        verdict=judged.verdict.verdict,
        reasons=judged.verdict.reasons,
    )


def _make_finding(match: Match, capture: Capture, items: list[Item]) -> Finding:
    now = clock.now()
    finding = Finding.objects.create(
        number=f"F-{now.year}-{next_number('finding', year=now.year):06d}",
        match=match,
        exhibit=_seal(match, capture, items),
        office=match.sighting.patrol.target.office,
        found_at=now,
    )
    with acting(MACHINE, "finding.make", finding) as act:
        act.note(work=match.work.number, exhibit=finding.exhibit.number, bits=round(match.bits, 1))
    return finding


def _seal(match: Match, capture: Capture, items: list[Item]) -> Exhibit:
    sighting = match.sighting
    return seal_exhibit(
        MACHINE,
        title=f"{match.work.title} · {sighting.page_url}"[:300],
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
