"""The frontier stands in rows: it survives a kill, and several visitors share it without meeting at one address."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from django.db import transaction

from copyhold.core import clock
from copyhold.inspection.models import Address

if TYPE_CHECKING:
    from collections.abc import Iterable

    from copyhold.guards.recorder import RecordRef
    from copyhold.inspection.models import Patrol

LEASE = timedelta(minutes=3)
# A folder that keeps giving one more day, page or filter is a trap: this many addresses of one shape are enough.
MOST_OF_ONE_SHAPE = 40


def normal(url: str) -> str:
    """One spelling for one address: lower-case host, no default port, no fragment, no empty path."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    default = {"http": 80, "https": 443}.get(parts.scheme)
    port = f":{parts.port}" if parts.port and parts.port != default else ""
    return urlunsplit((parts.scheme.lower(), host + port, parts.path or "/", parts.query, ""))


def shape(url: str) -> str:
    """The address with its figures blotted out: /calendar/2026/11/22 and …/23 have one shape."""
    parts = urlsplit(url)
    path = "".join("#" if char.isdigit() else char for char in parts.path)
    names = "&".join(sorted(pair.partition("=")[0] for pair in parts.query.split("&") if pair))
    while "##" in path:
        path = path.replace("##", "#")
    return f"{parts.netloc}{path}?{names}"


def digest(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()


def add(patrol: Patrol, urls: Iterable[str], *, kind: str, depth: int, found_on: str = "") -> int:
    """Put addresses into the frontier that are in scope and not there yet; returns how many were new."""
    hosts, rows = set(patrol.target.hosts), {}
    for url in map(normal, urls):
        if urlsplit(url).hostname in hosts and depth <= patrol.target.max_depth:
            rows[digest(url)] = url
    if not rows:
        return 0
    known = set(patrol.addresses.filter(url_digest__in=rows).values_list("url_digest", flat=True))
    fresh = {key: url for key, url in rows.items() if key not in known}
    room = max(0, patrol.target.max_pages - patrol.addresses.count())
    crowded = _crowded(patrol) if fresh else set()
    wanted = [(key, url) for key, url in fresh.items() if shape(url) not in crowded][:room]
    Address.objects.bulk_create(
        (
            Address(patrol=patrol, url=url, url_digest=key, kind=kind, depth=depth, found_on=found_on[:2000])
            for key, url in wanted
        ),
        ignore_conflicts=True,
    )
    return len(wanted)


def _crowded(patrol: Patrol) -> set[str]:
    shapes: dict[str, int] = {}
    for url in patrol.addresses.values_list("url", flat=True):
        if any(char.isdigit() for char in url) or "?" in url:
            shapes[shape(url)] = shapes.get(shape(url), 0) + 1
    return {one for one, count in shapes.items() if count >= MOST_OF_ONE_SHAPE}


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


def is_empty(patrol: Patrol) -> bool:
    return not patrol.addresses.filter(state__in=(Address.State.WAITING, Address.State.LEASED)).exists()
