"""Identify: look up → candidates → confirm → best first. Pure: the index and the fingerprints are given.

A region of the query that reappears in more than three works (a page's frame, a licence, a stock background) says
little about any of them: its bits are divided among them, unless nearly the whole work is there.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from copyhold.recognition.core import Postings
from copyhold.recognition.registry import for_medium

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from copyhold.recognition.core import Fingerprint, Index, Match, Recogniser, Segment

CANDIDATES = 20
STRONG_BITS = 100.0  # a variant that reaches this ends the search: mirrored or slower copies are not looked for then
SHARED_BY = 3
WHOLE = 0.8


def identify(
    medium: str,
    query_media: Any,
    index: Index,
    reference: Callable[[int], Fingerprint],
    *,
    limit: int = CANDIDATES,
    exclude: Collection[int] = (),
) -> list[Match]:
    """The works that `query_media` (decoded) holds parts of. Raises NotMatchable."""
    queries = for_medium(medium).query(query_media)
    return identify_fingerprints(medium, queries, index, reference, limit=limit, exclude=exclude)


def identify_fingerprints(
    medium: str,
    queries: Sequence[Fingerprint],
    index: Index,
    reference: Callable[[int], Fingerprint],
    *,
    limit: int = CANDIDATES,
    exclude: Collection[int] = (),
) -> list[Match]:
    """The same for query fingerprints that were made elsewhere (in the sandbox). `exclude`: works not to be found.

    `reference(work)` may raise KeyError for a work that was withdrawn in the meantime: it is then left out.
    """
    recogniser = for_medium(medium)
    found: dict[int, Match] = {}
    for variant, query in enumerate(queries):
        hits = without(index.lookup(query.hashes), exclude)
        for work in recogniser.candidates(query, hits, limit):
            match = _confirmed(recogniser, query, reference, int(work))
            if match and (work not in found or match.bits > found[work].bits):
                found[work] = replace(match, detail={**match.detail, "variant": variant, "capped": hits.capped})
        if any(match.bits >= STRONG_BITS for match in found.values()):
            break
    least = float(getattr(recogniser, "least_bits", 0.0))
    weighed = weigh_shared(list(found.values()))
    kept = [match for match in weighed if match.bits >= least or match.work_share >= WHOLE]
    return sorted(kept, key=lambda match: (-match.bits, match.work))[:limit]


def _confirmed(
    recogniser: Recogniser, query: Fingerprint, reference: Callable[[int], Fingerprint], work: int
) -> Match | None:
    try:
        known = reference(work)
    except KeyError:
        return None
    if (known.medium, known.version) != (recogniser.medium, recogniser.version):
        return None  # made by another version: its positions mean something else
    return recogniser.confirm(query, known, work)


def without(hits: Postings, exclude: Collection[int]) -> Postings:
    """The hits in other works than `exclude`."""
    if not exclude:
        return hits
    kept = ~np.isin(hits.works, np.array(sorted(exclude), np.uint32))
    return Postings(hits.query_rows[kept], hits.works[kept], hits.positions[kept], hits.capped)


def weigh_shared(matches: list[Match]) -> list[Match]:
    """Divide the bits of regions that more than SHARED_BY works share; one-dimensional media only."""
    weighed = []
    for match in matches:
        segments = tuple(_shared(segment, match, matches) for segment in match.segments)
        lost = sum(segment.bits for segment in match.segments) - sum(segment.bits for segment in segments)
        weighed.append(replace(match, segments=segments, bits=round(match.bits - lost, 1)) if lost else match)
    return weighed


def _shared(segment: Segment, match: Match, matches: list[Match]) -> Segment:
    if match.work_share >= WHOLE or not _is_line(segment):
        return segment
    others = sum(
        any(_is_line(other) and _covers(other.query, segment.query) for other in one.segments)
        for one in matches
        if one.work != match.work
    )
    if others < SHARED_BY:
        return segment
    bits = round(segment.bits * SHARED_BY / (others + 1), 1)
    return replace(segment, bits=bits, detail={**segment.detail, "shared_by": others + 1})


def _is_line(segment: Segment) -> bool:
    return len(segment.query) == 2 and not isinstance(segment.query[0], tuple | list)


def _covers(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    """At least 80 % of `other` lies inside `one`."""
    return bool(min(one[1], other[1]) - max(one[0], other[0]) >= 0.8 * (other[1] - other[0]))
