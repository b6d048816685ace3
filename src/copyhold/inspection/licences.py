"""The licence check: is this use covered by what the register says? No recorded licence is not yet an infringement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from copyhold.inspection.models import Match
from copyhold.registry.queries import coverage_of
from copyhold.registry.rules import UseFacts, is_host_within

if TYPE_CHECKING:
    from datetime import date

    from copyhold.registry.models import Work

# Everything that a patrol sees is made available through a network (Copyright Law, article 10(1)(12)).
RIGHT_USED = "network"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`verdict` is one of Match.Verdict; `reasons` are the numbered sentences that a person reads."""

    verdict: str
    reasons: list[dict[str, Any]]


def check(work: Work, *, url: str, on: date, territory: str) -> Verdict:
    """Judge one use of one work by the record: the owner's own site, then each recorded licence."""
    host = (urlsplit(url).hostname or "").lower()
    own = [name for name in work.owner.hosts if host and is_host_within(host, name)]
    if own:
        reason = _reason(
            "own_site", "", covers=True, en=f"{host} is the owner’s own site.", zh=f"{host} 为权利人自有网站。"
        )
        return Verdict(Match.Verdict.OWN, [reason])
    use = UseFacts(right=RIGHT_USED, host=host, territory=territory, on=on)
    found = coverage_of(work, use)
    reasons = [_reason(one.code, one.licence, covers=one.covers, en=one.en, zh=one.zh) for one in found]
    if any(one.covers for one in found):
        return Verdict(Match.Verdict.LICENSED, reasons)
    if not found:
        none = "No licence is recorded for this work.", "该作品没有已备案的许可。"
        reasons = [_reason("no_licence", "", covers=False, en=none[0], zh=none[1])]
    return Verdict(Match.Verdict.FINDING, reasons)


def _reason(code: str, licence: str, *, covers: bool, en: str, zh: str) -> dict[str, Any]:
    return {"code": code, "licence": licence, "covers": covers, "en": en, "zh": zh}
