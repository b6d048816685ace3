"""The segments on disk answer exactly as the index in memory, whatever was added, withdrawn, merged or broken."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copyhold.recognition.core import Fingerprint
from copyhold.recognition.index import LayeredIndex, MemoryIndex
from copyhold.recognition.segments import (
    MANIFEST,
    BusyIndex,
    DamagedIndex,
    SegmentIndex,
    build_segment,
    fsck,
    sweep,
)

HASHES = np.array([0, 1, 2, 3, 7, 1 << 63, (1 << 64) - 1, 1 << 40], np.uint64)


def print_of(rows):
    hashes = HASHES[[row[0] for row in rows]] if rows else np.empty(0, np.uint64)
    return Fingerprint("text", 1, 10, hashes, np.array([row[1] for row in rows], np.uint32))


def rows(postings):
    return list(zip(postings.query_rows.tolist(), postings.works.tolist(), postings.positions.tolist(), strict=True))


def same(one, other):
    left, right = one.lookup(HASHES), other.lookup(HASHES)
    assert rows(left) == rows(right)
    assert left.capped == right.capped
    assert one.work_count() == other.work_count()


works = st.integers(0, 5)
prints = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 9)), min_size=1, max_size=12).map(print_of)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("add"), works, prints),
        st.tuples(st.just("remove"), works, st.none()),
        st.tuples(st.just("compact"), st.none(), st.none()),
        st.tuples(st.just("flush"), st.none(), st.none()),
        st.tuples(st.just("reopen"), st.none(), st.none()),
    ),
    max_size=14,
)


@settings(max_examples=60, deadline=None)
@given(steps=steps, cap=st.sampled_from([3, 10_000]))
def test_segments_and_layers_answer_as_memory_does(steps, cap, tmp_path_factory):
    folder = tmp_path_factory.mktemp("index")
    oracle, segments = MemoryIndex(cap), SegmentIndex(folder / "plain", cap)
    layered = LayeredIndex(SegmentIndex(folder / "layered", cap), MemoryIndex(cap), cap)
    for step, work, fingerprint in steps:
        if step == "add":
            for index in (oracle, segments, layered):
                index.add(work, fingerprint)
        elif step == "remove":
            for index in (oracle, segments, layered):
                index.remove(work)
        elif step == "compact":
            segments.compact(at=1)
        elif step == "flush":
            layered.segments.append(*layered.delta.postings())
            layered.delta = MemoryIndex(cap)
        else:
            segments = SegmentIndex(folder / "plain", cap)
        same(oracle, segments)
        same(oracle, layered)
    assert fsck(folder / "plain") == []


def test_a_large_random_segment_answers_as_memory_does(tmp_path):
    chance = np.random.default_rng(1)
    hashes = chance.integers(0, 1 << 64, 20_000, np.uint64)
    owners = chance.integers(0, 50, 20_000).astype(np.uint32)
    oracle, segments = MemoryIndex(), SegmentIndex(tmp_path)
    for work in range(50):
        mine = owners == work
        oracle.add(work, Fingerprint("text", 1, 1, hashes[mine], np.flatnonzero(mine).astype(np.uint32)))
    segments.append(hashes, owners, np.arange(20_000, dtype=np.uint32))
    asked = np.concatenate([hashes[:500], chance.integers(0, 1 << 64, 500, np.uint64)])
    assert rows(oracle.lookup(asked)) == rows(segments.lookup(asked))


def test_a_posting_costs_sixteen_bytes_and_its_bucket(tmp_path):
    hashes = np.random.default_rng(2).integers(0, 1 << 64, 100_000, np.uint64)
    size = build_segment(tmp_path / "one.seg", hashes, np.zeros(100_000, np.uint32), np.zeros(100_000, np.uint32))
    assert size < 17.5 * 100_000


def test_a_capped_hash_is_reported(tmp_path):
    index = SegmentIndex(tmp_path, cap=2)
    for work in range(3):
        index.add(work, print_of([(0, 1), (1, work)]) if work == 0 else print_of([(0, 1)]))
    found = index.lookup(HASHES)
    assert found.capped == 1
    assert rows(found) == [(1, 0, 0)]


def test_a_withdrawn_work_is_gone_for_a_reader_that_opens_now_and_may_come_back(tmp_path):
    index = SegmentIndex(tmp_path)
    index.add(1, print_of([(0, 1)]))
    index.remove(1)
    assert rows(SegmentIndex(tmp_path).lookup(HASHES)) == []
    index.add(1, print_of([(0, 5)]))
    assert rows(SegmentIndex(tmp_path).lookup(HASHES)) == [(0, 1, 5)]


def test_a_reader_keeps_answering_while_segments_are_merged(tmp_path):
    writer = SegmentIndex(tmp_path)
    for work in range(4):
        writer.add(work, print_of([(0, work)]))
    reader = SegmentIndex(tmp_path)
    assert writer.compact(at=2)
    assert len(rows(reader.lookup(HASHES))) == 4
    reader.refresh()
    assert len(rows(reader.lookup(HASHES))) == 4


def test_what_a_crash_left_behind_is_ignored_and_swept(tmp_path):
    index = SegmentIndex(tmp_path)
    index.add(1, print_of([(0, 1)]))
    (tmp_path / "00000002.seg").write_bytes(b"half a segm")
    (tmp_path / ".manifest.json.77.part").write_bytes(b"{")
    assert len(rows(SegmentIndex(tmp_path).lookup(HASHES))) == 1
    assert sweep(tmp_path) == [".manifest.json.77.part", "00000002.seg"]


def test_two_writers_do_not_overwrite_each_other(tmp_path):
    one, other = SegmentIndex(tmp_path), SegmentIndex(tmp_path)
    one.add(1, print_of([(0, 1)]))
    with pytest.raises(BusyIndex):
        other.remove(1) or other.add(2, print_of([(0, 1)]))


@pytest.mark.parametrize(
    "broken",
    [b"", b"CHSEG1\0\0", b"\xff" * 200],
    ids=["empty", "cut-short", "other-content"],
)
def test_a_damaged_segment_is_refused(tmp_path, broken):
    SegmentIndex(tmp_path).add(1, print_of([(0, 1)]))
    (tmp_path / "00000001.seg").write_bytes(broken)
    with pytest.raises(DamagedIndex):
        SegmentIndex(tmp_path)
    assert fsck(tmp_path)


@pytest.mark.parametrize("broken", [b"{", b"[]", json.dumps({"format": 2}).encode()])
def test_a_damaged_manifest_is_refused(tmp_path, broken):
    (tmp_path / MANIFEST).write_bytes(broken)
    with pytest.raises(DamagedIndex):
        SegmentIndex(tmp_path)


def test_fsck_finds_one_flipped_bit(tmp_path):
    SegmentIndex(tmp_path).add(1, print_of([(0, 1), (3, 2)]))
    path = tmp_path / "00000001.seg"
    data = bytearray(path.read_bytes())
    data[-5] ^= 1
    path.write_bytes(data)
    assert fsck(tmp_path) == ["00000001.seg: the digest does not agree with the content"]
