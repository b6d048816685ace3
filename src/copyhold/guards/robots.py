"""robots.txt after RFC 9309, asked through the egress itself.

A missing file (4xx) allows everything; an unreachable one (5xx, no answer in time) forbids everything, until it is
asked again.
Crawl-delay slows the rate limiter down.
"""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from protego import Protego

from copyhold.guards.addresses import parse
from copyhold.guards.egress import Egress, Response
from copyhold.guards.errors import AddressRefused, FetchRefused, RobotsRefused

KEEP_S = 24 * 3600.0  # RFC 9309, 2.4: not longer than 24 hours
KEEP_UNREACHABLE_S = 600.0
MAX_BYTES = 500 * 1024  # RFC 9309, 2.5: at least 500 KiB are parsed


@dataclass(frozen=True, slots=True)
class _Rules:
    rules: Protego | None  # None: nothing may be fetched
    reason: str
    expires: float


class Robots:
    """The rules of each site, kept until they expire. `clock` is monotonic seconds. Safe for several threads."""

    def __init__(self, egress: Egress, *, clock: Callable[[], float], keep_s: float = KEEP_S) -> None:
        self._egress, self._clock, self._keep_s = egress, clock, keep_s
        self.agent = egress.policy.user_agent.partition("/")[0].split()[0]
        self._known: dict[tuple[str, str, int], _Rules] = {}
        self._lock = threading.Lock()

    def check(self, url: str) -> None:
        """Raises RobotsRefused when the site asks us not to fetch `url`, AddressRefused for an address
        that is refused anyway.
        """
        target = parse(url)
        if target.path == "/robots.txt":
            return
        known = self._rules(target.origin, f"{target.scheme}://{target.authority}")
        if known.rules is None:
            raise RobotsRefused(url=target.url, reason=known.reason)
        if not known.rules.can_fetch(target.url, self.agent):
            raise RobotsRefused(url=target.url, reason="disallowed in robots.txt")

    def is_allowed(self, url: str) -> bool:
        try:
            self.check(url)
        except RobotsRefused:
            return False
        return True

    def crawl_delay_s(self, url: str) -> float:
        """The delay in force for the site of `url`, its Crawl-delay included once its rules were read."""
        return self._egress.rate.delay_s(parse(url).host)

    def sitemaps(self, url: str) -> list[str]:
        target = parse(url)
        known = self._rules(target.origin, f"{target.scheme}://{target.authority}")
        return list(known.rules.sitemaps) if known.rules is not None else []

    def fetch(self, method: str, url: str, headers: Iterable[tuple[str, str]] = (), *, body: bytes = b"") -> Response:
        """As `Egress.fetch`, each hop allowed by its site's robots.txt."""
        return self._egress.fetch(method, url, headers, body=body, before_hop=self.check)

    def _rules(self, origin: tuple[str, str, int], base: str) -> _Rules:
        with self._lock:
            known = self._known.get(origin)
        if known is not None and known.expires > self._clock():
            return known
        known = self._read(base)
        with self._lock:
            self._known[origin] = known
        delay_s = known.rules.crawl_delay(self.agent) if known.rules is not None else None
        if delay_s is not None:
            self._egress.rate.slow_down(origin[1], float(delay_s))
        return known

    def _read(self, base: str) -> _Rules:
        try:
            response = self._egress.fetch("GET", f"{base}/robots.txt")
        except AddressRefused:
            raise  # not the site's wish but our own rule
        except FetchRefused as error:
            return _Rules(None, f"robots.txt: {error.params['reason']}", self._clock() + KEEP_UNREACHABLE_S)
        if response.status >= 500 or response.status == 429:
            return _Rules(None, f"robots.txt: status {response.status}", self._clock() + KEEP_UNREACHABLE_S)
        text = response.body[:MAX_BYTES].decode("utf-8", errors="replace") if 200 <= response.status < 300 else ""
        return _Rules(Protego.parse(text), "", self._clock() + self._keep_s)
