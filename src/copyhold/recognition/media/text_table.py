"""The one code-point table of text recognition, made once and shipped: `data/text_table.bin` (little-endian).

Content: for every code point to which a rule applies, what it becomes: NFKD, case fold, no diacritics, traditional →
simplified Chinese. And for every code point its kind. It is shipped, not computed, because Python's Unicode data
differ by version, and the same version of a fingerprint must be the same everywhere, for ever.

Sources: Unicode Character Database by Python 3.11 (Unicode 14.0; Unicode License v3); OpenCC dictionaries
TSCharacters and TWVariants as packaged in PyPI opencc-python-reimplemented 0.1.7 (Apache-2.0).
Make it again: `python -m copyhold.recognition.media.text_table <folder with TSCharacters.txt and TWVariants.txt>`.
"""

from __future__ import annotations

import functools
import lzma
import sys
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

SEPARATOR, IGNORED, LETTER, CHARACTER = range(4)
LAST = 0x30000  # code points from here on (plane 3 and above) are characters that become themselves
_PATH = Path(__file__).parent.parent / "data" / "text_table.bin.xz"
_IGNORED = {0x27, 0x2019, 0x2BC, 0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF}  # apostrophes, soft hyphen, zero width
_WITHOUT_SPACES = (  # scripts that do not part words: each character is a token
    *((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x2E80, 0x2FDF), (0x3005, 0x3007), (0x3021, 0x3029)),
    *((0x3040, 0x312F), (0x31A0, 0x31FF), (0x3400, 0x9FFF), (0xA000, 0xA4CF), (0xF900, 0xFAFF), (0x1B000, 0x1B16F)),
    (0x20000, LAST),
)


@dataclass(frozen=True, slots=True)
class Table:
    """`output[first[c] : first[c + 1]]` is what code point c becomes; `kind[o]` is what an output code point is."""

    first: npt.NDArray[np.uint32]
    output: npt.NDArray[np.uint32]
    kind: npt.NDArray[np.uint8]


@functools.cache
def table() -> Table:
    """Load the shipped table (about 20 ms)."""
    data = lzma.decompress(_PATH.read_bytes())
    count = int.from_bytes(data[:4], "little")
    lengths = np.frombuffer(data, np.uint8, LAST, 4)
    kind = np.frombuffer(data, np.uint8, LAST, 4 + LAST)
    output = np.frombuffer(data, "<u4", count, 4 + 2 * LAST).astype(np.uint32)
    first = np.concatenate([np.zeros(1, np.uint32), np.cumsum(lengths, dtype=np.uint32)])
    return Table(first, output, kind)


def _kind(character: str) -> int:
    code, category = ord(character), unicodedata.category(character)
    if code in _IGNORED or category in {"Mn", "Me", "Cf"}:
        return IGNORED
    if any(low <= code <= high for low, high in _WITHOUT_SPACES) and category[0] in "LNM":
        return CHARACTER
    return LETTER if category[0] in "LNM" else SEPARATOR


def _becomes(character: str, simplified: dict[str, str]) -> str:
    """Fold twice: the fold of a compatibility form may itself have one. Vowel signs of Indic scripts (Mc) stay."""
    text = character
    for _ in range(2):
        text = unicodedata.normalize("NFKD", text).casefold()
    marked = (mark for mark in text if len(text) == 1 or _kind(mark) != IGNORED)
    return "".join(simplified.get(one, one) for one in marked)


def build(folder: Path) -> bytes:
    """The table's bytes from the OpenCC dictionaries in `folder`."""
    simplified: dict[str, str] = {}
    for name in ("TWVariants.txt", "TSCharacters.txt"):
        for line in (folder / name).read_text(encoding="utf-8").splitlines():
            one, _, others = line.partition("\t")
            first = others.split(" ")[0]
            if len(one) == len(first) == 1:
                # Variants are written from the standard form to the regional one: turn them round.
                simplified.update({first: one} if name == "TWVariants.txt" else {one: first})
    for one, first in list(simplified.items()):
        simplified[one] = simplified.get(first, first)
    lengths, kinds = bytearray(), bytearray()
    output: list[int] = []
    for code in range(LAST):
        character = chr(code)
        is_plain = not 0xD800 <= code < 0xE000
        becomes = _becomes(character, simplified) if is_plain else ""
        lengths.append(len(becomes))
        kinds.append(_kind(character) if is_plain else SEPARATOR)
        output += map(ord, becomes)
    body = np.array(output, "<u4").tobytes()
    return len(output).to_bytes(4, "little") + bytes(lengths) + bytes(kinds) + body


if __name__ == "__main__":
    _PATH.write_bytes(lzma.compress(build(Path(sys.argv[1])), preset=9))
