"""Each wall of the sandbox is run against; after each attack the next call is answered."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from copyhold_toys import LIMITS, TOYS, UnreadableBall, UnreadableToy
from hypothesis import given, settings
from hypothesis import strategies as st

from copyhold.errors import BadInput
from copyhold.guards import frames
from copyhold.guards.errors import Crashed, SandboxFailure, SandboxUnavailable, TookTooLong, TookTooMuchMemory
from copyhold.guards.sandbox import Limits, Sandbox, SandboxPool, Strength, rebuilt_error


@pytest.fixture(autouse=True)
def _answers_the_next_call(sandbox):
    yield
    assert sandbox.call("copyhold_toys:echo", b"still here") == b"still here"


def refused(sandbox, callee, data=b"", kind=SandboxFailure, **arguments):
    with pytest.raises(BadInput) as caught:
        sandbox.call(f"copyhold_toys:{callee}", data, **arguments)
    assert type(caught.value) is kind, caught.value.params
    assert str(caught.value)
    return caught.value


def test_data_and_arguments_go_in_and_bytes_come_out(sandbox):
    assert sandbox.call("copyhold_toys:echo", b"\x00\xff", page=2, name="作品") == b"\x00" + b"\xff" + (
        repr([("name", "作品"), ("page", 2)]).encode()
    )


def test_the_worker_is_warm_and_reused(sandbox):
    assert sandbox.call("copyhold_toys:is_warmed", b"") == b"True"
    before = sandbox.process_id
    assert int(sandbox.call("copyhold_toys:count", b"")) < int(sandbox.call("copyhold_toys:count", b""))
    assert sandbox.process_id == before


def test_this_machine_gives_a_strong_sandbox(sandbox):
    strength = sandbox.strength()
    assert not strength.weak, strength.describe()
    assert "NOT" not in strength.describe()


def test_a_missing_wall_is_called_weak_and_named():
    without = Strength(rlimits=True, landlock=0, network=True, no_new_privileges=True, unprivileged=True, seccomp=True)
    assert without.weak
    assert "NOT FILES" in without.describe()


# -- errors that may come back ------------------------------------------------------------------------------------


def test_an_allowed_error_comes_back_with_its_facts(sandbox):
    error = refused(sandbox, "unreadable", b"abc", kind=UnreadableToy)
    assert error.params == {"reason": "no wheels", "bytes": 3}
    assert str(error) == "This toy cannot be read: no wheels"


def test_a_special_case_of_an_allowed_error_comes_back_as_the_allowed_one(sandbox):
    error = refused(sandbox, "unreadable_ball", kind=UnreadableToy)
    assert error.instance_code == UnreadableBall.code


@pytest.mark.parametrize("callee", ["not_allowed_error", "plain_error", "text_result", "no_such_function"])
def test_anything_else_is_a_failure_of_the_sandbox(sandbox, callee):
    assert refused(sandbox, callee).params["detail"]


@pytest.mark.parametrize("callee", ["os:system", "copyhold_toys_other:x", "copyhold_toys", "copyhold_toys:a.b", ":x"])
def test_only_the_modules_given_at_construction_are_called(sandbox, callee):
    with pytest.raises(ValueError, match="not among the modules"):
        sandbox.call(callee, b"")


WALK = {"name": "UnreadableToy", "code": "x", "params": {"reason": "r"}}


@pytest.mark.parametrize(
    "untrusted",
    [
        {},
        WALK | {"name": "SystemExit", "template": "a"},
        WALK | {"template": "{reason.__class__}"},
        WALK | {"template": "{reason[0]}"},
        WALK | {"template": "{reason:>99999999}"},
        WALK | {"template": "{other}"},
        WALK | {"template": "{"},
        WALK | {"template": "a" * 501},
        WALK | {"template": ["a"]},
        WALK | {"template": "a", "params": {"reason": ["a"]}},
        WALK | {"template": "a", "params": {"reason": "a" * 501}},
        WALK | {"template": "a", "params": {str(n): n for n in range(17)}},
        WALK | {"template": "a", "code": None},
    ],
)
def test_an_error_out_of_shape_is_not_rebuilt(untrusted):
    with pytest.raises(frames.BrokenFrameError):
        rebuilt_error(untrusted, {"UnreadableToy": UnreadableToy})


@given(st.binary(max_size=200))
def test_bytes_that_are_no_header_are_refused_or_an_object(untrusted):
    with contextlib.suppress(frames.BrokenFrameError):
        assert isinstance(frames.unpack_header(untrusted), dict)


@given(header=st.integers(0, 2**32 - 1), body=st.integers(0, 2**32 - 1), cap=st.integers(0, 2**32 - 1))
def test_sizes_beyond_the_caps_are_refused(header, body, cap):
    sizes = frames.SIZES.pack(header, body)
    if header <= frames.HEADER_CAP and body <= cap:
        assert frames.unpack_sizes(sizes, cap) == (header, body)
    else:
        with pytest.raises(frames.BrokenFrameError):
            frames.unpack_sizes(sizes, cap)


# -- attacks ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("callee", ["kill_self", "segfault", "exit_at_once"])
def test_a_worker_that_dies_is_a_crash(sandbox, callee):
    refused(sandbox, callee, kind=Crashed)


def test_a_worker_killed_from_outside_between_calls_is_replaced(sandbox):
    sandbox.start()
    before = sandbox.process_id
    os.kill(before, signal.SIGKILL)
    os.waitid(os.P_PID, before, os.WEXITED | os.WNOWAIT)
    assert sandbox.call("copyhold_toys:echo", b"a") == b"a"
    assert sandbox.process_id != before


def test_an_allocation_bomb_is_stopped(sandbox):
    refused(sandbox, "memory_bomb", kind=TookTooMuchMemory)


def test_an_endless_loop_is_stopped_by_processor_time(sandbox):
    assert refused(sandbox, "endless_loop", kind=TookTooLong).params == {"seconds": LIMITS.cpu_s}


def test_endless_waiting_is_stopped_by_the_clock_on_the_wall():
    with Sandbox(limits=Limits(wall_s=0.3), preload=("copyhold_toys",), import_paths=(TOYS,)) as impatient:
        worker = impatient.strength() and impatient.process_id
        refused(impatient, "endless_sleep", kind=TookTooLong)
        assert not Path(f"/proc/{worker}").exists()
        assert impatient.call("copyhold_toys:echo", b"a") == b"a"


@pytest.mark.parametrize("callee", ["fork_bomb", "start_program"])
def test_no_process_can_be_started(sandbox, callee):
    assert "Error" in refused(sandbox, callee).params["detail"]


def test_threads_are_bounded(sandbox):
    # Root in a user namespace is not counted by the kernel: there the address space is the bound.
    assert 1 <= int(sandbox.call("copyhold_toys:thread_bomb", b"")) <= 64


@pytest.mark.parametrize("family", ["AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK"])
def test_no_socket_can_be_opened(sandbox, family):
    assert "Error" in refused(sandbox, "open_socket", family=family).params["detail"]


def test_no_name_is_looked_up(sandbox):
    assert "gaierror" in refused(sandbox, "resolve_name").params["detail"]


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "/etc/hostname", "/proc/1/environ", str(Path(__file__)), "/root/.profile"]
)
def test_no_file_can_be_read(sandbox, path):
    refused(sandbox, "read_file", path=path)


@pytest.mark.parametrize("path", ["/", "/etc", "/tmp", "/home"])
def test_no_folder_can_be_listed(sandbox, path):
    assert "PermissionError" in refused(sandbox, "list_folder", path=path).params["detail"]


def test_no_file_can_be_written(sandbox, tmp_path):
    existing = tmp_path / "existing"
    existing.write_bytes(b"before")
    inside = Path(sys.prefix) / "lib" / "planted.py"
    for path in (
        existing,
        tmp_path / "new",
        Path("/tmp/planted"),
        inside,
        TOYS / "copyhold_toys.py",
        Path("/dev/shm/p"),
    ):
        assert "PermissionError" in refused(sandbox, "write_file", b"after", path=str(path)).params["detail"]
    assert existing.read_bytes() == b"before"
    assert sorted(os.listdir(tmp_path)) == ["existing"]


@pytest.mark.parametrize("callee", ["signal_process", "raise_limits_of"])
def test_no_other_process_can_be_touched(sandbox, callee):
    refused(sandbox, callee, process_id=os.getpid())


def test_our_environment_and_open_files_are_not_inherited(sandbox, monkeypatch):
    monkeypatch.setenv("COPYHOLD_SECRET", "do not tell")
    sandbox.close()
    assert b"SECRET" not in sandbox.call("copyhold_toys:see_environment", b"")
    assert sandbox.call("copyhold_toys:open_files", b"") == b"/dev/null\n/dev/null\n/dev/null"


def test_what_a_callee_prints_does_not_reach_the_pipe(sandbox):
    assert sandbox.call("copyhold_toys:shout", b"") == b"done"


def test_code_can_be_imported_late(sandbox):
    assert sandbox.call("copyhold_toys:late_import", b"", module="wave") == b"wave"
    assert sandbox.call("copyhold_toys:late_import", b"", module="numpy") == b"numpy"


# -- caps and forged answers --------------------------------------------------------------------------------------


def test_a_result_larger_than_allowed_is_refused(sandbox):
    assert len(sandbox.call("copyhold_toys:large_result", b"", size=LIMITS.output_bytes)) == LIMITS.output_bytes
    refused(sandbox, "large_result", size=LIMITS.output_bytes + 1)


def test_data_larger_than_allowed_is_not_even_sent(sandbox):
    refused(sandbox, "echo", bytes(LIMITS.input_bytes + 1), kind=TookTooMuchMemory)


def test_arguments_larger_than_a_header_are_a_mistake_of_the_caller(sandbox):
    with pytest.raises(ValueError, match="64 KiB"):
        sandbox.call("copyhold_toys:echo", b"", text="a" * frames.HEADER_CAP)


@pytest.mark.parametrize(
    "forged",
    [
        b"\xff" * 8,
        frames.SIZES.pack(2, 1 << 31) + b"{}",
        frames.SIZES.pack(2, 0) + b"[]",
        frames.SIZES.pack(7, 0) + b"\xff\xfe{{{{{",
        frames.SIZES.pack(2, 0) + b"{}",
        frames.SIZES.pack(18, 1) + b'{"status":"error"}' + b"x",
    ],
    ids=["huge header", "huge body", "no object", "no text", "no status", "error with body"],
)
def test_forged_frames_are_refused(sandbox, forged):
    refused(sandbox, "forged_frame", bytes_hex=forged.hex())


def test_an_answer_sent_in_advance_is_not_taken_for_the_next_one(sandbox):
    forged = frames.pack({"status": "ok"}, 6) + b"forged"
    refused(sandbox, "forged_frame", bytes_hex=forged.hex())
    assert sandbox.call("copyhold_toys:echo", b"honest") == b"honest"


# -- the life of workers ------------------------------------------------------------------------------------------


def test_a_worker_is_replaced_after_its_calls():
    with Sandbox(limits=Limits(calls_per_worker=2), preload=("copyhold_toys",), import_paths=(TOYS,)) as short:
        answers = [short.call("copyhold_toys:count", b"") for _ in range(5)]
    assert answers == [b"1", b"2", b"1", b"2", b"1"]


@pytest.mark.parametrize(
    "settings_", [{"preload": ("no_such_module",)}, {"preload": (), "warm": "copyhold_toys:plain_error"}]
)
def test_a_worker_that_does_not_start_says_why(settings_):
    with pytest.raises(SandboxUnavailable, match="Error"), Sandbox(import_paths=(TOYS,), **settings_):
        pass


def test_closing_leaves_no_process_behind():
    with Sandbox(preload=("copyhold_toys",), import_paths=(TOYS,)) as sandbox:
        worker = sandbox.process_id
    assert not Path(f"/proc/{worker}").exists()


def test_workers_end_with_a_parent_that_is_killed(tmp_path):
    program = (
        "import sys, os; from pathlib import Path; from copyhold.guards.sandbox import Sandbox\n"
        "s = Sandbox(preload=('copyhold_toys',), import_paths=(Path(sys.argv[1]),)); s.start()\n"
        "print(s.process_id, flush=True); sys.stdin.read()\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program, str(TOYS)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with parent:
        worker = os.pidfd_open(int(parent.stdout.readline()))
        parent.kill()
    import select

    assert select.select([worker], [], [], 30)[0], "the worker outlived its parent"
    os.close(worker)


def test_threads_share_a_pool():
    answers = {}
    with SandboxPool(2, preload=("copyhold_toys",), import_paths=(TOYS,)) as pool:

        def work(number):
            answers[number] = [pool.call("copyhold_toys:echo", f"{number}.{turn}".encode()) for turn in range(20)]

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert answers == {n: [f"{n}.{turn}".encode() for turn in range(20)] for n in range(4)}


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=3000), st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=9), max_size=3))
def test_any_bytes_and_arguments_cross_the_border_unchanged(sandbox, data, facts):
    answer = sandbox.call("copyhold_toys:echo", data, facts=facts)
    assert answer == data + repr([("facts", facts)]).encode()
