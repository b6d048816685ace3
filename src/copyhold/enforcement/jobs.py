"""What enforcement does by itself: a confirmed finding becomes a clue; a notice whose term passed is marked so."""

from copyhold.core import clock
from copyhold.core.jobs import job, on
from copyhold.enforcement.entries import host_of
from copyhold.enforcement.models import Clue, Notice
from copyhold.enforcement.services.clues import MACHINE, MAX_TITLE, receive_clue
from copyhold.enforcement.services.notices import lapse_notice
from copyhold.inspection.models import Finding


@on("finding.confirmed")
@job(key="clue-of-{finding_id}")
def clue_of_finding(*, finding_id: int) -> None:
    """Enter the clue that follows from a finding; once, however often it is told."""
    finding = Finding.objects.select_related("match__work", "match__sighting__patrol__target", "office").get(
        pk=finding_id
    )
    if Clue.objects.filter(finding=finding).exists():
        return
    match, target = finding.match, finding.match.sighting.patrol.target
    url = match.sighting.page_url
    where = host_of(url) or target.name
    receive_clue(
        MACHINE,
        origin=Clue.Origin.PATROL,
        title=f"{match.work.title} · {where}"[:MAX_TITLE],
        text=finding.reason,
        url=url if host_of(url) else "",
        office=finding.office,
        platform=target.platform,
        finding=finding,
        work=match.work,
    )


@job(every_s=600)
def lapse_overdue_notices() -> None:
    """Record which served notices got no answer in their term."""
    for notice in Notice.objects.filter(state="served", due_at__lte=clock.now()).order_by("pk"):
        lapse_notice(MACHINE, notice)
