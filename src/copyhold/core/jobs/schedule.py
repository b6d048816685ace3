"""Periodic jobs: each worker looks, one of them queues."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from copyhold.core import clock
from copyhold.core.job_models import Schedule
from copyhold.core.jobs.declare import declared


def queue_due_schedules() -> int:
    """Queue every periodic job whose period is over; returns how many. Periods slept through are not made up."""
    now, count = clock.now(), 0
    for name, task in declared().items():
        if task.every_s is None:
            continue
        with transaction.atomic():
            row, _ = Schedule.objects.get_or_create(name=name, defaults={"every_s": task.every_s})
            if row.every_s != task.every_s:
                Schedule.objects.filter(name=name).update(every_s=task.every_s)
            over = Q(last_run_at=None) | Q(last_run_at__lte=now - timedelta(seconds=task.every_s))
            # The row lock of this UPDATE lets one worker through; the others then find the new date.
            if Schedule.objects.filter(over, name=name).update(last_run_at=now):
                task.enqueue()
                count += 1
    return count
