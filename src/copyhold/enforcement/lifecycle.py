from django.utils.translation import gettext_lazy as _

from copyhold.core.lifecycle import Lifecycle, State, Transition

CLUE = Lifecycle(
    "clue",
    initial="received",
    states=(
        State("received", _("Received"), "wait"),
        State("accepted", _("Accepted"), "live"),
        State("filed", _("In a case"), "ok", is_final=True),
        State("rejected", _("Not taken up"), "", is_final=True),
        State("dispatched", _("Passed on"), "", is_final=True),
    ),
    transitions=(
        Transition("accept", ("received",), "accepted", _("Accept"), "primary"),
        Transition("reject", ("received", "accepted"), "rejected", _("Do not take up…"), "grave"),
        Transition("dispatch", ("received", "accepted"), "dispatched", _("Pass on to another office…")),
        Transition("file", ("received", "accepted"), "filed", _("Open a case"), "primary"),
    ),
)

CASE = Lifecycle(
    "case",
    initial="filed",
    states=(
        State("filed", _("Filed"), "live"),
        State("investigating", _("Under investigation"), "live"),
        State("pre_notice", _("Prior notice served"), "wait"),
        State("legal_review", _("In legal review"), "live"),
        State("decided", _("Decided"), "live"),
        State("closed", _("Closed"), "ok", is_final=True),
        State("referred", _("Referred to the police"), "trace", is_final=True),
        State("dropped", _("Dropped"), "", is_final=True),
    ),
    transitions=(
        Transition("investigate", ("filed",), "investigating", _("Begin the investigation"), "primary"),
        Transition("give_prior_notice", ("investigating",), "pre_notice", _("Give prior notice…"), "primary"),
        Transition("send_to_review", ("pre_notice", "investigating"), "legal_review", _("Send to legal review")),
        Transition("return", ("legal_review",), "investigating", _("Return with questions…")),
        Transition("decide", ("legal_review",), "decided", _("Decide…"), "primary"),
        Transition("close", ("decided",), "closed", _("Close and archive")),
        Transition(
            "refer",
            ("filed", "investigating", "pre_notice", "legal_review"),
            "referred",
            _("Refer to the police…"),
            "grave",
        ),
        Transition("drop", ("filed", "investigating", "legal_review"), "dropped", _("Drop…"), "grave"),
    ),
)

NOTICE = Lifecycle(
    "notice",
    initial="drafted",
    states=(
        State("drafted", _("Drafted"), "wait"),
        State("served", _("Served"), "live"),
        State("complied", _("Complied with"), "ok", is_final=True),
        State("answered", _("Counter-statement received"), "wait"),
        State("ignored", _("Term passed without an answer"), "stop"),
        State("lifted", _("Lifted"), "", is_final=True),
    ),
    transitions=(
        Transition("serve", ("drafted",), "served", _("Serve the notice"), "primary"),
        Transition("comply", ("served", "answered", "ignored"), "complied", _("Record compliance"), "primary"),
        Transition("answer", ("served",), "answered", _("Record a counter-statement…")),
        Transition("lapse", ("served",), "ignored", _("Record that the term passed")),
        Transition("lift", ("drafted", "served", "answered", "ignored"), "lifted", _("Lift…")),
    ),
)
