from copyhold.errors import BadInput, Conflict, gettext_noop


class BadTarget(BadInput):
    code = "inspection.bad_target"
    message = gettext_noop("{place} cannot be inspected: {reason}.")


class PatrolBusy(Conflict):
    code = "inspection.patrol_busy"
    message = gettext_noop("Patrol {number} is running already. Wait for it, or stop it first.")
