"""The patrols of the demonstration. One of them first runs in a process that is killed half-way, and then goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from copyhold.inspection import services as inspection
from copyhold.inspection.models import Patrol

if TYPE_CHECKING:
    from copyhold.web.demonstration.job import Report, Tick

KILLED = 1  # which patrol is killed, counted from nought
KILL_AFTER = 4  # addresses


def run_all(patrols: Iterable[Patrol], report: Report, tick: Tick) -> float:
    """Run those that are not finished; returns the seconds that took (0 if all were finished)."""
    ordered = list(patrols)
    began, ran = time.perf_counter(), False
    for number, patrol in enumerate(ordered):
        tick(number, len(ordered), str(patrol.target))
        if patrol.state in {"finished", "partial"}:
            continue
        ran = True
        if number == KILLED and not patrol.resumed:
            _run_and_kill(patrol)
        inspection.run_patrol(patrol, progress=lambda _done, _known, what, n=number: tick(n, len(ordered), what))  # type: ignore[misc]
    tick(len(ordered), len(ordered), "")
    for patrol in ordered:
        patrol.refresh_from_db()
    states = {patrol.number: patrol.state for patrol in ordered}
    report.say("Patrols finished", len(ordered), sum(state == "finished" for state in states.values()))
    report.say(
        "A patrol killed with SIGKILL went on where it was",
        "resumed",
        "resumed" if ordered[KILLED].resumed else "not resumed",
    )
    doubled = ordered[KILLED].sightings.count() - ordered[KILLED].sightings.values("resource_url").distinct().count()
    report.say("Sightings doubled by the kill", 0, doubled)
    return time.perf_counter() - began if ran else 0.0


def _run_and_kill(patrol: Patrol) -> None:
    """Start the patrol, wait until it has visited a few addresses, and kill its whole process group without warning."""
    command = [sys.executable, "-m", "copyhold", "patrol", patrol.number, "--quiet"]
    process = subprocess.Popen(command, start_new_session=True)
    while process.poll() is None and patrol.addresses.filter(state="visited").count() < KILL_AFTER:
        time.sleep(0.02)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
