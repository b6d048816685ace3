"""Bytes → `Picture`: upright, opaque, 8-bit RGB of bounded size. Untrusted bytes: called inside the sandbox only."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from copyhold.errors import gettext_noop
from copyhold.recognition.core import UnreadableMedia

Pixels = npt.NDArray[np.uint8]

# An allow-list: Pillow's EPS reader starts Ghostscript, and rare readers are where the holes are.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "HEIF", "AVIF", "JPEG2000", "PPM", "PSD")
MAX_BYTES = 200 << 20
MAX_PIXELS = 80_000_000  # below Pillow's own limit of 89 million
MAX_SIDE = 60_000
KEPT_SIDE = 1024  # the square root of the pixels kept; long strips stay readable, other than with a limit of one side
KEPT_LONGEST = 4096
FRAMES_TRIED = 8  # an animation often starts with an empty frame
FLAT = 2.0  # grey levels of standard deviation below which a frame is taken for empty


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture. `width` and `height` are the original's, upright; `pixels` (h, w, 3) may be smaller."""

    width: int
    height: int
    pixels: Pixels
    format: str


def decode_picture(data: bytes) -> Picture:
    """Decode the first frame that shows something. Raises `UnreadableMedia`."""
    if len(data) > MAX_BYTES:
        raise UnreadableMedia(
            gettext_noop("The picture file is larger than {limit} MB. Send a smaller one."),
            code="media.too_large",
            limit=MAX_BYTES >> 20,
        )
    _register_heif()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # damaged EXIF and the like: the picture itself is judged below
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                _check_size(image)
                return _decoded(image)
    except UnreadableMedia:
        raise
    except Image.DecompressionBombError as error:
        raise _too_many_pixels() from error
    except Exception as error:  # decoders raise anything on hostile bytes; all of it means the same to the sender
        raise UnreadableMedia from error


@cache
def _register_heif() -> None:
    import pillow_heif

    pillow_heif.register_heif_opener()


def _too_many_pixels() -> UnreadableMedia:
    return UnreadableMedia(
        gettext_noop("The picture has more than {limit} million pixels. Send a smaller one."),
        code="media.too_many_pixels",
        limit=MAX_PIXELS // 1_000_000,
    )


def _check_size(image: Image.Image) -> None:
    if image.width * image.height > MAX_PIXELS or max(image.size) > MAX_SIDE:
        raise _too_many_pixels()


def _decoded(image: Image.Image) -> Picture:
    kind = image.format or ""
    width, height = image.size
    if kind in {"JPEG", "MPO"}:
        # The DCT can decode at 1/2, 1/4, 1/8: twice the size kept leaves the quality to our own reduction.
        factor = _reduction(width, height)
        image.draft("RGB" if image.mode == "YCbCr" else image.mode, (int(2 * width * factor), int(2 * height * factor)))
    is_turned = image.getexif().get(0x0112, 1) in {5, 6, 7, 8}
    frame = _first_telling_frame(image)
    if is_turned:
        width, height = height, width
    factor = _reduction(*frame.size)
    if factor < 1:
        size = (max(1, round(frame.width * factor)), max(1, round(frame.height * factor)))
        frame = frame.resize(size, Image.Resampling.BOX, reducing_gap=None)
    return Picture(width, height, np.ascontiguousarray(np.asarray(frame, np.uint8)), kind)


def _reduction(width: int, height: int) -> float:
    return float(min(1.0, KEPT_SIDE / (width * height) ** 0.5, KEPT_LONGEST / max(width, height)))


def _first_telling_frame(image: Image.Image) -> Image.Image:
    """The first of the first frames that is not one flat colour; the very first when all are flat."""
    first = _opaque_rgb(image)
    frames = min(getattr(image, "n_frames", 1), FRAMES_TRIED) if image.format in {"GIF", "WEBP", "PNG", "AVIF"} else 1
    frame = first
    for number in range(1, frames):
        if np.asarray(frame.convert("L")).std() >= FLAT:
            return frame
        image.seek(number)
        frame = _opaque_rgb(image)
    return frame if np.asarray(frame.convert("L")).std() >= FLAT else first


def _opaque_rgb(image: Image.Image) -> Image.Image:
    """Upright, 8 bits, transparent parts over white."""
    image.load()
    if image.mode == "F" or image.mode.startswith("I"):
        return ImageOps.exif_transpose(_eight_bits(image)).convert("RGB")
    upright: Any = ImageOps.exif_transpose(image)
    if upright.mode in {"RGBA", "LA", "PA", "La", "RGBa"} or "transparency" in upright.info:
        layer = upright.convert("RGBA")
        white = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(white, layer).convert("RGB")
    return upright.convert("RGB")  # type: ignore[no-any-return]


def _eight_bits(image: Image.Image) -> Image.Image:
    """16-bit, 32-bit and float grey. Whole numbers keep their scale; floats have none, so their range is taken."""
    values = np.nan_to_num(np.asarray(image, np.float64))
    if image.mode == "F":
        low, span = float(values.min()), float(np.ptp(values))
        values = (values - low) * (255.0 / span if span > 0 else 0.0)
    elif image.mode.startswith("I;16") or values.max() > 255:
        values /= 257.0
    eight = Image.fromarray(np.clip(np.round(values), 0, 255).astype(np.uint8))
    eight.info = image.info
    eight.getexif().update(image.getexif())
    return eight
