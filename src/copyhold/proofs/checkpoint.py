"""C2SP checkpoints (c2sp.org/tlog-checkpoint): what a log says of itself, as the text of a signed note.

Three lines: the origin, the tree size, the root hash. Extension lines are read, but never written here.
"""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from copyhold.proofs import note
from copyhold.proofs.errors import Malformed, Refused
from copyhold.proofs.keys import Signer, Verifier
from copyhold.proofs.merkle import HASH_BYTES

WHAT: Final = "checkpoint"
MAX_DIGITS: Final = 19  # sizes beyond 2**63 are nobody's log


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log: `size` entries under `root` (32 bytes)."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()


def format_body(origin: str, size: int, root: bytes) -> str:
    """The note text. Raises `Malformed` for an empty or many-line origin, a negative size or a wrong root."""
    if not origin or "\n" in origin or size < 0 or len(root) != HASH_BYTES:
        raise Malformed(what=WHAT, why="it needs an origin of one line, a size and a root of 32 bytes")
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"


def parse_body(text: str) -> Checkpoint:
    """Read the note text. Raises `Malformed`."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
        raise Malformed(what=WHAT, why="it is not at least three non-empty lines")
    origin, size, root, *extensions = lines[:-1]
    return Checkpoint(origin, parse_number(size, WHAT), parse_hash(root, WHAT), tuple(extensions))


def sign(origin: str, size: int, root: bytes, signer: Signer) -> str:
    """The signed note of a log's head. A log must never sign two heads that are inconsistent."""
    return note.sign(format_body(origin, size, root), signer)


def verify(signed: str, verifiers: Iterable[Verifier], origin: str | None = None) -> Checkpoint:
    """The head that a known key signed, of the log `origin` if given. Raises `Malformed` or `Refused`."""
    head = parse_body(note.verify(signed, verifiers))
    if origin is not None and head.origin != origin:
        raise Refused(why=f"it is a checkpoint of the log {head.origin}, not of {origin}")
    return head


def parse_number(text: str, what: str) -> int:
    """An ASCII decimal without leading zeroes. Raises `Malformed`."""
    is_decimal = text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS
    if not is_decimal or (text[0] == "0" and text != "0"):
        raise Malformed(what=what, why="a number is not a plain decimal")
    return int(text)


def parse_hash(text: str, what: str) -> bytes:
    """Strict base64 of a 32-byte hash. Raises `Malformed`."""
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed(what=what, why="a hash is not base64") from error
    if len(value) != HASH_BYTES or base64.b64encode(value).decode() != text:
        raise Malformed(what=what, why="a hash is not the strict base64 of 32 bytes")
    return value
