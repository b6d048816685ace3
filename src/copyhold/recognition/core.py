"""What every medium shares: fingerprints, recognisers, matches.

A fingerprint is a sequence of (hash, position). The index maps hash → (work, position); a query votes for
(work, alignment); votes chain to segments; the medium confirms the geometry; a score in bits says how sure we are.
What differs by medium is one file: how to decode, hash, align, confirm and explain.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from copyhold.errors import BadInput, gettext_noop

if TYPE_CHECKING:
    from collections.abc import Sequence

Hashes = npt.NDArray[np.uint64]
Positions = npt.NDArray[np.uint32]

_HEADER = struct.Struct("<4s8sHIII")  # magic, medium, version, extent, postings, extra
_MAGIC = b"CHF1"


class UnreadableMedia(BadInput):
    """The bytes are not what their medium should be: truncated, encrypted, mislabelled, empty or too large."""

    code = "media.unreadable"
    message = gettext_noop("The file cannot be read. Send the original file, complete and not encrypted.")


class NotMatchable(BadInput):
    """The work is readable but holds too little to recognise it by. `reason` is a stable word."""

    code = "media.not_matchable"
    message = gettext_noop("The file is readable, but holds too little to recognise it by ({reason}).")

    @property
    def reason(self) -> str:
        """One of: featureless, silent, too_short, template_only."""
        return str(self.params.get("reason", ""))


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The recognisable substance of one work or one query.

    `hashes` (uint64, n) and `positions` (uint32, n; the medium's own unit, possibly packed) go into the index.
    `extent` is the length in the medium's unit (characters, milliseconds, pixels of the longer side).
    `extra` is what `confirm` needs besides the index: opaque, versioned with the recogniser, never executed.
    """

    medium: str
    version: int
    extent: int
    hashes: Hashes
    positions: Positions
    extra: bytes = b""

    def to_bytes(self) -> bytes:
        """Canonical little-endian form: the same fingerprint gives the same bytes on every machine."""
        head = _HEADER.pack(
            _MAGIC, self.medium.encode().ljust(8, b"\0"), self.version, self.extent, len(self.hashes), len(self.extra)
        )
        return head + self.hashes.astype("<u8").tobytes() + self.positions.astype("<u4").tobytes() + self.extra

    @classmethod
    def from_bytes(cls, data: bytes) -> Fingerprint:
        """Read `to_bytes` back; a wrong length or magic is refused."""
        if len(data) < _HEADER.size:
            raise UnreadableMedia(gettext_noop("The fingerprint is cut short."), code="fingerprint.truncated")
        magic, medium, version, extent, count, extra = _HEADER.unpack_from(data)
        start = _HEADER.size
        if magic != _MAGIC or len(data) != start + 12 * count + extra:
            raise UnreadableMedia(gettext_noop("The fingerprint is damaged."), code="fingerprint.damaged")
        return cls(
            medium=medium.rstrip(b"\0").decode(),
            version=version,
            extent=extent,
            hashes=np.frombuffer(data, "<u8", count, start).astype(np.uint64),
            positions=np.frombuffer(data, "<u4", count, start + 8 * count).astype(np.uint32),
            extra=data[start + 12 * count :],
        )


@dataclass(frozen=True, slots=True)
class Segment:
    """One stretch or region that reappears. `query` and `reference` are in the medium's own terms:

    text: (start, end) characters of the *original* string · audio: (start, end) milliseconds ·
    image: polygon ((x, y), …) as fractions of width and height, in matching corner order.
    """

    query: tuple[Any, ...]
    reference: tuple[Any, ...]
    bits: float
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Match:
    """A confirmed likeness between a query and one registered work. A likeness, never an infringement."""

    work: int
    bits: float
    segments: tuple[Segment, ...]
    query_share: float  # 0…1 of the query that is covered
    work_share: float  # 0…1 of the work that reappears
    detail: dict[str, Any] = field(default_factory=dict)  # scale, turn, mirrored, speed, points …: plain JSON values


@dataclass(frozen=True, slots=True)
class Postings:
    """What the index answers: row i says that query hash `query_rows[i]` stands in `works[i]` at `positions[i]`."""

    query_rows: npt.NDArray[np.uint32]
    works: npt.NDArray[np.uint32]
    positions: Positions
    capped: int = 0  # hashes left out because they stand in very many works; reported, never silent


class Index(Protocol):
    """Hash → (work, position). Two engines: `memory` (the oracle) and `segments` (memory-mapped, immutable)."""

    def lookup(self, hashes: Hashes) -> Postings: ...
    def work_count(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Explanation:
    """A small, self-contained artefact that a person can judge: `kind` is the medium, `data` is plain JSON,
    `files` are pictures or sounds by name (PNG, JPEG, WAV) that `data` refers to."""

    kind: str
    data: dict[str, Any]
    files: dict[str, bytes] = field(default_factory=dict)


@runtime_checkable
class Recogniser(Protocol):
    """One medium: one file in `recognition/media/`, found at start and put through the conformance suite."""

    medium: ClassVar[str]
    version: ClassVar[int]
    suffixes: ClassVar[tuple[str, ...]]

    def decode(self, data: bytes) -> Any:
        """Bytes → this medium's decoded form. Called on untrusted bytes, inside the sandbox only."""

    def fingerprint(self, media: Any) -> Fingerprint:
        """The registered side: sparse. Raises NotMatchable."""

    def query(self, media: Any) -> Sequence[Fingerprint]:
        """The asking side: dense; one or several variants (as is, mirrored, inverted, speeds…) tried in turn."""

    def candidates(self, query: Fingerprint, hits: Postings, limit: int) -> Sequence[int]:
        """Works worth confirming, best first, by votes for an alignment."""

    def confirm(self, query: Fingerprint, reference: Fingerprint, work: int) -> Match | None:
        """Check the geometry; None when it does not hold."""

    def explain(self, query: Any, reference: Any, match: Match) -> Explanation:
        """Show the match on the two decoded media."""
