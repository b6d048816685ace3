"""What the office of inspection does: choose targets, patrol them, judge what was found."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.db import connection
from django.db.models import Count

from copyhold.core import clock
from copyhold.core.ledger import acting
from copyhold.errors import BadInput, gettext_noop
from copyhold.inspection import frontier
from copyhold.inspection.errors import PatrolBusy
from copyhold.inspection.examine import examine
from copyhold.inspection.lifecycle import FINDING, PATROL
from copyhold.inspection.models import Address, Finding, Match, Patrol, Target
from copyhold.inspection.sources import source
from copyhold.people.actors import system
from copyhold.registry.numbers import next_number

if TYPE_CHECKING:
    from copyhold.core.ledger import Actor
    from copyhold.people.models import Organisation

MACHINE = system("inspection")
Progress = Callable[[int, int, str], None]  # done, known, what


def add_target(
    actor: Actor,
    *,
    name: str,
    places: Sequence[str],
    office: Organisation,
    name_en: str = "",
    source_name: str = "site",
    hosts: Sequence[str] = (),
    platform: Organisation | None = None,
    territory: str = "CN",
    max_pages: int = 500,
    max_depth: int = 6,
    delay_s: float = 1.0,
) -> Target:
    """Enter a target. The patrol never leaves `hosts`; without any, the hosts of the places."""
    source(source_name)
    own = [host.lower() for host in hosts] or sorted({(urlsplit(place).hostname or "") for place in places} - {""})
    with acting(actor, "target.add") as act:
        year = clock.today().year
        act.subject = Target.objects.create(
            number=f"T-{year}-{next_number('target', year=year):04d}",
            name=name,
            name_en=name_en,
            source=source_name,
            places=list(places),
            hosts=own,
            office=office,
            platform=platform,
            territory=territory,
            max_pages=max_pages,
            max_depth=max_depth,
            delay_s=delay_s,
        )
    return act.subject


def queue_patrol(actor: Actor, target: Target) -> Patrol:
    """Order a patrol of a target; a worker runs it, or `copyhold patrol NUMBER` does."""
    with acting(actor, "patrol.queue", target) as act:
        year = clock.today().year
        patrol = Patrol.objects.create(
            number=f"P-{year}-{next_number('patrol', year=year):06d}", target=target, queued_at=clock.now()
        )
        act.note(patrol=patrol.number)
        act.announce("patrol.queued", patrol_id=patrol.pk)
    return patrol


def run_patrol(patrol: Patrol, *, progress: Progress | None = None) -> Patrol:
    """Run a patrol to its end, or go on with one that was killed. Raises PatrolBusy, BadTarget."""
    with only_here(patrol):
        patrol.refresh_from_db()
        with acting(MACHINE, "patrol.start", patrol):
            patrol.resumed += patrol.state in {"running", "interrupted"}
            patrol.state = PATROL.after(patrol.state, "start")
            patrol.started_at = patrol.started_at or clock.now()
            patrol.save()
        place = source(patrol.target.source)
        try:
            place.prepare(patrol)
            for capture in place.captures(patrol):
                examine(patrol, capture)
                if progress:
                    progress(*_position(patrol), capture.resource_url)
        except KeyboardInterrupt:
            _end(patrol, "interrupt")
            raise
        except BadInput:
            _end(patrol, "abort")
            raise
        failed = patrol.addresses.filter(state=Address.State.FAILED).exists()
        return _end(patrol, "finish_in_part" if failed else "finish")


def _end(patrol: Patrol, action: str) -> Patrol:
    with acting(MACHINE, f"patrol.{action}", patrol) as act:
        patrol.state = PATROL.after(patrol.state, action)
        patrol.summary = summary_of(patrol)
        patrol.finished_at = None if action == "interrupt" else clock.now()
        patrol.save()
        act.note(**patrol.summary)
        act.announce("patrol.finished", patrol_id=patrol.pk)
    return patrol


def _position(patrol: Patrol) -> tuple[int, int]:
    states = dict(patrol.addresses.values_list("state").annotate(count=Count("pk")))
    known = sum(states.values())
    return known - states.get("waiting", 0) - states.get("leased", 0), known


def summary_of(patrol: Patrol) -> dict[str, Any]:
    """Counts by outcome, as they stand in the rows."""
    addresses = dict(patrol.addresses.values_list("state").annotate(count=Count("pk")))
    sightings = dict(patrol.sightings.values_list("outcome").annotate(count=Count("pk")))
    verdicts = Counter(Match.objects.filter(sighting__patrol=patrol).values_list("verdict", flat=True))
    return {"addresses": addresses, "sightings": sightings, "verdicts": dict(verdicts)}


class only_here:  # noqa: N801 - reads as a phrase in a with statement
    """At most one process runs a patrol. The lock goes with the connection, so a kill frees it, as soon as the database
    has noticed: hence a little patience."""

    PATIENCE_S = 10.0

    def __init__(self, patrol: Patrol) -> None:
        self.patrol = patrol

    def __enter__(self) -> None:
        deadline = time.monotonic() + self.PATIENCE_S
        while not self._try():
            if time.monotonic() > deadline:
                raise PatrolBusy(number=self.patrol.number)
            time.sleep(0.1)

    def _try(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [self.patrol.number])
            return bool(cursor.fetchone()[0])

    def __exit__(self, *_: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtext(%s))", [self.patrol.number])


def confirm_finding(actor: Actor, finding: Finding, *, reason: str, seen: int | None = None) -> Finding:
    """An officer says: this is likely an infringement. A clue follows from it."""
    return _judge(actor, finding, "confirm", reason, seen)


def reject_finding(actor: Actor, finding: Finding, *, reason: str, seen: int | None = None) -> Finding:
    """An officer says: this is none, and why."""
    return _judge(actor, finding, "reject", reason, seen)


def ask_owner(actor: Actor, finding: Finding, *, reason: str, seen: int | None = None) -> Finding:
    """An officer wants the owner's word first: a licence may exist that is not recorded."""
    return _judge(actor, finding, "ask_owner", reason, seen)


def _judge(actor: Actor, finding: Finding, action: str, reason: str, seen: int | None) -> Finding:
    with acting(actor, f"finding.{action}", finding, seen=seen) as act:
        finding.state = FINDING.after(finding.state, action)
        if not reason.strip():
            raise BadInput(gettext_noop("Give a reason that a stranger can follow."), code="finding.reason_missing")
        finding.reason, finding.judged_at, finding.judged_by = reason.strip(), clock.now(), actor.actor_id
        finding.save()
        act.note(exhibit=finding.exhibit.number, work=finding.match.work.number)
        if action == "confirm":
            act.announce("finding.confirmed", finding_id=finding.pk)
    return finding


def waiting_addresses(patrol: Patrol) -> int:
    """How many addresses a patrol still has before it."""
    return 0 if frontier.is_empty(patrol) else patrol.addresses.filter(state=Address.State.WAITING).count()
