"""Parse untrusted bytes in a separate, locked-down process.

    with Sandbox(preload=("copyhold.recognition.extract",), errors=(UnreadableMedia,)) as sandbox:
        row = sandbox.call("copyhold.recognition.extract:fingerprint", data, medium="image")

The callee is `f(data: bytes, **json_arguments) -> bytes` in a module under `preload`. The worker is a fresh
interpreter without
our environment, open files, network, other files, right to write, start a process or signal one. It serves many calls
(hostile bytes that take it over could therefore touch later answers of the same worker: `calls_per_worker` bounds
that),
is killed by process group when it oversteps, and started again for the next call. Only a small, validated answer
crosses back. One caller at a time per `Sandbox`; threads share a `SandboxPool`.
"""

import contextlib
import os
import queue
import secrets
import select
import signal
import string
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import copyhold
from copyhold.errors import BadInput
from copyhold.guards import frames
from copyhold.guards.errors import Crashed, SandboxFailure, SandboxUnavailable, TookTooLong, TookTooMuchMemory

BOOT = "import sys; sys.path.append(sys.argv[1]); from copyhold.guards.worker import main; main()"
CHUNK = 1 << 20
MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """What one call may use.

    memory_bytes      address space beyond what the warmed-up worker holds, the data itself included
    cpu_s, wall_s     seconds of processor (all threads; the kernel rounds up to the next second) and of waiting
    input_bytes, output_bytes   size of the data and of the result
    threads           threads beyond those of the warm-up; new processes are refused altogether
    open_files        highest number of open files
    calls_per_worker  calls after which a worker is replaced
    start_s           seconds for imports and warm-up of a new worker
    """

    memory_bytes: int = 1024 * MEBIBYTE
    cpu_s: float = 30.0
    wall_s: float = 60.0
    input_bytes: int = 512 * MEBIBYTE
    output_bytes: int = 64 * MEBIBYTE
    threads: int = 16
    open_files: int = 64
    calls_per_worker: int = 200
    start_s: float = 180.0


@dataclass(frozen=True, slots=True)
class Strength:
    """Which walls hold on this machine. `landlock` is the kernel's interface version, 0 for none."""

    rlimits: bool
    landlock: int
    network: bool  # an empty network namespace
    no_new_privileges: bool
    unprivileged: bool  # has none of root's powers: another user id, or a user namespace of its own
    seccomp: bool

    @property
    def weak(self) -> bool:
        """True when something that hostile bytes need is open: files, network, processes or resources."""
        no_network = self.network or self.seccomp
        return not (self.rlimits and self.landlock and no_network and self.seccomp and self.unprivileged)

    def describe(self) -> str:
        """One line for the health page: `files closed (Landlock 6) · ...`; what does not hold is in capitals."""
        walls = {
            f"files (Landlock {self.landlock})": bool(self.landlock),
            "network (namespace)": self.network,
            "sockets and processes (seccomp)": self.seccomp,
            "resources (rlimits)": self.rlimits,
            "no new privileges": self.no_new_privileges,
            "without root's powers": self.unprivileged,
        }
        return " · ".join(wall if holds else f"NOT {wall.upper()}" for wall, holds in walls.items())


class Sandbox:
    """One worker process and its front door. See the module's text.

    preload        modules that may be called (and their sub-modules); imported before the lock-down
    warm           "module:function", called once without arguments before the lock-down (load decoders, compile caches)
    errors         BadInput classes that a callee may raise across the border; anything else becomes SandboxFailure
    cache_dir      where the warm-up may write compiled code (numba); default: the user's cache folder
    import_paths   further folders to import from
    """

    def __init__(
        self,
        *,
        limits: Limits | None = None,
        preload: Sequence[str] = (),
        warm: str = "",
        errors: Sequence[type[BadInput]] = (),
        cache_dir: Path | None = None,
        import_paths: Sequence[Path] = (),
    ) -> None:
        self.limits = limits or Limits()
        self._preload, self._warm = tuple(preload), warm
        self._errors = {error.__name__: error for error in errors}
        self._cache_dir = cache_dir or default_cache_dir()
        self._import_paths = [str(path.resolve()) for path in import_paths]
        self._process: subprocess.Popen[bytes] | None = None
        self._strength: Strength | None = None
        self._calls = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def process_id(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start and warm the worker unless it runs. Raises SandboxUnavailable with the worker's last words."""
        if self._process is not None:
            return
        self._cache_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile() as last_words:
            # S603 is off: fixed arguments, our own interpreter
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-c", BOOT, str(Path(copyhold.__file__).parents[1])],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=last_words,
                env=self._environment(),
                cwd="/",
                start_new_session=True,
                bufsize=0,
            )
            for stream in (self._stdin, self._stdout):
                os.set_blocking(stream.fileno(), False)
            try:
                header, _ = self._exchange(self._settings(), b"", self.limits.start_s)
                self._strength = _strength(header)
            except (_EndedError, _LateError, frames.BrokenFrameError) as error:
                self.close()
                last_words.seek(0)
                lines = last_words.read(64_000).decode(errors="replace").strip().splitlines()
                raise SandboxUnavailable(
                    reason=str(error) or (lines[-1] if lines else "the worker ended while it started")
                ) from error
        self._calls = 0

    def strength(self) -> Strength:
        """What holds, measured by the worker when it sealed itself (starts it if need be)."""
        self.start()
        if self._strength is None:
            raise SandboxUnavailable(reason="the worker did not report its strength")
        return self._strength

    def call(self, callee: str, data: bytes, **arguments: Any) -> bytes:
        """Run `callee` ("module:function") on `data` in the worker and return its bytes.

        Raises one of `errors`, TookTooLong, TookTooMuchMemory, Crashed or SandboxFailure, all BadInput; ValueError
        for a
        callee that is not allowed or arguments that are not JSON.
        """
        module, _, function = callee.partition(":")
        if not function.isidentifier() or not any(f"{module}.".startswith(f"{allowed}.") for allowed in self._preload):
            raise ValueError(f"{callee!r} is not among the modules this sandbox was given: {', '.join(self._preload)}")
        if len(data) > self.limits.input_bytes:
            raise TookTooMuchMemory(mebibytes=self.limits.input_bytes // MEBIBYTE)
        if self._process and (self._calls >= self.limits.calls_per_worker or not self._is_waiting()):
            self.close()
        self.start()
        self._calls += 1
        request = {"callee": callee, "arguments": arguments, "ticket": secrets.token_hex(8)}
        try:
            untrusted_header, body = self._exchange(request, data, self.limits.wall_s)
            return self._result(untrusted_header, body)
        except _LateError:
            self.close()
            raise TookTooLong(seconds=round(self.limits.wall_s)) from None
        except _EndedError:
            raise self._end() from None
        except frames.BrokenFrameError as error:
            self.close()
            raise SandboxFailure(detail=str(error)) from None

    def close(self) -> None:
        """Kill the worker and everything in its process group."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream:
                stream.close()

    # -- the border -----------------------------------------------------------------------------------------------

    def _result(self, untrusted_header: dict[str, Any], body: bytes) -> bytes:
        status = untrusted_header.get("status")
        if status == "ok":
            return body
        if body:
            raise frames.BrokenFrameError("an error with a body")
        if status == "memory":
            raise TookTooMuchMemory(mebibytes=self.limits.memory_bytes // MEBIBYTE)
        if status == "error":
            raise rebuilt_error(untrusted_header, self._errors)
        raise SandboxFailure(detail=str(untrusted_header.get("detail", ""))[:1000])

    def _end(self) -> BadInput:
        """Why the worker is gone, as an error; clears it away."""
        process = self._process
        # The pipe closes a moment before the process can be waited for; a worker that only closed its pipe is killed
        # below.
        with contextlib.suppress(subprocess.TimeoutExpired):
            if process is not None:
                process.wait(timeout=5)
        status = process.returncode if process is not None else None
        self.close()
        if status in {-signal.SIGXCPU, -signal.SIGALRM}:
            return TookTooLong(seconds=round(self.limits.cpu_s))
        name = signal.Signals(-status).name if status is not None and status < 0 else f"exit status {status}"
        return Crashed(detail=name)

    def _is_waiting(self) -> bool:
        """Alive, and has not spoken unasked (an answer nobody asked for would be taken for the next one)."""
        if self._process is None or self._process.poll() is not None:
            return False
        waiter = select.poll()
        waiter.register(self._stdout, select.POLLIN)
        return not waiter.poll(0)

    def _exchange(self, header: dict[str, Any], body: bytes, timeout_s: float) -> tuple[dict[str, Any], bytes]:
        """Send one frame and receive one, both within the time. Raises _LateError, _EndedError, BrokenFrameError."""
        deadline = time.monotonic() + timeout_s
        for part in (frames.pack(header, len(body)), body):
            self._send(part, deadline)
        sizes = self._receive(frames.SIZES.size, deadline)
        header_size, body_size = frames.unpack_sizes(sizes, self.limits.output_bytes)
        untrusted_header = frames.unpack_header(self._receive(header_size, deadline))
        untrusted_body = self._receive(body_size, deadline)
        # Without this call's ticket it was written by hostile bytes, now or for an earlier call: the worker must go.
        if untrusted_header.get("ticket") != header.get("ticket"):
            raise frames.BrokenFrameError("an answer without this call's ticket")
        return untrusted_header, untrusted_body

    def _send(self, part: bytes, deadline: float) -> None:
        view = memoryview(part)
        while view:
            _wait([], [self._stdin], deadline)
            try:
                written = os.write(self._stdin.fileno(), view[:CHUNK])
            except BlockingIOError:
                continue
            except BrokenPipeError as error:
                raise _EndedError from error
            view = view[written:]

    def _receive(self, size: int, deadline: float) -> bytes:
        untrusted = bytearray()
        while len(untrusted) < size:
            _wait([self._stdout], [], deadline)
            piece = os.read(self._stdout.fileno(), min(CHUNK, size - len(untrusted)))
            if not piece:
                raise _EndedError
            untrusted += piece
        return bytes(untrusted)

    @property
    def _stdin(self) -> IO[bytes]:
        if self._process is None or self._process.stdin is None:
            raise _EndedError
        return self._process.stdin

    @property
    def _stdout(self) -> IO[bytes]:
        if self._process is None or self._process.stdout is None:
            raise _EndedError
        return self._process.stdout

    def _settings(self) -> dict[str, Any]:
        return {
            **asdict(self.limits),
            "preload": self._preload,
            "warm": self._warm,
            "errors": list(self._errors),
            "cache_dir": str(self._cache_dir),
            "import_paths": self._import_paths,
        }

    def _environment(self) -> dict[str, str]:
        """Nothing of ours (it may hold secrets); one thread per numeric library, so that limits mean something."""
        one_thread = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
        folders = dict.fromkeys(("HOME", "TMPDIR", "NUMBA_CACHE_DIR"), str(self._cache_dir))
        fixed = {
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "PYTHONDONTWRITEBYTECODE": "1",
            "OPENCV_FOR_THREADS_NUM": "1",
        }
        return fixed | folders | dict.fromkeys(one_thread, "1")


class SandboxPool:
    """Sandboxes for several threads: `with pool.checkout() as sandbox: ...` waits for a free one.

    Takes the number of workers and the arguments of `Sandbox`; workers start when first used.
    """

    def __init__(self, size: int, **settings: Any) -> None:
        self._sandboxes = [Sandbox(**settings) for _ in range(size)]
        self._free: queue.LifoQueue[Sandbox] = queue.LifoQueue()
        for sandbox in self._sandboxes:
            self._free.put(sandbox)

    @contextlib.contextmanager
    def checkout(self) -> Iterator[Sandbox]:
        sandbox = self._free.get()
        try:
            yield sandbox
        finally:
            self._free.put(sandbox)

    def call(self, callee: str, data: bytes, **arguments: Any) -> bytes:
        """As `Sandbox.call`, on a free worker."""
        with self.checkout() as sandbox:
            return sandbox.call(callee, data, **arguments)

    def close(self) -> None:
        for sandbox in self._sandboxes:
            sandbox.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _LateError(Exception):
    """The deadline passed."""


class _EndedError(Exception):
    """The worker's end of the pipe is closed."""


def _wait(readers: list[IO[bytes]], writers: list[IO[bytes]], deadline: float) -> None:
    waiter = select.poll()  # not select(): it fails for file numbers above 1023
    for stream in readers:
        waiter.register(stream, select.POLLIN)
    for stream in writers:
        waiter.register(stream, select.POLLOUT)
    remaining_s = deadline - time.monotonic()
    if remaining_s <= 0 or not waiter.poll(remaining_s * 1000):
        raise _LateError


def default_cache_dir() -> Path:
    """The user's own cache folder; it holds compiled code, so nobody else may write there."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "copyhold" / "compiled"


def _strength(untrusted_header: dict[str, Any]) -> Strength:
    """The worker reports before it has seen a single untrusted byte, so its word is taken, in the right shape."""
    report = untrusted_header.get("strength")
    if not isinstance(report, dict) or set(report) != set(Strength.__slots__):
        raise frames.BrokenFrameError(str(untrusted_header.get("detail", "the worker did not report its strength")))
    return Strength(**{name: value if name == "landlock" else value is True for name, value in report.items()})


def rebuilt_error(untrusted: dict[str, Any], allowed: dict[str, type[BadInput]]) -> BadInput:
    """The callee's error, if it is one that the caller allowed and nothing in it is out of shape."""
    kind = allowed.get(str(untrusted.get("name")))
    template, code, params = untrusted.get("template"), untrusted.get("code"), untrusted.get("params")
    if kind is None or not (isinstance(template, str) and isinstance(code, str) and isinstance(params, dict)):
        raise frames.BrokenFrameError("an error of unknown shape")
    # A place such as {x.__class__} or {x[0]} would let the template walk through our objects: plain names only.
    try:
        places = [(name, form) for _, name, form, _ in string.Formatter().parse(template) if name is not None]
    except ValueError as error:
        raise frames.BrokenFrameError("a broken template") from error
    is_plain = all(name in params and name.isidentifier() and not form for name, form in places)
    values_ok = all(isinstance(value, str | int | float | bool) and len(str(value)) <= 500 for value in params.values())
    if len(template) > 500 or len(code) > 60 or len(params) > 16 or not is_plain or not values_ok:
        raise frames.BrokenFrameError("an error out of bounds")
    return kind(template, code=code, **params)
