"""Write every exchange to WARC 1.1 as it arrives, so that a crash loses nothing that was answered for.

A record is one gzip member, appended and fsynced before `write` returns. The response block is what the server sent,
byte for
byte (transfer and content coding included), and `WARC-Payload-Digest` is the SHA-256 of its part after the head. On
opening, a
torn last record (kill -9, full disk) is cut off. One process per file, kept by a lock; another process gets the next
file.
"""

import fcntl
import gzip
import hashlib
import os
import threading
import uuid
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from warcio.archiveiterator import ArchiveIterator

from copyhold.guards.wire import Exchange

DATE_FORM = "%Y-%m-%dT%H:%M:%S.%fZ"
STEP = 1 << 20
CONTENT_TYPES = {
    "warcinfo": "application/warc-fields",
    "response": "application/http; msgtype=response",
    "request": "application/http; msgtype=request",
}


@dataclass(frozen=True, slots=True)
class RecordRef:
    """Where a response record lies: file name in the recorder's folder, offset and length of its gzip member in
    bytes, and
    the SHA-256 (hex) of that member."""

    file: str
    offset: int
    length: int
    digest: str


@dataclass(frozen=True, slots=True)
class Record:
    """A record read back: WARC headers, and the block as stored (for a response: HTTP head and body as received)."""

    kind: str
    headers: dict[str, str]
    block: bytes

    @property
    def payload(self) -> bytes:
        """The block after the HTTP head."""
        return self.block.partition(b"\r\n\r\n")[2]


class Recorder:
    """Appends to `{prefix}-{number}.warc.gz` in `folder`; begins a new file beyond `max_file_bytes`. `now`
    gives aware UTC.
    """

    def __init__(
        self,
        folder: Path,
        *,
        now: Callable[[], datetime],
        prefix: str = "capture",
        max_file_bytes: int = 1 << 30,
        facts: dict[str, str] | None = None,
    ) -> None:
        self.folder, self.now, self._prefix, self._max_file_bytes = folder, now, prefix, max_file_bytes
        self._facts = facts or {}
        self._lock = threading.Lock()
        self._file: BinaryIO | None = None
        self._offset, self._is_fresh, self._warcinfo_id = 0, True, ""
        self.path = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._open()

    def write(self, exchange: Exchange) -> RecordRef:
        """Append the response and its request; both are on the disk when this returns. Raises OSError (disk full) after
        cutting off what was half written."""
        date = exchange.started if isinstance(exchange.started, datetime) else self.now()
        response_id, common = (
            _record_id(),
            {
                "WARC-Date": date.astimezone(UTC).strftime(DATE_FORM),
                "WARC-IP-Address": exchange.ip,
                "WARC-Warcinfo-ID": self._warcinfo_id,
            },
        )
        raw = bytes(exchange.raw)
        cut = {"WARC-Truncated": exchange.truncated} if exchange.truncated else {}
        own = {"WARC-Record-ID": response_id, "WARC-Payload-Digest": _digest(raw[exchange.head_size :])}
        response = _member("response", exchange.target.url, raw, common | own | cut)
        body = exchange.request.partition(b"\r\n\r\n")[2]
        own = {"WARC-Concurrent-To": response_id, "WARC-Payload-Digest": _digest(body)}
        request = _member("request", exchange.target.url, exchange.request, common | own)
        with self._lock:
            if self._offset + len(response) + len(request) > self._max_file_bytes and not self._is_fresh:
                self._close_file()
                self._open(passing_over=1)
            offset = self._append(response + request)
            self._is_fresh = False
            return RecordRef(self.path.name, offset, len(response), hashlib.sha256(response).hexdigest())

    def close(self) -> None:
        with self._lock:
            self._close_file()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- files --------------------------------------------------------------------------------------------------------

    def _open(self, passing_over: int = 0) -> None:
        """Go on with the last file, after cutting off a torn record; a full or locked one is passed over."""
        existing = sorted(self.folder.glob(f"{self._prefix}-*.warc.gz"))
        number = int(existing[-1].name.removesuffix(".warc.gz").rpartition("-")[2]) + passing_over if existing else 1
        while True:
            path = self.folder / f"{self._prefix}-{number:05d}.warc.gz"
            file = path.open("a+b")
            if _lock(file):
                whole = whole_size(file)
                if whole < self._max_file_bytes:
                    break
            file.close()
            number += 1
        file.truncate(whole)
        self._file, self.path, self._offset, self._is_fresh = file, path, whole, True
        _sync_folder(self.folder)
        # Each opening says who writes from here on.
        self._warcinfo_id = _record_id()
        self._append(_warcinfo(path.name, self._warcinfo_id, self.now(), self._facts))

    def _append(self, members: bytes) -> int:
        if self._file is None:
            raise ValueError("The recorder is closed.")
        offset = self._offset
        try:
            self._file.write(members)
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError:
            self._file.truncate(offset)
            raise
        self._offset += len(members)
        return offset

    def _close_file(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            file.close()


def whole_size(file: BinaryIO) -> int:
    """Bytes from the start that are whole records: complete gzip members that end as a WARC record does."""
    file.seek(0)
    whole = position = 0
    stream, tail = zlib.decompressobj(31), b""
    pending = file.read(STEP)
    while pending:
        try:
            tail = (tail + stream.decompress(pending, STEP))[-4:]
        except zlib.error:
            return whole
        rest = stream.unused_data if stream.eof else stream.unconsumed_tail
        position += len(pending) - len(rest)
        if stream.eof:
            if tail != b"\r\n\r\n":
                return whole
            whole, stream, tail = position, zlib.decompressobj(31), b""
        pending = rest or file.read(STEP)
    return whole


def read_record(path: Path, offset: int) -> Record:
    """The record whose gzip member begins at `offset`. Raises ValueError when there is none."""
    with path.open("rb") as file:
        file.seek(offset)
        try:
            record = next(iter(ArchiveIterator(file, no_record_parse=True)))
            headers = dict(record.rec_headers.headers)
            return Record(headers["WARC-Type"], headers, record.raw_stream.read())
        except (StopIteration, KeyError, zlib.error) as error:
            raise ValueError(f"{path.name} has no record at {offset}.") from error
        except Exception as error:  # warcio's own errors have no common ancestor
            if type(error).__module__.startswith("warcio."):
                raise ValueError(f"{path.name} has no record at {offset}.") from error
            raise


def _member(kind: str, url: str, block: bytes, headers: dict[str, str]) -> bytes:
    """One record as a gzip member. Written here and not by warcio, which sets the HTTP head anew from what
    it parsed.
    """
    first = {"WARC-Type": kind, "WARC-Record-ID": _record_id(), "WARC-Target-URI": url} if url else {"WARC-Type": kind}
    last = {"WARC-Block-Digest": _digest(block), "Content-Type": CONTENT_TYPES[kind], "Content-Length": str(len(block))}
    lines = ["WARC/1.1", *(f"{name}: {value}" for name, value in (first | headers | last).items())]
    return gzip.compress("\r\n".join(lines).encode() + b"\r\n\r\n" + block + b"\r\n\r\n", mtime=0)


def _warcinfo(name: str, record_id: str, now: datetime, facts: dict[str, str]) -> bytes:
    software = {"software": f"Copyhold/{version('copyhold')}", "format": "WARC File Format 1.1"}
    block = "".join(f"{field}: {' '.join(value.split())}\r\n" for field, value in (software | facts).items()).encode()
    date = now.astimezone(UTC).strftime(DATE_FORM)
    return _member("warcinfo", "", block, {"WARC-Record-ID": record_id, "WARC-Date": date, "WARC-Filename": name})


def _record_id() -> str:
    return f"<urn:uuid:{uuid.uuid4()}>"


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def _lock(file: BinaryIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
