"""A recognition Explanation, ready to be drawn: the original left, the copy right, in words below. For every face.

`base` is the address under which the explanation's files are served (it ends in "/"); without it pictures are put
into the page itself and sounds cannot be played.
"""

from __future__ import annotations

import base64
from itertools import groupby
from typing import TYPE_CHECKING, Any

from copyhold.web.phrases import is_chinese, t

if TYPE_CHECKING:
    from copyhold.recognition.core import Explanation

ENDS = 4  # sentences shown at each end of a long stretch that is equal
WIDE, STRIP = 800, 56  # of the drawing: pixels of a picture's width, height of a strip of sound
KINDS = {
    "equal": ("same", t("equal", "相同")),
    "changed": ("near", t("changed", "改动")),
    "left_out": ("gap", t("left out", "删去")),
    "added": ("gap", t("added", "增加")),
}


def drawn(explanation: Explanation, base: str = "") -> dict[str, Any]:
    """What partials/likeness.html needs; `kind` is the medium."""
    draw = {"image": _image, "text": _text, "audio": _audio}.get(explanation.kind)
    facts = draw(explanation, base) if draw else {}
    return {"kind": explanation.kind, "words": words_of(explanation), **facts}


def words_of(explanation: Explanation) -> str:
    words = explanation.data.get("words") or {}
    return str(words.get("zh" if is_chinese() else "en", ""))


def _address(explanation: Explanation, name: str, base: str) -> str:
    if base:
        return f"{base}{name}"
    if name.endswith((".jpg", ".jpeg", ".png")) and name in explanation.files:
        kind = "png" if name.endswith(".png") else "jpeg"
        return f"data:image/{kind};base64,{base64.b64encode(explanation.files[name]).decode()}"
    return ""


def _image(explanation: Explanation, base: str) -> dict[str, Any]:
    data = explanation.data
    sides = []
    for which in ("reference", "query"):
        side = data[which]
        tall = max(round(WIDE * side["height"] / max(side["width"], 1)), 1)
        sides.append(
            {
                "which": which,
                "src": _address(explanation, side["file"], base),
                "width": WIDE,
                "height": tall,
                "polygons": [_path(polygon, tall) for polygon in side["polygons"]],
                "points": [
                    {
                        "number": point["number"],
                        "x": round(point[which][0] * WIDE, 1),
                        "y": round(point[which][1] * tall, 1),
                        "label_y": round(point[which][1] * tall + 7, 1),
                    }
                    for point in data.get("points", ())
                ],
            }
        )
    return {"sides": sides}


def _path(polygon: list[Any], tall: int) -> str:
    corners = " L".join(f"{x * WIDE:.1f} {y * tall:.1f}" for x, y in polygon)
    return f"M{corners}Z"


def _text(explanation: Explanation, _base: str) -> dict[str, Any]:
    passages = []
    for passage in explanation.data["passages"]:
        rows = []
        for row in passage["rows"]:
            css, word = KINDS[row["kind"]]
            rows.append(
                {
                    "css": css,
                    "word": word,
                    "reference": _pieces(row["reference"], row.get("deleted", ())),
                    "query": _pieces(row["query"], row.get("inserted", ())),
                }
            )
        passages.append({"rows": _without_long_runs(rows), "is_cut": passage["is_cut"], "at": passage["query"]})
    return {"passages": passages, "left_off": explanation.data.get("left_off", 0)}


def _without_long_runs(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is equal for long need not be read twice: its ends stay, and a row says how much lies between."""
    kept: list[dict[str, Any]] = []
    for is_same, run in groupby(rows, key=lambda row: row["css"] == "same"):
        found = list(run)
        left_out = len(found) - 2 * ENDS
        if is_same and left_out > ENDS:
            found = [*found[:ENDS], {"css": "skip-row", "skipped": left_out}, *found[-ENDS:]]
        kept += found
    return kept


def _pieces(text: str, marked: Any) -> list[tuple[str, bool]]:
    """Cut a sentence into (piece, is it marked)."""
    pieces, at = [], 0
    for start, end in marked:
        pieces += [(text[at:start], False), (text[start:end], True)]
        at = end
    return [(piece, is_marked) for piece, is_marked in [*pieces, (text[at:], False)] if piece]


def _audio(explanation: Explanation, base: str) -> dict[str, Any]:
    data = explanation.data
    longest = max(data["query"]["duration_ms"], data["reference"]["duration_ms"], 1)
    scale = WIDE / longest

    def strip(which: str, top: int) -> dict[str, Any]:
        side = data[which]
        step = side["duration_ms"] * scale / max(len(side["envelope"]), 1)
        bars = [
            {
                "x": round(place * step, 2),
                "y": round(top + STRIP / 2 - max(level, 0.02) * STRIP / 2, 1),
                "h": round(max(level, 0.02) * STRIP, 1),
            }
            for place, level in enumerate(side["envelope"])
        ]
        return {
            "bars": bars,
            "w": round(max(step * 0.8, 0.5), 2),
            "top": top,
            "src": _address(explanation, side["excerpt"], base),
        }

    bands, low = [], 60 + STRIP  # where the lower strip begins
    for span in data["spans"]:
        (r0, r1), (q0, q1) = span["reference_ms"], span["query_ms"]
        x = [round(value * scale, 1) for value in (r0, r1, q1, q0)]
        bands.append(
            {
                "path": f"M{x[0]} 20V{20 + STRIP}L{x[3]} {low}V{low + STRIP}H{x[2]}V{low}L{x[1]} {20 + STRIP}V20Z",
                "reference_x": x[0],
                "query_x": x[3],
                "reference_at": f"{_minutes(r0)}–{_minutes(r1)}",
                "query_at": f"{_minutes(q0)}–{_minutes(q1)}",
            }
        )
    return {
        "reference": strip("reference", 20),
        "query": strip("query", 60 + STRIP),
        "bands": bands,
        "height": 80 + 2 * STRIP,
        "foot": 75 + 2 * STRIP,
    }


def _minutes(ms: int) -> str:
    return f"{ms // 60_000}:{ms // 1000 % 60:02d}"
