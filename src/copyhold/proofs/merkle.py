"""The Merkle tree of RFC 6962 §2.1 (RFC 9162 §2.1), with SHA-256.

Every function works on *leaf hashes* (32 bytes, `leaf_hash(data)`), never on leaf data. A store keeps the nodes of
complete subtrees only, addressed (level, index): level 0 holds the leaf hashes, node (L, i) covers leaves
i·2**L … (i+1)·2**L − 1. Such a node never changes once written, so the store is append-only like the log itself.
`get_node(level, index)` reads one; everything else is arithmetic.

Edge rules: the root of the empty tree is SHA-256 of nothing; a tree is consistent with itself by an empty proof; the
empty tree is consistent with every tree by an empty proof; a proof with one hash too many or too few is refused.
"""

import hashlib
from collections.abc import Callable, Sequence
from typing import Final

from copyhold.proofs.errors import Malformed

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()

GetNode = Callable[[int, int], bytes]
"""(level, index) → the 32-byte hash of that complete subtree; raises if the store lost it."""


def leaf_hash(data: bytes) -> bytes:
    """The hash of one entry's bytes; 0x00 keeps leaves and nodes apart (second preimages)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


# --- from a store of complete subtrees -------------------------------------------------------------------------------


def append(size: int, leaf: bytes, get_node: GetNode) -> list[tuple[int, int, bytes]]:
    """The new nodes (level, index, hash) when one leaf hash joins a tree of `size` leaves; the leaf's own is first."""
    _need_hash(leaf)
    _need_size(size)
    level, index, current = 0, size, leaf
    nodes = [(level, index, current)]
    while index & 1:  # the left brother is complete, so the parent becomes complete now
        current = node_hash(get_node(level, index - 1), current)
        level, index = level + 1, index >> 1
        nodes.append((level, index, current))
    return nodes


def append_many(size: int, leaves: Sequence[bytes], get_node: GetNode) -> list[tuple[int, int, bytes]]:
    """As `append`, for several leaf hashes in order; reads the store only for nodes older than this call."""
    fresh: dict[tuple[int, int], bytes] = {}

    def look(level: int, index: int) -> bytes:
        node = fresh.get((level, index))
        return get_node(level, index) if node is None else node

    nodes: list[tuple[int, int, bytes]] = []
    for offset, leaf in enumerate(leaves):
        added = append(size + offset, leaf, look)
        fresh.update({(level, index): node for level, index, node in added})
        nodes += added
    return nodes


def root_from(size: int, get_node: GetNode) -> bytes:
    """The root of the first `size` leaves."""
    _need_size(size)
    return _range_hash(0, size, get_node) if size else EMPTY_ROOT


def inclusion_from(index: int, size: int, get_node: GetNode) -> list[bytes]:
    """PATH(index, D[size]) of RFC 6962 §2.1.1: the leaf's brother first, the root's child last."""
    if not 0 <= index < size:
        raise Malformed(what="request for a log proof", why=f"entry {index} is not in a tree of {size}")
    path: list[bytes] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(_range_hash(middle, high, get_node))
            high = middle
        else:
            path.append(_range_hash(low, middle, get_node))
            low = middle
    return path[::-1]


def consistency_from(first: int, second: int, get_node: GetNode) -> list[bytes]:
    """PROOF(first, D[second]) of RFC 6962 §2.1.2: that the tree of `first` leaves is a prefix of that of `second`."""
    if not 0 <= first <= second:
        raise Malformed(what="request for a log proof", why=f"size {first} is not within size {second}")
    if first in (0, second):
        return []
    path: list[bytes] = []
    low, high = 0, second
    is_whole = True  # the subtree [low, high) is the whole old tree: its hash is known to the asker
    while first != high:
        middle = low + _split(high - low)
        if first <= middle:
            path.append(_range_hash(middle, high, get_node))
            high = middle
        else:
            path.append(_range_hash(low, middle, get_node))
            low, is_whole = middle, False
    if not is_whole:
        path.append(_range_hash(low, high, get_node))
    return path[::-1]


# --- from all leaf hashes at once ------------------------------------------------------------------------------------


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over these leaf hashes."""
    return root_from(len(leaves), _nodes_of(leaves))


def inclusion_proof(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """The inclusion proof of leaf `index` in the tree over these leaf hashes."""
    return inclusion_from(index, len(leaves), _nodes_of(leaves))


def consistency_proof(first: int, leaves: Sequence[bytes]) -> list[bytes]:
    """The proof that the first `first` of these leaf hashes are a prefix of all of them."""
    return consistency_from(first, len(leaves), _nodes_of(leaves))


# --- verification ----------------------------------------------------------------------------------------------------


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected_root: bytes) -> bool:
    """RFC 9162 §2.1.3.2: is this leaf hash entry `index` of the tree with this size and root?"""
    if not 0 <= index < size or not _all_hashes(leaf, *proof):
        return False
    own, last, current = index, size - 1, leaf
    for brother in proof:
        if last == 0:
            return False
        if own & 1 or own == last:
            current = node_hash(brother, current)
            own, last = _climb_right_edge(own, last)
        else:
            current = node_hash(current, brother)
        own, last = own >> 1, last >> 1
    return last == 0 and current == expected_root


def verify_consistency(first: int, second: int, proof: Sequence[bytes], first_root: bytes, second_root: bytes) -> bool:
    """RFC 9162 §2.1.4.2: is the tree (first, first_root) a prefix of the tree (second, second_root)?"""
    if not 0 <= first <= second or not _all_hashes(first_root, second_root, *proof):
        return False
    if first == second:
        return not proof and first_root == second_root and (first > 0 or first_root == EMPTY_ROOT)
    if first == 0:
        return not proof and first_root == EMPTY_ROOT
    path = [first_root, *proof] if first & (first - 1) == 0 else list(proof)
    if not path:
        return False
    own, last = first - 1, second - 1
    while own & 1:
        own, last = own >> 1, last >> 1
    old = new = path[0]
    for brother in path[1:]:
        if last == 0:
            return False
        if own & 1 or own == last:
            old, new = node_hash(brother, old), node_hash(brother, new)
            own, last = _climb_right_edge(own, last)
        else:
            new = node_hash(new, brother)
        own, last = own >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


def _climb_right_edge(own: int, last: int) -> tuple[int, int]:
    """Skip the levels where the right edge has no brother: those nodes are carried up unchanged."""
    while not own & 1 and own:
        own, last = own >> 1, last >> 1
    return own, last


def _split(count: int) -> int:
    """The largest power of two smaller than `count` (count ≥ 2)."""
    return 1 << ((count - 1).bit_length() - 1)


def _range_hash(low: int, high: int, get_node: GetNode) -> bytes:
    """MTH of leaves [low, high), where `low` is aligned as RFC 6962's splits leave it."""
    count = high - low
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return get_node(level, low >> level)
    middle = low + _split(count)
    return node_hash(_range_hash(low, middle, get_node), _range_hash(middle, high, get_node))


def _nodes_of(leaves: Sequence[bytes]) -> GetNode:
    """A store held in memory: level by level, complete subtrees only."""
    for leaf in leaves:
        _need_hash(leaf)
    levels = [list(leaves)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append([node_hash(below[i], below[i + 1]) for i in range(0, len(below) - 1, 2)])
    return lambda level, index: levels[level][index]


def _all_hashes(*values: bytes) -> bool:
    return all(len(value) == HASH_BYTES for value in values)


def _need_hash(value: bytes) -> None:
    if len(value) != HASH_BYTES:
        raise Malformed(what="leaf hash", why=f"it has {len(value)} bytes, not {HASH_BYTES}")


def _need_size(size: int) -> None:
    if size < 0:
        raise Malformed(what="tree size", why="it is negative")
