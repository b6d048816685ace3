"""Checkpoints and log proofs as C2SP writes them: its example reads, every other spelling is refused."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copyhold.proofs import checkpoint, merkle, note, tlog_proof
from copyhold.proofs.errors import Malformed, Refused
from copyhold.proofs.keys import Signer

LOG = Signer("log.example/1", bytes(range(32)))
# c2sp.org/tlog-checkpoint, the example of the specification.
C2SP_CHECKPOINT = (
    "example.com/behind-the-sofa\n"
    "20852163\n"
    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    "\n"
    "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+"
    "zyWE+xeMcTOAYQ8=\n"
)
ROOT = base64.b64encode(bytes(32)).decode()
HEAD = checkpoint.sign(LOG.name, 0, merkle.EMPTY_ROOT, LOG)


def log_of(size):
    leaves = [merkle.leaf_hash(bytes([n])) for n in range(size)]
    return leaves, checkpoint.sign(LOG.name, size, merkle.root(leaves), LOG)


def test_the_example_of_the_specification_reads():
    parsed = note.parse(C2SP_CHECKPOINT)
    head = checkpoint.parse_body(parsed.untrusted_text)
    assert (head.origin, head.size) == ("example.com/behind-the-sofa", 20852163)
    assert checkpoint.format_body(head.origin, head.size, head.root) == parsed.untrusted_text
    assert str(parsed) == C2SP_CHECKPOINT


def test_extension_lines_are_read():
    assert checkpoint.parse_body(f"log\n1\n{ROOT}\nmore\n").extensions == ("more",)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "log\n1\n",
        f"log\n1\n{ROOT}",
        f"\n1\n{ROOT}\n",
        f"log\n01\n{ROOT}\n",
        f"log\n-1\n{ROOT}\n",
        f"log\n١\n{ROOT}\n",
        f"log\n{'9' * 20}\n{ROOT}\n",
        f"log\n1\n{ROOT[:-4]}\n",
        f"log\n1\n{ROOT[:-2]}B=\n",
        "log\n1\nno base64!\n",
        f"log\n1\n{ROOT}\n\nmore\n",
    ],
)
def test_what_is_no_checkpoint_is_said_to_be_none(body):
    with pytest.raises(Malformed):
        checkpoint.parse_body(body)


@pytest.mark.parametrize(("origin", "size", "root"), [("", 0, bytes(32)), ("a\nb", 0, bytes(32)), ("a", -1, bytes(32)),
                                                      ("a", 0, b"")])  # fmt: skip
def test_no_wrong_checkpoint_is_written(origin, size, root):
    with pytest.raises(Malformed):
        checkpoint.format_body(origin, size, root)


def test_a_checkpoint_of_another_log_is_refused():
    with pytest.raises(Refused, match=r"not of other\.example"):
        checkpoint.verify(HEAD, [LOG.verifier], "other.example")


@given(size=st.integers(1, 40), extra=st.binary(max_size=8), data=st.data())
def test_a_proof_reads_back_and_holds(size, extra, data):
    index = data.draw(st.integers(0, size - 1))
    leaves, head = log_of(size)
    text = tlog_proof.format_proof(index, merkle.inclusion_proof(index, leaves), head, extra)
    assert str(tlog_proof.parse(text)) == text
    assert tlog_proof.parse(text).extra == extra
    assert tlog_proof.verify(text, leaves[index], [LOG.verifier], LOG.name).size == size
    with pytest.raises(Refused, match="not in the tree"):
        tlog_proof.verify(text, merkle.leaf_hash(b"another"), [LOG.verifier])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "c2sp.org/tlog-proof@v1\n",
        f"c2sp.org/tlog-proof@v1\n\n{HEAD}",
        f"c2sp.org/tlog-proof@v2\nindex 0\n\n{HEAD}",
        f"c2sp.org/tlog-proof@v1\nindex 00\n\n{HEAD}",
        f"c2sp.org/tlog-proof@v1\nindex 0\nextra AA==\n\n{HEAD}",
        f"c2sp.org/tlog-proof@v1\nextra AB==\nindex 0\n\n{HEAD}",
        f"c2sp.org/tlog-proof@v1\nextra !\nindex 0\n\n{HEAD}",
        f"c2sp.org/tlog-proof@v1\nextra AA==\n\n{HEAD}",
        f"c2sp.org/tlog-proof@v1\nindex 0\nshort\n\n{HEAD}",
        f"c2sp.org/tlog-proof@v1\nindex 0\n{(ROOT + chr(10)) * 65}\n{HEAD}",
        f"c2sp.org/tlog-proof@v1\nindex 0\n\n{HEAD}{'x' * 1_200_000}",
    ],
)
def test_what_is_no_proof_is_said_to_be_none(text):
    with pytest.raises(Malformed):
        tlog_proof.parse(text)
