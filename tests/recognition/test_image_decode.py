"""Any file → one upright, opaque, 8-bit picture, or a clear refusal."""

import io
from pathlib import Path

import iscc_samples
import numpy as np
import pillow_heif
import pytest
import skimage
from PIL import Image

from copyhold.recognition.core import UnreadableMedia
from copyhold.recognition.media.image_decode import MAX_PIXELS, decode_picture

FOLDER = Path(skimage.__file__).parent / "data"


def saved(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


@pytest.fixture(scope="module")
def photo():
    return Image.open(FOLDER / "coffee.png").convert("RGB")


def likeness(picture, image):
    """Correlation of two small grey pictures."""
    one, other = (
        np.asarray(each.convert("L").resize((32, 32)), float).ravel()
        for each in (Image.fromarray(picture.pixels), image)
    )
    return np.corrcoef(one, other)[0, 1]


@pytest.mark.parametrize("path", iscc_samples.images(), ids=lambda path: Path(path).name)
def test_every_sample_picture_is_read(path):
    with Image.open(path) as image:
        picture = decode_picture(Path(path).read_bytes())
        assert (picture.width, picture.height) == image.size
    assert picture.pixels.shape[2] == 3


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_camera_held_any_way_gives_an_upright_picture(photo, orientation):
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # what the camera did to the upright picture, as Pillow counts
    stored = photo if orientation == 1 else photo.transpose(Image.Transpose(undo[orientation]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = decode_picture(saved(stored, "JPEG", exif=exif))
    assert (picture.width, picture.height) == photo.size
    assert likeness(picture, photo) > 0.98


def test_transparent_parts_are_white(photo):
    layer = photo.convert("RGBA")
    layer.putalpha(Image.new("L", photo.size, 0))
    assert decode_picture(saved(layer, "PNG")).pixels.min() == 255
    palette = Image.new("P", (40, 40), 0)
    palette.putpalette([0, 0, 0] * 256)
    assert decode_picture(saved(palette, "GIF", transparency=0)).pixels.min() == 255


def test_print_colours_are_read(photo):
    assert likeness(decode_picture(saved(photo.convert("CMYK"), "JPEG")), photo) > 0.97


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_keep_their_shades(photo, kind):
    deep = Image.fromarray(np.asarray(photo.convert("L")).astype(np.uint16) * 257)
    picture = decode_picture(saved(deep, kind))
    assert np.abs(picture.pixels[:, :, 0].astype(int) - np.asarray(photo.convert("L"))).max() <= 1


def test_float_pictures_take_their_own_range(photo):
    values = Image.fromarray(np.asarray(photo.convert("L"), np.float32) / 1000 - 3)
    assert likeness(decode_picture(saved(values, "TIFF")), photo) > 0.97


def test_an_animation_is_its_first_frame_that_shows_something(photo):
    blank = Image.new("RGB", photo.size, "white")
    picture = decode_picture(saved(blank, "GIF", save_all=True, append_images=[blank, photo, blank]))
    assert likeness(picture, photo) > 0.95


def test_phone_formats_are_read(photo):
    out = io.BytesIO()
    pillow_heif.from_pillow(photo).save(out, quality=80)
    assert likeness(decode_picture(out.getvalue()), photo) > 0.98
    assert likeness(decode_picture(saved(photo, "AVIF")), photo) > 0.98


def test_a_large_picture_is_reduced_and_a_long_strip_keeps_its_detail(photo):
    large = decode_picture(saved(photo.resize((4000, 3000)), "JPEG"))
    assert (large.width, large.height) == (4000, 3000)
    assert large.pixels.shape[0] * large.pixels.shape[1] <= 1025 * 1025
    strip = decode_picture(saved(photo.resize((500, 8000)), "PNG"))
    assert strip.pixels.shape[1] >= 250


@pytest.mark.parametrize("size", [(30_000, 30_000), (10_000, MAX_PIXELS // 10_000 + 1), (100_000, 2)])
def test_too_many_pixels_are_refused_before_they_are_decoded(size):
    with pytest.raises(UnreadableMedia) as refusal:
        decode_picture(b"P6 %d %d 255\n" % size + bytes(50))
    assert refusal.value.instance_code == "media.too_many_pixels"


def test_formats_that_start_other_programs_are_refused():
    with pytest.raises(UnreadableMedia):
        decode_picture(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\nshowpage\n")
