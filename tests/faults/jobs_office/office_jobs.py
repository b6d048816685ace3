"""Jobs whose effects can be counted, and one that kills whoever runs it."""

import os
import random
import signal
import time

from django.db import connection

from copyhold.core.jobs import job, job_context


def _insert(table: str, n: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} (n, job) VALUES (%s, %s)", [n, job_context.id])


@job(attempts=50, retry_s=0.05)
def mark(*, n: int) -> None:
    _insert("effect", n)
    time.sleep(random.uniform(0, 0.03))


@job(attempts=50, retry_s=0.05, external=True)
def send(*, n: int) -> None:
    time.sleep(random.uniform(0, 0.03))
    _insert("sent", n)


@job(attempts=3, retry_s=0.05)
def poison(*, n: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)
