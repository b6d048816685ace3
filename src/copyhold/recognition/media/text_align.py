"""Aligning two texts, token by token, along a chain of shared shingles; the score in bits.

A token that agrees is worth 0.6 × −log2 of its frequency in the two texts themselves (with 2,000 tokens of ordinary
prose as a prior): the null calibrates itself, so that a table's repeated "0.00" or a refrain is worth little. The
factor stands for the dependence of neighbouring words. What differs costs; the number of places where the alignment
could have started by chance, log2(tokens × tokens), is taken off.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from copyhold.recognition.chaining import chain
from copyhold.recognition.compiled import compiled

DEPENDENCE = 0.6
PRIOR_TOKENS, PRIOR_RATE = 2000, 0.001
LEAST_BITS, MOST_BITS = 0.5, 6.0  # of one token
CHANGED, MISSING = 4.0, 2.5  # bits that a changed, a missing or an added token costs
GAP_COST = 12.0  # the most that any one stretch between two agreeing ones costs: an inserted sentence is one act
REACH = 48  # tokens looked at in one step of an extension
MAX_GAP, SLACK = 64, 24

Keys = npt.NDArray[np.uint16]
Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Passage:
    """Rows of agreeing tokens, ascending in both, and their worth."""

    query: Places
    reference: Places
    bits: float


def token_bits(query: Keys, reference: Keys) -> Floats:
    """What each of the 65,536 keys is worth when it agrees."""
    counts = np.bincount(query, minlength=1 << 16) + np.bincount(reference, minlength=1 << 16)
    rate = (counts + PRIOR_TOKENS * PRIOR_RATE) / (len(query) + len(reference) + PRIOR_TOKENS)
    return np.clip(-np.log2(rate) * DEPENDENCE, LEAST_BITS, MOST_BITS)


def passages(query: Keys, reference: Keys, hits: tuple[npt.NDArray[np.uint32], ...], least: float) -> list[Passage]:
    """Aligned passages of at least `least` bits, best first; none lies mostly inside a better one."""
    query_hits, reference_hits = hits
    bits = token_bits(query, reference)
    worth = bits[query[query_hits]] * 4
    chains = chain(query_hits, reference_hits, worth, span=4, max_gap=MAX_GAP, slack=SLACK, drift=0.3)
    chance = math.log2(max(len(query) * len(reference), 2))
    is_taken = np.zeros(len(query), np.bool_)
    found = []
    for one in chains:
        if is_taken[one.query_start : one.query_end].mean() > 0.5:
            continue
        anchors = query_hits[one.members].astype(np.int64), reference_hits[one.members].astype(np.int64)
        rows, columns, score = _align(query, reference, bits, *anchors)
        if score - chance < least or is_taken[rows].mean() > 0.5:
            continue
        is_taken[rows[0] : rows[-1] + 1] = True
        found.append(Passage(rows, columns, score - chance))
    return sorted(found, key=lambda passage: -passage.bits)


@compiled
def _align(
    query: Keys, reference: Keys, bits: Floats, anchor_rows: Places, anchor_columns: Places
) -> tuple[Places, Places, float]:
    """1. extend to the left of the first anchor; 2. fill from anchor to anchor; 3. extend to the right of the last."""
    room = min(len(query), len(reference)) + 1
    rows, columns = np.empty(room, np.int64), np.empty(room, np.int64)
    count, score = _extend(query, reference, bits, anchor_rows[0] - 1, anchor_columns[0] - 1, -1, rows, columns, 0)
    rows[:count] = rows[:count][::-1].copy()
    columns[:count] = columns[:count][::-1].copy()
    row, column = anchor_rows[0], anchor_columns[0]
    for k in range(len(anchor_rows)):
        to_row, to_column = anchor_rows[k], anchor_columns[k]
        if to_row < row or to_column < column:
            continue  # the agreeing run before has already passed it
        if to_row > row or to_column > column:
            gained, count, _, _ = _fill(
                query, reference, bits, row, column, to_row - row, to_column - column, 1, True, rows, columns, count
            )
            score += max(gained, -GAP_COST)
            row, column = to_row, to_column
        while row < len(query) and column < len(reference) and query[row] == reference[column]:
            rows[count], columns[count] = row, column
            score += bits[query[row]]
            count, row, column = count + 1, row + 1, column + 1
    count, gained = _extend(query, reference, bits, row, column, 1, rows, columns, count)
    return rows[:count], columns[:count], score + gained


@compiled
def _extend(  # noqa: PLR0917
    query: Keys,
    reference: Keys,
    bits: Floats,
    row: int,
    column: int,
    step: int,
    rows: Places,
    columns: Places,
    count: int,
) -> tuple[int, float]:
    """Go on from (row, column) in direction `step` while it pays."""
    score = 0.0
    while True:
        height = min(REACH, len(query) - row if step > 0 else row + 1)
        width = min(REACH, len(reference) - column if step > 0 else column + 1)
        if height <= 0 or width <= 0:
            return count, score
        gained, count, done, across = _fill(
            query, reference, bits, row, column, height, width, step, False, rows, columns, count
        )
        if gained <= 0.0:
            return count, score
        score += gained
        row += step * done
        column += step * across


@compiled
def _fill(  # noqa: C901, PLR0917 (one dynamic programme reads best in one piece)
    query: Keys,
    reference: Keys,
    bits: Floats,
    row: int,
    column: int,
    height: int,
    width: int,
    step: int,
    is_closed: bool,  # noqa: FBT001
    rows: Places,
    columns: Places,
    count: int,
) -> tuple[float, int, int, int]:
    """Needleman–Wunsch over a small box; ends in its far corner (closed) or at its best cell (open).

    Appends the agreeing pairs to `rows` and `columns`; returns (score, count, rows used, columns used).
    """
    score = np.zeros((height + 1, width + 1), np.float64)
    for i in range(height + 1):
        score[i, 0] = -MISSING * i
    for j in range(width + 1):
        score[0, j] = -MISSING * j
    best, end_i, end_j = 0.0, 0, 0
    for i in range(1, height + 1):
        key = query[row + step * (i - 1)]
        for j in range(1, width + 1):
            pair = bits[key] if key == reference[column + step * (j - 1)] else -CHANGED
            score[i, j] = max(score[i - 1, j - 1] + pair, score[i - 1, j] - MISSING, score[i, j - 1] - MISSING)
            if score[i, j] > best:
                best, end_i, end_j = score[i, j], i, j
    if is_closed:
        best, end_i, end_j = score[height, width], height, width
    start = count
    i, j = end_i, end_j
    while i > 0 and j > 0:
        key = query[row + step * (i - 1)]
        is_equal = key == reference[column + step * (j - 1)]
        if score[i, j] == score[i - 1, j - 1] + (bits[key] if is_equal else -CHANGED):
            i, j = i - 1, j - 1
            if is_equal:
                rows[count], columns[count] = row + step * i, column + step * j
                count += 1
        elif score[i, j] == score[i - 1, j] - MISSING:
            i -= 1
        else:
            j -= 1
    rows[start:count] = rows[start:count][::-1].copy()
    columns[start:count] = columns[start:count][::-1].copy()
    return best, count, end_i, end_j
