"""What the office of inspection does: choose targets, patrol them, judge what was found."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.db import Error, InterfaceError, OperationalError, connection
from django.db.models import Count

from copyhold.core import clock
from copyhold.core.ledger import acting
from copyhold.errors import BadInput, Unavailable, gettext_noop
from copyhold.inspection import frontier
from copyhold.inspection.errors import BadTarget, PatrolBusy, PatrolStopped
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


def queue_patrol(actor: Actor, target: Target, *, by_worker: bool = True) -> Patrol:
    """Order a patrol of a target. A worker runs it, unless the caller is about to (`by_worker` false)."""
    with acting(actor, "patrol.queue", target) as act:
        year = clock.today().year
        patrol = Patrol.objects.create(
            number=f"P-{year}-{next_number('patrol', year=year):06d}", target=target, queued_at=clock.now()
        )
        act.note(patrol=patrol.number)
        if by_worker:
            act.announce("patrol.queued", patrol_id=patrol.pk)
    return patrol


def run_patrol(patrol: Patrol, *, progress: Progress | None = None) -> Patrol:
    """Run a patrol to its end, or go on with one that was interrupted or killed.

    Raises PatrolBusy; BadTarget when a place cannot be inspected (what was seen before stays, as a patrol in part);
    PatrolStopped when the database, the disk or the sandbox is lost on the way: run it again then.
    """
    with _told_plainly(patrol), only_here(patrol):
        _start(patrol)
        try:
            _visit_all(patrol, progress)
        except KeyboardInterrupt:
            _end(patrol, "interrupt")
            raise
        except BadTarget:
            _end(patrol, "finish_in_part" if patrol.sightings.exists() else "abort")
            raise
        failed = patrol.addresses.filter(state=Address.State.FAILED).exists()
        return _end(patrol, "finish_in_part" if failed else "finish")


def _start(patrol: Patrol) -> None:
    with acting(MACHINE, "patrol.start", patrol):
        patrol.resumed += patrol.state in {"running", "interrupted"}
        patrol.state = PATROL.after(patrol.state, "start")
        patrol.started_at = patrol.started_at or clock.now()
        patrol.save()


def _visit_all(patrol: Patrol, progress: Progress | None) -> None:
    place = source(patrol.target.source)
    place.prepare(patrol)
    with closing(place.captures(patrol)) as captures:
        for capture in captures:
            examine(patrol, capture)
            if progress:
                progress(*_position(patrol), capture.resource_url)


@contextmanager
def _told_plainly(patrol: Patrol) -> Iterator[None]:
    """What is lost on the way (database, disk, sandbox) becomes one clear error; the patrol can go on later."""
    try:
        yield
    except (OperationalError, InterfaceError, OSError, Unavailable) as error:
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
        raise PatrolStopped(number=patrol.number, reason=str(error).strip().rstrip(".") + ".") from error


def _end(patrol: Patrol, action: str) -> Patrol:
    with acting(MACHINE, f"patrol.{action}", patrol) as act:
        patrol.state = PATROL.after(patrol.state, action)
        patrol.summary = summary_of(patrol)
        act.note(**patrol.summary)
        if action != "interrupt":
            patrol.finished_at = clock.now()
            act.announce("patrol.finished", patrol_id=patrol.pk)
        patrol.save()
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
    LOCK = "hashtext('inspection.patrol'), %s"

    def __init__(self, patrol: Patrol) -> None:
        self.patrol = patrol

    def __enter__(self) -> None:
        deadline = time.monotonic() + self.PATIENCE_S
        while not self._ask("pg_try_advisory_lock"):
            if time.monotonic() > deadline:
                raise PatrolBusy(number=self.patrol.number)
            time.sleep(0.1)

    def __exit__(self, *_: object) -> None:
        with suppress(Error):  # a lost connection has let go of it already
            self._ask("pg_advisory_unlock")

    def _ask(self, function: str) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}({self.LOCK})", [self.patrol.pk])
            return bool(cursor.fetchone()[0])


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
    if not reason.strip():
        raise BadInput(gettext_noop("Give a reason that a stranger can follow."), code="finding.reason_missing")
    with acting(actor, f"finding.{action}", finding, seen=seen) as act:
        finding.state = FINDING.after(finding.state, action)
        finding.reason, finding.judged_at, finding.judged_by = reason.strip(), clock.now(), actor.actor_id
        finding.save()
        act.note(exhibit=finding.exhibit.number, work=finding.match.work.number)
        if action == "confirm":
            act.announce("finding.confirmed", finding_id=finding.pk)
    return finding


def waiting_addresses(patrol: Patrol) -> int:
    """How many addresses a patrol still has before it."""
    return frontier.waiting(patrol)
