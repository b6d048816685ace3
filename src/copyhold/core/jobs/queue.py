"""The queue itself: claim, beat, finish, give back, reap. Every change of a running job names its fencing token.

Leases are measured by the database's clock, so workers need not agree about the time; `run_at` by the office's.
"""

import json
import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import Count, Func

from copyhold.core import clock
from copyhold.core.job_models import Job, JobState
from copyhold.core.jobs.declare import find
from copyhold.errors import Conflict, gettext_noop

LEASE_S = 30.0
LONGEST_PAUSE_S = 3600.0
ERROR_LENGTH = 8000  # characters of a traceback that are kept, from its end

# MATERIALIZED: evaluated once, or a plan might lock more rows than it takes. A key that is running waits its turn.
CLAIM = """
WITH due AS MATERIALIZED (
  SELECT id FROM core_job j
  WHERE state = 'queued' AND run_at <= %(now)s
    AND (%(queues)s::text[] IS NULL OR queue = ANY(%(queues)s)) AND (%(up_to)s::bigint IS NULL OR id <= %(up_to)s)
    AND NOT EXISTS (SELECT 1 FROM core_job r WHERE r.state = 'running' AND r.name = j.name AND r.key = j.key)
  ORDER BY priority DESC, run_at, id LIMIT 1
  FOR UPDATE SKIP LOCKED)
UPDATE core_job SET state = 'running', attempts = attempts + 1, token = gen_random_uuid(), worker = %(worker)s,
       lease_until = clock_timestamp() + make_interval(secs => %(lease_s)s), started_at = %(now)s
FROM due WHERE core_job.id = due.id
RETURNING core_job.id, name, kwargs, token, attempts
"""


class LeaseLost(Conflict):
    """The job was given to another worker, or aborted: nothing of this run may be kept."""

    code = "job.lease_lost"
    message = gettext_noop("Job {job_id} no longer belongs to this worker. Nothing of this run was kept.")


@dataclass(frozen=True)
class Claim:
    """A job in the hands of one worker; `token` proves it."""

    id: int
    name: str
    kwargs: dict[str, Any]
    token: UUID
    attempt: int


def claim(
    worker: str, *, queues: list[str] | None = None, lease_s: float = LEASE_S, up_to: int | None = None
) -> Claim | None:
    """Take the most urgent due job, or None. `up_to` leaves jobs with a higher id alone."""
    asked = {"now": clock.now(), "queues": queues, "up_to": up_to, "worker": worker[:100], "lease_s": lease_s}
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, asked)
        row = cursor.fetchone()
    if row is None:
        return None
    job_id, name, kwargs, token, attempt = row
    return Claim(job_id, name, json.loads(kwargs) if isinstance(kwargs, str) else kwargs, token, attempt)


def beat(tokens: Iterable[UUID], lease_s: float = LEASE_S) -> int:
    """Prolong the leases of these claims; returns how many are still held."""
    until = Func(lease_s, template="clock_timestamp() + make_interval(secs => %(expressions)s)")
    return Job.objects.filter(token__in=list(tokens), state=JobState.RUNNING).update(lease_until=until)


def finish(claim: Claim) -> None:
    """Mark the job done, in the transaction of its effect. Raises LeaseLost, which must undo that transaction."""
    held = Job.objects.filter(pk=claim.id, token=claim.token, state=JobState.RUNNING)
    if not held.update(state=JobState.DONE, token=None, lease_until=None, finished_at=clock.now()):
        raise LeaseLost(job_id=claim.id)


def give_back(job_id: int, token: UUID, error: str) -> JobState | None:
    """Queue a failed run again after a pause, or lay it among the dead letters; None if it is no longer held."""
    for _ in range(3):
        try:
            with transaction.atomic():
                return _give_back(job_id, token, error)
        except IntegrityError:  # a job of the same key was queued this very moment: look again
            continue
    return None  # the lease runs out and the reaper tries again


def _give_back(job_id: int, token: UUID, error: str) -> JobState | None:
    job = Job.objects.select_for_update().filter(pk=job_id, token=token, state=JobState.RUNNING).first()
    if job is None:
        return None
    now = clock.now()
    if job.attempts >= job.max_attempts:
        job.state, job.finished_at = JobState.DEAD, now
    elif job.key is not None and Job.objects.filter(name=job.name, key=job.key, state=JobState.QUEUED).exists():
        job.state, job.finished_at = JobState.ABORTED, now
        error = f"A later job of the same key does this work.\n{error}"
    else:
        job.state, job.run_at = JobState.QUEUED, now + timedelta(seconds=_pause_s(job))
    job.error = error.replace("\0", "")[-ERROR_LENGTH:]
    job.token = job.lease_until = None
    job.save()
    return JobState(job.state)


def _pause_s(job: Job) -> float:
    try:
        first_s = find(job.name).retry_s
    except LookupError:
        first_s = 60.0  # a newer worker will know it
    longest_s: float = min(first_s * 2 ** min(job.attempts - 1, 30), LONGEST_PAUSE_S)
    return longest_s * random.uniform(0.5, 1.0)  # noqa: S311 - jitter, so that failures do not come back in step


def reap() -> int:
    """Take jobs from workers that let their lease run out; returns how many."""
    # SKIP LOCKED: a row that a finishing transaction holds is left to it.
    with transaction.atomic():
        lost = (
            Job.objects.select_for_update(skip_locked=True)
            .filter(state=JobState.RUNNING, lease_until__lt=Func(function="clock_timestamp"))
            .order_by("lease_until")[:100]
        )
        held = [(job.pk, job.token, job.worker) for job in lost if job.token]
    message = "Worker {} did not prolong its lease: it was killed, or cut off from the database."
    return sum(give_back(job_id, token, message.format(worker)) is not None for job_id, token, worker in held)


def abort(job_id: int) -> bool:
    """Stop a job that has not finished. One that is running cannot commit any more; false if it was too late."""
    pending = Job.objects.filter(pk=job_id, state__in=[JobState.QUEUED, JobState.RUNNING])
    return bool(pending.update(state=JobState.ABORTED, token=None, lease_until=None, finished_at=clock.now()))


def retry(job_id: int) -> bool:
    """Queue a dead or aborted job again, with all its attempts; false if there is nothing to retry."""
    ended = Job.objects.filter(pk=job_id, state__in=[JobState.DEAD, JobState.ABORTED])
    try:
        with transaction.atomic():
            return bool(ended.update(state=JobState.QUEUED, attempts=0, run_at=clock.now(), finished_at=None))
    except IntegrityError:  # a job of the same key is pending: that one does the work
        return False


def progress(queue: str | None = None) -> dict[str, int]:
    """How many jobs are in each state, in one queue or in all."""
    rows = Job.objects.filter(queue=queue) if queue else Job.objects.all()
    counted = {row["state"]: row["count"] for row in rows.values("state").annotate(count=Count("id")).order_by()}
    return {state.value: counted.get(state.value, 0) for state in JobState}


def forget_finished(before: datetime) -> int:
    """Delete done and aborted jobs that ended before that moment; dead letters stay until someone has looked."""
    return Job.objects.filter(state__in=[JobState.DONE, JobState.ABORTED], finished_at__lt=before).delete()[0]
