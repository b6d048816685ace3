from copyhold.errors import BadInput, Conflict, Unavailable, gettext_noop


class BadTarget(BadInput):
    code = "inspection.bad_target"
    message = gettext_noop("{place} cannot be inspected: {reason}.")


class DamagedPage(BadInput):
    code = "inspection.damaged_page"
    message = gettext_noop("What came back from taking the page apart is not valid.")


class PatrolBusy(Conflict):
    code = "inspection.patrol_busy"
    message = gettext_noop("Patrol {number} is running already. Wait for it, or stop it first.")


class PatrolStopped(Unavailable):
    code = "inspection.patrol_stopped"
    message = gettext_noop(
        "Patrol {number} stopped: {reason} What was seen is kept. Go on with it: copyhold patrol {number}"
    )
