"""Fetch untrusted addresses: the only door to other people's machines.

    egress = Egress(Policy(), recorder=recorder)
    response = egress.fetch("GET", "https://example.org/")

For every hop: parse the address strictly, wait for the host's turn, look the name up once, refuse what is not on the
public
Internet, connect to the address that was checked (so a name cannot be re-bound in between), read within bounds of
size and
time, record what was received, undo content coding within bounds. Redirects are followed here, each checked anew.
"""

import http.client
import ipaddress
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from copyhold.guards import decoding, wire
from copyhold.guards.addresses import DEFAULT_PORTS, Target, parse, refusal
from copyhold.guards.errors import AddressRefused, FetchRefused, HostUnreachable, RedirectRefused, TooLarge, TooSlow
from copyhold.guards.rate import RateLimiter

if TYPE_CHECKING:
    from copyhold.guards.recorder import Recorder, RecordRef

REDIRECTS = frozenset({301, 302, 303, 307, 308})
# Not carried over to another origin on a redirect.
SECRET_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization"})
OURS = frozenset(
    {"host", "connection", "content-length", "transfer-encoding", "accept-encoding", "te", "upgrade", "user-agent"}
)
MAX_TRIES = 3

Resolver = Callable[[str, int], list[str]]


@dataclass(frozen=True, slots=True)
class Policy:
    """What may be fetched and how politely.

    ports            allowed ports
    max_body_bytes   response body as received; beyond it the response is recorded as truncated and TooLarge raised
    max_decoded_bytes, max_ratio   bounds for undoing gzip, deflate and br
    max_head_bytes   status line and headers of a response
    total_s          seconds for one hop, from name look-up to the last byte (waiting for the host's turn not included)
    max_redirects    hops after the first
    delay_s          seconds between two requests to one host
    user_agent       sent with each request; its first word is what robots.txt addresses
    hosts            exceptions for demonstration and tests: name -> (IP address, port). Exactly this name, at its
    scheme's
                     default port or at that port, is fetched from there although the address is not public.
    """

    ports: frozenset[int] = frozenset({80, 443})
    max_body_bytes: int = 32 << 20
    max_decoded_bytes: int = 64 << 20
    max_ratio: float = 200.0
    max_head_bytes: int = 64 << 10
    total_s: float = 30.0
    max_redirects: int = 5
    delay_s: float = 1.0
    user_agent: str = "Copyhold/0.1 (+copyright administration; inspection)"
    hosts: Mapping[str, tuple[str, int]] = field(default_factory=dict)

    def describe(self) -> dict[str, str]:
        """The policy as plain words, for the health page and the patrol's record; exceptions are named."""
        described = {name: str(getattr(self, name)) for name in self.__slots__ if name not in {"hosts", "ports"}}
        described["ports"] = ", ".join(str(port) for port in sorted(self.ports))
        exceptions = [f"{name} -> {ip}:{port}" for name, (ip, port) in sorted(self.hosts.items())]
        return described | {"hosts": "; ".join(exceptions) or "no exceptions"}


@dataclass(frozen=True, slots=True)
class Hop:
    """One request and its answer on the way."""

    url: str
    ip: str
    status: int
    record: "RecordRef | None"


@dataclass(frozen=True, slots=True)
class Response:
    """The last hop's answer. `body` is without content coding; `hops` has every hop, this one last."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    url: str
    ip: str
    is_complete: bool  # False when the server broke off before the length it announced
    hops: tuple[Hop, ...]

    @property
    def record(self) -> "RecordRef | None":
        """Where this answer lies in the WARC."""
        return self.hops[-1].record

    def header(self, name: str, default: str = "") -> str:
        """The header's value (several are joined with commas), or `default`."""
        values = [value for header, value in self.headers if header.lower() == name.lower()]
        return ", ".join(values) or default


class Egress:
    """See the module's text. Safe for several threads. `clock` is monotonic; `resolve`, `clock`, `sleep`
    are for tests.
    """

    def __init__(
        self,
        policy: Policy | None = None,
        recorder: "Recorder | None" = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        resolve: Resolver | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.policy = policy or Policy()
        self.recorder = recorder
        self.rate = RateLimiter(self.policy.delay_s, clock, sleep)
        self._clock = clock
        self._resolve = resolve or look_up
        self._tls = tls or ssl.create_default_context()

    def fetch(
        self,
        method: str,
        url: str,
        headers: Iterable[tuple[str, str]] = (),
        *,
        body: bytes = b"",
        before_hop: Callable[[str], None] | None = None,
    ) -> Response:
        """Fetch `url` and follow its redirects. `before_hop(url)` may raise to refuse a hop (robots does).

        Raises AddressRefused, RedirectRefused, TooLarge, TooSlow, HostUnreachable (all FetchRefused, BadInput), or what
        `before_hop` raises. An HTTP error status is an answer, not an error.
        """
        first = target = parse(url)
        sent = [(name, value) for name, value in headers if name.lower() not in OURS]
        hops: list[Hop] = []
        while True:
            try:
                if before_hop is not None:
                    before_hop(target.url)
                exchange, record = self._hop(method, target, sent, body)
            except AddressRefused as error:
                if not hops:
                    raise
                raise RedirectRefused(url=first.url, reason=f"{target.url[:200]} ({error.params['reason']})") from error
            hops.append(Hop(target.url, exchange.ip, exchange.status, record))
            location = _header(exchange, "location")
            if exchange.status not in REDIRECTS or not location:
                return self._response(exchange, tuple(hops))
            if len(hops) > self.policy.max_redirects:
                raise RedirectRefused(url=first.url, reason=f"more than {self.policy.max_redirects} redirects")
            following = _redirect(first, target, location)
            if exchange.status in {301, 302, 303} and method not in {"GET", "HEAD"}:
                method, body = "GET", b""
                sent = [(name, value) for name, value in sent if name.lower() != "content-type"]
            if following.origin != target.origin:
                sent = [(name, value) for name, value in sent if name.lower() not in SECRET_HEADERS]
            target = following

    # -- one hop ------------------------------------------------------------------------------------------------------

    def _hop(
        self, method: str, target: Target, headers: list[tuple[str, str]], body: bytes
    ) -> tuple[wire.Exchange, "RecordRef | None"]:
        policy = self.policy
        self._check_port(target)
        self.rate.wait(target.host)
        deadline = self._clock() + policy.total_s

        def remaining_s() -> float:
            left = deadline - self._clock()
            if left <= 0:
                raise wire.LateError
            return left

        ours = [("User-Agent", policy.user_agent), ("Accept-Encoding", decoding.ACCEPTED)]
        request = wire.request_bytes(method, target, [*ours, *headers], body)
        started = self.recorder.now() if self.recorder else None
        try:
            connection, ip = self._connect(target, remaining_s)
            exchange = wire.Exchange(target, ip, request, started)
            with connection:
                wire.talk(connection, exchange, remaining_s, policy.max_head_bytes, policy.max_body_bytes)
        except (wire.LateError, TimeoutError) as error:
            raise TooSlow(url=target.url, reason=f"no complete answer within {policy.total_s:g} s") from error
        except wire.OverrunError as error:
            raise TooLarge(url=target.url, reason="headers too large") from error
        except http.client.HTTPException as error:
            raise HostUnreachable(url=target.url, reason=f"not HTTP ({type(error).__name__})") from error
        except OSError as error:
            raise HostUnreachable(url=target.url, reason=_os_reason(error)) from error
        record = self.recorder.write(exchange) if self.recorder else None
        if exchange.truncated == "length":
            raise TooLarge(url=target.url, reason=f"more than {policy.max_body_bytes} bytes")
        if exchange.truncated == "time":
            raise TooSlow(url=target.url, reason=f"not finished within {policy.total_s:g} s")
        return exchange, record

    def _check_port(self, target: Target) -> None:
        exception = self.policy.hosts.get(target.host)
        if exception is not None:
            if target.port not in {exception[1], DEFAULT_PORTS[target.scheme]}:
                raise AddressRefused(url=target.url, reason=f"port {target.port}, the exception is for {exception[1]}")
        elif target.port not in self.policy.ports:
            raise AddressRefused(url=target.url, reason=f"port {target.port}")

    def _connect(self, target: Target, remaining_s: Callable[[], float]) -> tuple[socket.socket, str]:
        """A connection to the first public address that answers, and that address."""
        tls = self._tls if target.scheme == "https" else None
        exception = self.policy.hosts.get(target.host)
        if exception is not None:
            return wire.connect(exception[0], exception[1], target, remaining_s, tls), exception[0]
        failure: OSError | None = None
        for ip in self._public_addresses(target, remaining_s)[:MAX_TRIES]:
            try:
                return wire.connect(ip, target.port, target, remaining_s, tls), ip
            except ssl.SSLError:
                raise
            except OSError as error:
                failure = error
        raise failure or OSError("no address")

    def _public_addresses(self, target: Target, remaining_s: Callable[[], float]) -> list[str]:
        found = _in_time(lambda: self._resolve(target.host, target.port), remaining_s())
        reasons = {}
        for ip in found:
            reasons[ip] = refusal(ipaddress.ip_address(ip.partition("%")[0]))
        public = [ip for ip, reason in reasons.items() if not reason]
        if not public:
            reason = next(iter(reasons.values()), "")
            if not reason:
                raise HostUnreachable(url=target.url, reason="no such name")
            raise AddressRefused(url=target.url, reason=reason)
        return public

    def _response(self, exchange: wire.Exchange, hops: tuple[Hop, ...]) -> Response:
        policy, url = self.policy, exchange.target.url
        try:
            body = decoding.decode(
                exchange.body,
                _header(exchange, "content-encoding"),
                max_bytes=policy.max_decoded_bytes,
                max_ratio=policy.max_ratio,
            )
        except decoding.BombError as error:
            raise TooLarge(url=url, reason=str(error)) from error
        except decoding.UndecodableError as error:
            raise HostUnreachable(url=url, reason=str(error)) from error
        return Response(exchange.status, tuple(exchange.headers), body, url, exchange.ip, exchange.is_complete, hops)


def look_up(host: str, port: int) -> list[str]:
    """The system's answer for a name: IP addresses, best first. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def _in_time(question: Callable[[], list[str]], timeout_s: float) -> list[str]:
    """The system's resolver knows no time limit: ask it in a thread of its own and stop waiting when time is up."""
    answers: queue.SimpleQueue[list[str] | BaseException] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(question())
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=ask, daemon=True, name="egress-look-up").start()
    try:
        answer = answers.get(timeout=timeout_s)
    except queue.Empty:
        raise wire.LateError from None
    if isinstance(answer, UnicodeError):
        raise OSError(str(answer))
    if isinstance(answer, BaseException):
        raise answer
    return answer


def _redirect(first: Target, current: Target, location: str) -> Target:
    try:
        # Servers send raw UTF-8 in Location; http.client reads headers as Latin-1.
        location = location.encode("latin-1").decode("utf-8", errors="replace")
        return parse(urljoin(current.url, location.partition("#")[0]))
    except (AddressRefused, ValueError) as error:
        reason = error.params["reason"] if isinstance(error, FetchRefused) else "not an address"
        raise RedirectRefused(url=first.url, reason=f"{location[:200]} ({reason})") from error


def _header(exchange: wire.Exchange, name: str) -> str:
    return ", ".join(value for header, value in exchange.headers if header.lower() == name)


def _os_reason(error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        return "no such name"
    if isinstance(error, ssl.SSLError):
        return f"TLS: {getattr(error, 'verify_message', '') or error.reason or 'failed'}"
    return (error.strerror or type(error).__name__).lower()
