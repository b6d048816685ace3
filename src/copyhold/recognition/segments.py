"""The index on disk: immutable, hash-sorted, memory-mapped segments and one manifest that lists them.

A segment file is a 64-byte header, a bucket table (first posting of each hash prefix) and 16-byte postings
(hash u64, work u32, position u32; little-endian, sorted by hash, work, position). A lookup reads the bucket, then
searches inside it. Nothing is ever changed in place: a new file is written beside, fsynced, renamed; then the
manifest the same way. A crash leaves either the old or the new manifest; a file that no manifest names is swept later.

A withdrawn work is written into the manifest as a tombstone for all segments older than the withdrawal, so that it
never matches again, at once; compaction drops its postings. One writer at a time (the caller's lock); any number of
readers: an open index keeps its files mapped while `compact` replaces them, and `refresh` picks up the new manifest.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from copyhold.errors import BadInput, Conflict, gettext_noop
from copyhold.recognition.compiled import compiled
from copyhold.recognition.index import HASH_CAP, Counts, Rows, Works, lookup

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from copyhold.recognition.core import Fingerprint, Hashes, Positions, Postings

MANIFEST = "manifest.json"
MERGE_AT = 8  # segments; more make every lookup slower
_MAGIC = b"CHSEG1\0\0"
_HEADER = struct.Struct("<8sQQQ32s")  # magic, postings, works, bits of the bucket table, SHA-256 of what follows
_POSTING = np.dtype([("hash", "<u8"), ("work", "<u4"), ("position", "<u4")])


class DamagedIndex(BadInput):
    code = "index.damaged"
    message = gettext_noop("The index file {name} is damaged. Build the index again from its fingerprints.")


class BusyIndex(Conflict):
    code = "index.busy"
    message = gettext_noop("The index {name} was changed by someone else. Open it again.")


@dataclass(frozen=True, slots=True)
class Segment:
    """One open file."""

    name: str
    number: int
    bits: int
    buckets: npt.NDArray[np.uint64]
    postings: npt.NDArray[np.uint64]  # (n, 2): hash; work in the low and position in the high half
    works: Works
    withdrawn: Works  # of this segment, ascending


def build_segment(path: Path, hashes: Hashes, works: Works, positions: Positions) -> int:
    """Write one segment to `path`, durable when this returns; returns its size in bytes."""
    order = np.lexsort((positions, works, hashes))
    postings = np.empty(len(order), _POSTING)
    postings["hash"], postings["work"], postings["position"] = hashes[order], works[order], positions[order]
    bits = max(0, min(24, len(order).bit_length() - 4))  # about 8 to 16 postings in a bucket
    prefixes = (hashes[order] >> np.uint64(64 - bits)) if bits else np.zeros(len(order), np.uint64)
    buckets = np.searchsorted(prefixes, np.arange((1 << bits) + 1, dtype=np.uint64)).astype("<u8")
    if not bits:
        buckets = np.array([0, len(order)], "<u8")
    distinct = np.unique(works).astype("<u4")
    body = (buckets.tobytes(), postings.tobytes(), distinct.tobytes())
    digest = hashlib.sha256()
    for part in body:
        digest.update(part)
    header = _HEADER.pack(_MAGIC, len(order), len(distinct), bits, digest.digest())
    write_durably(path, (header, *body))
    return len(header) + sum(map(len, body))


def write_durably(path: Path, parts: Iterable[bytes]) -> None:
    """All or nothing: a temporary file beside, fsync, rename, fsync of the folder (else the rename can be lost)."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    with beside.open("wb") as file:
        for part in parts:
            file.write(part)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _open_segment(path: Path, number: int, withdrawn: Works) -> Segment:
    try:
        data = np.memmap(path, np.uint8, "r")
        magic, count, work_count, bits, _digest = _HEADER.unpack(data[: _HEADER.size].tobytes())
    except (OSError, ValueError, struct.error) as error:
        raise DamagedIndex(name=path.name) from error
    table = 8 * ((1 << min(bits, 32)) + 1)
    start = _HEADER.size + table
    if magic != _MAGIC or len(data) != start + 16 * count + 4 * work_count:
        raise DamagedIndex(name=path.name)
    return Segment(
        name=path.name,
        number=number,
        bits=bits,
        buckets=data[_HEADER.size : start].view("<u8"),
        postings=data[start : start + 16 * count].view("<u8").reshape(-1, 2),
        works=data[start + 16 * count :].view("<u4"),
        withdrawn=withdrawn,
    )


@compiled
def _count(  # noqa: PLR0917 (numba takes no keyword-only arguments)
    hashes: Hashes, buckets: npt.NDArray[Any], postings: npt.NDArray[Any], bits: int, withdrawn: Works, counts: Counts
) -> Counts:
    """Adds each hash's live postings to `counts`; returns where its run of postings starts."""
    starts = np.zeros(len(hashes), np.int64)
    for row in range(len(hashes)):
        wanted = hashes[row]
        prefix = wanted >> np.uint64(64 - bits) if bits > 0 else np.uint64(0)
        low, high = np.int64(buckets[prefix]), np.int64(buckets[prefix + np.uint64(1)])
        end = high
        while low < high:
            middle = (low + high) // 2
            if postings[middle, 0] < wanted:
                low = middle + 1
            else:
                high = middle
        starts[row] = low
        while low < end and postings[low, 0] == wanted:
            if not _holds(withdrawn, np.uint32(postings[low, 1] & np.uint64(0xFFFFFFFF))):
                counts[row] += 1
            low += 1
    return starts


@compiled
def _holds(ordered: Works, wanted: Any) -> bool:
    low, high = 0, len(ordered)
    while low < high:
        middle = (low + high) // 2
        if ordered[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low < len(ordered) and ordered[low] == wanted


@compiled
def _gather(  # noqa: PLR0917
    starts: Counts, counts: Counts, postings: npt.NDArray[Any], withdrawn: Works, out: npt.NDArray[np.uint32], at: int
) -> int:
    """Copies the live postings of each row with a count to `out` (row, work, position); returns the next free line."""
    for row in range(len(counts)):
        left = counts[row]
        place = starts[row]
        while left > 0:
            packed = postings[place, 1]
            work = np.uint32(packed & np.uint64(0xFFFFFFFF))
            if not _holds(withdrawn, work):
                out[at, 0] = row
                out[at, 1] = work
                out[at, 2] = packed >> np.uint64(32)
                at += 1
                left -= 1
            place += 1
    return at


class SegmentIndex:
    """The segments of one folder, read as one index."""

    def __init__(self, folder: Path, cap: int = HASH_CAP) -> None:
        """Open; an empty or missing folder is an empty index. Raises DamagedIndex."""
        self.folder = folder
        self.cap = cap
        self.refresh()

    def refresh(self) -> None:
        """Read the manifest again; needed only when another process changed the index."""
        manifest = read_manifest(self.folder)
        tombstones: dict[str, int] = manifest["withdrawn"]
        segments = []
        for number in manifest["segments"]:
            dead = sorted(int(work) for work, before in tombstones.items() if number < before)
            segments.append(_open_segment(self.folder / segment_name(number), number, np.array(dead, np.uint32)))
        self._manifest, self.segments = manifest, segments

    @property
    def next_number(self) -> int:
        return int(self._manifest["next"])

    def append(self, hashes: Hashes, works: Works, positions: Positions) -> None:
        """Add postings as one new segment. To replace a work, remove it first."""
        if len(hashes) == 0:
            return
        number = self.next_number
        build_segment(self.folder_made() / segment_name(number), hashes, works, positions)
        self._commit({**self._manifest, "segments": [*self._manifest["segments"], number], "next": number + 1})

    def add(self, work: int, fingerprint: Fingerprint) -> None:
        """One work, one segment: for small indexes; a live office gathers works in a delta."""
        self.append(fingerprint.hashes, np.full(len(fingerprint.hashes), work, np.uint32), fingerprint.positions)

    def remove(self, work: int) -> None:
        """Withdraw a work from all segments there are; durable when this returns."""
        if any(work in segment.works for segment in self.segments):
            withdrawn = {**self._manifest["withdrawn"], str(work): self.next_number}
            self._commit({**self._manifest, "withdrawn": withdrawn})

    def compact(self, at: int = MERGE_AT) -> bool:
        """Merge all segments into one, without the withdrawn works, when there are `at` or more or tombstones."""
        if len(self.segments) < at and not self._manifest["withdrawn"]:
            return False
        columns = [live_postings(segment) for segment in self.segments]
        hashes, works, positions = (np.concatenate([column[i] for column in columns]) for i in range(3))
        number = self.next_number
        numbers = [number] if len(hashes) else []
        if numbers:
            build_segment(self.folder / segment_name(number), hashes, works, positions)
        self._commit({"format": 1, "segments": numbers, "next": number + 1, "withdrawn": {}})
        sweep(self.folder)
        return True

    def lookup(self, hashes: Hashes) -> Postings:
        return lookup([self], hashes, self.cap)

    def work_count(self) -> int:
        return len(self.works())

    def works(self) -> Works:
        live = [np.setdiff1d(segment.works, segment.withdrawn) for segment in self.segments]
        return np.unique(np.concatenate(live)).astype(np.uint32) if live else np.empty(0, np.uint32)

    def counts(self, hashes: Hashes) -> Counts:
        counts = np.zeros(len(hashes), np.int64)
        for one in self.segments:
            _count(hashes, one.buckets, one.postings, one.bits, one.withdrawn, counts)
        return counts

    def gather(self, hashes: Hashes, counts: Counts) -> tuple[Rows, Works, Positions]:
        out = np.empty((int(counts.sum()), 3), np.uint32)
        at = 0
        for one in self.segments:
            here = np.zeros(len(hashes), np.int64)
            starts = _count(hashes, one.buckets, one.postings, one.bits, one.withdrawn, here)
            at = _gather(starts, np.where(counts > 0, here, 0), one.postings, one.withdrawn, out, at)
        return out[:, 0], out[:, 1], out[:, 2]

    def folder_made(self) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.folder

    def _commit(self, manifest: dict[str, Any]) -> None:
        if read_manifest(self.folder) != self._manifest:
            raise BusyIndex(name=self.folder.name)
        write_durably(self.folder_made() / MANIFEST, [json.dumps(manifest, sort_keys=True).encode()])
        self.refresh()


def segment_name(number: int) -> str:
    return f"{number:08d}.seg"


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest, or that of an empty index. Raises DamagedIndex."""
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
    except FileNotFoundError:
        return {"format": 1, "segments": [], "next": 1, "withdrawn": {}}
    except ValueError as error:
        raise DamagedIndex(name=MANIFEST) from error
    if not isinstance(manifest, dict) or manifest.get("format") != 1:
        raise DamagedIndex(name=MANIFEST)
    return manifest


def live_postings(segment: Segment) -> tuple[Hashes, Works, Positions]:
    """A segment's postings without its withdrawn works."""
    works = (segment.postings[:, 1] & np.uint64(0xFFFFFFFF)).astype(np.uint32)
    live = ~np.isin(works, segment.withdrawn)
    positions = (segment.postings[:, 1] >> np.uint64(32)).astype(np.uint32)
    return segment.postings[:, 0][live], works[live], positions[live]


def sweep(folder: Path) -> list[str]:
    """Delete the segment and temporary files that the manifest does not name; returns their names."""
    named = {segment_name(number) for number in read_manifest(folder)["segments"]}
    stray = [path for path in folder.iterdir() if path.suffix in {".seg", ".part"} and path.name not in named]
    for path in stray:
        path.unlink()
    return sorted(path.name for path in stray)


def fsck(folder: Path) -> list[str]:
    """Read every byte and check it: digests, order, buckets. Returns the problems found, none for a sound index."""
    problems = []
    for number in read_manifest(folder)["segments"]:
        path = folder / segment_name(number)
        try:
            segment = _open_segment(path, number, np.empty(0, np.uint32))
        except DamagedIndex as error:
            problems.append(str(error))
            continue
        with path.open("rb") as file:
            stored = _HEADER.unpack(file.read(_HEADER.size))[4]
            digest = hashlib.file_digest(file, "sha256").digest()
        if digest != stored:
            problems.append(f"{path.name}: the digest does not agree with the content")
        elif np.any(segment.postings[1:, 0] < segment.postings[:-1, 0]):
            problems.append(f"{path.name}: the postings are not in order")
    return problems
