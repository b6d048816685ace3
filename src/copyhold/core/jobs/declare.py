"""How a room declares its jobs, and how news travels upward without an import.

@on("work.registered")
@job(key="work-{registration_id}")
def index_work(*, registration_id: int) -> None: ...
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.db import transaction
from django_tasks import task_backends
from django_tasks.base import DEFAULT_TASK_BACKEND_ALIAS, Task

Key = str | Callable[..., str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobTask(Task[Any, Any]):
    """A declared job. `enqueue(**kwargs)` and `using(priority=…, run_after=…)` are Django's.

    `key`: a template over the arguments, or a function of them. At most one job of a key is pending and one running;
    a second enqueue joins the pending one. `external`: the job keeps its own transactions. `every_s`: its period.
    """

    key: Key = None
    attempts: int = 5
    external: bool = False
    retry_s: float = 2.0
    every_s: int | None = None

    def key_for(self, kwargs: dict[str, Any]) -> str | None:
        if self.key is None:
            return None
        return self.key(**kwargs) if callable(self.key) else self.key.format(**kwargs)

    def check(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Refuse arguments that the function would refuse, where they are given and not in the worker."""
        if args:
            raise TypeError(f"{self.module_path} takes keyword arguments only")
        try:
            inspect.signature(self.func).bind(**kwargs)
        except TypeError as error:
            raise TypeError(f"{self.module_path}: {error}") from None


_declared: dict[str, JobTask] = {}
_subscribers: dict[str, list[JobTask]] = {}


def job(
    *,
    key: Key = None,
    attempts: int = 5,
    queue: str = "default",
    priority: int = 0,
    external: bool = False,
    retry_s: float = 2.0,
    every_s: int | None = None,
) -> Callable[[Callable[..., None]], JobTask]:
    """Declare a module-level function with keyword-only JSON arguments as a job.

    After a failure it waits `retry_s` seconds, then twice as long each time (with jitter, at most an hour); after
    `attempts` claims it is a dead letter. With `every_s` the workers queue it once in each such period, so it takes no
    arguments then.
    """

    def declare(function: Callable[..., None]) -> JobTask:
        if every_s is not None and inspect.signature(function).parameters:
            raise TypeError(f"{function.__qualname__} is periodic, so it takes no arguments")
        task = JobTask(
            func=function,
            queue_name=queue,
            priority=priority,
            backend=DEFAULT_TASK_BACKEND_ALIAS,
            key="periodic" if every_s is not None and key is None else key,
            attempts=attempts,
            external=external,
            retry_s=retry_s,
            every_s=every_s,
        )
        task_backends[DEFAULT_TASK_BACKEND_ALIAS].validate_task(task)
        _declared[task.module_path] = task
        return task

    return declare


def on(event: str) -> Callable[[JobTask], JobTask]:
    """Subscribe a job to `event`: it is queued with the facts of each announcement."""

    def subscribe(task: JobTask) -> JobTask:
        if not isinstance(task, JobTask):
            raise TypeError(f"@on({event!r}) goes above @job(…)")
        known = [other for other in _subscribers.get(event, []) if other.module_path != task.module_path]
        _subscribers[event] = [*known, task]
        return task

    return subscribe


def announce(event: str, **facts: Any) -> int:
    """Queue one job for each subscriber, in the caller's transaction; returns how many."""
    tasks = _subscribers.get(event, [])
    with transaction.atomic():
        for task in tasks:
            task.enqueue(**facts)
    return len(tasks)


def declared() -> dict[str, JobTask]:
    """Every declared job by its name."""
    return dict(_declared)


def subscribers(event: str) -> list[str]:
    """Names of the jobs that follow `event`."""
    return [task.module_path for task in _subscribers.get(event, [])]


def find(name: str) -> JobTask:
    """The declared job of a stored name; LookupError if this installation does not have it."""
    if name not in _declared:
        try:
            import_module(name.rpartition(".")[0])
        except ImportError as error:
            raise LookupError(f"no job {name} here: {error}") from error
    if name not in _declared:
        raise LookupError(f"no job {name} here: it was renamed, or this worker is older than who queued it")
    return _declared[name]
