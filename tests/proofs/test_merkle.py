"""The log's arithmetic: known answers, a naive oracle written straight from RFC 6962 §2.1, and every edge rule."""

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copyhold.proofs import merkle
from copyhold.proofs.errors import Malformed

VECTORS = json.loads((Path(__file__).parent / "vectors" / "rfc6962.json").read_text())
INPUTS = [bytes.fromhex(text) for text in VECTORS["leaf_inputs"]]
SIZES = st.integers(min_value=1, max_value=70)


def leaves_of(size):
    return [merkle.leaf_hash(number.to_bytes(4)) for number in range(size)]


def largest_power_below(count):
    power = 1
    while power * 2 < count:
        power *= 2
    return power


def naive_root(leaves):
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = largest_power_below(len(leaves))
    return hashlib.sha256(b"\x01" + naive_root(leaves[:k]) + naive_root(leaves[k:])).digest()


def naive_path(m, leaves):
    if len(leaves) == 1:
        return []
    k = largest_power_below(len(leaves))
    if m < k:
        return [*naive_path(m, leaves[:k]), naive_root(leaves[k:])]
    return [*naive_path(m - k, leaves[k:]), naive_root(leaves[:k])]


def naive_consistency(m, leaves, *, is_whole=True):
    if m == len(leaves):
        return [] if is_whole else [naive_root(leaves)]
    k = largest_power_below(len(leaves))
    if m <= k:
        return [*naive_consistency(m, leaves[:k], is_whole=is_whole), naive_root(leaves[k:])]
    return [*naive_consistency(m - k, leaves[k:], is_whole=False), naive_root(leaves[:k])]


class Store:
    """What the ledger keeps: a node is written once, and only complete subtrees are there."""

    def __init__(self, size=0):
        self.nodes, self.size = {}, 0
        for leaf in leaves_of(size):
            self.write(merkle.append(self.size, leaf, self.get))

    def get(self, level, index):
        return self.nodes[level, index]

    def write(self, nodes):
        for level, index, node in nodes:
            assert (level, index) not in self.nodes
            self.nodes[level, index] = node
            self.size += level == 0


@pytest.mark.parametrize("size", range(9))
def test_roots_are_the_published_ones(size):
    assert merkle.root([merkle.leaf_hash(data) for data in INPUTS[:size]]).hex() == VECTORS["roots"][size]


def test_stored_nodes_are_the_published_ones():
    store = Store()
    for data in INPUTS:
        store.write(merkle.append(store.size, merkle.leaf_hash(data), store.get))
    published = {(lv, i): node for lv, row in enumerate(VECTORS["nodes"]) for i, node in enumerate(row)}
    assert {place: node.hex() for place, node in store.nodes.items()} == published


@given(size=SIZES, data=st.data())
def test_inclusion_agrees_with_the_definition(size, data):
    leaves, store = leaves_of(size), Store(size)
    index = data.draw(st.integers(0, size - 1))
    proof = merkle.inclusion_from(index, size, store.get)
    assert proof == naive_path(index, leaves) == merkle.inclusion_proof(index, leaves)
    assert merkle.verify_inclusion(leaves[index], index, size, proof, naive_root(leaves))


@given(second=SIZES, data=st.data())
def test_consistency_agrees_with_the_definition(second, data):
    leaves, store = leaves_of(second), Store(second)
    first = data.draw(st.integers(1, second))
    proof = merkle.consistency_from(first, second, store.get)
    assert proof == naive_consistency(first, leaves) == merkle.consistency_proof(first, leaves)
    assert merkle.verify_consistency(first, second, proof, naive_root(leaves[:first]), naive_root(leaves))


@given(size=SIZES, data=st.data())
def test_old_proofs_can_be_made_from_a_newer_store(size, data):
    store = Store(size)
    old = data.draw(st.integers(1, size))
    index = data.draw(st.integers(0, old - 1))
    assert merkle.root_from(old, store.get) == naive_root(leaves_of(old))
    assert merkle.inclusion_from(index, old, store.get) == naive_path(index, leaves_of(old))


@given(before=st.integers(0, 40), added=st.integers(0, 40))
def test_appending_many_is_appending_each(before, added):
    store, expected = Store(before), Store(before + added)
    store.write(merkle.append_many(before, leaves_of(before + added)[before:], store.get))
    assert store.nodes == expected.nodes


@given(size=st.integers(2, 70), data=st.data())
def test_no_other_claim_is_proved(size, data):
    leaves = leaves_of(size)
    index = data.draw(st.integers(0, size - 1))
    proof, tree_root = naive_path(index, leaves), naive_root(leaves)
    other = data.draw(st.integers(0, size - 1).filter(lambda n: n != index))
    at = data.draw(st.integers(0, len(proof) - 1))
    flipped = [*proof[:at], bytes([proof[at][0] ^ 1]) + proof[at][1:], *proof[at + 1 :]]
    for claim in (
        (leaves[other], index, size, proof, tree_root),
        (leaves[index], other, size, proof, tree_root),
        (leaves[index], index, size, flipped, tree_root),
        (leaves[index], index, size, proof[:-1], tree_root),
        (leaves[index], index, size, [*proof, proof[-1]], tree_root),
        (leaves[index], index, size, [*proof[:-1], proof[-1][:31]], tree_root),
        (leaves[index], index, size, proof, bytes(32)),
        (leaves[index], size, size, proof, tree_root),
        (leaves[index], -1, size, proof, tree_root),
    ):
        assert not merkle.verify_inclusion(*claim)


@given(second=st.integers(2, 70), data=st.data())
def test_no_other_history_is_proved(second, data):
    leaves = leaves_of(second)
    first = data.draw(st.integers(1, second - 1))
    proof = naive_consistency(first, leaves)
    old, new = naive_root(leaves[:first]), naive_root(leaves)
    for claim in (
        (first, second, proof, new, new),
        (first, second, proof, old, old),
        (first, second, proof[:-1], old, new),
        (first, second, [*proof, proof[-1]], old, new),
        (first, second, [bytes(32), *proof[1:]], old, new),
        (first, second, [proof[0][:31], *proof[1:]], old, new),
        (first, second, [], old, new),
        (second, first, proof, old, new),
        (first, first, proof, old, old),
    ):
        assert not merkle.verify_consistency(*claim)


def test_edge_rules():
    tree_root = naive_root(leaves_of(5))
    assert merkle.root([]) == merkle.EMPTY_ROOT
    assert merkle.verify_consistency(5, 5, [], tree_root, tree_root)
    assert not merkle.verify_consistency(5, 5, [], tree_root, bytes(32))
    assert merkle.verify_consistency(0, 5, [], merkle.EMPTY_ROOT, tree_root)
    assert merkle.verify_consistency(0, 0, [], merkle.EMPTY_ROOT, merkle.EMPTY_ROOT)
    assert not merkle.verify_consistency(0, 5, [tree_root], merkle.EMPTY_ROOT, tree_root)
    assert not merkle.verify_consistency(0, 5, [], tree_root, tree_root)
    assert not merkle.verify_consistency(0, 0, [], tree_root, tree_root)
    assert merkle.verify_inclusion(leaves_of(1)[0], 0, 1, [], leaves_of(1)[0])
    assert not merkle.verify_inclusion(leaves_of(1)[0], 0, 0, [], leaves_of(1)[0])


@pytest.mark.parametrize(
    "request_proof",
    [
        lambda: merkle.inclusion_proof(3, leaves_of(3)),
        lambda: merkle.inclusion_proof(-1, leaves_of(3)),
        lambda: merkle.consistency_proof(4, leaves_of(3)),
        lambda: merkle.root([b"leaf data, not a leaf hash"]),
        lambda: merkle.append(0, b"", leaves_of),
        lambda: merkle.root_from(-1, leaves_of),
    ],
)
def test_requests_outside_the_tree_say_so(request_proof):
    with pytest.raises(Malformed):
        request_proof()
