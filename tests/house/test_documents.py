"""Documents that lie fail the build."""

import re

import pytest
from tests.house.drawing import ROOT, floors, rooms, short, tool

PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
LINK = re.compile(r"\]\((?!https?://|mailto:|#)([^)#]+)(?:#[^)]*)?\)")
WINGS = {"insight", "campaigns", "accreditation", "outreach", "industry", "stewardship"}


def test_generated_pages_say_what_the_code_says():
    assert tool("reference").stale() == []


@pytest.mark.parametrize("name", ["README", "ARCHITECTURE", "CONTRIBUTING", "GLOSSARY", "SECURITY", "CHANGELOG"])
def test_the_first_pages_are_there(name):
    assert (ROOT / f"{name}.md").read_text().startswith("# ")


def drawing() -> str:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    return text.split("```")[1]


def test_the_drawing_shows_every_room_and_the_wings_that_follow():
    drawn = drawing()
    assert [room for room in rooms() if not re.search(rf"\b{room}\b", drawn)] == []
    assert [wing for wing in WINGS if not re.search(rf"\b{wing}\b.*later", drawn)] == []


def test_the_drawing_has_the_floors_in_the_order_of_the_linter():
    drawn = drawing()
    heights = [max(drawn.index(f" {room} ") for room in floor) for floor in floors()]
    assert heights == sorted(heights)


def test_links_lead_somewhere():
    broken = [
        f"{short(page)}: {target}"
        for page in PAGES
        for target in LINK.findall(page.read_text())
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_every_part_that_is_imported_has_its_reason():
    reasons = (ROOT / "docs" / "decisions" / "0002-parts.md").read_text().lower()
    lines = (ROOT / "requirements" / "run.in").read_text().splitlines()
    names = [re.split(r"[<>=]", line)[0] for line in lines if line.strip() and not line.startswith("#")]
    assert [name for name in names if f"`{name}`" not in reasons] == []


def test_decision_records_are_numbered_without_a_gap_and_say_what_they_cost():
    records = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(path.name[:4]) for path in records] == list(range(1, len(records) + 1))
    for path in records:
        text = path.read_text()
        for part in ("## Context", "## Decision", "## Why", "## What it costs"):
            assert part in text, f"{path.name}: {part}"


def test_the_glossary_has_both_languages_and_the_names_of_the_house():
    rows = [line.split("|")[1:3] for line in (ROOT / "GLOSSARY.md").read_text().splitlines() if line.startswith("| ")]
    pairs = [(one.strip(), two.strip()) for one, two in rows if "---" not in one]
    assert [pair for pair in pairs if not all(pair)] == []
    words = " ".join(f"{one} {two}" for one, two in pairs).lower()
    names = (
        "application work licence patrol finding clue case notice exhibit deposit fingerprint sighting ledger vault "
        "mandate certificate recordal examiner"
    )
    assert [name for name in names.split() if name not in words] == []


def test_officers_guides_stand_in_both_languages():
    folder = ROOT / "docs" / "officers"
    english = {path.name for path in folder.glob("*.en.md")}
    chinese = {path.name.replace(".zh.", ".en.") for path in folder.glob("*.zh.md")}
    assert english == chinese != set()
    for page in folder.glob("*.en.md"):
        twin = folder / page.name.replace(".en.", ".zh.")
        heads = [sum(line.startswith("## ") for line in path.read_text().splitlines()) for path in (page, twin)]
        assert heads[0] == heads[1], f"{page.name} and its Chinese have other parts"


def test_the_changelog_has_a_line_for_every_room():
    unreleased = re.split("^## ", (ROOT / "CHANGELOG.md").read_text(), flags=re.MULTILINE)[1]
    assert [room for room in rooms() if f"`{room}`" not in unreleased] == []


def test_the_readme_gives_the_two_commands():
    readme = (ROOT / "README.md").read_text()
    assert "make run" in readme
    assert "make test" in readme
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z-]+)", " ".join(page.read_text() for page in PAGES)))
    assert {name for name in named if name not in targets and not name.startswith("bench-")} == set()


def test_every_benchmark_that_make_knows_is_there():
    line = re.search(r"addprefix bench-,([a-z ]+)\)", (ROOT / "Makefile").read_text())
    assert line
    assert [name for name in line[1].split() if not (ROOT / "benchmarks" / f"{name}.py").exists()] == []


def test_the_readme_names_the_accounts_that_the_demonstration_opens():
    from copyhold.web.demonstration.furnish import ACCOUNTS, PASSWORD

    readme = (ROOT / "README.md").read_text()
    table = readme.split("| Account | Role |")[1].split("\n\n")[0]
    assert set(re.findall(r"`(\w+)`", table)) == {login for login, *_ in ACCOUNTS}
    assert f"password `{PASSWORD}`" in readme


def test_commands_that_pages_speak_of_exist():
    from copyhold.web.cli import COMMANDS

    spoken = {
        name for page in PAGES for name in re.findall(r"(?:`|bin/|^)copyhold ([a-z]+)", page.read_text(), re.MULTILINE)
    }
    assert spoken - set(COMMANDS) == set()


def test_settings_that_pages_speak_of_exist():
    from dataclasses import fields

    from copyhold.web.config import PREFIX, Config

    known = {PREFIX + field.name.upper() for field in fields(Config)}
    spoken = {name for page in PAGES for name in re.findall(r"\bCOPYHOLD_[A-Z_]+", page.read_text())}
    assert {name.rstrip("_") for name in spoken} - known - {"COPYHOLD"} == set()


def test_paths_that_pages_name_exist():
    """`src/…`, `tests/…`, `tools/…`, `docs/…`, `benchmarks/…` in back-ticks."""
    lost = [
        f"{short(page)}: {path}"
        for page in PAGES
        for path in re.findall(r"`((?:src|tests|tools|docs|benchmarks|requirements)/[\w./-]+)`", page.read_text())
        if "<" not in path and not (ROOT / path).exists()
    ]
    assert lost == []
