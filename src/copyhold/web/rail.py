"""The left rail of the desks: what waits for this person, and the rooms. One table each; pages of a room add a line.

A line is shown to the roles that it names; its URL must be in web.access. Counting is asked for at each page, so a
count is one indexed query on `visible_to(actor)`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from copyhold.enforcement.models import Case, Clue, Notice
from copyhold.inspection.models import Finding
from copyhold.people.roles import APPLICANTS, ENFORCERS, EXAMINERS, STAFF, Role
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


OFFICERS = frozenset({Role.OFFICER, Role.HEAD})
REVIEWERS = frozenset({Role.HEAD, Role.LEGAL_REVIEWER})
WATCHERS = ENFORCERS | {Role.HEADQUARTERS, Role.AUDITOR}


def _filed(actor: Actor) -> Any:
    return Application.objects.visible_to(actor).filter(state__in=("submitted", "in_examination"))


def _due_soon(actor: Actor) -> int:
    from copyhold.web.views.examiner import due_soon

    return int(due_soon(Application.objects.visible_to(actor)).count())


def _cases(actor: Actor) -> Any:
    return Case.objects.visible_to(actor).exclude(state__in=("closed", "referred", "dropped"))


WAITING: list[Waiting] = [
    Waiting(
        "applications",
        t("Waits for you", "等您办理"),
        APPLICANTS,
        lambda actor: Application.objects.visible_to(actor).filter(state__in=("draft", "correction")).count(),
    ),
    Waiting("examination", t("To examine", "待审查"), EXAMINERS, lambda actor: _filed(actor).count()),
    Waiting("examination", t("Taken by me", "我领取的"), EXAMINERS,
            lambda actor: _filed(actor).filter(examiner=actor.account).count(), "?mine=1"),
    Waiting("examination", t("Due soon", "即将到期"), EXAMINERS, _due_soon, "?due=1", is_due=True),
    Waiting("findings", t("Findings to judge", "待判断的发现"), OFFICERS,
            lambda actor: Finding.objects.visible_to(actor).filter(state="to_judge").count()),
    Waiting("clues", t("Clues to decide", "待处理线索"), OFFICERS,
            lambda actor: Clue.objects.visible_to(actor).filter(state__in=("received", "accepted")).count()),
    Waiting("cases", t("My cases", "我的案件"), OFFICERS,
            lambda actor: _cases(actor).filter(officers=actor.account).count(), "?mine=1"),
    Waiting("cases", t("In legal review", "待法制审核"), REVIEWERS,
            lambda actor: _cases(actor).filter(state="legal_review").count(), "?state=legal_review"),
    Waiting("notices", t("Notices", "通知"), OFFICERS | {Role.PLATFORM},
            lambda actor: Notice.objects.visible_to(actor).filter(
                state__in=("drafted", "served", "answered", "ignored")).count()),
]  # fmt: skip
ROOMS: list[Room] = [
    Room("registry", "examination", t("Registry", "登记"), STAFF),
    Room("reference", "identify", t("What is this?", "识别"), STAFF),
    Room("inspection", "targets", t("Inspection", "巡查"), WATCHERS),
    Room("enforcement", "cases", t("Clues and cases", "线索与案件"), WATCHERS),
    Room("notices", "notices", t("Notices", "通知"), WATCHERS | {Role.PLATFORM}),
    Room("evidence", "exhibits", t("Evidence", "证据"), WATCHERS),
    Room("figures", "overview", t("Figures", "统计"),
         frozenset({Role.HEADQUARTERS, Role.AUDITOR, Role.HEAD, Role.CHIEF_EXAMINER})),
]  # fmt: skip

# Where a role works after sign-in; a role without a line gets the plain desk.
DESKS: dict[str, str] = {
    **dict.fromkeys(APPLICANTS, "applications"),
    **dict.fromkeys(STAFF | {Role.PLATFORM}, "today"),
    Role.HEADQUARTERS: "overview",
}


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
