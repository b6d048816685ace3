"""Work that follows from an act: queued in the act's transaction, done by a worker exactly once in effect.

Holds a lease queue on PostgreSQL behind Django's Tasks interface. A database job's effect and its finish share one
transaction; an external job carries its id as idempotency key. Never loses a job: what cannot be done is a dead letter.
"""

from copyhold.core.jobs.declare import JobTask, announce, declared, job, on, subscribers
from copyhold.core.jobs.queue import LeaseLost, abort, forget_finished, progress, retry
from copyhold.core.jobs.running import job_context, run_pending
from copyhold.core.jobs.schedule import queue_due_schedules
from copyhold.core.jobs.worker import Worker

__all__ = [
    "JobTask",
    "LeaseLost",
    "Worker",
    "abort",
    "announce",
    "declared",
    "forget_finished",
    "job",
    "job_context",
    "on",
    "progress",
    "queue_due_schedules",
    "retry",
    "run_pending",
    "subscribers",
]
