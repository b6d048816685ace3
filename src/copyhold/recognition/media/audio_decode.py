"""Bytes of a recording or a film → its sound, mono at 16 kHz. Runs on untrusted bytes, inside the sandbox only."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from copyhold.errors import gettext_noop
from copyhold.recognition.core import UnreadableMedia

RATE = 16_000  # samples a second: the landmarks need 8 kHz, a listening officer likes 16
MAX_BYTES = 1 << 30
MAX_MINUTES = 180

# FFmpeg also knows formats that name other files and addresses (HLS, DASH, concat, SDP): only containers enter.
_FORMATS = (
    "aac,ac3,aiff,amr,ape,asf,au,avi,caf,eac3,flac,flv,matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,"
    "mp2,mp3,mpeg,mpegts,ogg,rm,tta,w64,wav,wv"
)
# These containers state their length themselves; for the others FFmpeg estimates it from the bit rate.
_STATES_LENGTH = frozenset({"aiff", "flac", "matroska,webm", "mov,mp4,m4a,3gp,3g2,mj2", "wav", "w64", "wv"})
_MAX_BAD_SHARE = 0.05  # damaged packets that are tolerated, as players do
_STREAMED = 0x7FFF0000  # a WAV written to a pipe states a length beyond any limit
_CANCELLED = 0.05  # mid channel below this share of the channels' energy: one channel was inverted

Samples = npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Sound:
    """Decoded sound: 16-bit samples, mono, `RATE` a second."""

    samples: Samples

    @property
    def duration_ms(self) -> int:
        return len(self.samples) * 1000 // RATE


def decode(data: bytes) -> Sound:
    """The sound of an audio or video file. UnreadableMedia says what is wrong with it."""
    if not data:
        raise UnreadableMedia(gettext_noop("The file is empty. Send the original file."), code="media.empty")
    if len(data) > MAX_BYTES:
        raise UnreadableMedia(
            gettext_noop("The file is larger than {limit_mb} MB. Send a smaller encoding of it."),
            code="media.too_large",
            limit_mb=MAX_BYTES >> 20,
        )
    if data[:4] == b"RIFF" and len(data) + 1 < int.from_bytes(data[4:8], "little") < _STREAMED:
        raise _cut_short()
    try:
        options = {"format_whitelist": _FORMATS, "protocol_whitelist": "none"}
        with av.open(io.BytesIO(data), options=options) as container:
            return Sound(_mono(container))
    except (av.error.FFmpegError, ValueError, EOFError) as error:
        raise UnreadableMedia from error


def _mono(container: Any) -> Samples:
    stream = container.streams.best("audio")
    if stream is None:
        raise UnreadableMedia(
            gettext_noop("The file holds no sound. Send a recording, or a film with a sound track."),
            code="media.no_audio",
        )
    stated_s = (
        container.duration / av.time_base if container.format.name in _STATES_LENGTH and container.duration else 0
    )
    if stated_s > MAX_MINUTES * 60:
        raise _too_long()
    if stream.duration and container.format.name in _STATES_LENGTH:
        stated_s = float(stream.duration * stream.time_base)  # a film's pictures may outlast its sound
    channels = _read(container, stream)
    if not channels.shape[1]:
        raise UnreadableMedia
    if channels.shape[1] < RATE * (0.9 * stated_s - 1):
        raise _cut_short()
    return _downmix(channels)


def _read(container: Any, stream: Any) -> Samples:
    """All packets, resampled in integers so that machines agree on the samples; a few damaged packets are skipped."""
    stereo = (stream.channels or 1) > 1
    resampler = av.AudioResampler(format="s16p", layout="stereo" if stereo else "mono", rate=RATE)
    parts: list[Samples] = []
    total = good = bad = 0
    for packet in container.demux(stream):
        try:
            frames = packet.decode()
            good += 1
        except av.error.FFmpegError:
            bad += 1
            continue
        for frame in frames:
            parts += [out.to_ndarray() for out in resampler.resample(frame)]
            total += parts[-1].shape[1] if parts else 0
        if total > MAX_MINUTES * 60 * RATE:
            raise _too_long()
    if bad > 1 + _MAX_BAD_SHARE * good:
        raise UnreadableMedia(
            gettext_noop("Much of the file is damaged or encrypted. Send the original file."), code="media.damaged"
        )
    parts += [out.to_ndarray() for out in resampler.resample(None)]
    return np.concatenate(parts, axis=1) if parts else np.empty((1, 0), np.int16)


def _downmix(channels: Samples) -> Samples:
    """Mean of the channels; the left one when they cancel (one channel inverted hides music from naive listeners)."""
    left: Samples = channels[0]
    if len(channels) == 1:
        return left
    right = channels[1]
    mid: Samples = ((left.astype(np.int32) + right) >> 1).astype(np.int16)
    energy = [float(np.mean(np.square(part[::7], dtype=np.float64))) for part in (left, right, mid)]
    return left if energy[2] < _CANCELLED * (energy[0] + energy[1]) / 2 else mid


def _cut_short() -> UnreadableMedia:
    return UnreadableMedia(
        gettext_noop("The file breaks off before its end. Send it complete."), code="media.truncated"
    )


def _too_long() -> UnreadableMedia:
    return UnreadableMedia(
        gettext_noop("The recording is longer than {minutes} minutes. Send it in parts."),
        code="media.too_long",
        minutes=MAX_MINUTES,
    )
