"""Landmarks → hashes of three of them, and the query's landmarks as they would be at another speed, pitch or tempo."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import overload

import numpy as np
import numpy.typing as npt

from copyhold.errors import gettext_noop
from copyhold.recognition.core import Fingerprint, Hashes, Positions, UnreadableMedia
from copyhold.recognition.media.audio_decode import MAX_MINUTES
from copyhold.recognition.media.audio_landmarks import (
    BINS_PER_OCTAVE,
    DENSE_RANK,
    FINE,
    LANDMARK,
    QUERY_RANK,
    REFERENCE_RANK,
    Landmarks,
    in_order,
    stronger_near,
    thin,
)

MEDIUM, VERSION = "audio", 1

NEAREST_MS, FARTHEST_MS = 60, 1_300  # where an anchor looks for its two companions
_REACH = 48 * FINE  # and how far up or down in pitch
_TIME_STEP_MS = 32
REFERENCE_TARGETS = 5
# A query value this near (as a share of the step) to the next step is tried there too: anchor pitch, intervals, times.
_CERTAIN = (0.0, 0.0, 0.0, 0.0, 0.0)
_LONG_MS = 2_000  # a query with too many hashes is sampled in stretches of this length

_FIELD_BITS = (8, 7, 7, 6, 6)
_FIELD_ZERO = (0, 64, 64, 0, 0)
_HEADER = struct.Struct("<ddII")  # rate, pitch, landmarks heard, landmarks kept for other variants
_LEAST_CHANGE, _MOST_CHANGE = 0.5, 2.0


@dataclass(frozen=True, slots=True)
class Search:
    """How hard to look: density of landmarks, companions of an anchor, doubt of each field, most hashes of all."""

    rank: int
    targets: int
    doubt: tuple[float, ...]
    limit: int


AS_IT_IS = Search(QUERY_RANK, 10, (0.30, 0.15, 0.15, 0.25, 0.25), 4_000_000)
UNDER_SPEECH = Search(DENSE_RANK, 20, (0.27, 0.06, 0.06, 0.15, 0.15), 400_000)
SHIFTED = Search(8, 8, (0.45, 0.10, 0.10, 0.25, 0.25), 40_000)  # the grid of shifts is a whole bin wide


@dataclass(frozen=True, slots=True)
class Shift:
    """What was done to the original: played `rate` times as fast, its pitch multiplied by `pitch`. 1, 1: nothing."""

    rate: float = 1.0
    pitch: float = 1.0

    @property
    def pitch_steps(self) -> int:
        return round(math.log2(self.pitch) * BINS_PER_OCTAVE * FINE)

    def undo(self, peaks: Landmarks) -> Landmarks:
        """The landmarks as they stood in the original."""
        original = peaks.copy()
        original["ms"] = np.rint(peaks["ms"] * self.rate)
        original["pitch"] = peaks["pitch"] - self.pitch_steps
        return original


IDENTITY = Shift()


def _grid() -> tuple[Shift, ...]:
    """Identity, then 2 … 12 % slower and faster: as speed (both), pitch alone, tempo alone; small changes first."""
    shifts = [IDENTITY]
    for percent in (2, 4, 6, 8, 10, 12):
        for factor in (1 + percent / 100, 1 - percent / 100):
            shifts += [Shift(factor, factor), Shift(1.0, factor), Shift(factor, 1.0)]
    return tuple(shifts)


GRID = _grid()
TRIED = ((AS_IT_IS, IDENTITY), (UNDER_SPEECH, IDENTITY), *((SHIFTED, shift) for shift in GRID[1:]))


def triplets(
    peaks: Landmarks, targets: int, doubt: tuple[float, ...] = _CERTAIN, limit: int = 1 << 62
) -> tuple[Hashes, Positions]:
    """Hashes of (anchor, second, third) with the anchor's time; with `doubt` also those of the neighbouring steps."""
    anchors, second, third = _companions(peaks, targets, limit)
    ms = peaks["ms"].astype(np.float64)
    pitch = peaks["pitch"].astype(np.float64) / FINE
    values = np.stack(
        [
            pitch[anchors],
            pitch[second] - pitch[anchors],
            pitch[third] - pitch[anchors],
            (ms[second] - ms[anchors]) / _TIME_STEP_MS,
            (ms[third] - ms[anchors]) / _TIME_STEP_MS,
        ]
    )
    steps = np.rint(values).astype(np.int64)
    positions = np.maximum(peaks["ms"][anchors], 0).astype(np.uint32)
    aside = np.where(values > steps, 1, -1)
    doubtful = 0.5 - np.abs(values - steps) < np.array(doubt)[:, None]
    hashes, where = [_pack(steps)], [positions]
    if not doubtful.any():
        return hashes[0], where[0]
    for fields in [*combinations(range(5), 1), *combinations(range(5), 2)]:
        rows = doubtful[list(fields)].all(axis=0)
        moved = steps[:, rows].copy()
        moved[list(fields)] += aside[list(fields)][:, rows]
        hashes.append(_pack(moved))
        where.append(positions[rows])
    return np.concatenate(hashes), np.concatenate(where)


def _companions(peaks: Landmarks, targets: int, limit: int) -> tuple[npt.NDArray[np.intp], ...]:
    """Every pair out of the first `targets` landmarks in each anchor's zone; of a long query, of some stretches."""
    ms, pitch = peaks["ms"], peaks["pitch"].astype(np.int32)
    count = np.zeros(len(peaks), np.intp)
    zone = np.zeros((len(peaks), targets), np.intp)
    for step in range(1, len(peaks)):
        gap = ms[step:] - ms[:-step]
        if (gap > FARTHEST_MS).all():
            break
        fits = (gap >= NEAREST_MS) & (gap <= FARTHEST_MS) & (np.abs(pitch[step:] - pitch[:-step]) <= _REACH)
        rows = np.nonzero(fits & (count[:-step] < targets))[0]
        zone[rows, count[rows]] = rows + step
        count[rows] += 1
    stride = -(-int((count * (count - 1)).sum()) // limit)  # half are pairs; neighbouring steps about double them
    if stride > 1:
        count[(ms // _LONG_MS) % stride != 0] = 0
    one, other = np.triu_indices(targets, 1)
    anchors, pair = np.nonzero(other[None] < count[:, None])
    return anchors, zone[anchors, one[pair]], zone[anchors, other[pair]]


def _pack(steps: npt.NDArray[np.int64]) -> Hashes:
    packed = np.zeros(steps.shape[1], np.uint64)
    for value, bits, zero in zip(steps, _FIELD_BITS, _FIELD_ZERO, strict=True):
        packed = (packed << np.uint64(bits)) | (np.clip(value + zero, 0, (1 << bits) - 1)).astype(np.uint64)
    return packed


def reference_fingerprint(peaks: Landmarks, extent_ms: int) -> Fingerprint:
    """The registered side: sparse hashes, and twice as many landmarks for `confirm`."""
    hashes, positions = triplets(thin(peaks, REFERENCE_RANK), REFERENCE_TARGETS)
    heard = thin(peaks, QUERY_RANK)
    return Fingerprint(MEDIUM, VERSION, extent_ms, hashes, positions, pack_extra(heard, IDENTITY, peaks[:0]))


def query_fingerprint(peaks: Landmarks, extent_ms: int, search: Search, shift: Shift) -> Fingerprint:
    """The asking side with `shift` undone; positions are in the original's time."""
    stronger = stronger_near(peaks)
    rank = max(search.rank, QUERY_RANK)
    heard = peaks[stronger < rank]
    hashes, positions = triplets(thin(shift.undo(heard), search.rank), search.targets, search.doubt, search.limit)
    unheard = peaks[stronger >= rank] if search is AS_IT_IS else peaks[:0]
    return Fingerprint(MEDIUM, VERSION, extent_ms, hashes, positions, pack_extra(heard, shift, unheard))


def pack_extra(heard: Landmarks, shift: Shift, unheard: Landmarks) -> bytes:
    """The undone shift, the landmarks as they are in the recording itself, and those kept for other variants."""
    return (
        _HEADER.pack(shift.rate, shift.pitch, len(heard), len(unheard))
        + heard.astype(LANDMARK).tobytes()
        + unheard.astype(LANDMARK).tobytes()
    )


def unpack_extra(untrusted: bytes) -> tuple[Landmarks, Shift]:
    """The landmarks that `confirm` compares, and the shift. Raises UnreadableMedia."""
    peaks, shift, heard = _unpack(untrusted)
    return peaks[:heard], shift


def all_landmarks(untrusted: bytes) -> Landmarks:
    """All landmarks that the first variant carries. Raises UnreadableMedia."""
    peaks, _, _ = _unpack(untrusted)
    return in_order(peaks)


def _unpack(untrusted: bytes) -> tuple[Landmarks, Shift, int]:
    damaged = UnreadableMedia(gettext_noop("The fingerprint is damaged."), code="fingerprint.damaged")
    if len(untrusted) < _HEADER.size:
        raise damaged
    rate, pitch, heard, unheard = _HEADER.unpack_from(untrusted)
    if len(untrusted) != _HEADER.size + (heard + unheard) * LANDMARK.itemsize or not (
        _LEAST_CHANGE <= rate <= _MOST_CHANGE and _LEAST_CHANGE <= pitch <= _MOST_CHANGE
    ):
        raise damaged
    peaks = np.frombuffer(untrusted, LANDMARK, heard + unheard, _HEADER.size)
    if len(peaks) and not (peaks["ms"].min() >= -1000 and peaks["ms"].max() <= (MAX_MINUTES + 1) * 60_000):
        raise damaged
    return peaks, Shift(rate, pitch), heard


@dataclass(frozen=True)
class Variants(Sequence[Fingerprint]):
    """The query as it is, then densely for music under speech, then undone for each shift of the grid.

    Each is computed when it is asked for: nearly every copy is found by the first.
    """

    peaks: Landmarks
    extent_ms: int

    def __len__(self) -> int:
        return len(TRIED)

    @overload
    def __getitem__(self, index: int) -> Fingerprint: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Fingerprint]: ...
    def __getitem__(self, index: int | slice) -> Fingerprint | Sequence[Fingerprint]:
        if isinstance(index, slice):
            return [query_fingerprint(self.peaks, self.extent_ms, *tried) for tried in TRIED[index]]
        return query_fingerprint(self.peaks, self.extent_ms, *TRIED[index])
