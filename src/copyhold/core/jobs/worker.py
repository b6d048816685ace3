"""The worker: threads that take jobs until told to stop. Nothing that happens to the database makes it exit."""

import logging
import threading
from collections.abc import Callable

from django.db import connection

from copyhold.core.jobs import queue
from copyhold.core.jobs.running import HEARTBEAT_S, Heart, perform, worker_name
from copyhold.core.jobs.schedule import queue_due_schedules

logger = logging.getLogger(__name__)
CHANNEL = "copyhold_jobs"
LONGEST_WAIT_S = 5.0


class _Wake:
    """Wakes all waiting threads. Counts, so that news between a look and the wait is not slept through."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self.count = 0

    def all(self) -> None:
        with self._condition:
            self.count += 1
            self._condition.notify_all()

    def wait(self, seen: int, timeout_s: float) -> None:
        with self._condition:
            self._condition.wait_for(lambda: self.count != seen, timeout_s)


class Worker:
    """Serves the queue with `concurrency` threads.

    A job starts when PostgreSQL notifies of it; `poll_s` is the fallback where notifications do not come through, and
    the interval of the reaper and of periodic jobs.
    """

    def __init__(
        self,
        *,
        concurrency: int = 2,
        queues: list[str] | None = None,
        lease_s: float = queue.LEASE_S,
        heartbeat_s: float = HEARTBEAT_S,
        poll_s: float = 2.0,
    ) -> None:
        self.concurrency, self.queues, self.lease_s, self.poll_s = concurrency, queues, lease_s, poll_s
        self._heart = Heart(lease_s=lease_s, heartbeat_s=heartbeat_s)
        self._wake = _Wake()

    def run(self, stop_event: threading.Event) -> None:
        """Serve until `stop_event` is set; then complete the jobs in hand and return. Once per object."""
        tasks: list[Callable[[], None]] = [self._serve] * self.concurrency + [self._listen, self._keep_house]
        threads = [
            threading.Thread(target=self._for_ever, args=(task, stop_event), name=f"job{task.__name__}", daemon=True)
            for task in tasks
        ]
        with self._heart:
            for thread in threads:
                thread.start()
            try:
                stop_event.wait()
            finally:
                stop_event.set()
                self._wake.all()
                for thread in threads:
                    thread.join()

    def _for_ever(self, once: Callable[[], None], stop_event: threading.Event) -> None:
        """Repeat, whatever happens; after a failure on a new connection and after a pause."""
        wait_s = 0.1
        while not stop_event.is_set():
            try:
                once()
                wait_s = 0.1
            except Exception as error:  # noqa: BLE001 - a worker never exits by itself
                logger.warning("%s: %s; trying again in %.1f s", once.__name__, error, wait_s)
                connection.close()
                stop_event.wait(wait_s)
                wait_s = min(wait_s * 2, LONGEST_WAIT_S)
        connection.close()

    def _serve(self) -> None:
        seen = self._wake.count
        claim = queue.claim(worker_name(), queues=self.queues, lease_s=self.lease_s)
        if claim is None:
            self._wake.wait(seen, self.poll_s)
            return
        with self._heart.holding(claim):
            perform(claim)

    def _listen(self) -> None:
        connection.ensure_connection()
        session = connection.connection
        session.execute(f"LISTEN {CHANNEL}")
        for _ in session.notifies(timeout=self.poll_s):
            self._wake.all()

    def _keep_house(self) -> None:
        seen = self._wake.count
        if queue.reap() + queue_due_schedules():
            self._wake.all()
        self._wake.wait(seen, self.poll_s)
