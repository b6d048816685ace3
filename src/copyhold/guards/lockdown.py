"""Give up rights for good: what the sandbox's worker does to itself, through the kernel's own calls.

Two moments. `enter` runs first, while the process has one thread: no new privileges, an empty network namespace, and a
Landlock layer that shows only code and the compile cache (threads started later inherit it). `seal` runs after the
warm-up: a read-only Landlock layer, a nobody's user id when started as root, resource limits and a seccomp filter for
all
threads. Each step that the machine refuses is reported by the returned facts, never silently skipped.
"""

import contextlib
import ctypes
import math
import os
import resource
import struct
from collections.abc import Iterable
from pathlib import Path

from copyhold.guards import seccomp

PR_SET_NO_NEW_PRIVS, PR_GET_NO_NEW_PRIVS, PR_SET_DUMPABLE = 38, 39, 4
CLONE_NEWUSER, CLONE_NEWNET, CLONE_NEWIPC = 0x10000000, 0x40000000, 0x08000000
# The same numbers on x86_64 and aarch64:
SYS_LANDLOCK_CREATE_RULESET, SYS_LANDLOCK_ADD_RULE, SYS_LANDLOCK_RESTRICT_SELF = 444, 445, 446
LANDLOCK_EXECUTE, LANDLOCK_READ_FILE, LANDLOCK_READ_DIR = 1 << 0, 1 << 2, 1 << 3
LANDLOCK_READ = LANDLOCK_EXECUTE | LANDLOCK_READ_FILE | LANDLOCK_READ_DIR
LANDLOCK_FILE_ONLY = LANDLOCK_EXECUTE | (1 << 1) | LANDLOCK_READ_FILE | (1 << 14) | (1 << 15)
# Rights known to each version of Landlock's interface (version: number of rights).
LANDLOCK_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}

libc = ctypes.CDLL(None, use_errno=True)


def no_new_privileges() -> bool:
    """No set-user-id program can give rights back; also what Landlock and seccomp ask for."""
    return bool(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 and libc.prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)


def leave_network(*, keep_identity: bool) -> tuple[bool, bool]:
    """Move into an empty network namespace. Returns (holds, in an own user namespace).

    An own user namespace also takes root's powers over the machine away; a process that is to change its user id later
    (`keep_identity` False) cannot use one.
    """
    if keep_identity and libc.unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWIPC) == 0:
        return True, True
    return libc.unshare(CLONE_NEWNET | CLONE_NEWIPC) == 0, False


def landlock_version() -> int:
    """The kernel's Landlock interface version, 0 where there is none."""
    return max(0, int(libc.syscall(SYS_LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(1))))


def landlock(readable: Iterable[str], writable: Iterable[str] = ()) -> bool:
    """Restrict this thread (and those it starts) to reading under `readable` and doing anything under `writable`."""
    version = landlock_version()
    if version < 1:
        return False
    every_right = (1 << LANDLOCK_RIGHTS[min(version, 5)]) - 1
    # struct landlock_ruleset_attr: rights on files, on TCP ports (from version 4), scopes (from version 6).
    size = 8 if version < 4 else 16 if version < 6 else 24
    rules = struct.pack("=QQQ", every_right, 3 if version >= 4 else 0, 3 if version >= 6 else 0)[:size]
    ruleset = libc.syscall(SYS_LANDLOCK_CREATE_RULESET, rules, ctypes.c_size_t(size), ctypes.c_uint32(0))
    if ruleset < 0:
        return False
    try:
        for path in readable:
            _allow(ruleset, path, LANDLOCK_READ)
        for path in writable:
            _allow(ruleset, path, every_right)
        return bool(libc.syscall(SYS_LANDLOCK_RESTRICT_SELF, ruleset, ctypes.c_uint32(0)) == 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    with contextlib.suppress(OSError):  # a path that is not there needs no permission
        beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            if not os.path.isdir(path):  # noqa: PTH112
                rights &= LANDLOCK_FILE_ONLY
            rule = struct.pack("=Qi", rights, beneath)
            libc.syscall(SYS_LANDLOCK_ADD_RULE, ruleset, 1, rule, ctypes.c_uint32(0))
        finally:
            os.close(beneath)


def other_identity(must_read: Iterable[str]) -> int | None:
    """A user id of nobody's under which late imports stay readable; None when not root, or when there is none."""
    if os.getuid() != 0:
        return None
    folders = [path for path in must_read if Path(path).is_dir()]
    # An id of its own per worker (the range systemd uses for dynamic users) lets RLIMIT_NPROC count this worker only.
    for identity in (61184 + os.getpid() % 4336, 65534):
        with contextlib.suppress(OSError):
            os.setresuid(identity, identity, 0)  # the saved id lets us back
            is_readable = all(os.access(path, os.R_OK | os.X_OK) for path in folders)
            os.setresuid(0, 0, 0)
            if is_readable:
                return identity
    return None


def take_identity(identity: int) -> bool:
    """Become `identity` for good, in all threads; root's powers go with it."""
    try:
        os.setgroups([])
        os.setresgid(identity, identity, identity)
        os.setresuid(identity, identity, identity)
    except OSError:
        return False
    return True


def used_address_space() -> int:
    """Bytes of address space in use now (Linux)."""
    with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123
        return int(statm.read().split()[0]) * resource.getpagesize()


def used_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def limit_resources(*, memory_bytes: int, cpu_s_for_life: float, open_files: int, tasks: int | None) -> bool:
    """Lower the process's limits; `memory_bytes` counts from what it holds now. `tasks` None: the count is
    not ours alone.
    """
    try:
        address_space = used_address_space() + memory_bytes
        life = math.ceil(used_cpu_s() + cpu_s_for_life)
        resource.setrlimit(resource.RLIMIT_AS, (address_space, address_space))
        resource.setrlimit(resource.RLIMIT_CPU, (life, life))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_NOFILE, (open_files, open_files))
        resource.setrlimit(resource.RLIMIT_MEMLOCK, (0, 0))
        if tasks is not None:
            tasks += len(os.listdir("/proc/self/task"))  # noqa: PTH208
            resource.setrlimit(resource.RLIMIT_NPROC, (tasks, tasks))
    except (OSError, ValueError):
        return False
    return True


def seal_calls() -> bool:
    """The seccomp filter, for all threads at once."""
    return seccomp.install(libc)
