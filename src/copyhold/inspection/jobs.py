from copyhold.core.jobs import job, on
from copyhold.inspection import services
from copyhold.inspection.models import Patrol


@on("patrol.queued")
@job(key="patrol-{patrol_id}", queue="patrols", external=True)
def patrol(*, patrol_id: int) -> None:
    """Run a queued patrol, or go on with one whose worker was lost."""
    found = Patrol.objects.select_related("target").get(pk=patrol_id)
    if found.state in {"queued", "running", "interrupted"}:
        services.run_patrol(found)
