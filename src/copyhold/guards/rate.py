"""Per-host politeness: at most one request per host and delay, over all threads of a process."""

import threading
from collections.abc import Callable

MAX_DELAY_S = 60.0


class RateLimiter:
    """`wait(host)` blocks until the host's next turn. `clock` is monotonic seconds; both functions can be
    given by tests.
    """

    def __init__(self, delay_s: float, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self._delay_s, self._clock, self._sleep = delay_s, clock, sleep
        self._next_turn: dict[str, float] = {}
        self._delays_s: dict[str, float] = {}
        self._lock = threading.Lock()

    def slow_down(self, host: str, delay_s: float) -> None:
        """Use at least `delay_s` seconds for `host` (a site's Crawl-delay); never less than the general
        delay, at most 60 s.
        """
        with self._lock:
            self._delays_s[host] = min(max(delay_s, self._delay_s), MAX_DELAY_S)

    def delay_s(self, host: str) -> float:
        return self._delays_s.get(host, self._delay_s)

    def wait(self, host: str) -> float:
        """Take the host's next turn and sleep until it comes. Returns the seconds slept."""
        with self._lock:
            now = self._clock()
            turn = max(now, self._next_turn.get(host, now))
            self._next_turn[host] = turn + self.delay_s(host)
            if len(self._next_turn) > 10_000:
                self._next_turn = {name: time for name, time in self._next_turn.items() if time > now}
        if turn > now:
            self._sleep(turn - now)
        return turn - now
