"""What arrived is on the disk, byte for byte, and stays readable after a kill."""

import gzip
import hashlib
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from loopback import page, redirect
from warcio.archiveiterator import ArchiveIterator

from copyhold.guards.egress import Egress, Policy
from copyhold.guards.errors import TooLarge
from copyhold.guards.recorder import Recorder, read_record

DAY = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)


@pytest.fixture
def recorder(tmp_path):
    with Recorder(tmp_path / "captures", now=lambda: DAY, facts={"operator": "Office"}) as one:
        yield one


def records(path):
    with path.open("rb") as file:
        return [(record.rec_type, dict(record.rec_headers.headers)) for record in ArchiveIterator(file)]


def check(path):
    """The real tool: exit status 0 when every digest agrees."""
    tool = Path(sys.executable).parent / "warcio"
    done = subprocess.run([str(tool), "check", "-v", str(path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_hop_is_recorded_as_it_was_received(server, policy, recorder):
    body = gzip.compress("你好".encode() * 50, mtime=0)
    server.pages["/1"] = redirect("/2")
    server.pages["/2"] = (
        b"HTTP/1.1 200 OK\r\nX-Odd:  kept   as is\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
        + f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"
    )  # fmt: skip
    response = Egress(policy, recorder).fetch("GET", "http://shop.demo/1", body=b"")
    assert response.body.decode() == "你好" * 50
    first, second = (read_record(recorder.path, hop.record.offset) for hop in response.hops)
    assert first.block == server.pages["/1"]
    assert second.block == server.pages["/2"]
    assert second.headers["WARC-IP-Address"] == "127.0.0.1"
    assert second.headers["WARC-Target-URI"] == "http://shop.demo/2"
    assert second.headers["WARC-Date"] == "2026-03-01T08:30:00.000000Z"
    assert second.headers["WARC-Payload-Digest"] == f"sha256:{hashlib.sha256(second.payload).hexdigest()}"
    kinds = [kind for kind, _ in records(recorder.path)]
    assert kinds == ["warcinfo", "response", "request", "response", "request"]
    assert "FAIL" not in check(recorder.path).upper().replace("0 FAIL", "")
    raw = recorder.path.read_bytes()[response.record.offset :][: response.record.length]
    assert hashlib.sha256(raw).hexdigest() == response.record.digest
    assert server.pages["/2"] in gzip.decompress(raw)


def test_a_request_is_kept_with_its_body(server, policy, recorder):
    server.pages["/"] = page("a")
    Egress(policy, recorder).fetch("POST", "http://shop.demo/", body=b"form=1")
    with recorder.path.open("rb") as file:
        stored = [record.raw_stream.read() for record in ArchiveIterator(file, no_record_parse=True)]
    assert stored[2] == server.requests[0]
    check(recorder.path)


def test_an_answer_cut_off_is_recorded_as_truncated(server, policy, recorder):
    server.pages["/"] = b"HTTP/1.0 200 OK\r\n\r\n" + b"a" * 400_000
    with pytest.raises(TooLarge):
        Egress(policy, recorder).fetch("GET", "http://shop.demo/")
    kind, headers = records(recorder.path)[1]
    assert (kind, headers["WARC-Truncated"]) == ("response", "length")
    check(recorder.path)


def test_warcinfo_names_software_and_facts(recorder):
    block = read_record(recorder.path, 0).block.decode()
    assert "software: Copyhold/" in block
    assert "operator: Office" in block


def test_files_rotate_by_size(server, policy, tmp_path):
    server.pages["/"] = page(os.urandom(3000))
    with Recorder(tmp_path, now=lambda: DAY, max_file_bytes=8000) as recorder:
        egress = Egress(policy, recorder)
        references = [egress.fetch("GET", "http://shop.demo/").record for _ in range(5)]
    files = sorted(tmp_path.glob("*.warc.gz"))
    assert len(files) > 1
    assert all(file.stat().st_size <= 8000 for file in files)
    for reference in references:
        assert read_record(tmp_path / reference.file, reference.offset).block == server.pages["/"]
    for file in files:
        check(file)


def test_a_second_writer_gets_its_own_file(recorder):
    with Recorder(recorder.folder, now=lambda: DAY) as second:
        assert second.path != recorder.path


@pytest.mark.parametrize("torn", [1, 7, 40, 300, -1, -9], ids=str)
def test_a_torn_last_record_is_cut_off(server, policy, tmp_path, torn):
    server.pages["/"] = page(os.urandom(500))
    with Recorder(tmp_path, now=lambda: DAY) as recorder:
        reference = Egress(policy, recorder).fetch("GET", "http://shop.demo/").record
        path = recorder.path
    whole = path.read_bytes()
    last = whole[reference.offset : reference.offset + reference.length]
    path.write_bytes(whole + last[:torn])
    with Recorder(tmp_path, now=lambda: DAY) as recorder:
        assert recorder.path == path
        Egress(policy, recorder).fetch("GET", "http://shop.demo/")
    assert path.read_bytes().startswith(whole)
    assert [kind for kind, _ in records(path)] == ["warcinfo", "response", "request"] * 2
    check(path)


WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from copyhold.guards.egress import Egress, Policy
from copyhold.guards.recorder import Recorder
recorder = Recorder(Path(sys.argv[1]), now=lambda: datetime.now(UTC))
egress = Egress(Policy(hosts={"shop.demo": ("127.0.0.1", int(sys.argv[2]))}, delay_s=0), recorder)
while True:
    reference = egress.fetch("GET", "http://shop.demo/").record
    print(reference.file, reference.offset, flush=True)
"""


def test_what_was_answered_for_survives_kill_9(server, tmp_path):
    server.pages["/"] = page(os.urandom(200_000))
    for count in (1, 2, 5):
        command = [sys.executable, "-c", WRITER, str(tmp_path), str(server.port)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            promised = [writer.stdout.readline().split() for _ in range(count)]
            writer.kill()
        with Recorder(tmp_path, now=lambda: DAY):
            pass
        for file, offset in promised:
            assert read_record(tmp_path / file, int(offset)).block == server.pages["/"]
        for file in tmp_path.glob("*.warc.gz"):
            check(file)


@pytest.mark.parametrize("content", [b"", b"not gzip", gzip.compress(b"not a record"), b"\x1f\x8b\x08"])
def test_an_offset_without_a_record_is_an_error(tmp_path, content):
    path = tmp_path / "a.warc.gz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="no record"):
        read_record(path, 0)


def test_policy_default_is_strict():
    assert Policy().hosts == {}
    assert Policy().ports == {80, 443}
