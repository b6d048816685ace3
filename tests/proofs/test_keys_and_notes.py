"""Names, keys and signed notes, with the examples that C2SP and Go's note package publish."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copyhold.errors import BadInput
from copyhold.proofs import multibase, note
from copyhold.proofs.errors import KeyUnusable, Malformed, Refused
from copyhold.proofs.keys import Signer, Verifier

# golang.org/x/mod/sumdb/note, package example: key and note.
GO_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
OFFICE = Signer("copyright.example/log", bytes(range(32)))
OTHER = Signer("other.example", bytes(32))


def test_a_note_of_another_implementation_verifies():
    text = note.verify(GO_NOTE, [Verifier.from_vkey(GO_VKEY)])
    assert text.startswith("If you think cryptography")
    assert str(note.parse(GO_NOTE)) == GO_NOTE


def test_a_vkey_reads_back():
    assert Verifier.from_vkey(GO_VKEY).vkey == GO_VKEY
    assert Verifier.from_vkey(OFFICE.verifier.vkey) == OFFICE.verifier


def test_a_did_reads_back():
    assert Verifier.from_did(OFFICE.name, OFFICE.verifier.did) == OFFICE.verifier


def test_a_seed_is_never_shown():
    assert "seed" not in repr(OFFICE)


@given(st.text().map(lambda text: "".join(c for c in text if c >= " " or c == "\n") + "\n"))
def test_what_is_signed_verifies(text):
    signed = note.sign(text, OFFICE, OTHER)
    assert note.verify(signed, [OFFICE.verifier]) == text
    assert str(note.parse(signed)) == signed


def test_unknown_signatures_are_ignored_but_one_known_is_needed():
    signed = note.sign("fact\n", OFFICE, OTHER)
    assert note.verify(signed, [OTHER.verifier]) == "fact\n"
    with pytest.raises(Refused, match="no trusted key"):
        note.verify(signed, [Verifier.from_vkey(GO_VKEY)])


def test_a_wrong_signature_of_a_known_key_refuses_the_whole_note():
    good, other = (note.parse(note.sign(text, OFFICE, OTHER)) for text in ("fact\n", "lie\n"))
    mixed = str(note.Note("fact\n", (good.signatures[0], other.signatures[1])))
    assert note.verify(mixed, [OFFICE.verifier]) == "fact\n"
    with pytest.raises(Refused, match="wrong"):
        note.verify(mixed, [OFFICE.verifier, OTHER.verifier])


@given(at=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_no_byte_of_a_note_can_change(at, bit):
    data = bytearray(note.sign("copyright.example/log\n7\n", OFFICE).encode())
    data[at % len(data)] ^= 1 << bit
    with pytest.raises((BadInput, UnicodeDecodeError)):
        note.verify(data.decode(), [OFFICE.verifier])


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "text only\n",
        "text\n\n— name AAAAAAAA",
        "text\n\n- name AAAAAAAA\n",
        "text\n\n— AAAAAAAA\n",
        "text\n\n— na+me AAAAAAAA\n",
        "text\n\n— name AAAA\n",
        "text\n\n— name AAAAAAB=\n",
        "text\n\n— name AAAA AAAA\n",
        "tab\there\n\n— name AAAAAAAA\n",
        "lone \ud800 surrogate\n\n— name AAAAAAAA\n",
        "text\n\n" + "— name AAAAAAAA\n" * 101,
        "text\n\n— name AAAAAAAA\n" + "x" * 1_000_000,
    ],
)
def test_what_is_no_note_is_said_to_be_none(broken):
    with pytest.raises(Malformed):
        note.parse(broken)


@pytest.mark.parametrize("text", ["no newline", "control \x00\n"])
def test_only_texts_can_be_signed(text):
    with pytest.raises(Malformed):
        note.sign(text, OFFICE)


def test_a_note_needs_a_signer():
    with pytest.raises(Malformed, match="nobody"):
        note.sign("text\n")


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "name",
        "name+c74f20a3",
        GO_VKEY.replace("c7", "c8"),
        GO_VKEY.replace("Peter", "Pater"),
        GO_VKEY.replace("+AR", "+Ax"),
        GO_VKEY[:-4],
        "a b+00000000+ARpc",
        "name+00000000+!!",
    ],
)
def test_a_wrong_vkey_is_refused(vkey):
    with pytest.raises(KeyUnusable):
        Verifier.from_vkey(vkey)


@pytest.mark.parametrize("did", ["", "did:web:x", "did:key:z", "did:key:z0", "did:key:zQ3sh", OFFICE.verifier.multikey])
def test_a_wrong_did_is_refused(did):
    with pytest.raises(KeyUnusable):
        Verifier.from_did("name", did)


@pytest.mark.parametrize(("name", "seed"), [("", bytes(32)), ("a b", bytes(32)), ("a+b", bytes(32)), ("a", bytes(31))])
def test_a_wrong_signer_is_refused(name, seed):
    with pytest.raises(KeyUnusable):
        Signer(name, seed)


@given(st.binary(max_size=80))
def test_base58_reads_back(data):
    assert multibase.decode(multibase.encode(data)) == data
