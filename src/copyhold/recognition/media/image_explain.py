"""A match shown to a person: both pictures, the regions, numbered points, and one sentence in two languages."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from PIL import Image

from copyhold.recognition.core import Explanation

if TYPE_CHECKING:
    from copyhold.recognition.core import Match
    from copyhold.recognition.media.image_decode import Picture

SHOWN_SIDE = 800  # pixels
LEVEL = 2.0  # degrees of turn that nobody would mention
SAME_SIZE = 3.0  # per cent of scale likewise


def explain_match(query: Picture, reference: Picture, match: Match) -> Explanation:
    points = [point for segment in match.segments for point in segment.detail["shown_points"]][:12]
    data: dict[str, Any] = {
        "query": _side("query.jpg", query, [segment.query for segment in match.segments]),
        "reference": _side("reference.jpg", reference, [segment.reference for segment in match.segments]),
        "points": [
            {"number": number, "query": point[:2], "reference": point[2:]} for number, point in enumerate(points, 1)
        ],
        "figures": {**match.detail, "bits": match.bits, "regions": len(match.segments)},
        "words": {"en": _english(match), "zh": _chinese(match)},
    }
    return Explanation("image", data, {"query.jpg": _jpeg(query), "reference.jpg": _jpeg(reference)})


def _side(name: str, picture: Picture, polygons: list[tuple[Any, ...]]) -> dict[str, Any]:
    return {
        "file": name,
        "width": picture.width,
        "height": picture.height,
        "polygons": [[list(corner) for corner in polygon] for polygon in polygons],
    }


def _jpeg(picture: Picture) -> bytes:
    image = Image.fromarray(picture.pixels)
    image.thumbnail((SHOWN_SIDE, SHOWN_SIDE))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()


def _english(match: Match) -> str:
    detail = match.detail
    times = "" if len(match.segments) == 1 else f" It appears {len(match.segments)} times."
    return (
        f"{detail['of_work_percent']:.0f} % of the registered picture reappears and covers "
        f"{detail['of_query_percent']:.0f} % of this one, {', '.join(_changes(detail, _ENGLISH))}; "
        f"{detail['points']} of {detail['points_of']} points agree.{times}"
    )


def _chinese(match: Match) -> str:
    detail = match.detail
    times = "" if len(match.segments) == 1 else f"共出现{len(match.segments)}处。"
    return (
        f"登记作品图片的{detail['of_work_percent']:.0f}%在本图中重现，占本图的{detail['of_query_percent']:.0f}%，"
        f"{'，'.join(_changes(detail, _CHINESE))}；{detail['points_of']}个特征点中有{detail['points']}个吻合。{times}"
    )


_ENGLISH = {
    "mirrored": "mirrored",
    "inverted": "with inverted colours",
    "scale": "at {scale:.0f} % of its size",
    "clockwise": "turned {turn:.0f}° clockwise",
    "anticlockwise": "turned {turn:.0f}° anticlockwise",
    "none": "at its original size",
}
_CHINESE = {
    "mirrored": "经左右镜像",
    "inverted": "经反色处理",
    "scale": "缩放至{scale:.0f}%",
    "clockwise": "顺时针旋转{turn:.0f}°",
    "anticlockwise": "逆时针旋转{turn:.0f}°",
    "none": "尺寸不变",
}


def _changes(detail: dict[str, Any], words: dict[str, str]) -> list[str]:
    turn = detail["turn_degrees"]
    named = ["mirrored"] * detail["mirrored"] + ["inverted"] * detail["inverted"]
    named.append("scale" if abs(detail["scale_percent"] - 100) > SAME_SIZE else "none")
    if abs(turn) > LEVEL:
        named.append("clockwise" if turn > 0 else "anticlockwise")
    return [words[name].format(scale=detail["scale_percent"], turn=abs(turn)) for name in named]
