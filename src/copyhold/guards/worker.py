"""The sandbox's worker: a fresh interpreter that warms up, locks itself down, and answers calls until its input ends.

It runs as `python -I -c "from copyhold.guards.worker import main; main()"`; the first frame it reads is its
configuration. It never
trusts the bytes it is given, and the other side never trusts its answers.
"""

# ruff: noqa: E501  tables read better in wide lines
import importlib
import math
import os
import resource
import signal
import site
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from copyhold.errors import CopyholdError
from copyhold.guards import frames, lockdown

CV2_NO_MEMORY = -4
SYSTEM_CODE = (
    "/usr/lib", "/usr/lib64", "/usr/local/lib", "/lib", "/lib64", "/usr/share/zoneinfo", "/etc/ld.so.cache", "/etc/localtime",
    "/sys/devices/system/cpu", "/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/dev/urandom",
)  # fmt: skip

Callee = Callable[..., bytes]


def main() -> None:
    """Serve the sandbox on standard input and output (both are moved away first, so that no callee can
    reach them by print).
    """
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    header, _ = _read(requests, 0)
    sys.path.extend(path for path in header["import_paths"] if path not in sys.path)
    try:
        strength = _lock_down(header)
    except Exception as error:  # told to the other side; a sealed process can no longer write it anywhere
        _write(answers, _failed(error), b"")
        raise SystemExit(1) from error
    os.dup2(nothing, 2)
    _write(answers, {"status": "ready", "strength": strength, "process_id": os.getpid()}, b"")
    _serve(requests, answers, header)


def _lock_down(settings: dict[str, Any]) -> dict[str, Any]:
    """1. enter, 2. warm up, 3. seal. Returns what holds."""
    no_new_privileges = lockdown.no_new_privileges()
    code = _readable()
    identity = lockdown.other_identity(code)
    network, user_namespace = lockdown.leave_network(keep_identity=identity is None)
    # Threads that the warm-up starts stay in this outer layer: code, and settings of fonts and libraries under /etc/.
    outer_code = [*code, "/usr/bin", "/bin", "/etc/fonts", "/etc/ssl/openssl.cnf"]
    landlock = lockdown.landlock(outer_code, [settings["cache_dir"], os.devnull])
    for module in settings["preload"]:
        importlib.import_module(module)
    if settings["warm"]:
        _resolve(settings["warm"])()
    _keep_numba_from_writing()
    has_changed = identity is not None and lockdown.take_identity(identity)
    has_own_count = has_changed or user_namespace
    rlimits = lockdown.limit_resources(
        memory_bytes=settings["memory_bytes"],
        cpu_s_for_life=settings["cpu_s"] * settings["calls_per_worker"] + 1,
        open_files=settings["open_files"],
        tasks=settings["threads"] if has_own_count else None,
    )
    landlock = lockdown.landlock([*code, settings["cache_dir"], os.devnull]) and landlock
    return {
        "rlimits": rlimits,
        "landlock": lockdown.landlock_version() if landlock else 0,
        "network": network,
        "no_new_privileges": no_new_privileges,
        "unprivileged": os.getuid() != 0 or user_namespace,
        "seccomp": lockdown.seal_calls(),
    }


def _readable() -> list[str]:
    """Where code may come from: the interpreter, its packages, this package, the system's libraries."""
    found = {sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"), sys.prefix, *site.getsitepackages()}
    found |= {path for path in sys.path if Path(path).is_dir()}
    found.add(str(Path(os.__file__).parent))
    return [*sorted(path for path in found if path not in {"", "/", "/usr"}), *SYSTEM_CODE]


def _keep_numba_from_writing() -> None:
    """After the seal the compile cache is read-only: what is compiled late is kept in memory and not stored."""
    caching = sys.modules.get("numba.core.caching")
    if caching is None:
        return
    load = caching.Cache.load_overload

    def load_if_readable(self: Any, *arguments: Any) -> Any:
        try:
            return load(self, *arguments)
        except OSError:
            return None

    caching.Cache.load_overload = load_if_readable
    caching.Cache.save_overload = lambda _self, _signature, _data: None


def _resolve(name: str) -> Callee:
    module, _, function = name.partition(":")
    return getattr(importlib.import_module(module), function)  # type: ignore[no-any-return]


def _serve(requests: BinaryIO, answers: BinaryIO, settings: dict[str, Any]) -> None:
    while True:
        header, untrusted_data = _read(requests, settings["input_bytes"])
        # Both are backstops for a parent that has died; the parent's own clock is the first to act.
        signal.setitimer(signal.ITIMER_REAL, settings["wall_s"] + 5)
        _, life = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (min(life, math.ceil(lockdown.used_cpu_s() + settings["cpu_s"])), life))
        answer, body = _answer(header, untrusted_data, settings)
        del untrusted_data
        signal.setitimer(signal.ITIMER_REAL, 0)
        _write(answers, {**answer, "ticket": header.get("ticket")}, body)


def _answer(header: dict[str, Any], untrusted_data: bytes, settings: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    try:
        body = _resolve(header["callee"])(untrusted_data, **header["arguments"])
        body = _checked(body, settings["output_bytes"])
    except MemoryError:
        return {"status": "memory"}, b""
    except CopyholdError as error:
        return _told(error, settings["errors"]), b""
    except Exception as error:  # noqa: BLE001  the border: whatever it was, the next call must find us here
        if getattr(error, "code", None) == CV2_NO_MEMORY and type(error).__module__ == "cv2":
            return {"status": "memory"}, b""
        return _failed(error), b""
    return {"status": "ok"}, body


def _told(error: CopyholdError, allowed: list[str]) -> dict[str, Any]:
    """An error of the tree as plain data, under the name of its first class that the caller knows."""
    for ancestor in type(error).__mro__:
        if ancestor.__name__ in allowed:
            params = {
                name: v if isinstance(v, int | float | bool) else str(v)[:500] for name, v in error.params.items()
            }
            known = {
                "name": ancestor.__name__,
                "template": error.template,
                "code": error.instance_code,
                "params": params,
            }
            return {"status": "error", **known}
    return _failed(error)


def _failed(error: Exception) -> dict[str, Any]:
    return {"status": "failed", "detail": f"{type(error).__name__}: {error}"[:1000]}


def _checked(result: Any, size_cap: int) -> bytes:
    if not isinstance(result, bytes):
        raise TypeError(f"the callee returned {type(result).__name__}, not bytes")
    if len(result) > size_cap:
        raise ValueError(f"the result of {len(result)} bytes is larger than allowed")
    return result


def _read(requests: BinaryIO, body_cap: int) -> tuple[dict[str, Any], bytes]:
    """The next frame; the end of the input, also in mid-frame, ends the worker."""
    sizes = requests.read(frames.SIZES.size)
    if len(sizes) < frames.SIZES.size:
        os._exit(0)
    header_size, body_size = frames.unpack_sizes(sizes, body_cap)
    header, body = requests.read(header_size), requests.read(body_size)
    if len(header) < header_size or len(body) < body_size:
        os._exit(0)
    return frames.unpack_header(header), body


def _write(answers: BinaryIO, header: dict[str, Any], body: bytes) -> None:
    try:
        answers.write(frames.pack(header, len(body)))
        answers.write(body)
        answers.flush()
    except BrokenPipeError:
        os._exit(0)
