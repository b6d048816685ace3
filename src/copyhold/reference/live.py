"""The live index: immutable segments on disk and, above them, the fingerprints that are not in them yet.

The rows are the truth. A new fingerprint matches as soon as its transaction commits, because every question first
loads what is newer than the segments; `compact` moves the delta down. An insert holds a shared lock and `compact`
the exclusive one, so no number below the segments' highest is ever still on its way.
"""

from __future__ import annotations

import functools
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from django.conf import settings
from django.db import connection, transaction

from copyhold.core import vault
from copyhold.recognition.core import Fingerprint as Print
from copyhold.recognition.index import LayeredIndex, MemoryIndex
from copyhold.recognition.segments import SegmentIndex
from copyhold.reference.models import Fingerprint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

    from copyhold.recognition.core import Match

CACHED_PRINTS = 1024
COMPACT_AT = 256  # fingerprints in the delta


class LiveIndex:
    """The index of one medium in this process; any number of threads may ask."""

    def __init__(self, medium: str, folder: Path) -> None:
        self.medium = medium
        self.folder = folder
        self._lock = threading.Lock()
        self._open()

    def _open(self) -> None:
        self._segments = SegmentIndex(self.folder)
        self._delta = MemoryIndex()
        self._manifest = self._stamp()
        self._floor = self._highest()
        self._loaded: set[int] = set()
        self._print = functools.lru_cache(CACHED_PRINTS)(load_print)

    def _highest(self) -> int:
        works = self._segments.works()
        return int(works[-1]) if len(works) else 0

    def _stamp(self) -> tuple[int, int]:
        try:
            found = (self.folder / "manifest.json").stat()
        except FileNotFoundError:
            return (0, 0)
        return found.st_mtime_ns, found.st_ino

    def refresh(self) -> None:
        """Take in what other processes compacted, and every fingerprint that is not in the segments yet."""
        with self._lock:
            if self._stamp() != self._manifest:
                self._open()
            fresh = matchable(self.medium).filter(pk__gt=self._floor).exclude(pk__in=self._loaded)
            for pk in fresh.order_by("pk").values_list("pk", flat=True):
                self._delta.add(pk, self._print(pk))
                self._loaded.add(pk)

    def identify(self, queries: Sequence[Print], exclude: Sequence[int] = ()) -> list[Match]:
        """Confirmed likenesses of the query fingerprints, best first; `work` is a fingerprint's primary key."""
        from copyhold.recognition.matching import identify_fingerprints

        self.refresh()
        index = LayeredIndex(self._segments, self._delta)
        return identify_fingerprints(self.medium, queries, index, self._print, exclude=exclude)

    def size(self) -> int:
        """How many works it holds."""
        self.refresh()
        return LayeredIndex(self._segments, self._delta).work_count()

    def compact(self, at: int = COMPACT_AT) -> int:
        """Move the delta down into a segment when it holds `at` or more; returns how many fingerprints moved."""
        with transaction.atomic():
            lock_index(self.medium, exclusive=True)
            self.refresh()
            withdrawn = Fingerprint.objects.filter(medium=self.medium, withdrawal__isnull=False)
            gone = set(withdrawn.values_list("pk", flat=True)) & set(self._segments.works().tolist())
            for pk in gone:
                self._segments.remove(pk)
            moved = [pk for pk in sorted(self._loaded) if matchable(self.medium).filter(pk=pk).exists()]
            if len(moved) < at:
                return 0
            prints = [self._print(pk) for pk in moved]
            works = np.concatenate([np.full(len(p.hashes), pk, np.uint32) for pk, p in zip(moved, prints, strict=True)])
            self._segments.append(
                np.concatenate([p.hashes for p in prints]), works, np.concatenate([p.positions for p in prints])
            )
            self._segments.compact()
            with self._lock:
                self._open()
            return len(moved)


def matchable(medium: str) -> QuerySet[Fingerprint]:
    """Fingerprints that may match: they have substance and were not withdrawn."""
    return Fingerprint.objects.filter(medium=medium, blob__isnull=False, withdrawal__isnull=True)


def load_print(pk: int) -> Print:
    """A stored fingerprint by its row. KeyError when it is gone, as the matcher expects."""
    sha256 = Fingerprint.objects.filter(pk=pk).values_list("blob_id", flat=True).first()
    if sha256 is None:
        raise KeyError(pk)
    return Print.from_bytes(vault.get(sha256))


def lock_index(medium: str, *, exclusive: bool = False) -> None:
    """Inserts share the lock until they commit; compaction waits for them and holds it alone."""
    function = "pg_advisory_xact_lock" if exclusive else "pg_advisory_xact_lock_shared"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(hashtext(%s))", [f"reference.index.{medium}"])


_indexes: dict[tuple[str, Path], LiveIndex] = {}
_opening = threading.Lock()


def index_of(medium: str) -> LiveIndex:
    """This process's index of a medium, opened once."""
    folder = Path(settings.COPYHOLD_INDEX) / medium
    with _opening:
        if (medium, folder) not in _indexes:
            _indexes[medium, folder] = LiveIndex(medium, folder)
        return _indexes[medium, folder]


def forget() -> None:
    """Close the indexes of this process, so that the next question reads everything again."""
    with _opening:
        _indexes.clear()
