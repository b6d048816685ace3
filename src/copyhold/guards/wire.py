"""One HTTP/1.1 exchange over one connection to one pinned IP address, with every byte kept and every bound enforced.

The standard library's parser reads the response, but through `Wire`, which counts the bytes, keeps them as received
(for the WARC), and looks at the deadline before each read, so that a server which drips is cut off too.
"""

import http.client
import io
import socket
import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import cast

from copyhold.guards.addresses import Target

READ_STEP = 64 * 1024


class OverrunError(Exception):
    """More bytes than allowed."""


class LateError(Exception):
    """The deadline passed."""


@dataclass(slots=True)
class Exchange:
    """What went over the wire. `truncated` is "", "length" or "time" (the WARC's words) when we cut it off."""

    target: Target
    ip: str
    request: bytes
    started: object = None  # the recorder's time stamp
    raw: bytearray = field(default_factory=bytearray)  # the response as received: head, transfer coding and all
    head_size: int = 0
    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""  # without transfer coding, with content coding
    truncated: str = ""
    is_complete: bool = True


class Wire(io.RawIOBase):
    """A connected socket as a bounded, timed, recorded stream."""

    def __init__(self, connection: socket.socket, remaining_s: Callable[[], float], raw: bytearray, cap: int) -> None:
        self._connection, self._remaining_s, self._raw, self.cap = connection, remaining_s, raw, cap

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if len(self._raw) >= self.cap:
            raise OverrunError(f"more than {self.cap} bytes")
        self._connection.settimeout(self._remaining_s())
        try:
            count = self._connection.recv_into(buffer)
        except TimeoutError as error:
            raise LateError from error
        self._raw += buffer[:count]
        return count

    def makefile(self, _mode: str) -> io.BufferedReader:
        """What http.client asks a socket for."""
        return io.BufferedReader(self, READ_STEP)


def request_bytes(method: str, target: Target, headers: Iterable[tuple[str, str]], body: bytes) -> bytes:
    """The request as sent. Raises ValueError for a header that would break out of its line."""
    lines = [f"{method} {target.path} HTTP/1.1", f"Host: {target.authority}"]
    for name, value in headers:
        if not name.replace("-", "").isalnum() or any(character in value for character in "\r\n\0"):
            raise ValueError(f"The header {name!r} cannot be sent.")
        lines.append(f"{name}: {value}")
    if body or method not in {"GET", "HEAD"}:
        lines.append(f"Content-Length: {len(body)}")
    lines.append("Connection: close")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", errors="replace") + body


def connect(
    ip: str, port: int, target: Target, remaining_s: Callable[[], float], tls: ssl.SSLContext | None
) -> socket.socket:
    """A connection to the address, never to the name; the name only goes into TLS (SNI and the certificate's check)."""
    connection = socket.create_connection((ip, port), timeout=remaining_s())
    if tls is None:
        return connection
    try:
        connection.settimeout(remaining_s())
        return tls.wrap_socket(connection, server_hostname=target.host)
    except BaseException:
        connection.close()
        raise


def talk(
    connection: socket.socket, exchange: Exchange, remaining_s: Callable[[], float], head_cap: int, cap: int
) -> None:
    """Send the request and read the response into `exchange`; bytes beyond `cap` cut it off and mark it truncated.

    Raises LateError before a complete head, OverrunError for a head larger than `head_cap`, http.client.HTTPException
    for what is not HTTP.
    """
    connection.settimeout(remaining_s())
    connection.sendall(exchange.request)
    wire = Wire(connection, remaining_s, exchange.raw, head_cap)
    method = exchange.request.split(b" ", 1)[0].decode()
    # The parser asks a socket only for makefile().
    response = http.client.HTTPResponse(cast("socket.socket", wire), method=method)
    response.begin()
    exchange.status, exchange.headers = response.status, response.getheaders()
    exchange.head_size = _head_size(exchange.raw)
    while exchange.raw[9:12] == b"100":  # "100 Continue" came first; the parser skipped it, and so does the record
        del exchange.raw[: exchange.head_size]
        exchange.head_size = _head_size(exchange.raw)
    wire.cap = exchange.head_size + cap
    body = bytearray()
    declared = response.length
    try:
        _read_body(response, body, cap)
    except OverrunError:
        exchange.truncated = "length"
    except LateError:
        exchange.truncated = "time"
    except (http.client.IncompleteRead, ConnectionError, ssl.SSLError):
        exchange.is_complete = False
    exchange.body = bytes(body[:cap])
    if declared is not None:
        exchange.is_complete = exchange.is_complete and len(body) >= declared
        del exchange.raw[exchange.head_size + declared :]  # whatever a server sends behind its answer is not part of it


def _read_body(response: http.client.HTTPResponse, body: bytearray, cap: int) -> None:
    """Append the body to `body`, so that what came before a failure is kept."""
    if response.length is not None and response.length > cap:
        raise OverrunError(f"{response.length} bytes announced, {cap} allowed")
    while piece := response.read1(READ_STEP):
        body += piece
        if len(body) > cap:
            raise OverrunError(f"more than {cap} bytes")


def _head_size(raw: bytearray) -> int:
    """Bytes up to and including the first empty line."""
    ends = [raw.find(line) + len(line) for line in (b"\r\n\r\n", b"\n\n") if line in raw]
    return min(ends, default=len(raw))
