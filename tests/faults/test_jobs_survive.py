"""Workers and the database are killed for real; no job is lost, and no effect of a database job is doubled."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from copyhold.core import postgres
from copyhold.core.jobs import backend, queue

OFFICE = Path(__file__).parent / "jobs_office"


class Office:
    """A database of its own, with worker processes (by their pids) and a census of jobs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = postgres.start(folder)
        self.workers: list[int] = []
        environment = {**os.environ, "DATABASE_URL": self.url, "DJANGO_SETTINGS_MODULE": "office_settings"}
        migrate = [sys.executable, "-m", "django", "migrate", "--verbosity=0"]
        subprocess.run(migrate, env=environment, cwd=OFFICE, check=True)
        # The workers' warnings go to stderr, which pytest shows when a test fails.
        self.nursery = subprocess.Popen(
            [sys.executable, "nursery.py"],
            env=environment,
            cwd=OFFICE,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def close(self) -> None:
        self.nursery.communicate()
        postgres.remove(self.folder)

    def tell(self, command: str) -> str:
        self.nursery.stdin.write(command + "\n")
        self.nursery.stdin.flush()
        return self.nursery.stdout.readline().strip()

    def session(self) -> psycopg.Connection:
        return psycopg.connect(self.url, autocommit=True)

    def ask(self, question: str) -> list[tuple]:
        with self.session() as session:
            return session.execute(question).fetchall()

    def empty(self) -> None:
        with self.session() as session:
            session.execute("DROP TABLE IF EXISTS effect, sent; DELETE FROM core_job")
            session.execute("CREATE TABLE effect (n int, job bigint); CREATE TABLE sent (n int, job bigint)")

    def enqueue(self, name: str, numbers: range, attempts: int = 50) -> None:
        with self.session() as session, session.transaction():
            for n in numbers:
                session.execute(backend.ENQUEUE, row(name, n, attempts))

    def hire(self) -> None:
        self.workers.append(int(self.tell("hire")))

    def kill(self, worker: int) -> None:
        os.kill(worker, signal.SIGKILL)
        assert self.tell(f"wait {worker}") == "-9"
        self.workers.remove(worker)

    def kill_one_at_work(self) -> None:
        """Kill -9 a worker that holds a job at this moment."""
        victim = None
        while victim is None:  # a job may also belong to a worker killed before, and wait for the reaper
            busy = {
                int(name.split(":")[-2]) for (name,) in self.ask("SELECT worker FROM core_job WHERE state = 'running'")
            }
            victim = next((worker for worker in self.workers if worker in busy), None)
        self.kill(victim)

    def dismiss(self) -> list[str]:
        """Ask all workers to go; returns their exit codes."""
        for worker in self.workers:
            os.kill(worker, signal.SIGTERM)
        codes = [self.tell(f"wait {worker}") for worker in self.workers]
        self.workers.clear()
        return codes

    def states(self) -> dict[str, int]:
        return dict(self.ask("SELECT state, count(*) FROM core_job GROUP BY state"))

    def drain(self) -> None:
        while self.states().keys() & {"queued", "running"}:
            time.sleep(0.1)


def row(name: str, n: int, attempts: int = 50, key: str | None = None) -> dict[str, object]:
    now = datetime.now(UTC)
    facts = {"name": f"office_jobs.{name}", "kwargs": json.dumps({"n": n}), "key": key, "max_attempts": attempts}
    return {**facts, "queue": "default", "priority": 0, "run_at": now, "now": now}


@pytest.fixture(scope="module")
def built() -> Iterator[Office]:
    above = Path(tempfile.mkdtemp(prefix="jobs-"))
    above.chmod(0o711)
    built = Office(above / "database")
    yield built
    built.close()
    shutil.rmtree(above)


@pytest.fixture
def office(built: Office) -> Iterator[Office]:
    built.empty()
    yield built
    for worker in list(built.workers):
        built.kill(worker)


def kill_workers(office: Office, *, kills: int, wave: int = 50) -> None:
    jobs = kills * wave
    for _ in range(3):
        office.hire()
    for start in range(0, jobs, wave):
        office.enqueue("mark", range(start, start + wave))
        office.enqueue("send", range(start, start + wave // 5))
        office.kill_one_at_work()
        office.hire()
    office.drain()
    assert office.states() == {"done": jobs + jobs // 5}
    assert office.ask("SELECT count(*), count(DISTINCT n) FROM effect") == [(jobs, jobs)]
    # Outside the database a kill may repeat an effect; the number it carries is the same, so the receiver can tell.
    assert office.ask("SELECT count(DISTINCT n), count(DISTINCT job) FROM sent") == [(jobs // 5, jobs // 5)]
    assert office.ask("SELECT count(*) > 0 FROM core_job WHERE attempts > 1") == [(True,)], "no kill hit a running job"
    assert office.dismiss() == ["0", "0", "0"]


def test_killed_workers_lose_nothing_and_double_nothing(office: Office) -> None:
    kill_workers(office, kills=6)


@pytest.mark.deep
def test_forty_killed_workers_lose_nothing_and_double_nothing(office: Office) -> None:
    kill_workers(office, kills=40, wave=100)


def test_a_poison_job_ends_as_a_dead_letter_and_the_others_are_done(office: Office) -> None:
    office.enqueue("poison", range(1), attempts=3)
    office.enqueue("mark", range(1, 31))
    office.hire()
    while office.states().keys() & {"queued", "running"}:
        if (code := office.tell(f"poll {office.workers[0]}")) != "alive":
            assert code == "-9"
            office.workers.clear()
            office.hire()
        time.sleep(0.05)
    assert office.states() == {"dead": 1, "done": 30}
    assert office.ask("SELECT count(*), count(DISTINCT n) FROM effect") == [(30, 30)]
    ((attempts, error),) = office.ask("SELECT attempts, error FROM core_job WHERE state = 'dead'")
    assert attempts == 3
    assert "did not prolong its lease" in error


def test_no_worker_exits_when_the_database_is_killed_and_comes_back(office: Office) -> None:
    office.hire()
    office.hire()
    for wave in range(3):
        office.enqueue("mark", range(wave * 60, wave * 60 + 60))
        while not office.ask("SELECT 1 FROM core_job WHERE state = 'running'"):
            time.sleep(0.005)
        os.kill(int((office.folder / "data" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        time.sleep(0.3)  # long enough for every thread to meet the loss
        postgres.start(office.folder)
    office.drain()
    assert [office.tell(f"poll {worker}") for worker in office.workers] == ["alive", "alive"]
    assert office.states() == {"done": 180}
    assert office.ask("SELECT count(*), count(DISTINCT n) FROM effect") == [(180, 180)]
    assert office.dismiss() == ["0", "0"]


def test_a_pending_job_that_another_transaction_joined_waits_for_its_commit(office: Office) -> None:
    """Else the one run might not see what the joining transaction wrote, and its news would be lost."""
    ask = {"now": datetime.now(UTC), "queues": None, "up_to": None, "worker": "w", "lease_s": 30.0}
    with office.session() as session:
        (first,) = session.execute(backend.ENQUEUE, row("mark", 1, key="k")).fetchall()
    with office.session() as joining, office.session() as worker:
        ask["now"] = datetime.now(UTC)
        with joining.transaction():
            (second,) = joining.execute(backend.ENQUEUE, row("mark", 1, key="k")).fetchall()
            assert second[0] == first[0]
            assert worker.execute(queue.CLAIM, ask).fetchall() == []
        assert worker.execute(queue.CLAIM, ask).fetchone()[0] == first[0]
