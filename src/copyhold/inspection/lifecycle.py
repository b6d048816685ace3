from django.utils.translation import gettext_lazy as _

from copyhold.core.lifecycle import Lifecycle, State, Transition

PATROL = Lifecycle(
    "patrol",
    initial="queued",
    states=(
        State("queued", _("Queued"), "wait"),
        State("running", _("Running"), "live"),
        State("interrupted", _("Interrupted"), "wait"),
        State("finished", _("Finished"), "ok", is_final=True),
        State("partial", _("Finished in part"), "wait", is_final=True),
        State("aborted", _("Stopped"), "", is_final=True),
    ),
    transitions=(
        Transition("start", ("queued", "interrupted", "running"), "running", _("Start"), "primary"),
        Transition("interrupt", ("running",), "interrupted", _("Interrupt")),
        Transition("finish", ("running",), "finished", _("Finish")),
        Transition("finish_in_part", ("running",), "partial", _("Finish in part")),
        Transition("abort", ("queued", "running", "interrupted"), "aborted", _("Stop"), "grave"),
    ),
)

FINDING = Lifecycle(
    "finding",
    initial="to_judge",
    states=(
        State("to_judge", _("Waits for your judgement"), "wait"),
        State("owner_asked", _("Owner asked"), "wait"),
        State("confirmed", _("Confirmed"), "trace", is_final=True),
        State("rejected", _("Rejected"), "", is_final=True),
    ),
    transitions=(
        Transition("confirm", ("to_judge", "owner_asked"), "confirmed", _("Confirm: likely infringement"), "primary"),
        Transition("reject", ("to_judge", "owner_asked"), "rejected", _("Reject")),
        Transition("ask_owner", ("to_judge",), "owner_asked", _("Ask the owner first")),
    ),
)
