"""Sound → landmarks (peaks of a log-frequency spectrogram) → triplet hashes.

The method follows Wang (2003) with three changes that were measured: a logarithmic frequency axis, so that a change of
speed or pitch only moves the peaks; triplets instead of pairs, so that a hash is rare among many works; and a sparse
reference under a dense query. Constants are part of the version: changing one changes every fingerprint.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from copyhold.recognition.media.audio_decode import RATE, Samples, Sound

WINDOW = RATE * 128 // 1000
HOP_MS = 20
HOP = RATE * HOP_MS // 1000
BINS_PER_OCTAVE = 36
LOWEST_HZ, HIGHEST_HZ = 200.0, 3_700.0
BINS = int(BINS_PER_OCTAVE * np.log2(HIGHEST_HZ / LOWEST_HZ)) + 1
FINE = 8  # a peak's frequency is kept in eighths of a bin

# Peaks kept in any second and octave-wide neighbourhood: about 11, 22 and 60 a second. Dense is for music under speech.
REFERENCE_RANK, QUERY_RANK, DENSE_RANK = 5, 10, 40

_BLOCK = 3_000  # frames transformed at once: one minute
_MARGIN = 150  # frames of context on both sides, more than any step below looks at
_FLOOR_DB = -85.0  # below the loudest possible sine: rounding of 16-bit samples
_PROMINENCE_DB = 5.0
_NEAR_FRAMES, _NEAR_BINS = 3, 4  # a peak is the highest in this neighbourhood
_LOCAL_FRAMES, _LOCAL_BINS = 25, 18  # and stands out of the mean of this one

Spectrum = npt.NDArray[np.float32]
# One landmark: when (milliseconds), at which pitch (eighths of a bin), how far it stands out (quarter dB).
LANDMARK = np.dtype([("ms", "<i4"), ("pitch", "<i2"), ("strength", "u1")])
Landmarks = npt.NDArray[Any]


def landmarks(sound: Sound) -> Landmarks:
    """The peaks of the whole recording in order of time, as dense as any query needs them. Memory stays bounded."""
    samples = np.pad(sound.samples, WINDOW // 2)
    frames = max(0, (len(samples) - WINDOW) // HOP + 1)
    parts = [
        _block(samples, max(0, start - _MARGIN), start, min(start + _BLOCK, frames), frames)
        for start in range(0, frames, _BLOCK)
    ]
    return thin(np.concatenate(parts), DENSE_RANK) if parts else np.empty(0, LANDMARK)


def in_order(peaks: Landmarks) -> Landmarks:
    """By time, and at one time by pitch."""
    return peaks[np.lexsort((peaks["pitch"], peaks["ms"]))]


def thin(peaks: Landmarks, rank: int) -> Landmarks:
    """The peaks with fewer than `rank` stronger ones near them."""
    return peaks[stronger_near(peaks) < rank]


def stronger_near(peaks: Landmarks) -> npt.NDArray[np.int32]:
    """How many stronger peaks lie within half a second and one octave of each; among equals the earlier is stronger."""
    ms, pitch = peaks["ms"], peaks["pitch"]
    strength = peaks["strength"].astype(np.int32)
    stronger = np.zeros(len(peaks), np.int32)
    for step in range(1, len(peaks)):
        near = ms[step:] - ms[:-step] <= 500
        if not near.any():
            break
        near &= np.abs(pitch[step:] - pitch[:-step]) <= BINS_PER_OCTAVE * FINE
        stronger[:-step] += near & (strength[step:] > strength[:-step])
        stronger[step:] += near & (strength[step:] <= strength[:-step])
    return stronger


def _block(samples: Samples, first: int, start: int, stop: int, frames: int) -> Landmarks:
    """Peaks of the frames start…stop, seen with a margin so that blocks leave no seams."""
    spectrum = log_spectrum(samples[first * HOP : (min(stop + _MARGIN, frames) - 1) * HOP + WINDOW])
    prominence = spectrum - _box_mean(_box_mean(spectrum, _LOCAL_FRAMES, 0), _LOCAL_BINS, 1)
    highest = _box_max(_box_max(prominence, _NEAR_FRAMES, 0), _NEAR_BINS, 1)
    found = (prominence == highest) & (prominence > _PROMINENCE_DB) & (spectrum > _FLOOR_DB)
    found[:, 0] = found[:, -1] = False
    found[: start - first] = found[stop - first :] = False
    found[0] = found[-1] = False
    t, f = np.nonzero(found)
    peaks = np.empty(len(t), LANDMARK)
    peaks["ms"] = np.rint((t + first + _vertex(spectrum, t, f, 0)) * HOP_MS)
    peaks["pitch"] = np.rint((f + _vertex(spectrum, t, f, 1)) * FINE)
    peaks["strength"] = np.clip(prominence[t, f] * 4, 0, 255)
    return in_order(peaks)


def log_spectrum(samples: Samples) -> Spectrum:
    """Power in dB below full scale, frames × BINS, over logarithmic bins."""
    framed = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::HOP]
    window = (np.hanning(WINDOW + 1)[:-1] * (4 / WINDOW / 32768)).astype(np.float32)
    power = np.empty((len(framed), _FILTERS.shape[0]), np.float32)
    for row in range(0, len(framed), 256):
        lines = np.fft.rfft(framed[row : row + 256] * window, axis=1)[:, : _FILTERS.shape[0]]
        power[row : row + 256] = lines.real**2 + lines.imag**2
    decibel: Spectrum = 10 * np.log10(power @ _FILTERS + np.float32(1e-10))
    return decibel


def _filters() -> Spectrum:
    """Triangles one bin wide at least as broad as the transform's own resolution; rows: FFT lines, columns: bins."""
    line_hz = RATE / WINDOW
    lines = np.arange(int(HIGHEST_HZ * 1.05 / line_hz) + 3) * line_hz
    centres = LOWEST_HZ * 2 ** (np.arange(BINS) / BINS_PER_OCTAVE)
    half_widths = np.maximum(centres * (2 ** (1 / BINS_PER_OCTAVE) - 1), line_hz)
    return np.maximum(0, 1 - np.abs(lines[:, None] - centres) / half_widths).astype(np.float32)


_FILTERS = _filters()


def _box_mean(values: Spectrum, half: int, axis: int) -> Spectrum:
    """Mean over 2·half + 1 neighbours; the edges repeat."""
    pad = [(half + 1, half) if a == axis else (0, 0) for a in (0, 1)]
    total = np.cumsum(np.pad(values, pad, mode="edge"), axis=axis, dtype=np.float64)
    width = 2 * half + 1
    ends, begins = (total[width:], total[:-width]) if axis == 0 else (total[:, width:], total[:, :-width])
    return ((ends - begins) / width).astype(np.float32)


def _box_max(values: Spectrum, half: int, axis: int) -> Spectrum:
    """Highest of 2·half + 1 neighbours; nothing lies beyond the edges."""
    pad = [(half, half) if a == axis else (0, 0) for a in (0, 1)]
    padded = np.pad(values, pad, constant_values=-np.inf)
    size = values.shape[axis]
    result = values
    for step in range(2 * half + 1):
        result = np.maximum(result, padded[step : step + size] if axis == 0 else padded[:, step : step + size])
    return result


def _vertex(values: Spectrum, t: npt.NDArray[np.intp], f: npt.NDArray[np.intp], axis: int) -> Spectrum:
    """Where between the neighbours the parabola through a peak is highest: -0.5 … 0.5."""
    before, after = (values[t - 1, f], values[t + 1, f]) if axis == 0 else (values[t, f - 1], values[t, f + 1])
    bend = before - 2 * values[t, f] + after
    shift: Spectrum = np.divide(before - after, 2 * bend, out=np.zeros_like(bend), where=bend < -1e-6)
    return shift.clip(-0.5, 0.5)
