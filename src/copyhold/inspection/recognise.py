"""What a capture is, by the register: asked once for the same bytes in one patrol, however many addresses show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from copyhold.errors import BadInput
from copyhold.inspection.models import Match
from copyhold.recognition.extract import match_to_json
from copyhold.recognition.registry import sniff
from copyhold.reference import services as reference

if TYPE_CHECKING:
    from copyhold.core.models import Blob
    from copyhold.inspection.capture import Capture
    from copyhold.inspection.models import Patrol, Sighting
    from copyhold.reference.models import Fingerprint
    from copyhold.reference.services import Identified
    from copyhold.registry.models import Work

IN_FORCE = ("active", "disputed")


@dataclass(frozen=True, slots=True)
class Likeness:
    """One registered work in a capture. The fields are those of the row `Match`."""

    fingerprint: Fingerprint
    work: Work
    bits: float
    query_share: float
    work_share: float
    match: dict[str, Any]
    explanation: Blob


@dataclass(frozen=True, slots=True)
class Recognised:
    """`outcome`: matched, nothing, not_matchable, unreadable; `reason` says why for the last two."""

    medium: str
    outcome: str
    reason: str
    likenesses: list[Likeness]


def recognise(patrol: Patrol, capture: Capture, sha256: str) -> Recognised:
    """Bytes that cannot be read are an outcome, not an error. Raises Unavailable when a part of the office is away."""
    medium = capture.medium
    try:
        medium = medium or sniff(capture.data, capture.filename)
        if earlier := patrol.sightings.filter(sha256=sha256, medium=medium).order_by("pk").first():
            return _as_before(earlier)
        found = reference.identify(capture.data, capture.filename, medium=medium)
    except BadInput as error:
        return Recognised(medium, "unreadable", f"{error.instance_code}: {error}", [])
    if found.reason:
        return Recognised(medium, "not_matchable", found.reason, [])
    best: dict[int, Likeness] = {}  # a work may have several deposits: the best speaks for it
    for identified in found.matches:
        if identified.work and identified.work.pk not in best:
            best[identified.work.pk] = _likeness(capture, identified, identified.work)
    return Recognised(medium, "matched" if best else "nothing", "", list(best.values()))


def _likeness(capture: Capture, identified: Identified, work: Work) -> Likeness:
    match = identified.match
    return Likeness(
        fingerprint=identified.fingerprint,
        work=work,
        bits=match.bits,
        query_share=match.query_share,
        work_share=match.work_share,
        match=match_to_json(match),
        explanation=reference.explain(capture.data, identified),
    )


def _as_before(earlier: Sighting) -> Recognised:
    rows = Match.objects.filter(
        sighting=earlier, fingerprint__withdrawal__isnull=True, work__state__in=IN_FORCE
    ).select_related("fingerprint", "work__owner", "explanation")
    likenesses = [
        Likeness(
            fingerprint=row.fingerprint,
            work=row.work,
            bits=row.bits,
            query_share=row.query_share,
            work_share=row.work_share,
            match=row.match,
            explanation=row.explanation,
        )
        for row in rows.order_by("-bits", "pk")
    ]
    outcome = "nothing" if earlier.outcome == "matched" and not likenesses else earlier.outcome
    return Recognised(earlier.medium, outcome, earlier.reason, likenesses)
