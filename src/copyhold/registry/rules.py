"""The register's rules. Pure: facts in, verdict out; no database, no clock, no settings.

Each rule has one file of tests, named after it (tests/registry/test_rule_*.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date

    from django.utils.functional import Promise

    from copyhold.jurisdictions.pack import LawPack

PASS, CONCERN, FAIL, OPEN = "pass", "concern", "fail", "open"
MACHINE = "machine"


# --- the check-list of an examination ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One question of the examination. `is_first_by_machine`: the machine looks before the person decides."""

    code: str
    label: str | Promise
    question: str | Promise
    is_first_by_machine: bool = False


CHECKLIST = (
    ChecklistItem("subject_matter", _("Subject matter"), _("Is it a work that the law protects?")),
    ChecklistItem("papers", _("Papers"), _("Are the papers complete, and do they agree with one another?"), True),
    ChecklistItem("jurisdiction", _("Jurisdiction"), _("Is this the office for this applicant?"), True),
    ChecklistItem("nature", _("Nature and ownership"), _("Do nature, authors and ownership fit together?")),
    ChecklistItem("duplicate", _("Duplicates"), _("Is it registered already, or a copy of a registered work?"), True),
    ChecklistItem("content", _("Content"), _("Is the content free of what the law prohibits?")),
)
CODES = tuple(item.code for item in CHECKLIST)


def may_approve(outcomes: Mapping[str, str]) -> list[str]:
    """The items of the check-list that are not passed yet, in order; empty when the application may be approved."""
    return [code for code in CODES if outcomes.get(code, OPEN) != PASS]


def needs_reason(before: str, after: str) -> bool:
    """Whoever settles a concern, or raises one, says why; the record must carry the reason."""
    return after in {CONCERN, FAIL} or (before in {CONCERN, FAIL} and after == PASS)


def machine_prevails(
    *, decided_by_person: bool, before: Mapping[str, object], outcome: str, after: Mapping[str, object]
) -> bool:
    """A person's decision stands until the machine brings a concern that was not on the table then."""
    return not decided_by_person or (outcome in {CONCERN, FAIL} and dict(before) != dict(after))


# --- is the application complete? ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Problem:
    """What stands in the way, at which field of the form, in words that say what to do."""

    field: str
    message: str | Promise


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationFacts:
    """What the rules need to know of an application. `today` is the office's day."""

    today: date
    title: str = ""
    category: str = ""
    nature: str = ""
    completed_on: date | None = None
    published_on: date | None = None
    published_at_place: str = ""
    ownership: str = ""
    obtained: str = ""
    rights: Sequence[str] = ()
    statement: str = ""
    authors: Sequence[Mapping[str, str]] = ()
    deposits: int = 0
    is_applicant_natural_person: bool = False
    has_agent: bool = False
    has_valid_mandate: bool = False


REQUIRED = (
    ("title", _("Enter the title of the work.")),
    ("category", _("Choose the class of the work.")),
    ("nature", _("Choose the nature of the creation.")),
    ("completed_on", _("Enter the day on which the work was completed.")),
    ("ownership", _("Choose to whom the work belongs by law.")),
    ("obtained", _("Choose how the right was obtained.")),
    ("authors", _("Name at least one author.")),
    ("statement", _("Describe the purpose, the process and the originality of the creation.")),
    ("deposits", _("Add a copy of the work.")),
)


def missing(facts: ApplicationFacts, pack: LawPack) -> list[Problem]:
    """All that stands in the way of submission, in the order of the form; empty when it is complete."""
    problems = [Problem(name, words) for name, words in REQUIRED if not getattr(facts, name)]
    return [*problems, *_unknown_codes(facts, pack), *_wrong_dates(facts), *_wrong_parties(facts)]


def _unknown_codes(facts: ApplicationFacts, pack: LawPack) -> list[Problem]:
    lists = {
        "category": (facts.category, {entry.letter for entry in pack.classes}),
        "nature": (facts.nature, {item.code for item in pack.creation_natures}),
        "ownership": (facts.ownership, {item.code for item in pack.ownership_types}),
        "obtained": (facts.obtained, {item.code for item in pack.acquisition_modes}),
    }
    problems = [
        Problem(name, _("Choose one of the values of the list."))
        for name, (value, known) in lists.items()
        if value and value not in known
    ]
    if set(facts.rights) - {item.code for item in pack.rights}:
        problems.append(Problem("rights", _("Choose rights of the list, or none if all are held.")))
    return problems


def _wrong_dates(facts: ApplicationFacts) -> list[Problem]:
    problems = []
    if facts.completed_on and facts.completed_on > facts.today:
        problems.append(
            Problem("completed_on", _("The day of completion lies in the future. Register what is completed."))
        )
    if facts.published_on and facts.published_on > facts.today:
        problems.append(
            Problem("published_on", _("The day of publication lies in the future. Leave it empty until then."))
        )
    if facts.published_on and facts.completed_on and facts.published_on < facts.completed_on:
        problems.append(Problem("published_on", _("A work is published on or after the day it was completed.")))
    if facts.published_on and not facts.published_at_place:
        problems.append(Problem("published_at_place", _("Enter where the work was first published.")))
    return problems


def _wrong_parties(facts: ApplicationFacts) -> list[Problem]:
    problems = []
    if any(not str(author.get("name", "")).strip() for author in facts.authors):
        problems.append(Problem("authors", _("Each author needs a name.")))
    if facts.ownership == "joint" and len(facts.authors) == 1:
        problems.append(Problem("authors", _("A joint work has two authors or more. Name all of them.")))
    if facts.ownership == "legal_entity" and facts.is_applicant_natural_person:
        problems.append(Problem("ownership", _("A natural person cannot own a work of a legal entity.")))
    if facts.has_agent and not facts.has_valid_mandate:
        problems.append(
            Problem("agent", _("The agent’s mandate is missing or has ended. Ask the applicant to renew it."))
        )
    return problems


# --- which office? -------------------------------------------------------------------------------------------------


def is_competent(*, office_level: str, office_region: str, applicant_regions: Sequence[str]) -> bool | None:
    """Provincial offices register the residents of their area, the national one everybody's works.

    `applicant_regions`: the applicant's region code and those above it. None when the applicant's region is unknown.
    """
    if office_level == "national":
        return True
    if not applicant_regions or not office_region:
        return None
    return office_region in applicant_regions


# --- does a recorded licence cover a use? --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenceFacts:
    """A recorded licence. Empty `rights`, `hosts` or `territories` mean: not limited in this respect."""

    number: str
    rights: Sequence[str] = ()
    hosts: Sequence[str] = ()
    territories: Sequence[str] = ()
    valid_from: date
    valid_to: date


@dataclass(frozen=True, slots=True, kw_only=True)
class UseFacts:
    """A use found somewhere: which right it needs, on which host, where ("" unknown), on which day."""

    right: str
    host: str
    territory: str
    on: date


@dataclass(frozen=True, slots=True)
class Coverage:
    """Whether the licence covers the use, and why, in one sentence for a person."""

    covers: bool
    code: str
    en: str
    zh: str
    licence: str = field(default="")


def licence_covers(licence: LicenceFacts, use: UseFacts) -> Coverage:
    """Period, then right, then site, then territory: the first that does not fit is the answer."""
    number, begins, ends = licence.number, licence.valid_from, licence.valid_to
    is_host_named = not licence.hosts or any(is_host_within(use.host, host) for host in licence.hosts)
    is_place_known = not licence.territories or bool(use.territory)
    is_in_place = not licence.territories or any(_is_within(use.territory, place) for place in licence.territories)
    steps = (
        (
            use.on >= begins,
            "not_yet_valid",
            f"begins on {begins}, after {use.on}.",
            f"自 {begins} 起有效，晚于 {use.on}。",
        ),
        (use.on <= ends, "expired", f"ended on {ends}, before {use.on}.", f"至 {ends} 止，早于 {use.on}。"),
        (
            not licence.rights or use.right in licence.rights,
            "right_not_licensed",
            f"does not grant the right “{use.right}”.",
            f"未包括权利“{use.right}”。",
        ),
        (is_host_named, "host_not_licensed", f"does not name the site {use.host}.", f"未列明网站 {use.host}。"),
        (
            is_place_known,
            "territory_unknown",
            "is limited to a territory, and that of the use is not known.",
            "限定了地域，而使用的地域不明。",
        ),
        (
            is_in_place,
            "outside_territory",
            f"does not cover the territory {use.territory}.",
            f"未包括地域 {use.territory}。",
        ),
    )
    for fits, code, en, zh in steps:
        if not fits:
            return Coverage(False, code, f"Licence {number} {en}", f"许可 {number} {zh}", number)
    en = f"Licence {number} covers {use.host} on {use.on}."
    return Coverage(True, "covered", en, f"许可 {number} 覆盖 {use.host} 在 {use.on} 的使用。", number)


def is_host_within(host: str, licensed: str) -> bool:
    """`www.press.example` lies within `press.example`; `notpress.example` does not. A port says nothing."""
    name, holder = (value.lower().rstrip(".").partition(":")[0] for value in (host, licensed))
    return name == holder or name.endswith(f".{holder}")


def _is_within(territory: str, licensed: str) -> bool:
    """`CN-GD` lies within `CN`."""
    place, area = territory.upper(), licensed.upper()
    return place == area or place.startswith(f"{area}-")


def overlaps(one: LicenceFacts, other: LicenceFacts) -> bool:
    """Whether two licences reach the same right, site, place and day: what an exclusive licence forbids."""
    in_time = one.valid_from <= other.valid_to and other.valid_from <= one.valid_to
    return (
        in_time
        and _share(one.rights, other.rights, lambda a, b: a == b)
        and _share(one.hosts, other.hosts, lambda a, b: is_host_within(a, b) or is_host_within(b, a))
        and _share(one.territories, other.territories, lambda a, b: _is_within(a, b) or _is_within(b, a))
    )


def _share(one: Iterable[str], other: Iterable[str], alike: Callable[[str, str], bool]) -> bool:
    """Empty means everything, so it shares with anything."""
    left, right = list(one), list(other)
    return not left or not right or any(alike(a, b) for a in left for b in right)
