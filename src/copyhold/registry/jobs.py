"""What the register does by itself: it issues certificates, and closes what was not corrected in time."""

from copyhold.core import clock
from copyhold.core.jobs import job, on
from copyhold.people.actors import system
from copyhold.registry import clocks
from copyhold.registry.models import Application, Work
from copyhold.registry.services.examination import lapse_application
from copyhold.registry.services.issuing import begin_issuing, finish_issuing

MACHINE = system("registry")


@on("work.registered")
@job(key="issue-{work_id}", external=True)
def issue_certificate(*, work_id: int) -> None:
    """Both halves of issuing, each its own act: run again after a crash, it goes on where it stopped."""
    finish_issuing(begin_issuing(MACHINE, Work.objects.get(pk=work_id)))


@job(every_s=3600)
def lapse_unanswered() -> None:
    """Close the applications whose term of correction is over."""
    now = clock.now()
    for application in Application.objects.filter(state="correction").order_by("pk"):
        if now >= clocks.correction_due(application):
            lapse_application(MACHINE, application)
