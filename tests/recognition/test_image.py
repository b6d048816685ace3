"""Pictures: what is found, where, and what is shown. The conformance suite covers the rest."""

import functools
import importlib.util
import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from copyhold.recognition.core import Fingerprint, UnreadableMedia
from copyhold.recognition.index import MemoryIndex
from copyhold.recognition.matching import identify
from copyhold.recognition.media.image import RECOGNISER

_spec = importlib.util.spec_from_file_location("image_samples", Path(__file__).parent / "samples" / "image.py")
samples = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(samples)

NAMES = ("astronaut.png", "chelsea.png", "coffee.png", "coins.png", "moon.png", "retina.jpg", "rocket.jpg")
ASTRONAUT = NAMES.index("astronaut.png")


@functools.cache
def prints():
    return tuple(RECOGNISER.fingerprint(RECOGNISER.decode((samples.FOLDER / name).read_bytes())) for name in NAMES)


@functools.cache
def index():
    whole = MemoryIndex()
    for work, fingerprint in enumerate(prints()):
        whole.add(work, fingerprint)
    return whole


def found(image):
    return identify("image", RECOGNISER.decode(samples.saved(image)), index(), prints().__getitem__)


@pytest.fixture(scope="module")
def astronaut():
    return samples.photo("astronaut.png")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("share", [0.3, 0.5])
def test_a_crop_says_which_part_of_the_work_it_is(name, share):
    picture = samples.photo(name)
    match = found(samples.cropped(picture, share))[0]
    assert match.work == NAMES.index(name)
    assert match.work_share == pytest.approx(share, abs=0.06)
    assert match.query_share > 0.9
    left, top, right, bottom = bounds(match.segments[0].reference)
    kept = share**0.5
    assert (left, top) == pytest.approx(((1 - kept) / 3, (1 - kept) / 2), abs=0.04)
    assert (right - left, bottom - top) == pytest.approx((kept, kept), abs=0.05)


def bounds(polygon):
    xs, ys = zip(*polygon, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def test_a_screenshot_says_where_the_work_stands_on_the_page(astronaut):
    match = found(samples.screenshot(astronaut))[0]
    assert (match.work, match.detail["scale_percent"]) == (ASTRONAUT, pytest.approx(50, abs=1))
    expected = (30 / 800, 80 / 600, (30 + 256) / 800, (80 + 256) / 600)
    assert bounds(match.segments[0].query) == pytest.approx(expected, abs=0.02)
    assert match.work_share > 0.95


@pytest.mark.parametrize("degrees", [-135, -30, 5, 90])
def test_the_turn_is_measured(astronaut, degrees):
    match = found(samples.turned(astronaut, degrees))[0]
    assert match.work == ASTRONAUT
    assert match.detail["turn_degrees"] == pytest.approx(-degrees, abs=0.5)  # Pillow turns anticlockwise


def test_a_mirrored_crop_is_shown_in_the_place_where_it_is_in_the_query(astronaut):
    page = samples.pasted(ImageOps.mirror(astronaut), samples.photo("motorcycle_left.png"), 0.3)
    match = found(page)[0]
    assert (match.work, match.detail["mirrored"], match.detail["inverted"]) == (ASTRONAUT, True, False)
    assert bounds(match.segments[0].query)[0] > 0.5  # pasted at the right
    # The same corner in both: what is left on the page is right in the work.
    pairs = list(zip(match.segments[0].query, match.segments[0].reference, strict=True))
    assert min(pairs)[1][0] > 0.9


def test_a_negative_is_found_and_named(astronaut):
    match = found(ImageOps.invert(astronaut))[0]
    assert (match.work, match.detail["inverted"], match.detail["mirrored"]) == (ASTRONAUT, True, False)


def test_two_copies_in_a_collage_are_two_regions(astronaut):
    page = Image.new("RGB", (900, 500), "white")
    page.paste(astronaut.resize((400, 400)), (20, 40))
    page.paste(astronaut.resize((400, 400)), (470, 60))
    match = found(page)[0]
    assert match.work == ASTRONAUT
    assert len(match.segments) == 2
    assert match.query_share == pytest.approx(2 * 400 * 400 / (900 * 500), abs=0.05)


def test_two_works_in_one_picture_are_both_found(astronaut):
    page = Image.new("RGB", (1000, 500), "white")
    page.paste(astronaut.resize((480, 480)), (10, 10))
    page.paste(samples.photo("coffee.png").resize((490, 330)), (500, 80))
    assert {match.work for match in found(page)} == {ASTRONAUT, NAMES.index("coffee.png")}


def test_nothing_drawn_matches_anything():
    """Stripes, checks, noise, QR codes: neither each other nor photographs; each noise and code only itself."""
    queries, references = {}, dict(zip(NAMES, prints(), strict=True))
    for name, data in samples.drawn().items():
        decoded = RECOGNISER.decode(data)
        if name in samples.not_matchable():
            continue
        queries[name], references[name] = RECOGNISER.query(decoded), RECOGNISER.fingerprint(decoded)
    assert len(queries) == 4
    for name, variants in queries.items():
        hit = {
            other for other, known in references.items() if any(RECOGNISER.confirm(one, known, 0) for one in variants)
        }
        assert hit == {name}


def test_two_photographs_in_one_page_frame_are_hardly_alike(astronaut):
    """Even when a screenshot was registered as a work: the frame alone must weigh far less than the picture."""
    frame_only, picture_too = (
        RECOGNISER.confirm(RECOGNISER.query(RECOGNISER.decode(samples.saved(samples.screenshot(photo))))[0], known, 0)
        for known in [RECOGNISER.fingerprint(RECOGNISER.decode(samples.saved(samples.screenshot(astronaut))))]
        for photo in (samples.photo("chelsea.png"), astronaut)
    )
    assert picture_too.detail["contradicted_percent"] < 5
    assert frame_only is None or frame_only.bits < 0.3 * picture_too.bits


def test_the_explanation_shows_the_same_points_in_both_pictures(astronaut):
    query = RECOGNISER.decode(samples.saved(samples.screenshot(samples.cropped(astronaut, 0.5))))
    reference = RECOGNISER.decode(samples.saved(astronaut))
    match = RECOGNISER.confirm(RECOGNISER.query(query)[0], prints()[ASTRONAUT], 7)
    shown = RECOGNISER.explain(query, reference, match)
    assert json.loads(json.dumps(shown.data)) == shown.data
    assert 6 <= len(shown.data["points"]) <= 12
    assert sum(len(data) for data in shown.files.values()) < 300_000
    for side in ("query", "reference"):
        with Image.open(io.BytesIO(shown.files[shown.data[side]["file"]])) as picture:
            assert max(picture.size) <= 800
        assert all(0 <= value <= 1 for corner in shown.data[side]["polygons"][0] for value in corner)
    assert "points agree" in shown.data["words"]["en"]
    assert "登记作品" in shown.data["words"]["zh"]
    for point in shown.data["points"]:  # the crop is 362² of 512², at half size, from (30, 80) of the page
        x, y = point["query"][0] * 800, point["query"][1] * 600
        there = (point["reference"][0] * 512, point["reference"][1] * 512)
        assert ((x - 30) * 2 + 50, (y - 80) * 2 + 75) == pytest.approx(there, abs=8)


def test_a_damaged_fingerprint_is_refused():
    good = prints()[0]
    for extra in (b"", good.extra[:-1], good.extra + b"x", b"\xff" * 200):
        bad = Fingerprint(good.medium, good.version, good.extent, good.hashes, good.positions, extra)
        with pytest.raises(UnreadableMedia):
            RECOGNISER.confirm(bad, good, 1)


def test_positions_and_points_survive_packing():
    from copyhold.recognition.media.image_features import points_from_bytes, points_to_bytes
    from copyhold.recognition.media.image_hashes import pack_positions, unpack_positions

    points = points_from_bytes(prints()[0].extra)
    assert points_to_bytes(points) == prints()[0].extra
    place, scale, angle = unpack_positions(pack_positions(points))
    assert np.abs(place - points.place).max() < 0.001
    assert np.abs(scale - points.log_scale).max() <= 0.13
    assert np.abs(np.exp(1j * angle) - np.exp(1j * points.angle)).max() < 0.03


def test_opencv_is_left_as_it_was():
    import cv2

    before = cv2.getNumThreads(), cv2.useOptimized()
    found(samples.photo("coins.png"))
    assert (cv2.getNumThreads(), cv2.useOptimized()) == before
