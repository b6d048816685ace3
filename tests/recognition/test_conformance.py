"""Every recogniser there is, through the same gate. A new medium cannot skip it: it is found, not listed.

Its owner gives `tests/recognition/samples/<medium>.py`; see the README there.
"""

import contextlib
import functools
import importlib.util
from pathlib import Path

import numpy as np
import pytest

from copyhold.recognition.conformance import selftest
from copyhold.recognition.core import Fingerprint, NotMatchable, UnreadableMedia
from copyhold.recognition.extract import (
    explain,
    extract,
    match_from_json,
    match_to_json,
    parse_explanation,
    parse_extract,
)
from copyhold.recognition.index import MemoryIndex
from copyhold.recognition.matching import identify_fingerprints
from copyhold.recognition.registry import for_medium, recognisers, sniff

SAMPLES = Path(__file__).parent / "samples"
MEDIA = sorted(recognisers())


@functools.cache
def samples(medium):
    path = SAMPLES / f"{medium}.py"
    spec = importlib.util.spec_from_file_location(f"samples_{medium}", path)
    assert path.exists(), f"the recogniser for {medium} needs tests/recognition/samples/{medium}.py (see the README)"
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@functools.cache
def drawer(medium, name):
    return getattr(samples(medium), name)()


def each(name):
    """One case for each entry of a drawer; a medium without samples is one failing case."""
    cases = []
    for medium in MEDIA:
        has_samples = (SAMPLES / f"{medium}.py").exists()
        entries = sorted(drawer(medium, name)) if has_samples else ["(no samples)"]
        cases += [pytest.param(medium, entry, id=f"{medium}-{entry}") for entry in entries]
    return pytest.mark.parametrize(("medium", "entry"), cases)


@functools.cache
def taken(medium, name, entry):
    found = drawer(medium, name)[entry]
    data = found if isinstance(found, bytes) else found[1]
    return parse_extract(extract(data, side="both", medium=medium))


@functools.cache
def registered(medium):
    """The works of a medium in one index; the number of a work is its place among the sorted names."""
    index, references = MemoryIndex(), {}
    for number, name in enumerate(sorted(drawer(medium, "works"))):
        references[number] = taken(medium, "works", name).reference
        index.add(number, references[number])
    return index, references


def search(medium, queries):
    index, references = registered(medium)
    return identify_fingerprints(medium, queries, index, references.__getitem__)


def test_there_is_a_medium():
    assert "text" in MEDIA


@each("works")
def test_a_work_gives_the_same_fingerprint_twice_and_survives_its_bytes(medium, entry):
    recogniser = for_medium(medium)
    data = drawer(medium, "works")[entry]
    one, other = (recogniser.fingerprint(recogniser.decode(data)) for _ in range(2))
    assert one.to_bytes() == other.to_bytes()
    back = Fingerprint.from_bytes(one.to_bytes())
    assert back.to_bytes() == one.to_bytes()
    assert (back.medium, back.version) == (medium, recogniser.version)
    assert len(back.hashes) == len(back.positions) > 0
    assert back.hashes.dtype == np.uint64
    assert back.positions.dtype == np.uint32
    assert back.extent > 0


@each("works")
def test_a_work_is_sniffed_as_its_medium(medium, entry):
    assert sniff(drawer(medium, "works")[entry]) == medium


@each("works")
def test_a_work_finds_itself_first_and_nearly_whole(medium, entry):
    matches = search(medium, taken(medium, "works", entry).queries)
    assert matches, "a work must find itself"
    assert sorted(drawer(medium, "works"))[matches[0].work] == entry
    assert matches[0].work_share > 0.7
    assert matches[0].segments
    assert 0 < matches[0].query_share <= 1
    assert match_from_json(match_to_json(matches[0])).bits == pytest.approx(matches[0].bits)


@each("copies")
def test_an_edited_copy_finds_its_work_first(medium, entry):
    original, data = drawer(medium, "copies")[entry]
    matches = search(medium, taken(medium, "copies", entry).queries)
    assert matches, "the copy was not found"
    assert sorted(drawer(medium, "works"))[matches[0].work] == original
    work = drawer(medium, "works")[original]
    shown = parse_explanation(explain(data + work, len(work), match_to_json(matches[0]), medium))
    assert shown.kind == medium
    assert shown.data


@each("unrelated")
def test_what_is_unrelated_matches_nothing(medium, entry):
    assert search(medium, taken(medium, "unrelated", entry).queries) == []


@each("not_matchable")
def test_what_holds_too_little_says_so(medium, entry):
    reason, data = drawer(medium, "not_matchable")[entry]
    recogniser = for_medium(medium)
    decoded = recogniser.decode(data)
    for side in (recogniser.fingerprint, recogniser.query):
        with pytest.raises(NotMatchable) as refusal:
            side(decoded)
        assert refusal.value.reason == reason
    found = taken(medium, "not_matchable", entry)
    assert (found.not_matchable, found.reference, list(found.queries)) == (reason, None, [])


@each("hostile")
def test_hostile_bytes_are_refused_clearly(medium, entry):
    with pytest.raises(UnreadableMedia) as refusal:
        for_medium(medium).decode(drawer(medium, "hostile")[entry])
    assert str(refusal.value).endswith(".")


@pytest.mark.parametrize("medium", MEDIA)
def test_any_cut_and_any_flipped_byte_of_a_work_is_read_or_refused_clearly(medium):
    recogniser = for_medium(medium)
    data = min(drawer(medium, "works").values(), key=len)
    chance = np.random.default_rng(7)
    for _ in range(25):
        broken = bytearray(data[: int(chance.integers(0, len(data)))])
        for place in chance.integers(0, max(len(broken), 1), 5):
            if broken:
                broken[place] = int(chance.integers(0, 256))
        with contextlib.suppress(UnreadableMedia, NotMatchable):
            assert recogniser.fingerprint(recogniser.decode(bytes(broken))).extent > 0


@pytest.mark.parametrize("medium", MEDIA)
def test_this_machine_gives_the_known_answers(medium):
    results = [(name, problem) for found, name, problem in selftest() if found == medium]
    assert results
    assert [(name, problem) for name, problem in results if problem] == []
