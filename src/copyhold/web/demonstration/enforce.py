"""An officer confirms a finding → clue → case → notice to the platform, with its legal clock running."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copyhold.core.jobs import run_pending
from copyhold.enforcement import services as enforcement
from copyhold.enforcement.chain import chain_of
from copyhold.enforcement.models import Case, Clue, Notice
from copyhold.inspection import services as inspection
from copyhold.inspection.models import Finding
from copyhold.people.models import Account
from copyhold.web.demonstration.sites import MALL

if TYPE_CHECKING:
    from copyhold.web.demonstration.furnish import Cast
    from copyhold.web.demonstration.job import Report, Tick

STEPS = 4


def enforce(cast: Cast, report: Report, tick: Tick) -> None:
    """Two findings on one mall make one case; the others wait for whoever opens the office."""
    officer = cast.actor("officer")
    chosen = list(Finding.objects.filter(match__sighting__page_url__contains=MALL).order_by("-match__bits", "pk")[:2])
    if not chosen:
        report.say("Findings on the mall", "at least one", 0)
        return
    for done, finding in enumerate(chosen):
        tick(done, STEPS, finding.number)
        if finding.state == "to_judge":
            inspection.confirm_finding(
                officer,
                finding,
                reason="商品图片与登记作品一致，未见许可备案。Same picture as the registered work; no licence is recorded.",
            )
    run_pending()
    clues = list(Clue.objects.filter(finding__in=chosen).order_by("pk"))
    report.say("Clues from confirmed findings", len(chosen), len(clues))
    tick(2, STEPS, "case")
    case = Case.objects.filter(clues__in=clues).first() or enforcement.file_case(
        cast.actor("head"),
        clues=clues,
        title="半月商城销售侵权图片商品",
        officers=list(Account.objects.filter(login__in=("officer", "officer2"))),
        party="半月商城入驻商户",
        act="unlicensed_use",
    )
    tick(3, STEPS, "notice")
    notice = Notice.objects.filter(case=case).first() or _notice(cast, case, chosen)
    report.say("Notice served on the platform", "served", notice.state)
    due = f"{notice.due_at:%Y-%m-%d %H:%M} UTC" if notice.due_at else "no day"
    report.say("Its legal clock runs until", "a day", due, ok=notice.due_at is not None)
    report.say("Links of the chain in the case file", 7, len(chain_of(case)))
    tick(STEPS, STEPS, case.number)


def _notice(cast: Cast, case: Case, findings: list[Finding]) -> Notice:
    officer = cast.actor("officer")
    notice = enforcement.draft_notice(
        officer,
        case,
        addressee=cast.organisation("halfmoon"),
        rule="ecommerce",
        urls=[finding.match.sighting.page_url for finding in findings],
    )
    return enforcement.serve_notice(officer, notice)
