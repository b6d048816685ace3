"""Pictures: local points, hashed for the index, voted by placement, confirmed by geometry.

Positions are packed (x, y, scale, angle), `extent` is the longer side in pixels, `extra` holds the points themselves
(70 bytes each). Segments are polygons as fractions of width and height. See `image_features`, `image_geometry`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from copyhold.errors import gettext_noop
from copyhold.recognition.chaining import hit_bits
from copyhold.recognition.core import Fingerprint, Match, NotMatchable, Segment, UnreadableMedia
from copyhold.recognition.media.image_decode import Picture, decode_picture
from copyhold.recognition.media.image_explain import explain_match
from copyhold.recognition.media.image_features import (
    INVERTED,
    MIRRORED,
    QUERY_POINTS,
    QUERY_SIDE,
    REFERENCE_POINTS,
    REFERENCE_SIDE,
    Points,
    distinct_points,
    find_points,
    inverted,
    mirrored,
    points_from_bytes,
    points_to_bytes,
)
from copyhold.recognition.media.image_geometry import (
    MIN_INLIERS,
    Placement,
    bits_of,
    contradicted,
    find_placements,
    matched_region,
    polygon_area,
)
from copyhold.recognition.media.image_hashes import TABLES, TURNED, hashes, pack_positions, unpack_positions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copyhold.recognition.core import Explanation, Positions, Postings

MIN_DISTINCT = 24  # points that look like no other of the same picture
MIN_SIDE = 32  # pixels
MIN_BITS = 20.0
MIN_PERCENT = 4.0  # of the work or of the query: ten modules of two QR codes agree on 2 to 3 % of both
MIN_VOTERS = 2  # query points that agree on a placement before a work is worth confirming
PROBES = len(TURNED)
SHOWN_POINTS = 12

Complexes = npt.NDArray[np.complex128]


class ImageRecogniser:
    medium: ClassVar[str] = "image"
    version: ClassVar[int] = 1
    suffixes: ClassVar[tuple[str, ...]] = (
        *(".jpg", ".jpeg", ".png", ".webp", ".gif", ".tif", ".tiff", ".bmp", ".heic", ".heif", ".avif"),
        *(".jp2", ".ppm", ".pgm", ".psd"),
    )

    def decode(self, data: bytes) -> Picture:
        """Raises `UnreadableMedia`."""
        return decode_picture(data)

    def fingerprint(self, media: Picture) -> Fingerprint:
        """Raises `NotMatchable("featureless")`: blank, a gradient, plain stripes or checks, or very small."""
        points = find_points(media.pixels, media.width, media.height, side=REFERENCE_SIDE, most=REFERENCE_POINTS)
        if min(media.width, media.height) < MIN_SIDE or distinct_points(points) < MIN_DISTINCT:
            raise NotMatchable(reason="featureless")
        return self._print(points, probes=1)

    def query(self, media: Picture) -> Sequence[Fingerprint]:
        """As is, mirrored, inverted. The two last are the first one's points in another order, and cost little.

        Raises `NotMatchable("featureless")`, for less than a work to be registered: a small piece is asked for too.
        """
        points = find_points(media.pixels, media.width, media.height, side=QUERY_SIDE, most=QUERY_POINTS)
        if distinct_points(points) < MIN_INLIERS:
            raise NotMatchable(reason="featureless")
        return tuple(self._print(variant, probes=PROBES) for variant in (points, mirrored(points), inverted(points)))

    def _print(self, points: Points, *, probes: int) -> Fingerprint:
        positions = np.repeat(pack_positions(points), TABLES * probes)
        return Fingerprint(
            medium=self.medium,
            version=self.version,
            extent=max(points.width, points.height),
            hashes=hashes(points, probes=probes),
            positions=positions,
            extra=points_to_bytes(points),
        )

    def candidates(self, query: Fingerprint, hits: Postings, limit: int) -> Sequence[int]:
        """Each hit says where the reference would lie in the query; works are ranked by their best-agreed place."""
        often = np.bincount(hits.works)[hits.works] >= MIN_VOTERS if len(hits.works) else np.zeros(0, np.bool_)
        rows, works = hits.query_rows[often], hits.works[often].astype(np.int64)
        if len(works) == 0:
            return []
        bits = hit_bits(hits.query_rows, len(query.hashes))[often]
        voters = (rows // (TABLES * PROBES)).astype(np.int64)
        best: dict[int, float] = {}
        for grid in (0.0, 0.5):
            bins = _bins(query.positions[rows], hits.positions[often], grid)
            for work, worth in _tally(works, bins, voters, bits):
                best[work] = max(best.get(work, 0.0), worth)
        return sorted(best, key=lambda work: (-best[work], work))[:limit]

    def confirm(self, query: Fingerprint, reference: Fingerprint, work: int) -> Match | None:
        """Raises `UnreadableMedia` when a fingerprint's points are damaged."""
        asked, known = _points(query), _points(reference)
        found = [(placement, bits_of(asked, known, placement)) for placement in find_placements(asked, known)]
        sure = (_segment(asked, known, placement, bits) for placement, bits in found if bits >= MIN_BITS)
        segments = tuple(
            segment
            for segment in sure
            if max(segment.detail["of_work_percent"], segment.detail["of_query_percent"]) >= MIN_PERCENT
        )
        if not segments:
            return None
        # Several copies of one work in a collage: together they cover the query, the fullest covers the work.
        query_share = min(1.0, sum(segment.detail["of_query_percent"] for segment in segments) / 100)
        work_share = max(segment.detail["of_work_percent"] for segment in segments) / 100
        first = max(segments, key=lambda segment: segment.bits)
        detail = {name: value for name, value in first.detail.items() if name != "shown_points"}
        bits = sum(segment.bits for segment in segments)
        return Match(work, round(bits, 1), segments, query_share, work_share, detail)

    def explain(self, query: Picture, reference: Picture, match: Match) -> Explanation:
        """Both pictures with the regions and at most twelve numbered points, and one sentence in two languages."""
        return explain_match(query, reference, match)


def _points(fingerprint: Fingerprint) -> Points:
    try:
        return points_from_bytes(fingerprint.extra)
    except ValueError as error:
        raise UnreadableMedia(gettext_noop("The fingerprint is damaged."), code="fingerprint.damaged") from error


def _bins(query: Positions, reference: Positions, grid: float) -> npt.NDArray[np.int64]:
    """The bin of each hit's placement: 30° of turn, an octave of scale, a fifth of the reference's size in x and y.

    `grid` shifts all bins by that part of a bin: what falls on the border of one grid is inside the other.
    """
    q, q_scale, q_angle = unpack_positions(query)
    r, r_scale, r_angle = unpack_positions(reference)
    octaves, turn = q_scale - r_scale, (q_angle - r_angle) % (2 * np.pi)
    middle = q + np.exp2(octaves) * np.exp(1j * turn) * (0.5 + 0.4j - r)
    octave = np.floor(octaves + grid)
    cell = 0.2 * np.maximum(np.exp2(octave), 0.2)
    x, y = (np.clip(np.floor(axis / cell + grid), -2048, 2047) + 2048 for axis in (middle.real, middle.imag))
    sector = np.floor(turn * 12 / (2 * np.pi) + grid) % 12
    bins = ((sector * 32 + np.clip(octave + 16, 0, 31)) * 4096 + x) * 4096 + y
    packed: npt.NDArray[np.int64] = bins.astype(np.int64)
    return packed


def _tally(
    works: npt.NDArray[np.int64],
    bins: npt.NDArray[np.int64],
    voters: npt.NDArray[np.int64],
    bits: npt.NDArray[np.float64],
) -> list[tuple[int, float]]:
    """(work, bits of its best bin); a query point votes once in a bin, with its most telling hash."""
    order = np.lexsort((-bits, voters, bins, works))
    works, bins, voters, bits = works[order], bins[order], voters[order], bits[order]
    is_new_bin = np.r_[True, (np.diff(works) != 0) | (np.diff(bins) != 0)]
    is_new_voter = is_new_bin | np.r_[True, np.diff(voters) != 0]
    starts = np.flatnonzero(is_new_bin)
    worth = np.add.reduceat(np.where(is_new_voter, bits, 0.0), starts)
    votes = np.add.reduceat(is_new_voter.astype(np.int64), starts)
    enough = votes >= MIN_VOTERS
    return list(zip(works[starts][enough].tolist(), worth[enough].tolist(), strict=True))


def _segment(query: Points, reference: Points, placement: Placement, bits: float) -> Segment:
    """Fractions of the *original* query: a mirrored variant is turned back first."""
    in_query = matched_region(query, reference, placement)
    in_reference = placement.back(in_query)
    denied = contradicted(query, reference, placement)
    of_query = (1 - denied) * polygon_area(in_query) / polygon_area(query.frame)
    of_work = (1 - denied) * polygon_area(in_reference) / polygon_area(reference.frame)
    # A pixel of the reference became this many pixels of the query.
    scale = placement.scale * max(query.width, query.height) / max(reference.width, reference.height)
    shown = _spread_out(reference.place[placement.pairs.reference])
    detail: dict[str, Any] = {
        "points": len(placement.pairs.query),
        "points_of": len(reference),
        "scale_percent": round(100 * scale, 1),
        "turn_degrees": round(placement.turn, 1),
        "mirrored": query.variant == MIRRORED,
        "inverted": query.variant == INVERTED,
        "of_work_percent": round(min(100.0, 100 * of_work), 1),
        "of_query_percent": round(min(100.0, 100 * of_query), 1),
        "contradicted_percent": round(100 * denied, 1),
        "shown_points": [
            [*_fraction(query, query.place[placement.pairs.query[i]]), *_fraction(reference, r)]
            for i, r in ((i, reference.place[placement.pairs.reference[i]]) for i in shown)
        ],
    }
    return Segment(
        tuple(_fraction(query, corner) for corner in in_query),
        tuple(_fraction(reference, corner) for corner in in_reference),
        round(bits, 1),
        detail,
    )


def _fraction(points: Points, place: complex) -> tuple[float, float]:
    corner = points.frame[2]
    x, y = place.real / corner.real, place.imag / corner.imag
    if points.variant == MIRRORED:
        x = 1 - x
    return round(min(max(float(x), 0.0), 1.0), 4), round(min(max(float(y), 0.0), 1.0), 4)


def _spread_out(places: Complexes) -> list[int]:
    """Up to `SHOWN_POINTS` indices, each the farthest from those before it; then from left to right."""
    chosen = [0]
    distance = np.abs(places - places[0])
    while len(chosen) < min(SHOWN_POINTS, len(places)) and distance.max() > 0:
        chosen.append(int(distance.argmax()))
        distance = np.minimum(distance, np.abs(places - places[chosen[-1]]))
    return sorted(chosen, key=lambda i: (places[i].real, places[i].imag))


RECOGNISER = ImageRecogniser()
