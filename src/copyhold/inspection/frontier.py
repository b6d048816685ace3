"""The frontier stands in rows: it survives a kill, and several visitors share it without meeting at one address."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import Count

from copyhold.core import clock
from copyhold.guards.addresses import parse
from copyhold.guards.errors import AddressRefused
from copyhold.inspection.models import Address

if TYPE_CHECKING:
    from collections.abc import Iterable

    from copyhold.guards.recorder import RecordRef
    from copyhold.inspection.models import Patrol

LEASE = timedelta(minutes=3)
LONGEST_ADDRESS = 2000  # characters, as the column
# Pages that differ by figures alone are looked at in any number when a list names them, but only this many when they
# name one another: an endless calendar does, a shop's list of goods does not.
MOST_OF_ONE_SHAPE = 40
MEDIA_PER_PAGE = 20  # `max_pages` counts pages; what they show is bounded by this many times as much


def normal(url: str) -> str:
    """One spelling for one address: ASCII lower-case host, no default port, no fragment. Raises AddressRefused."""
    return parse(url.strip().partition("#")[0].replace(" ", "%20")).url


def shape(url: str) -> str:
    """The address with its figures and values blotted out: /calendar/2026/11/22 and …/23 have one shape."""
    parts = urlsplit(url)
    names = "&".join(sorted({pair.partition("=")[0] for pair in parts.query.split("&") if pair}))
    return f"{parts.netloc}{re.sub('[0-9]+', '#', parts.path)}?{names}"


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def add(patrol: Patrol, urls: Iterable[str], *, kind: str, depth: int, found_on: str = "") -> int:
    """Put addresses into the frontier that are in scope and not there yet; returns how many were new.

    Called by the one visitor that holds the patrol, so counting and adding need no lock.
    """
    if depth > patrol.target.max_depth:
        return 0
    rows = {digest(url): url for url in _in_scope(patrol, urls)}
    known = set(patrol.addresses.filter(url_digest__in=rows).values_list("url_digest", flat=True))
    fresh = [url for key, url in rows.items() if key not in known]
    if kind == "page" and found_on:
        fresh = _without_traps(patrol, fresh, found_on)
    wanted = fresh[: _room(patrol, kind)]
    Address.objects.bulk_create(
        (
            Address(
                patrol=patrol,
                url=url,
                url_digest=digest(url),
                shape=digest(shape(url)),
                kind=kind,
                depth=depth,
                found_on=found_on[:LONGEST_ADDRESS],
            )
            for url in wanted
        ),
        ignore_conflicts=True,
    )
    return len(wanted)


def _in_scope(patrol: Patrol, urls: Iterable[str]) -> Iterable[str]:
    """Those that can be visited at all and lie on the target's hosts; pages are full of others."""
    hosts = set(patrol.target.hosts)
    for one in urls:
        try:
            url = normal(one)
        except AddressRefused:
            continue
        if urlsplit(url).hostname in hosts and len(url) <= LONGEST_ADDRESS:
            yield url


def _room(patrol: Patrol, kind: str) -> int:
    most = patrol.target.max_pages * (1 if kind == "page" else MEDIA_PER_PAGE)
    return max(0, most - patrol.addresses.filter(kind=kind).count())


def _without_traps(patrol: Patrol, urls: list[str], found_on: str) -> list[str]:
    """Leave out what a page of a crowded shape says of pages of crowded shapes."""
    shapes = {url: digest(shape(url)) for url in [*urls, found_on]}
    rows = patrol.addresses.filter(kind="page", shape__in=set(shapes.values()))
    crowd = Counter(dict(rows.values_list("shape").annotate(Count("pk"))))
    is_crowded = crowd[shapes[found_on]] >= MOST_OF_ONE_SHAPE
    kept = []
    for url in urls:
        if not is_crowded or crowd[shapes[url]] < MOST_OF_ONE_SHAPE:
            crowd[shapes[url]] += 1
            kept.append(url)
    return kept


@transaction.atomic
def lease(patrol: Patrol) -> Address | None:
    """The next address for one visitor, nearest to the start first; None when nothing waits."""
    now = clock.now()
    waiting = patrol.addresses.filter(state=Address.State.WAITING)
    late = patrol.addresses.filter(state=Address.State.LEASED, lease_until__lt=now)
    chosen = (waiting | late).select_for_update(skip_locked=True).order_by("depth", "pk").first()
    if chosen is None:
        return None
    chosen.state, chosen.lease_until = Address.State.LEASED, now + LEASE
    chosen.save(update_fields=["state", "lease_until"])
    return chosen


def finish(address: Address, state: str, outcome: str, record: RecordRef | None = None) -> None:
    """Write down what became of a visit."""
    address.state, address.outcome = state, outcome[:300]
    address.visited_at, address.lease_until = clock.now(), None
    if record is not None:
        address.warc_file, address.warc_offset, address.warc_length = record.file, record.offset, record.length
    address.save()


def release(patrol: Patrol) -> int:
    """After a kill: what was being visited waits again. Only when no visitor of this patrol runs."""
    return patrol.addresses.filter(state=Address.State.LEASED).update(state=Address.State.WAITING, lease_until=None)


def waiting(patrol: Patrol) -> int:
    """How many addresses a patrol still has before it."""
    return patrol.addresses.filter(state__in=(Address.State.WAITING, Address.State.LEASED)).count()
