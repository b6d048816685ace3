"""From a string to tokens, shingles and back: one pass, every token keeps its place in the original string.

A token is a word (scripts with spaces), or one character (Chinese, Japanese, Thai and other scripts without). A
shingle is the shortest run of tokens that weighs 20: five characters (4 each), four words (5 each), or a mixture.
Registered texts keep the winnowed shingles (Schleimer, Wilkerson, Aiken 2003; w = 8), short ones and queries all.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from copyhold.errors import gettext_noop
from copyhold.recognition.compiled import compiled
from copyhold.recognition.core import UnreadableMedia
from copyhold.recognition.media.text_table import LAST, table

CHARACTER_WEIGHT, WORD_WEIGHT, SHINGLE_WEIGHT = 4, 5, 20
WINDOW = 8
DENSE_UP_TO = 512  # shingles: a poem, a lyric or a slogan is kept whole
PLACES_PER_HASH = 64  # of one work: a thousandth "table row" says nothing new
_HEAD = struct.Struct("<II")
_FAR = 255

Words = npt.NDArray[np.uint64]
Places = npt.NDArray[np.uint32]
Keys = npt.NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Tokens:
    """`hashes` (uint64), `starts`, `ends` (characters of the original string), `weights` (4 or 5), one a token."""

    hashes: Words
    starts: Places
    ends: Places
    weights: npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Line:
    """What alignment needs of a text, small enough to keep: a 16-bit key and the place of every token."""

    keys: Keys
    starts: Places
    ends: Places


def tokenise(text: str) -> Tokens:
    """Tokens of `text`, normalised (see `text_table`); lone surrogates part words."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4").astype(np.uint32)
    rules = table()
    hashes, starts, ends, weights, count = _tokenise(codes, rules.first, rules.output, rules.kind)
    return Tokens(hashes[:count], starts[:count], ends[:count], weights[:count])


@compiled
def _mix(state: np.uint64, value: np.uint64) -> np.uint64:
    """One round of splitmix64's finaliser: every bit of the input reaches every bit of the result."""
    state = (state ^ value) * np.uint64(0x9E3779B97F4A7C15)
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    return state ^ (state >> np.uint64(27))


@compiled
def _tokenise(
    codes: Places, first: Places, output: Places, kinds: npt.NDArray[np.uint8]
) -> tuple[Words, Places, Places, npt.NDArray[np.uint8], int]:
    room = len(codes) * 4 + 1  # a code point becomes at most 18 others, but then most are letters of one word
    hashes = np.empty(room, np.uint64)
    starts = np.empty(room, np.uint32)
    ends = np.empty(room, np.uint32)
    weights = np.empty(room, np.uint8)
    count = 0
    is_in_word = False
    for place in range(len(codes)):
        code = codes[place]
        begin, end = (first[code], first[code + 1]) if code < LAST else (np.uint32(0), np.uint32(1))
        for step in range(begin, end):
            value = output[step] if code < LAST else code
            kind = kinds[value] if value < LAST else np.uint8(3)
            if kind == 1:  # IGNORED: parts nothing
                continue
            if kind == 0 or count >= room - 1:  # SEPARATOR
                is_in_word = False
            elif kind == 3:  # CHARACTER
                is_in_word = False
                hashes[count] = _mix(np.uint64(1), np.uint64(value))
                starts[count], ends[count], weights[count] = place, place + 1, CHARACTER_WEIGHT
                count += 1
            else:
                if not is_in_word:
                    hashes[count] = np.uint64(2)
                    starts[count], weights[count] = place, WORD_WEIGHT
                    count += 1
                    is_in_word = True
                hashes[count - 1] = _mix(hashes[count - 1], np.uint64(value))
                ends[count - 1] = place + 1
    return hashes, starts, ends, weights, count


@compiled
def shingles(hashes: Words, weights: npt.NDArray[np.uint8]) -> Words:
    """The hash of the shingle that starts at each token; the last tokens, too light for one, have none."""
    result = np.empty(len(hashes), np.uint64)
    for start in range(len(hashes)):
        weight = 0
        state = np.uint64(3)
        place = start
        while weight < SHINGLE_WEIGHT and place < len(hashes):
            state = _mix(state, hashes[place])
            weight += weights[place]
            place += 1
        if weight < SHINGLE_WEIGHT:
            return result[:start]
        result[start] = state
    return result


@compiled
def winnow(hashes: Words, window: int) -> Places:
    """Places of the least hash (the last of equals) of every `window` neighbours, each once."""
    kept = np.empty(len(hashes), np.uint32)
    count = 0
    least = -1
    for end in range(window - 1, len(hashes)):
        start = end - window + 1
        if least < start:
            least = start
            for place in range(start, end + 1):
                if hashes[place] <= hashes[least]:
                    least = place
        elif hashes[end] <= hashes[least]:
            least = end
        if count == 0 or kept[count - 1] != least:
            kept[count] = least
            count += 1
    return kept[:count]


def limit_repeats(hashes: Words, places: Places) -> Places:
    """`places` without the 65th and later ones of the same hash."""
    order = np.argsort(hashes[places], kind="stable")
    ordered = hashes[places][order]
    first = np.searchsorted(ordered, ordered, "left")
    return np.sort(places[order][np.arange(len(ordered)) - first < PLACES_PER_HASH])


def pack_line(tokens: Tokens) -> bytes:
    """Four bytes a token: key, distance from the token before, length; far distances follow as (row, start)."""
    starts = tokens.starts.astype(np.int64)
    distances = np.diff(starts, prepend=0)
    lengths = np.minimum(tokens.ends.astype(np.int64) - starts, _FAR)
    far = np.flatnonzero(distances >= _FAR)
    exceptions = np.stack([far, starts[far]], 1).astype("<u4")
    keys = (tokens.hashes >> np.uint64(48)).astype("<u2")
    near = np.minimum(distances, _FAR).astype(np.uint8)
    return b"".join(
        (
            _HEAD.pack(len(keys), len(far)),
            keys.tobytes(),
            near.tobytes(),
            lengths.astype(np.uint8).tobytes(),
            exceptions.tobytes(),
        )
    )


def unpack_line(data: bytes) -> Line:
    """Read `pack_line` back. Raises UnreadableMedia."""
    try:
        count, far = _HEAD.unpack_from(data)
        if len(data) != _HEAD.size + 4 * count + 8 * far:
            raise ValueError(count)  # noqa: TRY301 (one way out for all that can be wrong)
        at = _HEAD.size
        keys = np.frombuffer(data, "<u2", count, at).astype(np.uint16)
        distances = np.frombuffer(data, np.uint8, count, at + 2 * count).astype(np.int64)
        lengths = np.frombuffer(data, np.uint8, count, at + 3 * count)
        exceptions = np.frombuffer(data, "<u4", 2 * far, at + 4 * count).reshape(-1, 2).astype(np.int64)
        rows = exceptions[:, 0]
        before = np.concatenate([np.zeros(1, np.int64), np.cumsum(np.where(distances == _FAR, 0, distances))])
        if not np.array_equal(rows, np.flatnonzero(distances == _FAR)):
            raise ValueError(far)  # noqa: TRY301
        base = np.concatenate([np.zeros(1, np.int64), exceptions[:, 1] - before[rows + 1]])
        starts = base[np.searchsorted(rows, np.arange(count), "right")] + before[1:]
    except (ValueError, IndexError, struct.error) as error:
        raise UnreadableMedia(gettext_noop("The fingerprint is damaged."), code="fingerprint.damaged") from error
    return Line(keys, starts.astype(np.uint32), (starts + lengths).astype(np.uint32))
