"""Local features of a picture: SIFT points, chosen evenly, with small integer descriptors and stable hashes.

Method: SIFT (Lowe 2004; the patent ended in 2020) with the square-root descriptor of Arandjelović & Zisserman 2012,
rounded to four bits, so that all later arithmetic is exact in integers. `benchmarks/image.py` says what it reaches.

A mirrored or inverted picture has the same points; its descriptors are the same numbers in another order. So the
variants of a query cost no second detection.
"""

from __future__ import annotations

import struct
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import cv2
import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterator

Floats = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.uint8]

REFERENCE_SIDE, REFERENCE_POINTS = 360, 300
QUERY_SIDE, QUERY_POINTS = 560, 900
CANDIDATE_POINTS = 1.5  # points described for each point kept
CONTRAST, EDGE = 0.015, 12.0
CELLS = 5  # points are taken in turn from 5 × 5 cells and each octave: the strongest alone all sit on one fence

_HEADER = struct.Struct("<BBHII")  # layout, variant, points, width, height
LAYOUT = 1
AS_IS, MIRRORED, INVERTED = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Points:
    """Features of one picture. Places in units of the longer side (x right, y down, as complex numbers);
    `log_scale` in octaves of the same unit, `angle` in radians clockwise; descriptors (n, 128) of 0…15."""

    width: int
    height: int
    variant: int
    place: npt.NDArray[np.complex128]
    log_scale: Floats
    angle: Floats
    descriptors: Bytes

    def __len__(self) -> int:
        return len(self.place)

    @property
    def frame(self) -> npt.NDArray[np.complex128]:
        """The corners, clockwise from the top left."""
        w, h = self.width / max(self.width, self.height), self.height / max(self.width, self.height)
        return np.array([0, w, w + 1j * h, 1j * h])


@contextmanager
def _same_everywhere() -> Iterator[None]:
    """Run OpenCV on one thread and without the instructions that only some processors have.

    Measured on one machine: with AVX2 most of 24 pictures gave slightly other points than without; IPP alone changed
    one. So switched, the points were equal to the byte whether or not OpenCV could see AVX, FMA and AVX2, for 15 %
    more time.
    Other makes of processor (ARM) and other versions of OpenCV are not tried.
    """
    threads, optimised = cv2.getNumThreads(), cv2.useOptimized()
    cv2.setNumThreads(1)
    cv2.setUseOptimized(False)
    try:
        yield
    finally:
        cv2.setUseOptimized(optimised)
        cv2.setNumThreads(threads)


def find_points(pixels: Bytes, width: int, height: int, *, side: int, most: int) -> Points:
    """At most `most` points of a picture reduced to `side`² pixels (it is never enlarged)."""
    with _same_everywhere():
        return _find_points(pixels, width, height, side, most)


def _find_points(pixels: Bytes, width: int, height: int, side: int, most: int) -> Points:
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    factor = side / (grey.shape[0] * grey.shape[1]) ** 0.5
    if factor < 1:
        size = (max(1, round(grey.shape[1] * factor)), max(1, round(grey.shape[0] * factor)))
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    if min(grey.shape) < 12:  # SIFT's own border leaves nothing
        return Points(
            width, height, AS_IS, np.empty(0, complex), np.empty(0), np.empty(0), np.empty((0, 128), np.uint8)
        )
    sift = cast("Any", cv2).SIFT_create(int(CANDIDATE_POINTS * most), 3, CONTRAST, EDGE)
    found, raw = sift.detectAndCompute(grey, None)
    points_at: Any = cv2.KeyPoint.convert(found) if found else np.empty((0, 2))
    x, y = points_at.T.astype(np.float64)
    response, size_of, angle, octave = (
        np.array([(key.response, key.size, key.angle, key.octave & 255) for key in found], np.float64).reshape(-1, 4).T
    )
    cell = (np.floor(x * CELLS / grey.shape[1]) * CELLS + np.floor(y * CELLS / grey.shape[0])) * 256 + octave
    chosen = _in_turn(cell, np.lexsort((angle, y, x, -response)))[:most]
    unit = float(max(grey.shape))
    descriptors = np.empty((0, 128), np.uint8) if raw is None else _four_bits(raw[chosen])
    place = (x[chosen] + 0.5 + 1j * (y[chosen] + 0.5)) / unit
    log_scale = np.log2(np.maximum(size_of[chosen], 1e-3) / unit)
    return Points(width, height, AS_IS, place, log_scale, np.radians(angle[chosen]), descriptors)


def _in_turn(cell: Floats, order: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The best of every cell, then the second best of every cell, and so on. `order`: all points, best first."""
    by_cell = np.argsort(cell[order], kind="stable")
    ordered = cell[order][by_cell]
    starts = np.searchsorted(ordered, ordered)
    rank = np.empty(len(order), np.int64)
    rank[by_cell] = np.arange(len(order)) - starts
    return order[np.argsort(rank, kind="stable")]


def _four_bits(raw: npt.NDArray[np.float32]) -> Bytes:
    """Square root of the share of each bin, in 1/40: 15 stands for 0.375 and more."""
    share = np.sqrt(raw / np.maximum(raw.sum(axis=1, keepdims=True), 1.0))
    return np.asarray(np.minimum(np.rint(share * 40), 15), np.uint8)


def mirrored(points: Points) -> Points:
    """The points of the picture with left and right exchanged."""
    width = points.frame[1].real
    box = points.descriptors.reshape(-1, 4, 4, 8)[:, ::-1, :, -np.arange(8) % 8]
    return replace(
        points,
        variant=MIRRORED,
        place=width - points.place.real + 1j * points.place.imag,
        angle=(np.pi - points.angle) % (2 * np.pi),
        descriptors=np.ascontiguousarray(box).reshape(-1, 128),
    )


def inverted(points: Points) -> Points:
    """The points of the negative."""
    box = points.descriptors.reshape(-1, 4, 4, 8)[:, ::-1, ::-1]
    return replace(
        points,
        variant=INVERTED,
        angle=(points.angle + np.pi) % (2 * np.pi),
        descriptors=np.ascontiguousarray(box).reshape(-1, 128),
    )


def distinct_points(points: Points, closeness: int = 150) -> int:
    """How many points look like no other of the same picture (squared distance above `closeness`)."""
    if len(points) < 2:
        return len(points)
    apart = squared_distances(points.descriptors, points.descriptors)
    np.fill_diagonal(apart, np.inf)
    return int((apart.min(axis=1) > closeness).sum())


def squared_distances(one: Bytes, other: Bytes) -> npt.NDArray[np.float32]:
    """(n, m). Whole numbers below 2²⁴, so float32 is exact and equal on every machine."""
    a, b = one.astype(np.float32), other.astype(np.float32)
    return np.asarray((a * a).sum(axis=1)[:, None] + (b * b).sum(axis=1)[None] - 2 * (a @ b.T), np.float32)


def points_to_bytes(points: Points) -> bytes:
    """Six bytes a place (x, y in 1/65535 longer side; scale in 1/32 octave; angle in 1/256 turn), 64 a descriptor."""
    table = np.empty(len(points), [("x", "<u2"), ("y", "<u2"), ("scale", "u1"), ("angle", "u1")])
    table["x"] = np.clip(np.rint(points.place.real * 65535), 0, 65535)
    table["y"] = np.clip(np.rint(points.place.imag * 65535), 0, 65535)
    table["scale"] = np.clip(np.rint((points.log_scale + 8) * 32), 0, 255)
    table["angle"] = np.rint(points.angle * 256 / (2 * np.pi)).astype(np.int64) % 256
    nibbles = points.descriptors[:, 0::2] << 4 | points.descriptors[:, 1::2]
    head = _HEADER.pack(LAYOUT, points.variant, len(points), points.width, points.height)
    return head + table.tobytes() + nibbles.tobytes()


def points_from_bytes(data: bytes) -> Points:
    """Read `points_to_bytes` back. ValueError when the length or the layout is wrong."""
    if len(data) < _HEADER.size:
        raise ValueError("the picture's points are cut short")
    layout, variant, count, width, height = _HEADER.unpack_from(data)
    if layout != LAYOUT or len(data) != _HEADER.size + 70 * count or min(width, height) < 1:
        raise ValueError("the picture's points are damaged")
    kind = [("x", "<u2"), ("y", "<u2"), ("scale", "u1"), ("angle", "u1")]
    table = np.frombuffer(data, kind, count, _HEADER.size)
    nibbles = np.frombuffer(data, np.uint8, 64 * count, _HEADER.size + 6 * count).reshape(count, 64)
    descriptors = np.empty((count, 128), np.uint8)
    descriptors[:, 0::2], descriptors[:, 1::2] = nibbles >> 4, nibbles & 15
    place = (table["x"].astype(np.float64) + 1j * table["y"]) / 65535
    angle = table["angle"].astype(np.float64) * (2 * np.pi / 256)
    return Points(width, height, variant, place, table["scale"] / 32.0 - 8.0, angle, descriptors)
