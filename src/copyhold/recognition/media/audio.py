"""Recognises sound: music and speech in recordings, and the sound track of films.

Positions are milliseconds. Landmarks: `audio_landmarks`; hashes and speeds: `audio_triplets`; alignment: `audio_align`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from copyhold.recognition.core import Explanation, Fingerprint, Match, NotMatchable, Postings, Segment
from copyhold.recognition.media import audio_align as align
from copyhold.recognition.media import audio_decode
from copyhold.recognition.media.audio_landmarks import BINS_PER_OCTAVE, FINE, Landmarks, landmarks
from copyhold.recognition.media.audio_triplets import (
    IDENTITY,
    MEDIUM,
    VERSION,
    Shift,
    Variants,
    all_landmarks,
    reference_fingerprint,
    unpack_extra,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copyhold.recognition.media.audio_decode import Sound

MIN_BITS = 24.0  # of a match; benchmarks/audio.py shows what held-out negatives reach
MIN_SEGMENT_BITS = 18.0
_SHIFTED_VOTES = 5  # forty variants are tried: each must ask for more than the query as it is
SHORTEST_MS = 2_000
_SILENCE = 100  # no sample beyond this: -50 dB below full scale
_LEAST_PEAKS_PER_S = 2.0
_LEAST_PITCHES = 12  # whole bins: a test tone, a dial tone or one beep over and over has fewer


class AudioRecogniser:
    """The audio medium of the recognition core. Lower limits are for measuring what chance reaches."""

    medium: ClassVar[str] = MEDIUM
    version: ClassVar[int] = VERSION
    suffixes: ClassVar[tuple[str, ...]] = (
        *(".wav", ".flac", ".mp3", ".m4a", ".aac", ".ogg", ".oga", ".opus", ".wma", ".aif", ".aiff", ".ac3", ".amr"),
        *(".wv", ".ape", ".mka", ".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".wmv", ".flv", ".mpg", ".mpeg"),
        *(".3gp", ".ogv", ".ts"),
    )

    def __init__(self, least_bits: float = MIN_BITS, least_segment_bits: float = MIN_SEGMENT_BITS) -> None:
        self.least_bits = least_bits
        self.least_segment_bits = least_segment_bits

    def decode(self, data: bytes) -> Sound:
        return audio_decode.decode(data)

    def fingerprint(self, media: Sound) -> Fingerprint:
        return reference_fingerprint(_matchable(media), media.duration_ms)

    def query(self, media: Sound) -> Sequence[Fingerprint]:
        return Variants(_matchable(media), media.duration_ms)

    def expand(self, query: Fingerprint) -> Sequence[Fingerprint]:
        """All variants out of the first one (as it crossed the sandbox); each is computed when asked for."""
        return Variants(all_landmarks(query.extra), query.extent)

    def candidates(self, query: Fingerprint, hits: Postings, limit: int) -> Sequence[int]:
        _, shift = unpack_extra(query.extra)
        return align.rank_works(query, hits, limit, align.MIN_VOTES if shift == IDENTITY else _SHIFTED_VOTES)

    def confirm(self, query: Fingerprint, reference: Fingerprint, work: int) -> Match | None:
        peaks, shift = unpack_extra(query.extra)
        known, _ = unpack_extra(reference.extra)
        if not len(peaks) or not len(known):
            return None
        constellation = align.Constellation(known, reference.extent)
        runs = align.find_runs(
            shift.undo(peaks), constellation, align.common_hashes(query, reference), self.least_segment_bits
        )
        bits = sum(run.bits for run in runs)
        if not runs or bits < self.least_bits:
            return None
        segments = tuple(_segment(run, peaks, shift, reference.extent) for run in runs)
        return Match(
            work=work,
            bits=bits,
            segments=segments,
            query_share=_share([segment.query for segment in segments], query.extent),
            work_share=_share([segment.reference for segment in segments], reference.extent),
            detail=segments[0].detail,
        )

    def explain(self, query: Sound, reference: Sound, match: Match) -> Explanation:
        from copyhold.recognition.media.audio_explain import explain

        return explain(query, reference, match)


def _matchable(sound: Sound) -> Landmarks:
    """The landmarks of a sound that has enough of them."""
    if sound.duration_ms < SHORTEST_MS:
        raise NotMatchable(reason="too_short")
    if max(int(sound.samples.max()), -int(sound.samples.min())) < _SILENCE:
        raise NotMatchable(reason="silent")
    peaks = landmarks(sound)
    if len(peaks) * 1000 < _LEAST_PEAKS_PER_S * SHORTEST_MS * 2:
        raise NotMatchable(reason="featureless")
    if len(np.unique(np.rint(peaks["pitch"] / FINE))) < _LEAST_PITCHES:
        raise NotMatchable(reason="featureless")
    return peaks


def _segment(run: align.Run, peaks: Landmarks, shift: Shift, extent_ms: int) -> Segment:
    """Where it is in the query as it was sent and in the work, and how it was changed."""
    begin, end = (float(peaks["ms"][row]) for row in (run.first, run.last))
    there = [float(np.clip(run.line.at(ms * shift.rate), 0, extent_ms)) for ms in (begin, end)]
    rate = shift.rate * run.line.slope
    # The pitch was raised by what the shift undid, less what the fit found besides.
    pitch = 2 ** ((shift.pitch_steps - run.pitch_steps) / (BINS_PER_OCTAVE * FINE))
    together = abs(rate - pitch) < 0.01
    detail: dict[str, Any] = {
        "speed": round(rate, 4) if together else 1.0,
        "tempo": 1.0 if together else round(rate, 4),
        "pitch": 1.0 if together else round(float(pitch), 3),
        "landmarks": run.hits,
        "landmarks_total": run.last - run.first + 1,
        "chance": round(run.chance, 4),
    }
    return Segment(
        query=(round(begin), round(end)), reference=(round(there[0]), round(there[1])), bits=run.bits, detail=detail
    )


def _share(spans: list[tuple[Any, ...]], extent_ms: int) -> float:
    """Part of the whole that the spans cover together."""
    covered, reached = 0, 0
    for begin, end in sorted((span[0], span[1]) for span in spans):
        covered += max(0, end - max(begin, reached))
        reached = max(reached, end)
    return min(1.0, covered / extent_ms) if extent_ms else 0.0


RECOGNISER = AudioRecogniser()
