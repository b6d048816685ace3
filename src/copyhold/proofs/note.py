"""C2SP signed notes (c2sp.org/signed-note): a text, a blank line, and who signed it.

A note is kept as `str` and is UTF-8 on disk. Base64 is read strictly, so that a note has one spelling only.
"""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from copyhold.errors import BadInput
from copyhold.proofs.errors import Malformed, Refused
from copyhold.proofs.keys import Signer, Verifier, need_key_name

KEY_ID_BYTES: Final = 4
MAX_CHARS: Final = 1_000_000
MAX_SIGNATURES: Final = 100
LINE_START: Final = "— "


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """One signature as it stands in the note; nothing about it is verified yet."""

    name: str
    key_id: bytes
    signature: bytes

    def __str__(self) -> str:
        return f"{LINE_START}{self.name} {base64.b64encode(self.key_id + self.signature).decode()}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A parsed, unverified note: do not read `untrusted_text` before `verify` has passed."""

    untrusted_text: str
    signatures: tuple[SignatureLine, ...]

    def __str__(self) -> str:
        return f"{self.untrusted_text}\n{''.join(map(str, self.signatures))}"


def sign(text: str, *signers: Signer) -> str:
    """The signed note over `text`, which must end in a newline. Raises `Malformed`."""
    _need_text(text)
    if not text.endswith("\n"):
        raise Malformed(what="note text", why="it does not end in a newline")
    lines = [SignatureLine(s.name, s.verifier.key_id, s.sign(text.encode())) for s in signers]
    if not lines:
        raise Malformed(what="note", why="nobody signs it")
    return str(Note(text, tuple(lines)))


def parse(note: str) -> Note:
    """Split a note into its text and signature lines without trusting either. Raises `Malformed`."""
    _need_text(note)
    text, blank, block = note.rpartition("\n\n")
    if not blank or not block.endswith("\n"):
        raise Malformed(
            what="signed note", why="it has no blank line before its signatures, or does not end in a newline"
        )
    lines = block.removesuffix("\n").split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise Malformed(what="signed note", why=f"it has more than {MAX_SIGNATURES} signatures")
    return Note(text + "\n", tuple(map(_parse_line, lines)))


def verify(note: str, verifiers: Iterable[Verifier]) -> str:
    """The text, if a known key signed it and no known key's signature is wrong.

    Signatures of unknown keys are ignored, as the format asks. Raises `Malformed` or `Refused`.
    """
    parsed = parse(note)
    known = {(v.name, v.key_id): v for v in verifiers}
    matching = [
        (line, known[line.name, line.key_id]) for line in parsed.signatures if (line.name, line.key_id) in known
    ]
    if not matching:
        raise Refused(why="no trusted key signed it")
    message = parsed.untrusted_text.encode()
    for line, verifier in matching:
        if not verifier.verify(message, line.signature):
            raise Refused(why=f"the signature of {line.name} is wrong")
    return parsed.untrusted_text


def _parse_line(line: str) -> SignatureLine:
    start, name, encoded = line[:2], *line[2:].partition(" ")[::2]
    try:
        need_key_name(name)
        blob = base64.b64decode(encoded, validate=True)
    except (BadInput, binascii.Error, ValueError) as error:
        raise Malformed(what="signature line", why="it is not of the form “— name base64”") from error
    if start != LINE_START or len(blob) <= KEY_ID_BYTES or base64.b64encode(blob).decode() != encoded:
        raise Malformed(what="signature line", why="it is not of the form “— name base64”")
    return SignatureLine(name, blob[:KEY_ID_BYTES], blob[KEY_ID_BYTES:])


def _need_text(text: str) -> None:
    if len(text) > MAX_CHARS:
        raise Malformed(what="note", why=f"it has more than {MAX_CHARS} characters")
    if any(char < " " and char != "\n" for char in text):
        raise Malformed(what="note", why="it has a control character other than the newline")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise Malformed(what="note", why="it cannot be written as UTF-8") from error
