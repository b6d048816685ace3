"""What becomes of works when they are copied: the edits that the demonstration's sites carry.

Each takes the bytes of a real file and returns the bytes of an edited copy. Deterministic.
"""

from __future__ import annotations

import io
from fractions import Fraction
from typing import TYPE_CHECKING

import av
import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFont, ImageOps

if TYPE_CHECKING:
    import numpy.typing as npt

RATE = 44_100


def _open(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


def _jpeg(image: Image.Image, quality: int = 82) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def plain(data: bytes) -> bytes:
    """As it is, as a JPEG of good quality."""
    return _jpeg(_open(data), 90)


def cropped(data: bytes, share: float = 0.5) -> bytes:
    """The middle `share` of the area."""
    image = _open(data)
    side = share**0.5
    width, height = int(image.width * side), int(image.height * side)
    left, top = (image.width - width) // 2, (image.height - height) // 3
    return _jpeg(image.crop((left, top, left + width, top + height)))


def recompressed(data: bytes) -> bytes:
    """Two thirds of the size, at JPEG quality 25."""
    image = _open(data)
    return _jpeg(image.resize((image.width * 2 // 3, image.height * 2 // 3)), 25)


def captioned(data: bytes, words: str = "夏日新款 ¥19.90 包邮") -> bytes:
    """A bar with an advertisement under the picture and a badge on it."""
    image = _open(data)
    bar = max(40, image.height // 7)
    page = Image.new("RGB", (image.width, image.height + bar), "#b52a20")
    page.paste(image, (0, 0))
    draw = ImageDraw.Draw(page)
    draw.text((bar // 3, image.height + bar // 5), words, fill="white", font=_font(bar // 2))
    draw.rounded_rectangle((image.width - 3 * bar, bar // 3, image.width - bar // 3, bar * 4 // 3), 8, fill="#ffcf5c")
    draw.text((image.width - 2.7 * bar, bar // 2), "HOT", fill="#15201f", font=_font(bar // 2))
    return _jpeg(page, 70)


def screenshot(data: bytes) -> bytes:
    """The picture in a telephone's screenshot: status bar, a feed's frame, buttons."""
    image = _open(data)
    page = Image.new("RGB", (750, 1334), "#ffffff")
    draw = ImageDraw.Draw(page)
    draw.rectangle((0, 0, 750, 60), fill="#f0f1ec")
    draw.text((24, 14), "09:41        4G  87%", fill="#15201f", font=_font(28))
    draw.ellipse((30, 90, 100, 160), fill="#8fb8c2")
    draw.text((120, 96), "半月广场 · 3 小时前", fill="#434e4b", font=_font(30))
    shown = ImageOps.contain(image, (690, 620))
    page.paste(shown, ((750 - shown.width) // 2, 210))
    for row, words in enumerate(("太好看了，求链接！", "同款在哪里买？", "已下单")):
        draw.text((40, 900 + 90 * row), words, fill="#15201f", font=_font(32))
    draw.rectangle((0, 1240, 750, 1334), fill="#f0f1ec")
    return _jpeg(page, 75)


def mirrored_crop(data: bytes) -> bytes:
    """Mirrored, cut to four fifths, warmer."""
    image = ImageOps.mirror(_open(data))
    cut = image.crop((image.width // 10, image.height // 12, image.width, image.height * 11 // 12))
    return _jpeg(ImageEnhance.Color(ImageEnhance.Brightness(cut).enhance(1.08)).enhance(1.25), 78)


def poster(data: bytes) -> bytes:
    """The picture as a third of a poster."""
    image = _open(data)
    page = Image.new("RGB", (900, 1200), "#0b5165")
    shown = ImageOps.contain(image, (640, 460))
    page.paste(shown, ((900 - shown.width) // 2, 140))
    draw = ImageDraw.Draw(page)
    draw.text((120, 700), "周末市集", fill="#f8f8f5", font=_font(110))
    draw.text((120, 860), "Weekend Market · 6 August", fill="#ffcf5c", font=_font(48))
    return _jpeg(page, 80)


def _font(size: int) -> ImageFont.FreeTypeFont:
    from importlib.resources import files
    from pathlib import Path

    folder = Path(str(files("noto_cjk_sans_otc")))
    path = next(path for pattern in ("*.otc", "*.ttc", "*.otf") for path in sorted(folder.rglob(pattern)))
    return ImageFont.truetype(str(path), max(12, size), index=2)


def samples(data: bytes) -> npt.NDArray[np.float32]:
    """Mono samples at 44.1 kHz of any file with a sound track."""
    with av.open(io.BytesIO(data)) as container:
        resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
        pieces = [piece.to_ndarray()[0] for frame in container.decode(audio=0) for piece in resampler.resample(frame)]
    return np.concatenate(pieces).astype(np.float32)


def mp3(sound: npt.NDArray[np.float32], bit_rate: int = 96_000) -> bytes:
    """Encode as MP3."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp3") as container:
        stream = container.add_stream("mp3", rate=RATE, layout="mono")
        stream.bit_rate = bit_rate
        step = 1152
        for start in range(0, len(sound) - step, step):
            frame = av.AudioFrame.from_ndarray(sound[start : start + step].reshape(1, -1), format="fltp", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return out.getvalue()


def clip(data: bytes, start_s: float = 0.0, length_s: float = 10.0, bit_rate: int = 64_000) -> bytes:
    """A stretch of the recording, encoded again."""
    sound = samples(data)[int(start_s * RATE) : int((start_s + length_s) * RATE)]
    return mp3(sound, bit_rate)


def under_speech(data: bytes, start_s: float = 2.0, length_s: float = 11.0) -> bytes:
    """A stretch of the recording under a voice that is 3 dB louder, as in a short video, encoded again."""
    music = samples(data)[int(start_s * RATE) : int((start_s + length_s) * RATE)]
    voice = speech(len(music))
    level = (float(np.mean(music**2)) / max(1e-9, float(np.mean(voice**2)))) ** 0.5 * 10 ** (3 / 20)
    mixed = music + voice * level
    return mp3((mixed / max(1.0, float(np.abs(mixed).max()))).astype(np.float32), 96_000)


def speech(length: int) -> npt.NDArray[np.float32]:
    """A voice-like sound by formant synthesis (no package ships recorded speech): syllables, pauses, vowels."""
    random = np.random.default_rng(20261122)
    out = np.zeros(length, np.float32)
    at = 0
    vowels = ((730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480), (570, 840, 2410))
    while at < length:
        count = int(RATE * random.uniform(0.12, 0.28))
        time_s = np.arange(count) / RATE
        pitch = random.uniform(105, 165) * (1 + 0.05 * np.sin(2 * np.pi * 3 * time_s))
        phase = 2 * np.pi * np.cumsum(pitch) / RATE
        formants = vowels[int(random.integers(len(vowels)))]
        sound = np.zeros(count)
        for harmonic in range(1, 24):
            frequency = harmonic * float(pitch.mean())
            gain = sum(np.exp(-(((frequency - formant) / 130) ** 2)) for formant in formants) + 0.02
            sound += gain / harmonic**0.3 * np.sin(harmonic * phase)
        sound *= np.hanning(count)
        end = min(length, at + count)
        out[at:end] += sound[: end - at].astype(np.float32)
        at += count + int(RATE * random.choice((0.02, 0.03, 0.05, 0.35), p=(0.4, 0.3, 0.2, 0.1)))
    return out


def tone(seconds: float = 6.0) -> bytes:
    """A tune of the site's own: plain notes, nobody's work."""
    notes = (262, 330, 392, 330, 349, 440, 523, 440, 392, 330, 294, 262)
    each = int(RATE * seconds / len(notes))
    time_s = np.arange(each) / RATE
    parts = [np.sin(2 * np.pi * note * time_s) * np.exp(-3 * time_s) for note in notes]
    return mp3((0.5 * np.concatenate(parts)).astype(np.float32))
