"""C2SP transparency-log proofs (c2sp.org/tlog-proof): an entry's index, its inclusion proof, and the checkpoint.

Offline, with the log's public key, a proof shows that the entry stands in the log. File names end in `.tlog-proof`.
"""

import base64
import binascii
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from copyhold.proofs import checkpoint, merkle
from copyhold.proofs.checkpoint import Checkpoint, parse_hash, parse_number
from copyhold.proofs.errors import Malformed, Refused
from copyhold.proofs.keys import Verifier

HEADER: Final = "c2sp.org/tlog-proof@v1"
WHAT: Final = "log proof"
MAX_HASHES: Final = 64
MAX_CHARS: Final = 1_100_000


@dataclass(frozen=True, slots=True)
class LogProof:
    """A parsed, unverified proof. `checkpoint` is the whole signed note; `extra` is never authenticated."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: str
    extra: bytes = b""

    def __str__(self) -> str:
        return format_proof(self.index, self.hashes, self.checkpoint, self.extra)


def format_proof(index: int, hashes: Sequence[bytes], signed_checkpoint: str, extra: bytes = b"") -> str:
    """The text form of a proof."""
    lines = [HEADER]
    if extra:
        lines.append(f"extra {base64.b64encode(extra).decode()}")
    lines.append(f"index {index}")
    lines += [base64.b64encode(value).decode() for value in hashes]
    return "\n".join(lines) + "\n\n" + signed_checkpoint


def parse(text: str) -> LogProof:
    """Read a proof without trusting it. Raises `Malformed`."""
    head, blank, signed_checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    if len(text) > MAX_CHARS or lines[0] != HEADER or not blank or len(lines) < 2:
        raise Malformed(what=WHAT, why=f"it does not start with {HEADER}, or has no checkpoint")
    extra = b""
    if lines[1].startswith("extra "):
        extra = _parse_extra(lines.pop(1).removeprefix("extra "))
    if len(lines) < 2 or not lines[1].startswith("index ") or len(lines) > MAX_HASHES + 2:
        raise Malformed(what=WHAT, why="it has no index line, or too many hashes")
    index = parse_number(lines[1].removeprefix("index "), WHAT)
    return LogProof(index, tuple(parse_hash(line, WHAT) for line in lines[2:]), signed_checkpoint, extra)


def verify(proof: str | LogProof, leaf: bytes, verifiers: Iterable[Verifier], origin: str | None = None) -> Checkpoint:
    """The checkpoint under which this leaf hash stands in the log. Raises `Malformed` or `Refused`."""
    # 1. The text is a proof.
    parsed = parse(proof) if isinstance(proof, str) else proof
    # 2. A known key signed the checkpoint, and it is of the expected log.
    head = checkpoint.verify(parsed.checkpoint, verifiers, origin)
    # 3. The leaf is entry `index` of the tree that the checkpoint describes.
    if not merkle.verify_inclusion(leaf, parsed.index, head.size, parsed.hashes, head.root):
        raise Refused(why="the entry is not in the tree of the checkpoint")
    return head


def _parse_extra(text: str) -> bytes:
    try:
        extra = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed(what=WHAT, why="its extra data are not base64") from error
    if not extra or base64.b64encode(extra).decode() != text:
        raise Malformed(what=WHAT, why="its extra data are not strict base64")
    return extra
