"""Votes for an offset, the line through them, and how much likelier the aligned landmarks are than chance.

1. Hashes in common vote for (stretch of the query, offset).
2. The fullest cell seeds a line reference = a · query + b, which is fitted to landmarks and grown outwards.
3. Every query landmark along the line is a hit or a miss; the same is counted at shifted alignments: the null.
4. The best-scoring run of landmarks is the segment. Its bits are Chernoff's bound on so many hits by chance, where
   chance is two standard deviations above the mean of the shifted alignments: a steady beat raises its own null.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from copyhold.recognition.media.audio_landmarks import FINE, Landmarks

if TYPE_CHECKING:
    from copyhold.recognition.core import Fingerprint, Postings

VOTE_MS = 100
MIN_VOTES = 3  # distinct anchors for one offset

_BLOCK_MS = 10_000
_LARGEST_DRIFT = 0.013  # the grid of shifts leaves one percent
_TOLERANCE_MS = 40
_ASSUMED_HITS = (0.4, 0.2)  # rate of hits in a copy, plain and under speech, for finding where the run begins and ends
_LEAST_NULL, _LARGEST_NULL = 0.02, 0.3
_PAIRS_PER_HASH = 20
_MAX_RUNS, _MAX_MISSES = 12, 2
_HOUGH_MS, _HOUGH_CELLS = 20, 40
_RETUNE_MS, _CLEARLY = 8_000, 1.2
_MIN_RUN = 12  # landmarks
# Shifted alignments in milliseconds: no common period, so that a beat cannot fall in with all of them.
_NULL_SHIFTS_MS = (np.cumsum(np.geomspace(170, 900, 28))[:, None] * np.array([1, -1])).ravel().astype(np.int64)
_LEAST_SHIFT_MS = 150
_NULL_SAMPLE = 3_000

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Line:
    """reference ms = slope · query ms + offset."""

    slope: float
    offset_ms: float

    def at(self, query_ms: npt.ArrayLike) -> Floats:
        return np.asarray(self.slope * np.asarray(query_ms, np.float64) + self.offset_ms)


@dataclass(frozen=True, slots=True)
class Seed:
    """Where a line may run: reference ms - query ms ≈ offset_ms near query_ms."""

    query_ms: float
    offset_ms: float


@dataclass(frozen=True, slots=True)
class Run:
    """One aligned stretch: query landmarks first … last, which of them hit, and what that is worth."""

    line: Line
    first: int
    last: int
    hits: int
    chance: float
    bits: float
    pitch_steps: float


class Constellation:
    """A reference's landmarks, ordered so that the nearest one in time at a given pitch is a binary search away."""

    def __init__(self, peaks: Landmarks, extent_ms: int) -> None:
        self.extent_ms = max(extent_ms, 1)
        key = _key(peaks["ms"], _bin(peaks["pitch"]))
        order = np.argsort(key, kind="stable")
        self._key, self._pitch = key[order], peaks["pitch"][order].astype(np.float64)

    def nearest(self, ms: Floats, pitch: Floats) -> tuple[Floats, Floats]:
        """Distance in time, and in pitch, to the nearest landmark at most one bin away; infinite when there is none."""
        gap, rise = np.full(len(ms), np.inf), np.zeros(len(ms))
        if not len(self._key):
            return gap, rise
        for aside in (0, -1, 1):
            wanted = _key(ms, _bin(pitch) + aside)
            place = np.searchsorted(self._key, wanted)
            for neighbour in (np.maximum(place - 1, 0), np.minimum(place, len(self._key) - 1)):
                distance = (self._key[neighbour] - wanted).astype(np.float64)
                nearer = np.abs(distance) < np.abs(gap)
                gap[nearer], rise[nearer] = distance[nearer], self._pitch[neighbour][nearer] - pitch[nearer]
        return gap, rise

    def hits(self, ms: Floats, pitch: Floats) -> Bools:
        """Whether there is a landmark within the tolerance; the same test as `nearest`, without the distance."""
        found = np.zeros(ms.shape, bool)
        for aside in (0, -1, 1):
            wanted = _key(ms, _bin(pitch) + aside)
            from_, to = wanted - _TOLERANCE_MS, wanted + _TOLERANCE_MS
            found |= np.searchsorted(self._key, from_, "left") < np.searchsorted(self._key, to, "right")
        return found


def _bin(pitch: npt.ArrayLike) -> npt.NDArray[np.int64]:
    return np.rint(np.asarray(pitch, np.float64) / FINE).astype(np.int64)


def _key(ms: npt.ArrayLike, pitch_bin: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return (pitch_bin << 32) + np.rint(np.asarray(ms, np.float64)).astype(np.int64)


def rank_works(query: Fingerprint, hits: Postings, limit: int, least_votes: int = MIN_VOTES) -> list[int]:
    """Works by their best offset: how many distinct anchors of the query vote for it."""
    if not len(hits.works):
        return []
    anchor = query.positions[hits.query_rows].astype(np.int64)
    cell = (hits.positions.astype(np.int64) - anchor + (1 << 32)) // VOTE_MS
    votes = np.unique(np.stack([hits.works.astype(np.int64), cell, anchor]), axis=1)
    key = (votes[0] << 32) + votes[1]
    cells, counts = np.unique(key, return_counts=True)
    beside = np.zeros_like(counts)
    beside[:-1] = np.where(cells[1:] == cells[:-1] + 1, counts[1:], 0)
    total = counts + beside
    order = np.argsort(-total, kind="stable")
    order = order[total[order] >= least_votes]
    works = cells[order] >> 32
    _, first = np.unique(works, return_index=True)
    return [int(work) for work in works[np.sort(first)][:limit]]


def common_hashes(query: Fingerprint, reference: Fingerprint) -> tuple[Floats, Floats]:
    """(query ms, reference ms) of every hash in common; hashes that repeat very often in the reference say nothing."""
    order = np.argsort(reference.hashes, kind="stable")
    known = reference.hashes[order]
    begin = np.searchsorted(known, query.hashes, "left")
    count = np.searchsorted(known, query.hashes, "right") - begin
    rows = np.nonzero((count > 0) & (count <= _PAIRS_PER_HASH))[0]
    count = count[rows]
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    there = order[np.repeat(begin[rows], count) + within]
    here = np.repeat(rows, count)
    pairs = np.unique(np.stack([query.positions[here], reference.positions[there]]), axis=1)
    return pairs[0].astype(np.float64), pairs[1].astype(np.float64)


def find_runs(query: Landmarks, known: Constellation, pairs: tuple[Floats, Floats], least_bits: float) -> list[Run]:
    """Aligned stretches of at least so many bits, fullest seeds first; each stretch of the query is explained once."""
    query_ms, known_ms = pairs
    runs: list[Run] = []
    misses = 0
    while len(runs) < _MAX_RUNS and misses < _MAX_MISSES:
        seed = _seed(query_ms, known_ms)
        if seed is None:
            break
        line = _grow(query, known, _hough(query_ms, known_ms, seed), seed.query_ms)
        run = _best_run(query, known, line, taken=runs)
        explained = np.abs(known_ms - line.at(query_ms)) <= VOTE_MS
        explained |= (np.abs(query_ms - seed.query_ms) <= _BLOCK_MS) & (
            np.abs(known_ms - query_ms - seed.offset_ms) <= 2 * VOTE_MS
        )
        if run is not None and run.bits >= least_bits:
            run = _retuned(query, known, run, runs)
            runs.append(run)
            explained |= np.abs(known_ms - run.line.at(query_ms)) <= VOTE_MS
            explained |= (query_ms >= query["ms"][run.first]) & (query_ms <= query["ms"][run.last])
        else:
            misses += 1
        query_ms, known_ms = query_ms[~explained], known_ms[~explained]
    return sorted(runs, key=lambda run: -run.bits)


def _seed(query_ms: Floats, known_ms: Floats) -> Seed | None:
    """The fullest cell of (ten seconds of the query, a tenth of a second of offset), with its right neighbour."""
    if len(query_ms) < MIN_VOTES:
        return None
    offset = known_ms - query_ms
    block, cell = (query_ms // _BLOCK_MS).astype(np.int64), np.floor(offset / VOTE_MS).astype(np.int64)
    keys, inverse, counts = np.unique((block << 40) + cell, return_inverse=True, return_counts=True)
    beside = np.zeros_like(counts)
    beside[:-1] = np.where(keys[1:] == keys[:-1] + 1, counts[1:], 0)
    best = int(np.argmax(counts + beside))
    members = (inverse == best) | ((inverse == best + 1) & (beside[best] > 0))
    if len(np.unique(query_ms[members])) < MIN_VOTES:
        return None
    return Seed(float(np.median(query_ms[members])), float(np.median(offset[members])))


def _hough(query_ms: Floats, known_ms: Floats, seed: Seed) -> Line:
    """The line near the seed, within the drift that the grid of shifts leaves, that most common hashes lie on."""
    offset = known_ms - query_ms
    near = (np.abs(query_ms - seed.query_ms) <= _BLOCK_MS) & (np.abs(offset - seed.offset_ms) <= 2.5 * VOTE_MS)
    away, residual = query_ms[near] - seed.query_ms, offset[near] - seed.offset_ms
    drifts = np.linspace(-_LARGEST_DRIFT, _LARGEST_DRIFT, 27)
    cells = np.rint((residual[None] - drifts[:, None] * away[None]) / _HOUGH_MS).astype(np.int64) + _HOUGH_CELLS
    counts = [np.bincount(row.clip(0, 2 * _HOUGH_CELLS), minlength=2 * _HOUGH_CELLS + 1) for row in cells]
    fullest = np.array([np.convolve(count, (1, 1, 1), "same") for count in counts])
    best = int(np.argmax(fullest.max(axis=1) - np.abs(drifts)))  # among equals the smallest drift
    slope = 1 + float(drifts[best])
    here = seed.offset_ms + (float(np.argmax(fullest[best])) - _HOUGH_CELLS) * _HOUGH_MS
    return Line(slope, here + seed.query_ms - slope * seed.query_ms)


def _grow(query: Landmarks, known: Constellation, line: Line, middle: float) -> Line:
    """Least squares over the landmarks that hit, in a window that doubles until it holds the whole query."""
    ms, pitch = query["ms"].astype(np.float64), query["pitch"].astype(np.float64)
    reach, end = 6_000.0, max(middle, ms[-1] - middle)
    while True:
        rows = np.nonzero(np.abs(ms - middle) <= reach)[0]
        for tolerance in (1.5 * _TOLERANCE_MS, _TOLERANCE_MS):
            there = line.at(ms[rows])
            gap, _ = known.nearest(there, pitch[rows])
            hit = np.abs(gap) <= tolerance
            if hit.sum() >= _MIN_RUN:
                line = _fit(ms[rows][hit], (there + gap)[hit], line)
        if reach >= end:
            return line
        reach *= 2


def _retuned(query: Landmarks, known: Constellation, run: Run, taken: list[Run]) -> Run:
    """The same run at the slope that most landmarks around it support, when a wrong shift explained only a part."""
    middle = float(query["ms"][(run.first + run.last) // 2])
    near = np.abs(query["ms"] - middle) <= _RETUNE_MS
    away, pitch = query["ms"][near] - middle, query["pitch"][near].astype(np.float64)
    there = float(run.line.at(middle))
    slopes = run.line.slope * np.concatenate([[1.0], np.linspace(0.88, 1.13, 126)])
    moved = there + slopes[:, None] * away[None]
    support = known.hits(moved, np.broadcast_to(pitch, moved.shape)).sum(axis=1)
    slope = float(slopes[np.argmax(support)])
    line = _grow(query, known, Line(slope, there - slope * middle), middle)
    other = _best_run(query, known, line, taken=taken)
    return other if other is not None and other.bits > _CLEARLY * run.bits else run


def _fit(query_ms: Floats, known_ms: Floats, guess: Line) -> Line:
    """A line through the hits, held to the drift that the grid leaves."""
    centre = query_ms.mean()
    away = query_ms - centre
    spread = float(away @ away)
    # A prior worth a few hits keeps a short stretch from tilting.
    slope = (float(away @ (known_ms - known_ms.mean())) + guess.slope * 1e7) / (spread + 1e7)
    if abs(slope - guess.slope) > 2 * _LARGEST_DRIFT:
        slope = guess.slope
    return Line(slope, float(np.median(known_ms - slope * query_ms)))


def _best_run(query: Landmarks, known: Constellation, line: Line, taken: list[Run]) -> Run | None:
    """The maximal-scoring run of landmarks along the line, outside the stretches already explained."""
    ms, pitch = query["ms"].astype(np.float64), query["pitch"].astype(np.float64)
    there = line.at(ms)
    free = (there >= 0) & (there <= known.extent_ms)
    for run in taken:
        free[run.first : run.last + 1] = False
    rows = np.nonzero(free)[0]
    if len(rows) < _MIN_RUN:
        return None
    gap, rise = known.nearest(there[rows], pitch[rows])
    hit = np.abs(gap) <= _TOLERANCE_MS
    chance = float(np.clip(_null(there[rows], pitch[rows], known, step=4).mean(), _LEAST_NULL, _LARGEST_NULL))
    best: Run | None = None
    for assumed in _ASSUMED_HITS:
        gain, loss = math.log2(assumed / chance), math.log2((1 - assumed) / (1 - chance))
        first, last = _maximal(loss + hit.astype(np.float64) * (gain - loss)) if gain > 0 else (0, -1)
        inside = slice(first, last + 1)
        if last - first + 1 < _MIN_RUN:
            continue
        bits, null = _bits(hit[inside], _null(there[rows][inside], pitch[rows][inside], known))
        if best is None or bits > best.bits:
            steps = float(np.median(rise[inside][hit[inside]]))
            best = Run(line, int(rows[first]), int(rows[last]), int(hit[inside].sum()), null, bits, steps)
    return best


def _null(there: Floats, pitch: Floats, known: Constellation, step: int = 1) -> Floats:
    """Rate of hits at (every `step`-th of the) shifted alignments, around the reference's end and back to its start."""
    if len(there) > _NULL_SAMPLE:
        pick = np.linspace(0, len(there) - 1, _NULL_SAMPLE).astype(np.intp)
        there, pitch = there[pick], pitch[pick]
    away = np.unique(_NULL_SHIFTS_MS[::step] % known.extent_ms)
    away = away[(away > _LEAST_SHIFT_MS) & (away < known.extent_ms - _LEAST_SHIFT_MS)]
    if not len(away):
        return np.array([_LARGEST_NULL])
    moved = (there[None] + away[:, None]) % known.extent_ms
    rates: Floats = known.hits(moved, np.broadcast_to(pitch, moved.shape)).mean(axis=1)
    return rates


def _bits(hit: Bools, null: Floats) -> tuple[float, float]:
    """Bits of evidence in a run, and the null rate they were taken against."""
    count, rate = len(hit), float(hit.mean())
    chance = min(max(float(null.mean() + 2 * null.std()), _LEAST_NULL), 0.95)
    if rate <= chance:
        return 0.0, chance
    rate = min(rate, 1 - 0.5 / count)
    divergence = rate * math.log2(rate / chance) + (1 - rate) * math.log2((1 - rate) / (1 - chance))
    return count * divergence, chance


def _maximal(scores: Floats) -> tuple[int, int]:
    """First and last index of the contiguous run with the greatest sum."""
    total = np.concatenate([[0.0], np.cumsum(scores)])
    lowest = np.minimum.accumulate(total)
    last = int(np.argmax(total[1:] - lowest[:-1]))
    return int(np.argmin(total[: last + 1])), last
