"""The heart of the house: `copyhold demo` does the whole main job on real media, in an office of its own."""

import json
import os
import subprocess
import sys

import pytest

from copyhold.core import postgres


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    made = tmp_path_factory.mktemp("office")
    for folder in (made, *made.parents):  # the database runs as another user when the tests run as root
        if folder.name.startswith("pytest"):
            folder.chmod(0o755)
    yield made
    postgres.remove(made / "database")


def run(home) -> tuple[int, str, dict]:
    ours = ("COPYHOLD_", "DATABASE_URL", "DJANGO_SETTINGS_MODULE")
    bare = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
    done = subprocess.run(
        [sys.executable, "-m", "copyhold", "demo", "--no-serve"],
        env={**bare, "COPYHOLD_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout + done.stderr
    report = home / "demo" / "report.json"
    assert report.exists(), said
    return done.returncode, said, json.loads(report.read_text())


def test_the_whole_job_and_then_again(home):
    status, said, report = run(home)
    assert [row for row in report["rows"] if not row["ok"]] == [], said
    assert (status, report["ok"]) == (0, True), said
    figures = report["figures"]
    assert (figures["precision"], figures["recall"]) == (1.0, 1.0)
    assert figures["findings"] == 15

    status, said, again = run(home)
    assert (status, again["ok"]) == (0, True), said
    assert again["figures"]["findings"] == figures["findings"], "a second run keeps everything and adds nothing"
    assert "patrol_addresses_per_s" not in again["figures"], "nothing is patrolled again"
