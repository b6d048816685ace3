"""An index folder: add, query, replace, remove; a crash between two steps loses nothing; broken files are reported."""

import json

import click
import pytest
from click.testing import CliRunner

from copyhold.recognition import folder as folders
from copyhold.recognition.cli import index, selftest
from copyhold.recognition.extract import extract
from copyhold.recognition.segments import SegmentIndex

POEM = "春眠不觉晓，处处闻啼鸟。夜来风雨声，花落知多少。"
OTHER = "白日依山尽，黄河入海流。欲穷千里目，更上一层楼。"


@pytest.fixture
def works(tmp_path):
    for name, text in (("one.txt", POEM), ("two.txt", OTHER), ("bad.txt", "\x01\x02\x03" * 99), ("short.txt", "嗯")):
        (tmp_path / name).write_text(text)
    return tmp_path


def run(*arguments, code=0):
    result = CliRunner().invoke(index, [*map(str, arguments)], obj={})
    assert result.exit_code == code, result.output
    return result.output


def query(folder, path):
    return json.loads(run("query", folder, path, "--json"))


def test_a_work_is_found_from_the_command_line(works):
    output = run("add", works / "ix", works / "one.txt", works / "two.txt")
    assert "2 added" in output
    (works / "page.html").write_text(f"<html><body><p>Someone wrote: {POEM}</p></body></html>")
    row = query(works / "ix", works / "page.html")
    assert row["medium"] == "text"
    assert row["error"] is None
    assert [match["work"] for match in row["matches"]] == [str(works / "one.txt")]
    assert row["matches"][0]["work_share"] == 1.0
    assert row["matches"][0]["segments"][0]["reference"] == [0, 23]


def test_each_unusable_file_is_reported_and_the_others_are_entered(works):
    output = run("add", works / "ix", works, code=1)
    assert "2 added" in output
    assert "2 failed" in output
    row = json.loads(run("query", works / "ix", works / "bad.txt", "--json", code=1))
    assert row["error"]["code"] == "media.mislabelled"
    assert query(works / "ix", works / "short.txt")["not_matchable"] == "too_short"


def test_a_file_that_is_there_is_passed_by_and_a_changed_one_replaces_itself(works):
    run("add", works / "ix", works / "one.txt", works / "two.txt")
    assert "2 unchanged" in run("add", works / "ix", works / "one.txt", works / "two.txt")
    (works / "copy.txt").write_text(POEM)
    (works / "one.txt").write_text("明月松间照，清泉石上流。竹喧归浣女，莲动下渔舟。")
    assert "1 replaced" in run("add", works / "ix", works / "one.txt")
    assert query(works / "ix", works / "copy.txt")["matches"] == []
    assert query(works / "ix", works / "one.txt")["matches"][0]["work"] == str(works / "one.txt")


def test_a_removed_work_is_never_found_again(works):
    run("add", works / "ix", works / "one.txt", works / "two.txt")
    run("remove", works / "ix", works / "one.txt")
    assert query(works / "ix", works / "one.txt")["matches"] == []
    assert "no work called" in run("remove", works / "ix", works / "one.txt", code=1)


def test_what_a_crash_kept_out_of_the_segments_is_found_and_put_in_later(works):
    folder = works / "ix"
    run("add", folder, works / "one.txt")
    for path in (folder / "text").iterdir():  # the catalogue was written, the segments were not
        path.unlink()
    assert query(folder, works / "one.txt")["matches"]
    run("add", folder, works / "two.txt")
    assert SegmentIndex(folder / "text").work_count() == 2


def test_only_one_may_write_at_a_time(works):
    with folders._writing(works), pytest.raises(folders.LockedIndex):
        folders.add(works, [works / "one.txt"], extract)


def test_fsck_names_what_is_broken(works):
    folder = works / "ix"
    run("add", folder, works / "one.txt", works / "two.txt")
    assert run("fsck", folder) == "0 problems\n"
    (folder / "fingerprints" / "1.chf").write_bytes(b"CHF1")
    (folder / "text" / "00000001.seg").write_bytes(b"")
    output = run("fsck", folder, code=1)
    assert "fingerprint 1" in output
    assert "00000001.seg" in output


@pytest.mark.parametrize("catalogue", ["", "{}", '{"next": 1, "works": []}'])
def test_a_damaged_catalogue_is_refused(works, catalogue):
    (works / "catalogue.json").write_text(catalogue)
    assert "damaged" in run("query", works, works / "one.txt", code=1)


def test_a_missing_index_says_how_to_make_one(works):
    assert "copyhold index add" in run("query", works / "none", works / "one.txt", code=1)


def test_the_extractor_of_the_caller_is_used(works):
    asked = []

    def sandboxed(data, **arguments):
        asked.append(arguments["name"])
        return extract(data, **arguments)

    CliRunner().invoke(index, ["add", str(works / "ix"), str(works / "one.txt")], obj={"extract": sandboxed})
    assert asked == ["one.txt"]


def test_selftest_names_every_vector():
    result = CliRunner().invoke(selftest, [])
    assert "ok     text   english.txt" in result.output
    assert isinstance(selftest, click.Command)
