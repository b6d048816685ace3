"""What a person needs to judge a match by ear and eye: envelopes, aligned spans, two short excerpts, one sentence."""

from __future__ import annotations

import io
import wave
from typing import TYPE_CHECKING, Any

import numpy as np

from copyhold.recognition.core import Explanation
from copyhold.recognition.media.audio_decode import RATE

if TYPE_CHECKING:
    from copyhold.recognition.core import Match
    from copyhold.recognition.media.audio_decode import Samples, Sound

ENVELOPE_POINTS = 400
EXCERPT_MS = 20_000


def explain(query: Sound, reference: Sound, match: Match) -> Explanation:
    """Plain JSON and two WAV files; the excerpts are the beginning of the strongest segment on both sides."""
    best = max(match.segments, key=lambda segment: segment.bits)
    spans = [
        {"query_ms": list(segment.query), "reference_ms": list(segment.reference), "bits": round(segment.bits, 1)}
        | segment.detail
        for segment in match.segments
    ]
    rate = (best.reference[1] - best.reference[0]) / max(1, best.query[1] - best.query[0])
    length_ms = min(EXCERPT_MS, best.query[1] - best.query[0], int(EXCERPT_MS / max(rate, 0.1)))
    data: dict[str, Any] = {
        "query": {"envelope": _envelope(query.samples), "duration_ms": query.duration_ms, "excerpt": "query.wav"},
        "reference": {
            "envelope": _envelope(reference.samples),
            "duration_ms": reference.duration_ms,
            "excerpt": "reference.wav",
        },
        "spans": spans,
        "landmarks_in_line": sum(segment.detail["landmarks"] for segment in match.segments),
        "speed": best.detail["speed"],
        "pitch": best.detail["pitch"],
        "tempo": best.detail["tempo"],
        "bits": round(match.bits, 1),
        "words": _words(match, best.detail),
    }
    files = {
        "query.wav": _excerpt(query, best.query[0], length_ms),
        "reference.wav": _excerpt(reference, best.reference[0], round(length_ms * rate)),
    }
    return Explanation(kind="audio", data=data, files=files)


def _envelope(samples: Samples) -> list[float]:
    """The loudest sample of each of at most ENVELOPE_POINTS equal stretches, 0 … 1."""
    edges = np.linspace(0, len(samples), min(ENVELOPE_POINTS, len(samples)) + 1).astype(np.intp)
    highest = np.maximum.reduceat(np.abs(samples.astype(np.int32)), edges[:-1])
    return [round(float(level) / 32_768, 3) for level in highest]


def _excerpt(sound: Sound, begin_ms: int, length_ms: int) -> bytes:
    """A WAV file of one stretch, 16 bit mono."""
    begin = begin_ms * RATE // 1000
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(sound.samples[begin : begin + length_ms * RATE // 1000].astype("<i2").tobytes())
    return buffer.getvalue()


def _words(match: Match, detail: dict[str, Any]) -> dict[str, str]:
    """One plain sentence in both languages."""
    heard_s = sum(segment.query[1] - segment.query[0] for segment in match.segments) / 1000
    share = round(match.query_share * 100)
    known = clock(match.segments[0].reference[0])
    english, chinese = _change(detail)
    return {
        "en": f"{heard_s:.1f} seconds of this recording ({share} % of it) are also in the registered work, "
        f"from {known}{english}.",
        "zh": f"该录音中有{heard_s:.1f}秒（占{share}%）与已登记作品相同，对应作品{known}处{chinese}。",
    }


def _change(detail: dict[str, Any]) -> tuple[str, str]:
    """How the copy differs in speed, tempo or pitch, where it differs by half a percent or more."""
    english, chinese = "", ""
    for key, name, zh_name in (("speed", "speed", "速度"), ("tempo", "tempo", "节奏"), ("pitch", "pitch", "音高")):
        percent = (detail[key] - 1) * 100
        if abs(percent) >= (1.5 if key == "pitch" else 0.5):
            english += f", with its {name} {'raised' if percent > 0 else 'lowered'} by {abs(percent):.1f} %"
            chinese += f"，{zh_name}{'提高' if percent > 0 else '降低'}{abs(percent):.1f}%"
    return english, chinese


def clock(ms: int) -> str:
    """Minutes and seconds, as players show them."""
    return f"{ms // 60_000}:{ms // 1000 % 60:02d}"
