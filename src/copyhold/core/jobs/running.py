"""How one job is run, and `run_pending`, which runs those that are due in this process."""

import contextlib
import logging
import os
import socket
import threading
import traceback
from collections.abc import Iterator
from contextvars import ContextVar
from typing import TYPE_CHECKING, Self

from django.db import connection, transaction

from copyhold.core.job_models import Job
from copyhold.core.jobs import queue
from copyhold.core.jobs.declare import find
from copyhold.core.jobs.queue import Claim, LeaseLost

if TYPE_CHECKING:
    from uuid import UUID

logger = logging.getLogger(__name__)
_running: ContextVar[Claim] = ContextVar("copyhold_job")
HEARTBEAT_S = 10.0


class JobContext:
    """What a running job may know of itself. LookupError outside a job."""

    @property
    def id(self) -> int:
        """The job's number: the idempotency key of what it does outside the database."""
        return _running.get().id

    @property
    def attempt(self) -> int:
        """1 for the first run."""
        return _running.get().attempt

    def heartbeat(self) -> None:
        """Raise LeaseLost if the job was aborted or given to another worker, else prolong its lease.

        Inside a transaction it is also the fence: the lock it takes keeps the job ours until the commit.
        """
        claim = _running.get()
        if not queue.beat([claim.token]):
            raise LeaseLost(job_id=claim.id)


job_context = JobContext()


class Heart:
    """Prolongs the leases of this process's claims, on a connection of its own, while the block lasts."""

    def __init__(self, *, lease_s: float = queue.LEASE_S, heartbeat_s: float = HEARTBEAT_S) -> None:
        self.lease_s, self.heartbeat_s = lease_s, heartbeat_s
        self._held: frozenset[UUID] = frozenset()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="job-heartbeat", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    @contextlib.contextmanager
    def holding(self, claim: Claim) -> Iterator[None]:
        with self._lock:
            self._held = self._held | {claim.token}
        try:
            yield
        finally:
            with self._lock:
                self._held = self._held - {claim.token}

    def _beat(self) -> None:
        wait_s = self.heartbeat_s
        while not self._stop.wait(wait_s):
            wait_s = self.heartbeat_s
            try:
                if held := self._held:
                    queue.beat(held, self.lease_s)
            except Exception as error:  # noqa: BLE001 - whatever it is, the leases still need us
                logger.warning("heartbeat failed: %s", error)
                connection.close()
                wait_s = min(1.0, self.heartbeat_s)
        connection.close()


def perform(claim: Claim) -> None:
    """Run one claimed job to its end: done, queued again, or dead. Raises only when the database is lost."""
    mark = _running.set(claim)
    try:
        _perform(claim)
    except LeaseLost as error:
        logger.warning("%s: %s", claim.name, error)
    except BaseException as error:  # a job may raise anything, also SystemExit
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
        state = queue.give_back(claim.id, claim.token, traceback.format_exc())
        logger.warning("job %s #%s failed (%s): %r", claim.name, claim.id, state, error)
        if isinstance(error, KeyboardInterrupt):
            raise
    finally:
        _running.reset(mark)


def _perform(claim: Claim) -> None:
    task = find(claim.name)
    own = task.external and not connection.in_atomic_block
    with contextlib.nullcontext() if own else transaction.atomic():
        task.call(**claim.kwargs)
        queue.finish(claim)


def worker_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{threading.get_native_id()}"


def run_pending(limit: int | None = None, *, until_idle: bool = True) -> int:
    """Run due jobs here and now, most urgent first; returns how many ran, failed ones included.

    `until_idle` also runs the jobs that these queue; otherwise only those that stood there at the start.
    """
    up_to = None if until_idle else Job.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    count = 0
    # Inside a transaction nobody else can see our claims, so there is no lease to prolong.
    with contextlib.nullcontext() if connection.in_atomic_block else Heart() as heart:
        while limit is None or count < limit:
            claim = queue.claim(worker_name(), up_to=up_to)
            if claim is None:
                break
            with heart.holding(claim) if heart else contextlib.nullcontext():
                perform(claim)
            count += 1
    return count
