"""The live index: immutable segments on disk and, above them, the fingerprints that are not in them yet.

The rows are the truth. A new fingerprint matches as soon as its transaction commits, because every question first
loads what is newer than the segments; `compact` moves the delta down. An insert holds a shared lock and `compact`
the exclusive one, so no number below the segments' highest is ever still on its way.
"""

from __future__ import annotations

import functools
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from django.conf import settings
from django.db import connection, transaction

from copyhold.core import vault
from copyhold.recognition.core import Fingerprint as Print
from copyhold.recognition.index import LayeredIndex, MemoryIndex
from copyhold.recognition.matching import identify_fingerprints
from copyhold.recognition.registry import for_medium
from copyhold.recognition.segments import MANIFEST, DamagedIndex, SegmentIndex, sweep
from copyhold.reference.models import Fingerprint

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from django.db.models import QuerySet

    from copyhold.recognition.core import Hashes, Match, Positions

CACHED_PRINTS = 1024
COMPACT_AT = 256  # fingerprints in the delta


@dataclass(frozen=True, slots=True)
class View:
    """What one question sees: segments and delta that belong together. Neither holds a fingerprint of the other."""

    segments: SegmentIndex
    delta: MemoryIndex
    works: int


class LiveIndex:
    """The index of one medium in this process; any number of threads may ask."""

    def __init__(self, medium: str, folder: Path) -> None:
        self.medium = medium
        self.folder = folder
        self._lock = threading.Lock()
        self._print = functools.lru_cache(CACHED_PRINTS)(load_print)
        self._open()
        if self._is_ahead():
            self.rebuild()

    def _is_ahead(self) -> bool:
        """Whether the segments know of later fingerprints than the rows: an older database was put back beside them.

        New rows would then take keys that count as indexed, and their copies would be missed without a word.
        """
        return bool(self._floor) and not Fingerprint.objects.filter(pk=self._floor, medium=self.medium).exists()

    def _open(self) -> None:
        """Read the manifest; again if somebody compacted while we read, and took the files away under our hands."""
        while True:
            stamp = self._stamp()
            try:
                self._segments = SegmentIndex(self.folder)
            except DamagedIndex:
                if self._stamp() == stamp:
                    raise
                continue
            break
        works = self._segments.works()
        self._manifest = stamp
        self._floor = int(works[-1]) if len(works) else 0
        self._below = len(works)
        self._delta = MemoryIndex()
        self._loaded: set[int] = set()

    def _stamp(self) -> tuple[int, int]:
        try:
            found = (self.folder / MANIFEST).stat()
        except FileNotFoundError:
            return (0, 0)
        return found.st_mtime_ns, found.st_ino

    def view(self) -> View:
        """Take in what other processes compacted, and every fingerprint that is not in the segments yet."""
        with self._lock:
            if self._stamp() != self._manifest:
                self._open()
            fresh = matchable(self.medium).filter(pk__gt=self._floor).exclude(pk__in=self._loaded)
            for pk in fresh.order_by("pk").values_list("pk", flat=True):
                self._delta.add(pk, self._print(pk))
                self._loaded.add(pk)
            return View(self._segments, self._delta, self._below + len(self._loaded))

    def identify(self, queries: Sequence[Print], exclude: Collection[int] = ()) -> tuple[list[Match], int]:
        """Confirmed likenesses of the query fingerprints, best first, and among how many fingerprints they were found.

        `Match.work` is a fingerprint's primary key. `exclude`: keys that must not be found.
        """
        view = self.view()
        index = LayeredIndex(view.segments, view.delta)
        return identify_fingerprints(self.medium, queries, index, self._print, exclude=exclude), view.works

    def works(self) -> list[int]:
        """The keys of all fingerprints in it, ascending."""
        view = self.view()
        return np.union1d(view.segments.works(), view.delta.works()).tolist()  # type: ignore[no-any-return]

    def size(self) -> int:
        """How many fingerprints it holds."""
        return self.view().works

    def compact(self, at: int = COMPACT_AT) -> int:
        """Move the delta down into a segment when it holds `at` or more; returns how many fingerprints moved.

        Writes with an index object of its own: questions go on with what they see until `_open` gives them the new one.
        """
        with transaction.atomic():
            lock_index(self.medium, exclusive=True)
            writer = SegmentIndex(self.folder)
            below = set(writer.works().tolist())
            live = set(matchable(self.medium).values_list("pk", flat=True))
            for pk in below - live:
                writer.remove(pk)
            moved = sorted(live - below)
            if len(moved) < max(at, 1):
                moved = []
            writer.append(*self._columns(moved))
            writer.compact()
            with self._lock:
                self._open()
            return len(moved)

    def rebuild(self) -> int:
        """Throw the segments away and make them from the rows, which are the truth; returns how many fingerprints."""
        with transaction.atomic():
            lock_index(self.medium, exclusive=True)
            (self.folder / MANIFEST).unlink(missing_ok=True)
            if self.folder.is_dir():
                sweep(self.folder)
        return self.compact(at=1)

    def _columns(self, pks: Sequence[int]) -> tuple[Hashes, npt.NDArray[np.uint32], Positions]:
        prints = [self._print(pk) for pk in pks]
        works = [np.full(len(one.hashes), pk, np.uint32) for pk, one in zip(pks, prints, strict=True)]
        return (
            np.concatenate([np.empty(0, np.uint64), *(one.hashes for one in prints)]),
            np.concatenate([np.empty(0, np.uint32), *works]),
            np.concatenate([np.empty(0, np.uint32), *(one.positions for one in prints)]),
        )


def matchable(medium: str) -> QuerySet[Fingerprint]:
    """Fingerprints that may match: of the present recogniser, with substance, not withdrawn."""
    version = for_medium(medium).version
    return Fingerprint.objects.filter(
        medium=medium, recogniser_version=version, blob__isnull=False, withdrawal__isnull=True
    )


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
