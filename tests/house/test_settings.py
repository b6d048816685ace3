"""One typed place for every knob: known, documented, read; a misspelt one stops the start."""

import re
from dataclasses import fields

import pytest
from tests.house.drawing import HOUSE, short, sources

from copyhold.web.config import PREFIX, BadSetting, Config, load

KNOBS = [field.name for field in fields(Config)]
DOORS_OF_THEIR_OWN = {
    # read without the office: the command that is their face stands in the cellar
    "src/copyhold/proofs/cli.py": {"COPYHOLD_TRUSTED_KEY"},
    # tools/browser.py asks before there is an office
    "src/copyhold/guards/browser.py": {"COPYHOLD_CHROMIUM"},
}


def test_an_unknown_variable_stops_the_start():
    with pytest.raises(BadSetting, match="COPYHOLD_PROT"):
        load({"COPYHOLD_PROT": "8001"})


def test_variables_of_others_are_left_alone():
    assert load({"PATH": "/bin", "DATABASE_URL": "postgresql:///x"}) == Config()


@pytest.mark.parametrize("name", KNOBS)
def test_every_knob_says_what_it_does_and_is_read(name):
    knob = next(field for field in fields(Config) if field.name == name)
    assert knob.metadata["doc"].endswith(".") or "empty:" in knob.metadata["doc"]
    readers = [path for path in sources() if path != HOUSE / "web" / "config.py"]
    wanted = re.compile(rf"(?:CONFIG|config\.load\(\))\.{name}\b|{PREFIX}{name.upper()}\b")
    assert any(wanted.search(path.read_text()) for path in readers)


def test_the_environment_is_read_in_one_place():
    """Elsewhere only DATABASE_URL, which is set for the children of a start, and what a command takes by itself."""
    asked = re.compile(r"""os\.environ(?:\.get\(|\[)\s*["']?(COPYHOLD_\w+)|os\.getenv\(\s*["'](COPYHOLD_\w+)""")
    found = {
        (short(path), name)
        for path in sources()
        for match in asked.finditer(path.read_text())
        for name in match.groups()
        if name and path.name != "config.py" and name not in DOORS_OF_THEIR_OWN.get(short(path), set())
    }
    assert {(path, name) for path, name in found if not path.startswith("src/copyhold/web/")} == set()
