"""From what a person points at (folder, list of addresses, web archive, site) to a target that can be patrolled."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from copyhold.errors import NotFound, gettext_noop
from copyhold.guards.errors import FetchRefused
from copyhold.inspection import frontier
from copyhold.inspection.errors import BadTarget
from copyhold.inspection.models import Match, Patrol, Target
from copyhold.inspection.services import add_target, queue_patrol
from copyhold.people.actors import system
from copyhold.people.models import Organisation

if TYPE_CHECKING:
    from collections.abc import Sequence

KINDS = ("site", "folder", "warc", "list")
ARCHIVES = (".warc", ".warc.gz", ".wacz")
UNFINISHED = ("queued", "running", "interrupted")
MACHINE = system("inspection")


class NoOffice(NotFound):
    code = "inspection.no_office"
    message = gettext_noop("This register has no office that could inspect. Enter one first, or run: copyhold demo")


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What to inspect and how. `source` is the inspection source; empty `hosts`: those of the places."""

    name: str
    source: str
    places: tuple[str, ...]
    hosts: tuple[str, ...] = ()
    max_depth: int = 6


def errand_of(text: str, *, kind: str = "", hosts: Sequence[str] = (), depth: int | None = None) -> Errand:
    """Read one TARGET of the command line. A list's addresses are visited, not what they link to, unless `depth` says.

    Raises BadTarget: no such file, no address in a list, a line that is none.
    """
    kind = kind or kind_of(text)
    if kind == "site":
        deep = 6 if depth is None else depth
        return Errand(name=text, source="site", places=(text,), hosts=tuple(hosts), max_depth=deep)
    path = Path(text).expanduser()
    if not path.exists():
        raise BadTarget(place=text, reason="there is no such file or folder")
    if kind == "list":
        return Errand(name=path.name, source="site", places=_listed(path), hosts=tuple(hosts), max_depth=depth or 0)
    return Errand(name=path.name, source=kind, places=(str(path.resolve()),))


def kind_of(text: str) -> str:
    """By its look: an address, a web archive by its suffix, a .txt file is a list, all else a folder or file."""
    if urlsplit(text).scheme in {"http", "https"}:
        return "site"
    lower = text.lower()
    if lower.endswith(ARCHIVES):
        return "warc"
    return "list" if lower.endswith(".txt") else "folder"


def _listed(path: Path) -> tuple[str, ...]:
    """One address a line; empty lines and lines that begin with # say nothing."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadTarget(place=str(path), reason="it cannot be read as a text of addresses") from error
    found = []
    for number, line in enumerate(map(str.strip, lines), 1):
        if line and not line.startswith("#"):
            try:
                found.append(frontier.normal(line))
            except FetchRefused as error:
                reason = f"line {number} is not an http or https address: {line[:80]}"
                raise BadTarget(place=str(path), reason=reason) from error
    if not found:
        raise BadTarget(place=str(path), reason="it lists no address")
    return tuple(dict.fromkeys(found))


def office_named(code: str = "") -> Organisation:
    """The office that inspects: by its code, else the first enforcement corps, else the first administration."""
    if code:
        found = Organisation.objects.filter(code=code).first()
        if found is None:
            raise NotFound(gettext_noop("There is no organisation with the code {code}."), code="organisation.unknown")
        return found
    kinds = Organisation.Kind.ENFORCEMENT_CORPS, Organisation.Kind.ADMINISTRATION
    offices = [Organisation.objects.filter(kind=kind).order_by("pk").first() for kind in kinds]
    return next((office for office in offices if office), None) or _no_office()


def _no_office() -> Organisation:
    raise NoOffice


def patrol_for(errand: Errand, *, office: Organisation, territory: str, max_pages: int, delay_s: float) -> Patrol:
    """The patrol that runs this errand: one that was broken off goes on, else a new one of the same target."""
    wanted: dict[str, Any] = {
        "source": errand.source,
        "places": list(errand.places),
        "office": office,
        "territory": territory,
        "max_pages": max_pages,
        "max_depth": errand.max_depth,
        "delay_s": delay_s,
    }
    known = [one for one in Target.objects.filter(**wanted) if set(errand.hosts) <= set(one.hosts)]
    target = known[0] if known else _add(errand, wanted)
    broken_off = Patrol.objects.filter(target=target, state__in=UNFINISHED).order_by("pk").first()
    return broken_off or queue_patrol(MACHINE, target, by_worker=False)


def _add(errand: Errand, wanted: dict[str, Any]) -> Target:
    more = {key: value for key, value in wanted.items() if key not in {"source", "places"}}
    hosts = {urlsplit(place).hostname or "" for place in errand.places if errand.source == "site"} - {""}
    return add_target(
        MACHINE,
        name=errand.name[:200],
        source_name=errand.source,
        places=errand.places,
        hosts=sorted(hosts | {host.lower() for host in errand.hosts}),
        **more,
    )


def matches_of(patrol: Patrol) -> list[dict[str, Any]]:
    """What a patrol recognised, one plain row for each work at each address, findings first and the surest first."""
    rows = (
        Match.objects.filter(sighting__patrol=patrol)
        .select_related("sighting", "work", "finding__exhibit", "fingerprint")
        .order_by("-bits", "pk")
    )
    found = [_plain(match) for match in rows]
    return sorted(found, key=lambda row: row["verdict"] != Match.Verdict.FINDING)


def _plain(match: Match) -> dict[str, Any]:
    finding = getattr(match, "finding", None)
    return {
        "url": match.sighting.resource_url,
        "page": match.sighting.page_url,
        "medium": match.sighting.medium,
        "sha256": match.sighting.sha256,
        "work": match.work.number,
        "title": match.work.title,
        "bits": round(match.bits, 1),
        "query_share": round(match.query_share, 4),
        "work_share": round(match.work_share, 4),
        "verdict": match.verdict,
        "reasons": match.reasons,
        "finding": finding.number if finding else "",
        "exhibit": finding.exhibit.number if finding else "",
        "patrol": match.sighting.patrol.number,
    }
