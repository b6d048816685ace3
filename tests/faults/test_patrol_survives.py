"""A patrol is killed without warning, loses its database, meets a full disk: it goes on, and ends as an undisturbed one."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest
from django.db import connection
from tests.reference.registering import registered

from copyhold.errors import Unavailable
from copyhold.inspection import services
from copyhold.inspection.errors import PatrolBusy, PatrolStopped
from copyhold.inspection.models import Finding, Match, Patrol
from copyhold.reference import live
from copyhold.web.demonstration import sites as places
from copyhold.web.demonstration.sites import Sites

OWN, MALL = f"http://{places.OWN}/", f"http://{places.MALL}/"
CHILD = """
import sys, django
django.setup()
from pathlib import Path
from django.conf import settings
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[1]
settings.COPYHOLD_WARC, settings.COPYHOLD_INDEX = Path(sys.argv[2]), Path(sys.argv[3])
settings.COPYHOLD_EGRESS_HOSTS = dict.fromkeys(sys.argv[5].split(","), ("127.0.0.1", int(sys.argv[6])))
from copyhold.inspection.models import Patrol
from copyhold.inspection.services import run_patrol
run_patrol(Patrol.objects.get(number=sys.argv[4]))
"""


@pytest.fixture
def office(people_committed, settings, tmp_path):
    """The sites, and a register of two texts and a picture; committed, so that other processes see it."""
    settings.COPYHOLD_WARC, settings.COPYHOLD_INDEX = tmp_path / "warc", tmp_path / "index"
    live.forget()
    with Sites() as sites:
        settings.COPYHOLD_EGRESS_HOSTS = sites.egress_hosts
        for key in ("salt", "lamp", "cat"):
            registered(people_committed, key)
        people_committed.settings, people_committed.port = settings, sites.server_address[1]
        yield people_committed
    live.forget()


def queued(office, place) -> Patrol:
    target = services.add_target(
        office.officer, name="x", places=[place], office=office.corps, delay_s=0.0, max_pages=14
    )
    return services.queue_patrol(office.officer, target, by_worker=False)


def child(office, patrol) -> subprocess.Popen:
    arguments = [
        connection.settings_dict["NAME"], office.settings.COPYHOLD_WARC, office.settings.COPYHOLD_INDEX,
        patrol.number, ",".join(places.HOSTS), office.port,
    ]  # fmt: skip
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "copyhold.web.settings"}
    command = [sys.executable, "-c", CHILD, *map(str, arguments)]
    return subprocess.Popen(command, env=environment, start_new_session=True)


def kill(process: subprocess.Popen) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def outcome(patrol: Patrol) -> dict[str, object]:
    """What a patrol said, without numbers and times."""
    matches = Match.objects.filter(sighting__patrol=patrol)
    return {
        "state": patrol.state,
        "addresses": sorted(patrol.addresses.values_list("url", "state", "outcome", "depth")),
        "sightings": sorted(patrol.sightings.values_list("resource_url", "sha256", "outcome")),
        "matches": sorted(matches.values_list("sighting__resource_url", "work__title", "verdict", "bits")),
        "findings": Finding.objects.filter(match__sighting__patrol=patrol).count(),
    }


def test_one_kill_in_the_middle_changes_nothing(office):
    undisturbed = services.run_patrol(queued(office, MALL))
    patrol = queued(office, MALL)
    process = child(office, patrol)
    while process.poll() is None and patrol.sightings.count() < 2:
        time.sleep(0.01)
    kill(process)
    patrol.refresh_from_db()
    assert patrol.state == "running"
    services.run_patrol(patrol)
    assert patrol.resumed == 1
    assert outcome(patrol) == outcome(undisturbed)


@pytest.mark.deep
@pytest.mark.parametrize("seed", [1, 2])
def test_many_kills_at_any_moment_change_nothing(office, seed):
    chance = random.Random(seed)
    undisturbed = services.run_patrol(queued(office, MALL))
    patrol = queued(office, MALL)
    for _ in range(6):
        process = child(office, patrol)
        time.sleep(chance.uniform(1.0, 12.0))
        kill(process)
    services.only_here.PATIENCE_S = 30.0
    patrol.refresh_from_db()
    if patrol.state != "finished":
        services.run_patrol(patrol)
    assert outcome(patrol) == outcome(undisturbed)


def test_two_processes_do_not_run_one_patrol(office, monkeypatch):
    patrol = queued(office, OWN)
    monkeypatch.setattr(services.only_here, "PATIENCE_S", 0.3)
    process = child(office, patrol)
    other = connection.copy()
    try:
        while process.poll() is None and not _is_held(other, patrol):
            time.sleep(0.01)
        assert process.poll() is None, "the other process ended before it began"
        os.killpg(process.pid, signal.SIGSTOP)
        with pytest.raises(PatrolBusy, match=patrol.number):
            services.run_patrol(patrol)
    finally:
        other.close()
        kill(process)


def _is_held(other, patrol) -> bool:
    with other.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s", [patrol.pk])
        return cursor.fetchone()[0] > 0


def test_a_lost_database_is_one_clear_error_and_the_patrol_goes_on(office):
    patrol = queued(office, OWN)

    def cut(_done: int, _known: int, _what: str) -> None:
        other = connection.copy()
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
        other.close()

    with pytest.raises(PatrolStopped) as caught:
        services.run_patrol(patrol, progress=cut)
    assert f"copyhold patrol {patrol.number}" in str(caught.value)
    assert isinstance(caught.value, Unavailable)
    patrol.refresh_from_db()
    assert (patrol.state, patrol.sightings.count()) == ("running", 1)
    services.run_patrol(patrol)
    assert patrol.state == "finished"
    assert patrol.sightings.count() == 2
    assert Finding.objects.filter(match__sighting__patrol=patrol).count() == 2


def test_a_full_disk_is_one_clear_error_and_the_patrol_goes_on(office):
    patrol = queued(office, OWN)
    warc = office.settings.COPYHOLD_WARC
    warc.parent.mkdir(exist_ok=True)
    warc.write_text("a file where the folder should be: nothing can be written")
    with pytest.raises(PatrolStopped):
        services.run_patrol(patrol)
    warc.unlink()
    services.run_patrol(patrol)
    assert (patrol.state, patrol.resumed) == ("finished", 1)


def test_ctrl_c_is_kept_as_interrupted(office):
    patrol = queued(office, OWN)

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        services.run_patrol(patrol, progress=interrupt)
    patrol.refresh_from_db()
    assert (patrol.state, patrol.finished_at) == ("interrupted", None)
    services.run_patrol(patrol)
    assert (patrol.state, patrol.resumed) == ("finished", 1)
