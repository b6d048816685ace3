"""What comes out of the sandbox is believed only when every byte of it is as it should be."""

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copyhold.recognition.extract import (
    DamagedExtract,
    extract,
    match_from_json,
    parse_explanation,
    parse_extract,
    warm,
)
from copyhold.recognition.registry import UnknownMedium

TEXT = ("春眠不觉晓，处处闻啼鸟。夜来风雨声，花落知多少。" * 2).encode()
FRAME = extract(TEXT, "poem.txt", "both")


def frame(head, parts):
    text = json.dumps({"head": head, "parts": {name: len(part) for name, part in parts.items()}}).encode()
    return b"CHX1" + len(text).to_bytes(4, "little") + text + b"".join(parts.values())


GOOD = {"medium": "text", "facts": {"bytes": 1}, "not_matchable": None}


def test_a_frame_is_read_back():
    taken = parse_extract(FRAME)
    assert taken.medium == "text"
    assert taken.facts == {"bytes": len(TEXT), "form": "plain", "characters": 48}
    assert taken.reference is not None
    assert len(taken.queries) == 1
    assert parse_extract(extract(TEXT, side="query")).reference is None


def test_too_little_is_an_answer_not_an_error():
    assert parse_extract(extract(b"Hello.", "a.txt")).not_matchable == "too_short"


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(FRAME) - 1), st.integers(1, 255), st.integers(0, len(FRAME)))
def test_a_damaged_frame_is_refused_or_harmless(place, change, cut):
    broken = bytearray(FRAME)
    broken[place] ^= change
    for untrusted in (bytes(broken), FRAME[:cut]):
        with contextlib.suppress(DamagedExtract, UnknownMedium):
            assert parse_extract(untrusted).medium == "text"


@pytest.mark.parametrize(
    "untrusted",
    [
        b"",
        b"CHX1\xff\xff\xff\xff",
        frame({**GOOD, "medium": ["text"]}, {}),
        frame({**GOOD, "facts": []}, {}),
        frame({**GOOD, "facts": {"width": [1]}}, {}),
        frame({**GOOD, "facts": {"note": "x" * 1000}}, {}),
        frame({**GOOD, "not_matchable": "because"}, {}),
        frame(GOOD, {"reference": b"CHF1"}),
        frame(GOOD, {"something": b""}),
        frame(GOOD, {}) + b"more",
        b"CHX1\x02\0\0\0[]",
    ],
    ids=range(11),
)
def test_a_frame_with_anything_unexpected_is_refused(untrusted):
    with pytest.raises(DamagedExtract):
        parse_extract(untrusted)


@pytest.mark.parametrize(
    "untrusted",
    [
        frame({"kind": "text"}, {}),
        frame({"kind": "text", "data": {}}, {"../x.png": b"\x89PNG\r\n"}),
        frame({"kind": "text", "data": {}}, {"x.png": b"<svg>"}),
    ],
    ids=["no data", "a path", "not a picture"],
)
def test_an_explanation_with_anything_unexpected_is_refused(untrusted):
    with pytest.raises(DamagedExtract):
        parse_explanation(untrusted)


def test_a_match_with_anything_missing_is_refused():
    with pytest.raises(DamagedExtract):
        match_from_json({"work": 1, "segments": []})


def test_warming_up_runs_every_medium_once():
    warm()
