"""Untrusted files are read here and nowhere else in the office: behind the sandbox, by a pool of warm workers.

Needs no database, so the command line reads through it as well.
"""

from __future__ import annotations

import atexit
import functools
import os
from typing import TYPE_CHECKING, Any

from copyhold.guards.sandbox import Limits, SandboxPool
from copyhold.recognition import extract as frames
from copyhold.recognition.core import NotMatchable, UnreadableMedia

if TYPE_CHECKING:
    from collections.abc import Mapping

    from copyhold.guards.sandbox import Strength
    from copyhold.recognition.core import Explanation, Match

MODULE = "copyhold.recognition.extract"
WORKERS = max(1, min(4, (os.cpu_count() or 2) // 2))


@functools.cache
def pool() -> SandboxPool:
    """The workers of this process; they start when first used and end with it."""
    workers = SandboxPool(
        WORKERS,
        limits=Limits(),
        preload=(MODULE,),
        warm=f"{MODULE}:warm",
        errors=(UnreadableMedia, NotMatchable, frames.DamagedExtract),
    )
    atexit.register(workers.close)
    return workers


def extract(data: bytes, **arguments: Any) -> bytes:
    """The frame of `recognition.extract.extract`, made in the sandbox."""
    return pool().call(f"{MODULE}:extract", data, **arguments)


def read(data: bytes, name: str, *, side: str = "both", medium: str = "") -> frames.Extract:
    """What is known of a file. Raises UnreadableMedia and the guards' errors, all BadInput."""
    return frames.parse_extract(extract(data, name=name, side=side, medium=medium))


def explain(query: bytes, reference: bytes, match: Match | Mapping[str, Any], medium: str) -> bytes:
    """The frame of an explanation of `match` on the two files; checked before it is returned."""
    plain = match if isinstance(match, dict) else frames.match_to_json(match)  # type: ignore[arg-type]
    frame = pool().call(
        f"{MODULE}:explain", query + reference, reference_bytes=len(reference), match=plain, medium=medium
    )
    frames.parse_explanation(frame)
    return frame


def no_explanation(code: str) -> bytes:
    """The frame of a likeness that could not be shown on the files, with the code of the error that says why."""
    words = {"en": f"The likeness could not be drawn ({code}).", "zh": f"相似之处无法以图示展示（{code}）。"}
    return frames._frame({"kind": "none", "data": {"words": words, "error": code}}, {})


def open_explanation(frame: bytes) -> Explanation:
    """The explanation in a stored frame."""
    return frames.parse_explanation(frame)


def strength() -> Strength:
    """Which walls of the sandbox hold on this machine: shown in health."""
    with pool().checkout() as sandbox:
        return sandbox.strength()
