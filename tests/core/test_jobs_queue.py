"""The lease queue: one test per promise. Real PostgreSQL; workers that are killed are in tests/faults."""

import inspect
from datetime import timedelta

import pytest
from django.db import transaction
from django_tasks import TaskResultStatus
from django_tasks.exceptions import TaskResultDoesNotExist
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from copyhold.core import clock
from copyhold.core.job_models import Job, JobState, Schedule
from copyhold.core.jobs import (
    LeaseLost,
    abort,
    announce,
    declared,
    forget_finished,
    job,
    job_context,
    on,
    progress,
    queue,
    queue_due_schedules,
    retry,
    run_pending,
    subscribers,
)
from copyhold.core.jobs.running import perform

pytestmark = pytest.mark.django_db
seen: list[tuple[str, object]] = []


def leave(mark: str) -> None:
    """An effect in the database."""
    Schedule.objects.create(name=mark, every_s=1)


def effects() -> set[str]:
    return set(Schedule.objects.values_list("name", flat=True))


@job()
def write(*, mark: str) -> None:
    seen.append(("write", mark))
    leave(mark)


@job(attempts=3)
def write_and_fail(*, mark: str) -> None:
    leave(mark)
    raise ValueError(f"{mark}\0 is wrong")


@job(key="{of}")
def write_once(*, of: str) -> None:
    seen.append(("once", of))


@job(external=True)
def send(*, to: str) -> None:
    job_context.heartbeat()
    leave(f"{to} {job_context.id} {job_context.attempt}")


@job(attempts=1)
def leave_the_process() -> None:
    raise SystemExit(3)


@on("test.happened")
@job()
def hear(*, number: int) -> None:
    leave(f"heard {number}")


@on("test.happened")
@job()
def hear_too(*, number: int) -> None:
    leave(f"heard too {number}")


@job(every_s=600)
def sweep() -> None:
    seen.append(("sweep", None))


@pytest.fixture(autouse=True)
def _only_ours() -> None:
    seen.clear()
    Job.objects.all().delete()


def the_job() -> Job:
    return Job.objects.get()


def test_a_job_exists_if_and_only_if_its_transaction_commits() -> None:
    with transaction.atomic():
        write.enqueue(mark="a")
        transaction.set_rollback(True)
    assert not Job.objects.exists()
    with transaction.atomic():
        write.enqueue(mark="b")
    assert run_pending() == 1
    assert effects() == {"b"}


def test_a_failed_run_leaves_no_effect_and_comes_back_after_a_pause_that_grows() -> None:
    write_and_fail.enqueue(mark="a")
    start = clock.now()
    assert run_pending() == 1
    failed = the_job()
    assert effects() == set()
    assert failed.state == JobState.QUEUED
    assert timedelta(seconds=1) <= failed.run_at - start < timedelta(seconds=3)
    assert "ValueError: a is wrong" in failed.error
    assert run_pending() == 0
    with clock.shifted(timedelta(seconds=5)):
        assert run_pending() == 1
        assert the_job().run_at - clock.now() > timedelta(seconds=1)


def test_after_its_last_attempt_a_job_is_a_dead_letter_and_can_be_retried_by_hand() -> None:
    write_and_fail.enqueue(mark="a")
    for hour in range(5):
        with clock.shifted(timedelta(hours=hour)):
            run_pending()
    assert the_job().state == JobState.DEAD
    assert the_job().attempts == 3
    assert retry(the_job().pk)
    assert the_job().state == JobState.QUEUED
    assert the_job().attempts == 0


def test_a_job_that_leaves_the_process_is_only_a_failed_job() -> None:
    leave_the_process.enqueue()
    assert run_pending() == 1
    assert the_job().state == JobState.DEAD
    assert "SystemExit" in the_job().error


def test_the_more_urgent_job_runs_first_and_a_deferred_one_waits() -> None:
    write.enqueue(mark="third")
    write.using(priority=5).enqueue(mark="second")
    write.using(priority=9).enqueue(mark="first")
    write.using(run_after=clock.now() + timedelta(hours=1)).enqueue(mark="later")
    assert run_pending() == 3
    assert [mark for _, mark in seen] == ["first", "second", "third"]
    with clock.shifted(timedelta(hours=2)):
        assert run_pending() == 1


def test_a_second_job_of_a_pending_key_joins_the_first() -> None:
    later = clock.now() + timedelta(hours=1)
    first = write_once.using(run_after=later).enqueue(of="x")
    second = write_once.using(priority=4).enqueue(of="x")
    other = write_once.enqueue(of="y")
    assert first.id == second.id != other.id
    joined = Job.objects.get(pk=int(first.id))
    assert joined.priority == 4
    assert joined.run_at <= clock.now()
    assert run_pending() == 2


def test_a_key_that_is_running_is_queued_again_and_waits_its_turn() -> None:
    write_once.enqueue(of="x")
    running = queue.claim("w1")
    again = write_once.enqueue(of="x")
    assert int(again.id) != running.id
    assert queue.claim("w2") is None
    queue.finish(running)
    assert queue.claim("w2").id == int(again.id)


def test_a_failed_run_gives_way_to_a_later_job_of_its_key() -> None:
    write_once.enqueue(of="x")
    running = queue.claim("w1")
    write_once.enqueue(of="x")
    assert queue.give_back(running.id, running.token, "failed") == JobState.ABORTED
    assert run_pending() == 1


def test_a_worker_whose_lease_ran_out_cannot_commit() -> None:
    write.enqueue(mark="a")
    stale = queue.claim("w1", lease_s=-1)
    assert queue.reap() == 1
    with clock.shifted(timedelta(minutes=1)):
        fresh = queue.claim("w2")
    assert (fresh.id, fresh.attempt) == (stale.id, 2)
    with pytest.raises(LeaseLost), transaction.atomic():
        queue.finish(stale)
    perform(stale)
    assert effects() == set()
    assert the_job().state == JobState.RUNNING
    perform(fresh)
    assert effects() == {"a"}
    assert the_job().state == JobState.DONE


def test_a_heartbeat_keeps_the_reaper_away() -> None:
    write.enqueue(mark="a")
    held = queue.claim("w1", lease_s=-1)
    assert queue.beat([held.token]) == 1
    assert queue.reap() == 0


def test_a_job_that_kills_its_workers_is_reaped_to_the_dead_letters() -> None:
    write_and_fail.enqueue(mark="a")
    for hour in range(3):
        with clock.shifted(timedelta(hours=hour)):
            assert queue.claim("victim", lease_s=-1)
            assert queue.reap() == 1
    assert the_job().state == JobState.DEAD
    assert "victim" in the_job().error


def test_an_aborted_job_does_not_start_and_one_that_runs_does_not_commit() -> None:
    waiting = write.enqueue(mark="waiting")
    assert abort(int(waiting.id))
    write.enqueue(mark="running")
    running = queue.claim("w1")
    assert abort(running.id)
    perform(running)
    assert run_pending() == 0
    assert effects() == set()
    assert not abort(running.id)


def test_an_external_job_knows_its_number_and_attempt() -> None:
    result = send.enqueue(to="platform")
    assert run_pending() == 1
    assert effects() == {f"platform {result.id} 1"}
    with pytest.raises(LookupError):
        _ = job_context.id


def test_news_becomes_one_job_for_each_subscriber() -> None:
    assert announce("test.happened", number=7) == 2
    assert announce("test.nobody_listens", number=7) == 0
    assert run_pending() == 2
    assert effects() == {"heard 7", "heard too 7"}
    assert subscribers("test.happened") == [hear.module_path, hear_too.module_path]


@pytest.mark.parametrize("facts", [{}, {"nummer": 7}, {"number": 7, "more": 1}, {"number": clock}])
def test_facts_that_a_job_cannot_take_are_refused_where_they_are_given(facts: dict[str, object]) -> None:
    with pytest.raises(TypeError):
        announce("test.happened", **facts)
    assert not Job.objects.exists()


def test_positional_arguments_are_refused() -> None:
    with pytest.raises(TypeError, match="keyword"):
        write.enqueue("a")


def test_a_periodic_job_is_queued_once_in_each_period() -> None:
    own = Schedule.objects.filter(name=sweep.module_path)
    queue_due_schedules()
    Job.objects.exclude(name=sweep.module_path).delete()  # the house's own
    assert Job.objects.filter(name=sweep.module_path).count() == 1
    run_pending()
    queue_due_schedules()
    assert not Job.objects.filter(name=sweep.module_path, state=JobState.QUEUED).exists()
    with clock.shifted(timedelta(hours=3)):  # three hours asleep: one run, not eighteen
        queue_due_schedules()
        queue_due_schedules()
    assert Job.objects.filter(name=sweep.module_path, state=JobState.QUEUED).count() == 1
    assert own.get().every_s == 600


def test_only_jobs_that_stood_there_run_unless_told_until_idle() -> None:
    write.enqueue(mark="a")
    write.enqueue(mark="b")
    assert run_pending(limit=1) == 1
    assert run_pending(until_idle=False) == 1


def test_a_job_that_this_installation_does_not_know_waits_for_one_that_does() -> None:
    write.enqueue(mark="a")
    Job.objects.update(name="copyhold.no_such_room.jobs.work")
    assert run_pending() == 1
    assert the_job().state == JobState.QUEUED
    assert "no job copyhold.no_such_room.jobs.work here" in the_job().error


def test_djangos_tasks_interface_tells_the_state() -> None:
    result = write.enqueue(mark="a")
    assert result.status == TaskResultStatus.READY
    run_pending()
    result.refresh()
    assert result.status == TaskResultStatus.SUCCESSFUL
    assert result.attempts == 1
    assert write.get_result(result.id).is_finished
    for unknown in ("0", "x"):
        with pytest.raises(TaskResultDoesNotExist):
            write.get_result(unknown)


def test_progress_counts_and_only_dead_letters_are_kept() -> None:
    write.enqueue(mark="a")
    leave_the_process.enqueue()
    write.using(queue_name="slow").enqueue(mark="b")
    assert progress("slow") == {"queued": 1, "running": 0, "done": 0, "dead": 0, "aborted": 0}
    run_pending()
    assert progress() == {"queued": 0, "running": 0, "done": 2, "dead": 1, "aborted": 0}
    assert forget_finished(clock.now() + timedelta(seconds=1)) == 2
    assert progress()["dead"] == 1


def test_every_job_of_the_house_takes_keyword_arguments_only() -> None:
    for name, task in declared().items():
        kinds = {parameter.kind for parameter in inspect.signature(task.func).parameters.values()}
        assert kinds <= {inspect.Parameter.KEYWORD_ONLY}, name


STEPS = st.lists(
    st.tuples(st.sampled_from(["enqueue", "claim", "finish", "fail", "vanish", "abort"]), st.integers(0, 3)),
    max_size=40,
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_happens_every_job_ends_once_and_a_key_is_pending_once_and_running_once(
    steps: list[tuple[str, int]],
) -> None:
    Job.objects.all().delete()
    held: list[queue.Claim] = []
    ended: dict[int, str] = {}
    with clock.frozen(clock.now()):
        for hours, (step, n) in enumerate(steps):
            with clock.shifted(timedelta(hours=2 * hours)):  # past every pause
                _take(step, n, held, ended)
            live = list(Job.objects.filter(state__in=["queued", "running"]).values_list("key", "state"))
            assert len(live) == len(set(live))
            assert dict(Job.objects.exclude(state__in=["queued", "running"]).values_list("id", "state")) == ended
            assert {claim.id for claim in held} == set(Job.objects.filter(state="running").values_list("id", flat=True))


def _take(step: str, n: int, held: list[queue.Claim], ended: dict[int, str]) -> None:
    """One step in the queue, and the same in the oracle."""
    if step == "enqueue":
        write_once.enqueue(of=str(n))
    elif step == "claim" and (claim := queue.claim("w", lease_s=-1 if n else 30)):
        held.append(claim)
    elif step == "vanish":
        expired = set(
            Job.objects.filter(state="running", lease_until__lt=clock.timezone.now()).values_list("id", flat=True)
        )
        queue.reap()
        held[:] = [claim for claim in held if claim.id not in expired]
        ended.update(Job.objects.filter(id__in=expired, state__in=["dead", "aborted"]).values_list("id", "state"))
    elif held and step in {"finish", "fail", "abort"}:
        claim = held.pop(n % len(held))
        if step == "finish":
            queue.finish(claim)
            ended[claim.id] = "done"
        elif step == "abort":
            assert abort(claim.id)
            ended[claim.id] = "aborted"
        elif (state := queue.give_back(claim.id, claim.token, "no")) != JobState.QUEUED:
            ended[claim.id] = state.value
