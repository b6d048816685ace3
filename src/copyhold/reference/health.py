"""Is the index sound? The segments byte by byte, and the whole of it against the rows, which are the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copyhold.recognition.registry import recognisers
from copyhold.recognition.segments import DamagedIndex, fsck
from copyhold.reference.live import index_of, matchable

if TYPE_CHECKING:
    from collections.abc import Iterator


def segment_faults() -> Iterator[str]:
    """Digests and order of every segment file."""
    for medium in recognisers():
        try:
            problems = fsck(index_of(medium).folder)
        except DamagedIndex as error:
            problems = [str(error)]
        yield from (f"{medium}: {problem}" for problem in problems)


def index_faults() -> Iterator[str]:
    """Every fingerprint in force can be found; what can be found but is in force no more is left out when asked."""
    for medium in recognisers():
        try:
            present = set(index_of(medium).works())
        except DamagedIndex as error:
            yield f"{medium}: {error}"
            continue
        missing = set(matchable(medium).values_list("pk", flat=True)) - present
        if missing:
            yield f"{medium}: {len(missing)} fingerprints are not in the index: rebuild it"


def sizes() -> dict[str, int]:
    """Fingerprints that may match, by medium."""
    return {medium: matchable(medium).count() for medium in recognisers()}
