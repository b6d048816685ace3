"""The index is a cache of the rows: whatever happens to it, it answers as the memory index over all rows does."""

import os
import random
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from django.conf import settings as django_settings
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from copyhold.core import clock, vault
from copyhold.recognition.core import Fingerprint as Print
from copyhold.recognition.index import MemoryIndex
from copyhold.recognition.registry import for_medium
from copyhold.recognition.segments import SegmentIndex, fsck
from copyhold.reference import health, live
from copyhold.reference.models import Fingerprint, Withdrawal
from copyhold.registry import services as registry
from copyhold.registry.models import Deposit

WORDS = 40  # different hashes: few, so that works share them


def deposit_of(people, number: int) -> Deposit:
    application = registry.start_application(
        people.holder, applicant=people.reedbank, office=people.office, title=str(number)
    )
    return registry.add_deposit(
        people.holder, application, filename="a.txt", data=b"%d" % number, medium="text", media_type="text/plain"
    )


def print_of(seed: int) -> Print:
    chance = random.Random(seed)
    count = chance.randint(1, 12)
    hashes = np.sort(np.array([chance.randrange(WORDS) * 2**57 for _ in range(count)], np.uint64))
    positions = np.arange(count, dtype=np.uint32)
    return Print("text", for_medium("text").version, 1000, hashes, positions)


def enter(deposit: Deposit, seed: int) -> Fingerprint:
    """A row as `fingerprint_deposit` writes it, under the same lock."""
    with transaction.atomic():
        live.lock_index("text")
        one = print_of(seed)
        return Fingerprint.objects.create(
            deposit=deposit, medium="text", recogniser_version=one.version, postings=len(one.hashes),
            blob=vault.put(one.to_bytes(), "x/y"), made_at=clock.now(),
        )  # fmt: skip


ALL_HASHES = np.arange(WORDS, dtype=np.uint64) * np.uint64(2**57)


def answer(index) -> list[tuple[int, int, int]]:
    found = index.lookup(ALL_HASHES)
    return list(zip(found.query_rows.tolist(), found.works.tolist(), found.positions.tolist(), strict=True))


def oracle() -> list[tuple[int, int, int]]:
    memory = MemoryIndex()
    for row in live.matchable("text"):
        memory.add(row.pk, Print.from_bytes(vault.get(row.blob_id)))
    return answer(memory)


def live_answer() -> list[tuple[int, int, int]]:
    """Without what was withdrawn since the last compaction: the caller's scope leaves that out."""
    from copyhold.recognition.index import LayeredIndex

    view = live.index_of("text").view()
    in_force = set(live.matchable("text").values_list("pk", flat=True))
    return [hit for hit in answer(LayeredIndex(view.segments, view.delta)) if hit[1] in in_force]


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(steps=st.lists(st.sampled_from(["enter", "enter", "withdraw", "compact", "forget", "rebuild"]), max_size=14))
def test_after_any_steps_it_answers_as_the_oracle(people, tmp_path_factory, steps):
    django_settings.COPYHOLD_INDEX = tmp_path_factory.mktemp("index")
    live.forget()
    mark = transaction.savepoint()
    for number, step in enumerate(steps):
        if step == "enter":
            enter(deposit_of(people, number), number)
        elif step == "withdraw" and (row := live.matchable("text").order_by("?").first()):
            Withdrawal.objects.create(fingerprint=row, at=clock.now())
        elif step == "compact":
            live.index_of("text").compact(at=1)
            assert fsck(live.index_of("text").folder) == []
        elif step == "rebuild":
            live.index_of("text").rebuild()
        else:
            live.forget()
        assert live_answer() == oracle()
    assert list(health.index_faults()) == []
    transaction.savepoint_rollback(mark)


def in_thread(work, *arguments) -> threading.Thread:
    """With a connection of its own, closed at the end."""

    def run():
        try:
            work(*arguments)
        finally:
            connection.close()

    return threading.Thread(target=run)


def test_compaction_beside_inserts_and_questions_loses_and_doubles_nothing(people_committed):
    deposits = [deposit_of(people_committed, number) for number in range(60)]
    trouble, done = [], threading.Event()

    def insert(part):
        for number in part:
            enter(deposits[number], number)

    def compact():
        while not done.is_set():
            live.index_of("text").compact(at=1)

    def ask():
        while not done.is_set():
            hits = live_answer()
            trouble.extend(["doubled"] * (len(hits) != len(set(hits))))

    writers = [in_thread(insert, range(start, 60, 3)) for start in range(3)]
    others = [in_thread(compact), in_thread(ask)]
    for thread in (*writers, *others):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    for thread in others:
        thread.join()
    assert not trouble
    assert Fingerprint.objects.count() == 60
    assert live_answer() == oracle()
    live.index_of("text").compact(at=1)
    assert live_answer() == oracle()
    assert fsck(live.index_of("text").folder) == []


CHILD = """
import sys, django
django.setup()
from django.conf import settings
from pathlib import Path
settings.COPYHOLD_INDEX = Path(sys.argv[1])
settings.DATABASES["default"]["NAME"] = sys.argv[2]
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[2]
from copyhold.reference import live
print("ready", flush=True)
if sys.argv[3] == "count":
    print(live.index_of("text").size(), flush=True)
while sys.argv[3] == "compact":
    live.index_of("text").compact(at=1)
    live.index_of("text").rebuild()
"""


def child(what: str) -> subprocess.Popen:
    """Another process of the same office: the same database, index and vault."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "copyhold.web.settings"}
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, str(django_settings.COPYHOLD_INDEX), connection.settings_dict["NAME"], what],
        env=environment, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_a_second_process_sees_new_fingerprints(people_committed):
    enter(deposit_of(people_committed, 1), 1)
    live.index_of("text").compact(at=1)
    enter(deposit_of(people_committed, 2), 2)
    output, _ = child("count").communicate()
    assert output.split() == ["ready", "2"]


def test_a_compaction_that_is_killed_leaves_a_sound_index(people_committed):
    for number in range(12):
        enter(deposit_of(people_committed, number), number)
    expected = oracle()
    for pause_s in (0.0, 0.02):
        process = child("compact")
        assert process.stdout.readline() == "ready\n"
        time.sleep(pause_s)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert live_answer() == expected
        assert list(health.segment_faults()) == []
    live.index_of("text").compact(at=1)
    assert live_answer() == expected


def test_a_damaged_segment_is_noticed_and_rebuilt(people):
    for number in range(4):
        enter(deposit_of(people, number), number)
    index = live.index_of("text")
    index.compact(at=1)
    (segment,) = index.folder.glob("*.seg")
    whole = bytearray(segment.read_bytes())
    whole[-20] ^= 255
    segment.write_bytes(whole)
    assert list(health.segment_faults())
    index.rebuild()
    assert list(health.segment_faults()) == []
    assert live_answer() == oracle()


@pytest.fixture(autouse=True)
def _settled():
    yield
    live.forget()


def test_an_index_of_a_newer_database_is_made_anew(people, tmp_path):
    """An older dump was put back, and the index folder stayed: nothing filed from then on may be missed."""
    later = print_of(1)
    SegmentIndex(tmp_path / "text").add(2**31, later)
    mine = enter(deposit_of(people, 7), seed=2)
    assert live.LiveIndex("text", tmp_path / "text").works() == [mine.pk]
