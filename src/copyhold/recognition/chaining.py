"""Votes and chains for media that run along one line (text, audio): shared by their recognisers.

All positions are integers in the medium's unit (tokens, milliseconds, frames); all scores are bits.

    hit_bits(query_rows, query_count, work_count=0, floor=.., ceiling=..) -> float64[n]
        what each hit of `Postings` is worth: a hash that hits everywhere is worth little.
    vote(works, diagonals, bits, *, width, limit) -> list[(work, bits)]
        candidates: the best (work, alignment) bins, best work first. `diagonals` = reference − query position.
    join(query_hashes, query_positions, reference_hashes, reference_positions, most=..) -> (q, r) uint32 arrays
        hits between two fingerprints, without an index.
    chain(query_positions, reference_positions, bits, *, span, max_gap, slack, drift=0.0, min_bits=.., most=64)
        -> list[Chain], best first, as minimap does: hits must advance in both; they may leave the diagonal by
        `slack` units plus `drift` × distance (speed: 0.12 = ±12 %); gaps of more than `max_gap` split a chain.
    null_rate(hits, query_extent, reference_extent, chain) -> float
        hits per cell away from the chain's alignment: the null to turn hits into bits against.
    bits_against_null(hits, rate, window, alignments) -> float
        −log2 of the chance that `hits` independent hits stand on one alignment `window` units wide.

Pure functions; loops in numba (nogil, cached). Method: Li 2018 (minimap2), section 2.1, with bits for bases.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from copyhold.recognition.compiled import compiled

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.integer[Any]]
Places = npt.NDArray[np.int64]

LOOK_BACK = 64  # predecessors tried for each hit; minimap2 uses 50 for the same purpose


@dataclass(frozen=True, slots=True)
class Chain:
    """Hits that stand in one order in both. `members` are row numbers of the arrays given to `chain`, in order."""

    query_start: int
    query_end: int  # position of the last hit plus `span`
    reference_start: int
    reference_end: int
    bits: float
    members: npt.NDArray[np.int64]


def hit_bits(query_rows: Integers, query_count: int, work_count: int = 0, *, ceiling: float = 16.0) -> Floats:
    """log2(N / document frequency) of each hit's hash, between 0.25 and `ceiling`; N is at least 1,024 works."""
    frequency = np.bincount(query_rows, minlength=query_count)[query_rows]
    information = np.log2(max(work_count, 1024) / np.maximum(frequency, 1))
    return np.clip(information, 0.25, ceiling).astype(np.float64)


def vote(works: Integers, diagonals: Integers, bits: Floats, *, width: int, limit: int) -> list[tuple[int, float]]:
    """Sum bits in half-overlapping bins of `width` diagonals; a work is worth its best bin plus a tenth of the rest."""
    if len(works) == 0:
        return []
    half = max(width // 2, 1)
    bins = (np.asarray(diagonals, np.int64) // half) + (1 << 30)
    keys = (np.asarray(works, np.int64) << 31) | bins
    unique, inverse = np.unique(keys, return_inverse=True)
    sums = np.bincount(inverse, weights=bits)
    adjacent = np.zeros_like(sums)
    follows = np.diff(unique) == 1
    adjacent[:-1][follows] = sums[1:][follows]
    owners = unique >> 31
    starts = np.flatnonzero(np.r_[True, np.diff(owners) != 0])
    best = np.maximum.reduceat(sums + adjacent, starts)
    total = np.add.reduceat(sums, starts)
    worth = best + 0.1 * (total - best)
    order = np.lexsort((owners[starts], -worth))[:limit]
    return [(int(owners[starts][i]), float(worth[i])) for i in order]


def join(
    query_hashes: npt.NDArray[np.uint64],
    query_positions: Integers,
    reference_hashes: npt.NDArray[np.uint64],
    reference_positions: Integers,
    *,
    most: int = 64,
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """Every (query position, reference position) that share a hash; a hash with more than `most` places is left out."""
    order = np.argsort(reference_hashes, kind="stable")
    ordered = reference_hashes[order]
    low = np.searchsorted(ordered, query_hashes, "left")
    count = np.searchsorted(ordered, query_hashes, "right") - low
    count[count > most] = 0
    rows = np.repeat(np.arange(len(query_hashes)), count)
    offset = np.arange(len(rows)) - np.repeat(np.cumsum(count) - count, count)
    places = order[low[rows] + offset]
    return query_positions[rows].astype(np.uint32), reference_positions[places].astype(np.uint32)


def chain(
    query_positions: Integers,
    reference_positions: Integers,
    bits: Floats,
    *,
    span: int,
    max_gap: int,
    slack: int,
    drift: float = 0.0,
    min_bits: float = 0.0,
    most: int = 64,
) -> list[Chain]:
    """Chains of hits, best first. A hit that overlaps the one before (`span`) adds only its new part."""
    if len(query_positions) == 0:
        return []
    order = np.lexsort((query_positions, reference_positions))
    query = np.ascontiguousarray(query_positions[order], np.int64)
    reference = np.ascontiguousarray(reference_positions[order], np.int64)
    worth = np.ascontiguousarray(np.asarray(bits, np.float64)[order])
    score, previous = _score(query, reference, worth, span, max_gap, slack, drift)
    found: list[Chain] = []
    used = np.zeros(len(query), np.bool_)
    for end in np.argsort(-score, kind="stable"):
        if len(found) == most or score[end] < min_bits:
            break
        members, gained = _trace(int(end), score, previous, used)
        if len(members) == 0 or gained < min_bits:
            continue
        first, last = members[0], members[-1]
        found.append(
            Chain(
                int(query[first]),
                int(query[last]) + span,
                int(reference[first]),
                int(reference[last]) + span,
                float(gained),
                order[members],
            )
        )
    return sorted(found, key=lambda one: -one.bits)


@compiled
def _score(  # noqa: PLR0917 (numba takes no keyword-only arguments)
    query: Places, reference: Places, bits: Floats, span: int, max_gap: int, slack: int, drift: float
) -> tuple[Floats, Places]:
    """Best score of a chain that ends at each hit, and the hit before it (−1 at a start)."""
    count = len(query)
    score = bits.copy()
    previous = np.full(count, -1, np.int64)
    for i in range(count):
        for j in range(i - 1, max(-1, i - 1 - LOOK_BACK), -1):
            along = reference[i] - reference[j]
            if along > max_gap:
                break
            across = query[i] - query[j]
            if across <= 0 or along <= 0 or across > max_gap:
                continue
            leave = abs(along - across)
            step = min(along, across)
            if leave > slack + drift * step:
                continue
            gain = bits[i] * min(1.0, step / span)
            # Leaving the diagonal is paid for by its logarithm, a gap by a small linear cost (minimap2, eq. 2).
            cost = 0.5 * math.log2(1.0 + leave) + bits[i] * 0.05 * max(0, step - span) / span
            candidate = score[j] + gain - min(cost, 8.0)
            if candidate > score[i]:
                score[i] = candidate
                previous[i] = j
    return score, previous


@compiled
def _trace(end: int, score: Floats, previous: Places, used: npt.NDArray[np.bool_]) -> tuple[Places, float]:
    """Walk back to a start or to a hit that a better chain took; returns the members in order and the score gained."""
    length = 0
    at = end
    while at >= 0 and not used[at]:
        length += 1
        at = previous[at]
    members = np.empty(length, np.int64)
    gained = score[end] - (score[at] if at >= 0 else 0.0)
    at = end
    for place in range(length - 1, -1, -1):
        members[place] = at
        used[at] = True
        at = previous[at]
    return members, gained


def null_rate(hits: int, query_extent: int, reference_extent: int, best: Chain) -> float:
    """Hits per (query unit × reference unit) cell outside the chain: measured, with half a hit for caution."""
    cells = max(float(query_extent) * float(reference_extent), 1.0)
    outside = hits - len(best.members)
    return min((outside + 0.5) / cells, 0.5)


def bits_against_null(hits: int, rate: float, window: float, alignments: float) -> float:
    """Each hit after the first is found by chance with rate × window; the first pays for the alignments tried."""
    chance = min(max(rate * window, 1e-9), 0.5)
    return max(0.0, -hits * math.log2(chance) - math.log2(max(alignments, 1.0)))
