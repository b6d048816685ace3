"""Callees that do what hostile bytes would like a decoder to do. They run in the sandbox's worker only."""

import ctypes
import gzip
import io
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

from copyhold.errors import BadInput, Conflict
from copyhold.guards.sandbox import MEBIBYTE, Limits

TOYS = Path(__file__).parent
LIMITS = Limits(
    memory_bytes=128 * MEBIBYTE,
    cpu_s=2,
    wall_s=120,
    input_bytes=8 * MEBIBYTE,
    output_bytes=MEBIBYTE,
    threads=8,
    start_s=60,
)

state = {"warmed": False, "calls": 0}


class UnreadableToy(BadInput):
    code = "unreadable_toy"
    message = "This toy cannot be read: {reason}"


class UnreadableBall(UnreadableToy):
    code = "unreadable_ball"


def warm():
    state["warmed"] = True
    import tempfile

    # The warm-up may write its compile cache; the seal takes that away.
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"compiled")


def echo(data, **arguments):
    state["calls"] += 1
    return data + repr(sorted(arguments.items())).encode() if arguments else data


def count(data):
    state["calls"] += 1
    return str(state["calls"]).encode()


def is_warmed(data):
    return str(state["warmed"]).encode()


def unreadable(data):
    raise UnreadableToy(reason="no wheels", bytes=len(data))


def unreadable_ball(data):
    raise UnreadableBall(reason="flat")


def not_allowed_error(data):
    raise Conflict


def plain_error(data):
    raise RuntimeError("secret detail")


def kill_self(data):
    os.kill(os.getpid(), signal.SIGKILL)


def segfault(data):
    ctypes.string_at(0)


def exit_at_once(data):
    os._exit(0)


def memory_bomb(data):
    hoard = []
    while True:
        hoard.append(bytearray(16 << 20))


def endless_loop(data):
    while True:
        pass


def endless_sleep(data):
    while True:
        time.sleep(60)


def fork_bomb(data):
    while True:
        os.fork()


def thread_bomb(data):
    started = 0
    stop = threading.Event()
    try:
        while started < 10_000:
            threading.Thread(target=stop.wait, daemon=True).start()
            started += 1
    except RuntimeError:
        pass
    stop.set()
    return str(started).encode()


def start_program(data):
    return subprocess.run(["/bin/true"], check=True).args[0].encode()


def open_socket(data, family):
    with socket.socket(getattr(socket, family)):
        return b"opened"


def resolve_name(data):
    return str(socket.getaddrinfo("localhost", 80)).encode()


def read_file(data, path):
    return Path(path).read_bytes()


def list_folder(data, path):
    return "\n".join(os.listdir(path)).encode()


def write_file(data, path):
    Path(path).write_bytes(data)
    return b"written"


def signal_process(data, process_id):
    os.kill(process_id, signal.SIGKILL)
    return b"killed"


def raise_limits_of(data, process_id):
    import resource

    resource.prlimit(process_id, resource.RLIMIT_NOFILE, (3, 3))
    return b"changed"


def see_environment(data):
    return repr(sorted(os.environ)).encode() + Path("/proc/self/environ").read_bytes()


def open_files(data):
    return "\n".join(os.readlink(f"/proc/self/fd/{number}") for number in range(3)).encode()


def shout(data):
    sys.stderr.write("b" * 1_000_000)
    os.write(1, b"not a frame")
    return b"done"


def large_result(data, size):
    return bytes(size)


def text_result(data):
    return "not bytes"


def forged_frame(data, bytes_hex):
    """Write raw bytes into every open pipe, as taken-over code would."""
    raw = bytes.fromhex(bytes_hex)
    for number in range(3, 12):
        try:
            if os.readlink(f"/proc/self/fd/{number}").startswith("pipe:"):
                os.write(number, raw)
        except OSError:
            continue
    return b"and an answer"


def late_import(data, module):
    return str(__import__(module).__name__).encode()


def identity(data):
    return f"{os.getuid()} {os.getgid()} {os.getgroups()}".encode()


def unzip(data):
    """A careless decoder: everything into memory at once."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return str(sum(len(archive.read(name)) for name in archive.namelist())).encode()


def gunzip(data):
    return str(len(gzip.decompress(data))).encode()


def parse_json(data):
    import json

    return str(type(json.loads(data)).__name__).encode()


def parse_xml(data):
    from xml.etree import ElementTree as ET

    return ET.fromstring(data).tag.encode()


def measure_picture(data):
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # careless, so that only the sandbox stands in the way
    with Image.open(io.BytesIO(data), formats=("PNG", "GIF", "JPEG")) as picture:
        picture.load()
        return f"{picture.format} {picture.width}x{picture.height}".encode()
