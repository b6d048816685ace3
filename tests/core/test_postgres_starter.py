"""The starter of the embedded PostgreSQL: what must hold after every kind of accident."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest

from copyhold.core import postgres, postgres_place
from copyhold.core.postgres_place import PostgresUnavailable


def pid_of(folder: Path) -> int:
    return int((folder / "data" / "postmaster.pid").read_text().splitlines()[0])


def kill(folder: Path) -> int:
    pid = pid_of(folder)
    os.kill(pid, signal.SIGKILL)
    while postgres._is_alive(pid):
        time.sleep(0.01)
    return pid


def ask(url: str, question: str) -> object:
    with psycopg.connect(url) as session:
        return session.execute(question).fetchone()[0]


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder with a space, a capital and a Chinese character in its path, that any user can pass."""
    above = Path(tempfile.mkdtemp(prefix="starter-"))
    above.chmod(0o711)
    yield above / "My 数据"
    postgres.remove(above / "My 数据")
    shutil.rmtree(above)


@pytest.fixture
def server(place: Path) -> Path:
    postgres.start(place)
    return place


def test_a_started_server_is_safe_and_private(server: Path) -> None:
    url = postgres.start(server)
    assert ask(url, "SHOW data_checksums") == "on"
    assert ask(url, "SHOW fsync") == "on"
    assert ask(url, "SHOW listen_addresses") == ""
    assert ask(url, "SHOW server_encoding") == "UTF8"
    assert ask(url, "SELECT current_database()") == "copyhold"
    assert (server / "run").stat().st_mode & 0o777 == 0o700
    assert server.stat().st_mode & 0o777 == 0o700


def test_it_never_runs_as_root(server: Path) -> None:
    owner = Path(f"/proc/{pid_of(server)}").stat().st_uid
    assert owner != 0
    assert owner == (server / "data").stat().st_uid


def test_the_extensions_that_rooms_use_are_there_and_trigrams_know_chinese(server: Path) -> None:
    with psycopg.connect(postgres.start(server), autocommit=True) as session:
        session.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        session.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
        found = session.execute("SELECT similarity('著作权登记证书', '著作权登记'), lower('ÀΣ')").fetchone()
    assert found[0] > 0.4
    assert found[1] == "àσ"


def test_a_second_start_leaves_the_running_server_alone(server: Path) -> None:
    before = pid_of(server)
    assert postgres.start(server) == postgres.status(server)
    assert pid_of(server) == before


def test_stop_keeps_what_was_committed_and_says_whether_it_stopped_something(server: Path) -> None:
    with psycopg.connect(postgres.start(server)) as session:
        session.execute("CREATE TABLE kept AS SELECT 7 AS n")
    assert postgres.stop(server) is True
    assert postgres.status(server) is None
    assert postgres.stop(server) is False
    assert ask(postgres.start(server), "SELECT n FROM kept") == 7


def test_a_killed_server_is_known_to_be_dead_and_starts_again(server: Path) -> None:
    kill(server)
    assert postgres.status(server) is None
    assert ask(postgres.start(server), "SELECT 1") == 1


@pytest.mark.parametrize("torn", ["", "12", "not a number\n", "{alive}\n/elsewhere\n", "{alive}{rest}"])
def test_a_torn_pid_file_or_one_whose_number_a_stranger_has_does_not_hinder(server: Path, torn: str) -> None:
    pid_file = server / "data" / "postmaster.pid"
    rest = "\n" + "\n".join(pid_file.read_text().splitlines()[1:]) + "\n"
    kill(server)
    pid_file.write_text(torn.format(alive=os.getpid(), rest=rest))
    assert postgres.status(server) is None
    assert ask(postgres.start(server), "SELECT 1") == 1


def test_a_zombie_counts_as_dead() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    while Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
        time.sleep(0.01)
    assert not postgres._is_alive(child.pid)
    child.wait()


def test_another_major_version_is_refused_with_what_to_do(server: Path) -> None:
    postgres.stop(server)
    stamp = server / "data" / "PG_VERSION"
    stamp.write_text("17\n")
    with pytest.raises(PostgresUnavailable, match=r"written by PostgreSQL 17, and this is 18.*pg_dump"):
        postgres.start(server)
    stamp.write_text("18\n")
    assert ask(postgres.start(server), "SELECT 1") == 1


def test_a_server_that_cannot_start_gives_its_own_reason(server: Path) -> None:
    postgres.stop(server)
    settings = server / "data" / "postgresql.auto.conf"
    before = settings.read_text()
    settings.write_text("shared_buffers = nonsense\n")
    with pytest.raises(PostgresUnavailable, match="shared_buffers"):
        postgres.start(server)
    settings.write_text(before)


def test_the_command_prints_the_url_and_ends_with_three_when_nothing_runs(server: Path) -> None:
    command = [sys.executable, "-m", "copyhold.core.postgres"]
    started = subprocess.run([*command, "start", server], capture_output=True, text=True, check=True)
    assert started.stdout.strip() == postgres.status(server)
    assert subprocess.run([*command, "stop", server], check=False).returncode == 0
    assert subprocess.run([*command, "status", server], check=False).returncode == 3


def test_only_a_complete_cluster_gets_the_name_after_a_kill_in_the_first_start() -> None:
    above = Path(tempfile.mkdtemp(prefix="starter-"))
    above.chmod(0o711)
    folder = above / "killed"
    try:
        first = subprocess.Popen(
            [sys.executable, "-m", "copyhold.core.postgres", "start", folder], start_new_session=True
        )
        while not list(folder.glob("data.new-*/base")):
            time.sleep(0.005)
        os.killpg(first.pid, signal.SIGKILL)
        first.wait()
        assert not (folder / "data").exists()
        assert ask(postgres.start(folder), "SELECT 1") == 1
        assert not list(folder.glob("data.new-*"))
    finally:
        postgres.remove(folder)
        shutil.rmtree(above)


def test_two_starts_at_once_make_one_server_also_with_a_comma_and_a_long_path() -> None:
    above = Path(tempfile.mkdtemp(prefix="starter-"))
    above.chmod(0o711)
    folder = above / ("a,long-" + "folder-" * 14)
    command = [sys.executable, "-m", "copyhold.core.postgres", "start", folder]
    try:
        started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
        urls = {process.communicate()[0].strip() for process in started}
        assert len(urls) == 1
        (url,) = urls
        assert ask(url, "SELECT 1") == 1
        sockets = Path(re.search(r"host=([^&]+)", url)[1])
        assert sockets.stat().st_mode & 0o777 == 0o700
        postgres.stop(folder)
        assert not sockets.exists()
    finally:
        postgres.remove(folder)
        shutil.rmtree(above)


def test_below_a_directory_that_its_user_cannot_enter_the_database_stands_elsewhere_behind_a_link() -> None:
    closed = Path(
        tempfile.mkdtemp(prefix="starter-")
    )  # 0700: closed to the server's user when we are root, as /root is
    folder = closed / "clone" / "var" / "database"
    try:
        url = postgres.start(folder)
        assert ask(url, "SELECT 1") == 1
        assert folder.is_symlink() == (os.geteuid() == 0)
        real = folder.resolve()
        assert postgres.start(folder) == url
        postgres.remove(folder)
        assert not real.exists()
        assert not folder.is_symlink()
    finally:
        shutil.rmtree(closed)


def test_a_link_to_a_database_that_is_gone_is_not_silently_replaced(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    with pytest.raises(PostgresUnavailable, match="Remove the link"):
        postgres.start(tmp_path / "link")


def test_a_full_disk_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(postgres, "SPACE_NEEDED", 2**62)  # more than this disk, or any, has
    with pytest.raises(PostgresUnavailable, match=r"needs \d+ MB, and .* has \d+ MB free"):
        postgres._create(tmp_path, tmp_path, None)


def test_programs_that_the_server_user_cannot_reach_are_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = Path(tempfile.mkdtemp(prefix="starter-"))
    user = postgres_place.server_user(closed / "new")
    shutil.copytree(postgres_place.programs(None).parent, closed / "pginstall")
    os.utime(closed / "pginstall" / "bin" / "postgres", (1, 1))  # so that this copy has a name of its own
    place = SimpleNamespace(submodule_search_locations=[str(closed)])
    monkeypatch.setattr(postgres_place, "find_spec", lambda _: place)
    bin_folder = postgres_place.programs(user)
    try:
        assert postgres_place._executes(bin_folder, user)
        assert bin_folder.is_relative_to(closed) == (user is None)
        assert postgres_place.programs(user) == bin_folder
    finally:
        shutil.rmtree(bin_folder.parent)
        shutil.rmtree(closed)


def test_remove_refuses_a_folder_that_holds_no_database(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("keep me")
    with pytest.raises(PostgresUnavailable, match="holds no database"):
        postgres.remove(tmp_path)
    assert (tmp_path / "letter.txt").exists()
