"""Hash → (work, position): the index in memory (the oracle of the tests, and the live delta), and layers of indexes.

A lookup has two passes over the layers: count the postings of each hash, leave out (and report) those above the cap,
gather the rest. So the cap means the same whether the postings lie in one layer or in ten.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from copyhold.recognition.core import Postings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copyhold.recognition.core import Fingerprint, Hashes

HASH_CAP = 10_000  # postings; a hash above it says nothing about which work it came from

Counts = npt.NDArray[np.int64]
Works = npt.NDArray[np.uint32]
Rows = npt.NDArray[np.uint32]


class Layer(Protocol):
    """One part of an index."""

    def counts(self, hashes: Hashes) -> Counts:
        """Live postings of each hash."""

    def gather(self, hashes: Hashes, counts: Counts) -> tuple[Rows, Works, npt.NDArray[np.uint32]]:
        """(query row, work, position) of each hash whose entry in `counts` (from `counts()`) is not zero."""

    def works(self) -> Works:
        """The live works, ascending, each once."""


def lookup(layers: Sequence[Layer], hashes: Hashes, cap: int = HASH_CAP) -> Postings:
    """Gather all postings of `hashes` from the layers, ordered by (query row, work, position)."""
    hashes = np.ascontiguousarray(hashes, np.uint64)
    counts = [layer.counts(hashes) for layer in layers]
    total = np.sum(counts, axis=0) if counts else np.zeros(len(hashes), np.int64)
    is_capped = total > cap
    parts = [layer.gather(hashes, np.where(is_capped, 0, count)) for layer, count in zip(layers, counts, strict=True)]
    rows, works, positions = (
        np.concatenate([part[column] for part in parts] or [np.empty(0, np.uint32)]) for column in range(3)
    )
    order = np.lexsort((positions, works, rows))
    capped = len(np.unique(hashes[is_capped]))
    return Postings(rows[order], works[order], positions[order], capped)


class MemoryIndex:
    """Postings in a dictionary: simple, mutable, exact. One writer at a time; readers may run beside it."""

    def __init__(self, cap: int = HASH_CAP) -> None:
        self.cap = cap
        self._postings: dict[int, list[tuple[int, int]]] = defaultdict(list)
        self._hashes_of: dict[int, list[int]] = defaultdict(list)

    def add(self, work: int, fingerprint: Fingerprint) -> None:
        """Enter a work; it matches at once. Adding to a work that is there adds to its postings."""
        hashes = fingerprint.hashes.tolist()
        for hash_, position in zip(hashes, fingerprint.positions.tolist(), strict=True):
            self._postings[hash_].append((work, position))
        self._hashes_of[work].extend(hashes)

    def remove(self, work: int) -> None:
        """Take a work out; it never matches again. A work that is not there is no error: removing twice is safe."""
        for hash_ in set(self._hashes_of.pop(work, ())):
            left = [posting for posting in self._postings[hash_] if posting[0] != work]
            if left:
                self._postings[hash_] = left
            else:
                del self._postings[hash_]

    def lookup(self, hashes: Hashes) -> Postings:
        return lookup([self], hashes, self.cap)

    def work_count(self) -> int:
        return len(self._hashes_of)

    def works(self) -> Works:
        return np.array(sorted(self._hashes_of), np.uint32)

    def counts(self, hashes: Hashes) -> Counts:
        found = self._postings
        return np.array([len(found[hash_]) if hash_ in found else 0 for hash_ in hashes.tolist()], np.int64)

    def gather(self, hashes: Hashes, counts: Counts) -> tuple[Rows, Works, npt.NDArray[np.uint32]]:
        triples = [
            (row, work, position)
            for row in np.flatnonzero(counts).tolist()
            for work, position in self._postings.get(int(hashes[row]), ())
        ]
        table = np.array(triples, np.uint32).reshape(-1, 3)
        return table[:, 0], table[:, 1], table[:, 2]

    def postings(self) -> tuple[Hashes, Works, npt.NDArray[np.uint32]]:
        """Everything, as `build_segment` takes it."""
        rows = [(hash_, *posting) for hash_, postings in self._postings.items() for posting in postings]
        hashes = np.array([row[0] for row in rows], np.uint64)
        rest = np.array([row[1:] for row in rows], np.uint32).reshape(-1, 2)
        return hashes, rest[:, 0], rest[:, 1]


class WritableLayer(Layer, Protocol):
    def remove(self, work: int) -> None: ...


class LayeredIndex:
    """A large immutable part below and a live delta above, read as one."""

    def __init__(self, segments: WritableLayer, delta: MemoryIndex, cap: int = HASH_CAP) -> None:
        self.segments = segments
        self.delta = delta
        self.cap = cap

    def add(self, work: int, fingerprint: Fingerprint) -> None:
        """Enter a work into the delta. To replace a work, remove it first."""
        self.delta.add(work, fingerprint)

    def remove(self, work: int) -> None:
        """Take a work out of both parts."""
        self.delta.remove(work)
        self.segments.remove(work)

    def lookup(self, hashes: Hashes) -> Postings:
        return lookup([self.segments, self.delta], hashes, self.cap)

    def work_count(self) -> int:
        return len(np.union1d(self.segments.works(), self.delta.works()))
