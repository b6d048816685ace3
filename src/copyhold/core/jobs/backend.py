"""Django's Tasks interface over the queue: what `enqueue` and `get_result` do."""

import json
from typing import Any

from django.db import connection
from django_tasks.backends.base import BaseTaskBackend
from django_tasks.base import Task, TaskError, TaskResult, TaskResultStatus
from django_tasks.exceptions import InvalidTaskError, TaskResultDoesNotExist
from django_tasks.signals import task_enqueued

from copyhold.core import clock
from copyhold.core.job_models import Job, JobState
from copyhold.core.jobs.declare import JobTask, find

# A second job of a pending key joins the first. DO UPDATE rather than DO NOTHING, because it locks the pending row:
# no worker takes it before our transaction ends, so the one run sees what both transactions wrote.
ENQUEUE = """
INSERT INTO core_job (name, queue, kwargs, key, state, priority, run_at, attempts, max_attempts,
                      worker, error, created_at)
VALUES (%(name)s, %(queue)s, %(kwargs)s, %(key)s, 'queued', %(priority)s, %(run_at)s, 0, %(max_attempts)s,
        '', '', %(now)s)
ON CONFLICT (name, key) WHERE state = 'queued'
DO UPDATE SET run_at = least(core_job.run_at, excluded.run_at),
              priority = greatest(core_job.priority, excluded.priority)
RETURNING id, pg_notify('copyhold_jobs', queue)
"""

STATUS = {
    JobState.QUEUED: TaskResultStatus.READY,
    JobState.RUNNING: TaskResultStatus.RUNNING,
    JobState.DONE: TaskResultStatus.SUCCESSFUL,
    JobState.DEAD: TaskResultStatus.FAILED,
    JobState.ABORTED: TaskResultStatus.FAILED,
}


class LeaseBackend(BaseTaskBackend):
    """Stores tasks as rows of `Job`. Any queue name is welcome unless QUEUES lists them."""

    task_class = JobTask
    supports_defer = True
    supports_get_result = True
    supports_priority = True

    def __init__(self, alias: str, params: dict[str, Any]) -> None:
        super().__init__(alias, params)
        self.queues = set(params.get("QUEUES", ()))

    def enqueue(self, task: Task[Any, Any], args: Any, kwargs: Any) -> TaskResult[Any]:
        """Insert the job in the caller's transaction; it exists if and only if that commits."""
        if not isinstance(task, JobTask):
            raise InvalidTaskError("Declare it with copyhold.core.jobs.job.")
        self.validate_task(task)
        task.check(args, kwargs)
        now = clock.now()
        row = {
            "name": task.module_path,
            "queue": task.queue_name,
            "kwargs": json.dumps(kwargs, ensure_ascii=False, allow_nan=False),
            "key": task.key_for(kwargs),
            "priority": task.priority,
            "run_at": task.run_after or now,
            "max_attempts": task.attempts,
            "now": now,
        }
        with connection.cursor() as cursor:
            cursor.execute(ENQUEUE, row)
            job_id = cursor.fetchone()[0]
        result = self._result(task, Job(pk=job_id, kwargs=kwargs, state=JobState.QUEUED, created_at=now))
        task_enqueued.send(type(self), task_result=result)
        return result

    def get_result(self, result_id: str) -> TaskResult[Any]:
        """The present state of a job. Jobs give effects, not values, so `return_value` is always None."""
        job = Job.objects.filter(pk=int(result_id)).first() if str(result_id).isdigit() else None
        if job is None:
            raise TaskResultDoesNotExist(result_id)
        return self._result(find(job.name), job)

    def _result(self, task: JobTask, job: Job) -> TaskResult[Any]:
        return TaskResult(
            task=task,
            id=str(job.pk),
            status=STATUS[JobState(job.state)],
            enqueued_at=job.created_at,
            started_at=job.started_at,
            last_attempted_at=job.started_at,
            finished_at=job.finished_at,
            args=[],
            kwargs=job.kwargs,
            backend=self.alias,
            errors=[TaskError(exception_class_path="builtins.Exception", traceback=job.error)] if job.error else [],
            worker_ids=[job.worker] * job.attempts,
        )
