"""Careless decoders (toys) given hostile bytes in the real sandbox: every one ends in an answer or a clear refusal."""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "guards" / "toys")]

import drawer  # noqa: E402
from copyhold_toys import LIMITS, TOYS  # noqa: E402

from copyhold.errors import BadInput  # noqa: E402
from copyhold.guards.errors import SandboxFailure, TookTooMuchMemory  # noqa: E402
from copyhold.guards.sandbox import Sandbox  # noqa: E402


@pytest.fixture(scope="module")
def careless():
    with Sandbox(limits=LIMITS, preload=("copyhold_toys",), import_paths=(TOYS,)) as one:
        yield one


@pytest.mark.parametrize(
    ("callee", "build", "kind"),
    [
        ("unzip", drawer.zip_bomb, TookTooMuchMemory),
        ("gunzip", drawer.gzip_bomb, TookTooMuchMemory),
        ("measure_picture", lambda: drawer.png(claimed=(60_000, 60_000)), TookTooMuchMemory),
        ("measure_picture", lambda: drawer.truncated(drawer.png(64, 64)), SandboxFailure),
        ("measure_picture", bytes, SandboxFailure),
        ("unzip", lambda: drawer.truncated(drawer.zip_bomb(1 << 20)), SandboxFailure),
        ("gunzip", lambda: drawer.truncated(drawer.gzip_bomb(1 << 20)), SandboxFailure),
        ("parse_json", drawer.deep_json, SandboxFailure),
        ("parse_xml", drawer.billion_laughs, SandboxFailure),
    ],
)
def test_hostile_bytes_end_in_a_clear_refusal(careless, callee, build, kind):
    with pytest.raises(BadInput) as caught:
        careless.call(f"copyhold_toys:{callee}", build())
    assert isinstance(caught.value, kind), caught.value.params
    assert str(caught.value)
    assert careless.call("copyhold_toys:echo", b"next") == b"next"


def test_deep_nesting_ends_one_way_or_the_other(careless):
    try:
        assert careless.call("copyhold_toys:parse_xml", drawer.deep_xml()) == b"a"
    except SandboxFailure as error:
        assert str(error)
    assert careless.call("copyhold_toys:echo", b"next") == b"next"


def test_a_polyglot_is_what_the_callee_says_it_is(careless):
    assert careless.call("copyhold_toys:measure_picture", drawer.polyglot()) == b"PNG 8x8"
    assert careless.call("copyhold_toys:unzip", drawer.polyglot()) == b"6"
