"""Text: found by shared shingles, located by alignment, whatever the language, script variant or file format.

Chinese by five characters, English by four words, mixed text by both (see `text_tokens`). Works are winnowed, queries
are dense. Edits up to about 20 %, traditional ↔ simplified, changed order and interleaving are survived. A
proverb, a heading or another short common passage is not a match: one passage must hold 20 agreeing characters or 16
words and 40 bits, or most of the work must be there.

`extra` of a fingerprint is the line of 16-bit token keys with their places: what alignment needs, not the text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from copyhold.recognition.chaining import hit_bits, join, vote
from copyhold.recognition.core import Explanation, Fingerprint, Match, NotMatchable, Postings, Segment
from copyhold.recognition.media.text_align import Passage, passages
from copyhold.recognition.media.text_decode import SUFFIXES, TextDocument, decode
from copyhold.recognition.media.text_explain import explain
from copyhold.recognition.media.text_tokens import (
    DENSE_UP_TO,
    WINDOW,
    Line,
    Tokens,
    limit_repeats,
    pack_line,
    shingles,
    tokenise,
    unpack_line,
    winnow,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

LEAST_WORK_WEIGHT = 64  # 16 characters, 13 words: less cannot be told from coincidence
LEAST_MATCH_WEIGHT = 80  # 20 characters, 16 words, in one passage
LEAST_MATCH_BITS = 40.0
LEAST_PASSAGE_BITS = 18.0  # beside a better one of the same work
WHOLE = 0.5  # of the work: then its passages may be short (shuffled sentences, a short poem)
VOTE_WIDTH = 128  # tokens


class TextRecogniser:
    """See the module. Positions are token numbers; segments are characters of the decoded string."""

    medium: ClassVar[str] = "text"
    version: ClassVar[int] = 1
    suffixes: ClassVar[tuple[str, ...]] = SUFFIXES
    least_bits: ClassVar[float] = LEAST_MATCH_BITS

    def decode(self, data: bytes) -> TextDocument:
        return decode(data)

    def fingerprint(self, media: TextDocument) -> Fingerprint:
        tokens, hashes = self._read(media)
        is_short = len(hashes) <= DENSE_UP_TO
        kept = np.arange(len(hashes), dtype=np.uint32) if is_short else winnow(hashes, WINDOW)
        return self._print(media, tokens, hashes, limit_repeats(hashes, kept))

    def query(self, media: TextDocument) -> Sequence[Fingerprint]:
        tokens, hashes = self._read(media)
        return (self._print(media, tokens, hashes, limit_repeats(hashes, np.arange(len(hashes), dtype=np.uint32))),)

    def candidates(self, query: Fingerprint, hits: Postings, limit: int) -> Sequence[int]:
        diagonals = hits.positions.astype(np.int64) - query.positions[hits.query_rows]
        bits = hit_bits(hits.query_rows, len(query.hashes))
        return [work for work, _ in vote(hits.works, diagonals, bits, width=VOTE_WIDTH, limit=limit)]

    def confirm(self, query: Fingerprint, reference: Fingerprint, work: int) -> Match | None:
        asked, known = unpack_line(query.extra), unpack_line(reference.extra)
        hits = join(query.hashes, query.positions, reference.hashes, reference.positions)
        if len(hits[0]) == 0 or max(hits[0]) >= len(asked.keys) or max(hits[1]) >= len(known.keys):
            return None
        found = passages(asked.keys, known.keys, hits, LEAST_PASSAGE_BITS)
        if not found:
            return None
        bits = sum(one.bits for one in found)
        rows = np.unique(np.concatenate([one.query for one in found]))
        columns = np.unique(np.concatenate([one.reference for one in found]))
        work_share = len(columns) / len(known.keys)
        best = found[0]
        is_long = _weight(asked, best.query) >= LEAST_MATCH_WEIGHT and best.bits >= LEAST_MATCH_BITS
        if bits < LEAST_MATCH_BITS or not (is_long or work_share >= WHOLE):
            return None
        return Match(
            work=work,
            bits=round(bits, 1),
            segments=tuple(_segment(one, asked, known) for one in found),
            query_share=round(len(rows) / len(asked.keys), 4),
            work_share=round(work_share, 4),
            detail={"tokens": len(rows)},
        )

    def explain(self, query: TextDocument, reference: TextDocument, match: Match) -> Explanation:
        return explain(query.text, reference.text, match)

    def _read(self, media: TextDocument) -> tuple[Tokens, np.ndarray[tuple[int], np.dtype[np.uint64]]]:
        tokens = tokenise(media.text)
        hashes = shingles(tokens.hashes, tokens.weights)
        if int(tokens.weights.sum()) < LEAST_WORK_WEIGHT:
            raise NotMatchable(reason="too_short")
        if len(np.unique(tokens.hashes)) < 8:
            raise NotMatchable(reason="featureless")
        return tokens, hashes

    def _print(
        self,
        media: TextDocument,
        tokens: Tokens,
        hashes: np.ndarray[tuple[int], np.dtype[np.uint64]],
        places: np.ndarray[tuple[int], np.dtype[np.uint32]],
    ) -> Fingerprint:
        return Fingerprint(
            self.medium, self.version, len(media.text), hashes[places], places.astype(np.uint32), pack_line(tokens)
        )


def _weight(line: Line, rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> int:
    """Agreeing tokens as `text_tokens` weighs them: a token of one character counts 4, a longer one 5."""
    is_word = line.ends[rows] - line.starts[rows] > 1
    return int(np.where(is_word, 5, 4).sum())


def _segment(passage: Passage, query: Line, reference: Line) -> Segment:
    first, last = passage.query[0], passage.query[-1]
    start, end = passage.reference[0], passage.reference[-1]
    return Segment(
        query=(int(query.starts[first]), int(query.ends[last])),
        reference=(int(reference.starts[start]), int(reference.ends[end])),
        bits=round(passage.bits, 1),
        detail={
            "equal_tokens": len(passage.query),
            "query_tokens": int(last - first + 1),
            "reference_tokens": int(end - start + 1),
        },
    )


RECOGNISER = TextRecogniser()
