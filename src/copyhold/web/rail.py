"""The left rail of the desks: what waits for this person, and the rooms. One table each; pages of a room add a line.

A line is shown to the roles that it names; its URL must be in web.access. Counting is asked for at each page, so a
count is one indexed query on `visible_to(actor)`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from copyhold.people.roles import APPLICANTS
from copyhold.registry.models import Application
from copyhold.web.phrases import t

if TYPE_CHECKING:
    from collections.abc import Callable

    from copyhold.people.actors import Actor

Label = Any  # a lazy text


@dataclass(frozen=True)
class Waiting:
    """`count(actor)` how many; `is_due` paints it red: only for terms about to end."""

    url_name: str
    label: Label
    roles: frozenset[str]
    count: Callable[[Actor], int]
    query: str = ""
    is_due: bool = False


@dataclass(frozen=True)
class Room:
    """`key` is what a page sets as `nav` to say that it stands here."""

    key: str
    url_name: str
    label: Label
    roles: frozenset[str]
    count: Callable[[Actor], int] | None = None


WAITING: list[Waiting] = [
    Waiting(
        "applications",
        t("Waits for you", "等您办理"),
        APPLICANTS,
        lambda actor: Application.objects.visible_to(actor).filter(state__in=("draft", "correction")).count(),
    ),
]
ROOMS: list[Room] = []

# Where a role works after sign-in; a role without a line gets the plain desk.
DESKS: dict[str, str] = dict.fromkeys(APPLICANTS, "applications")


def waiting(actor: Actor) -> list[dict[str, Any]]:
    return [
        {
            "url_name": line.url_name,
            "label": line.label,
            "query": line.query,
            "count": line.count(actor),
            "due": line.is_due,
        }
        for line in WAITING
        if actor.role in line.roles
    ]


def rooms(actor: Actor) -> list[dict[str, Any]]:
    return [
        {
            "key": room.key,
            "url_name": room.url_name,
            "label": room.label,
            "count": room.count(actor) if room.count else "",
        }
        for room in ROOMS
        if actor.role in room.roles
    ]
