"""Three tables: what can happen to an application, to a registered work, and to a recorded licence."""

from django.utils.translation import gettext_lazy as _

from copyhold.core.lifecycle import Lifecycle, State, Transition

APPLICATION = Lifecycle(
    "application",
    initial="draft",
    states=(
        State("draft", _("Draft"), "wait"),
        State("submitted", _("Submitted"), "live"),
        State("in_examination", _("In examination"), "live"),
        State("correction", _("Correction asked"), "wait"),
        State("registered", _("Registered"), "ok", is_final=True),
        State("refused", _("Refused"), "stop", is_final=True),
        State("withdrawn", _("Withdrawn"), "", is_final=True),
        State("deemed_withdrawn", _("Deemed withdrawn"), "", is_final=True),
    ),
    transitions=(
        Transition("submit", ("draft",), "submitted", _("Submit the application"), "primary"),
        Transition("accept", ("submitted",), "in_examination", _("Accept"), "primary"),
        Transition("ask_correction", ("in_examination",), "correction", _("Ask for correction…")),
        Transition("answer", ("correction",), "in_examination", _("Send the correction"), "primary"),
        Transition("approve", ("in_examination",), "registered", _("Approve and register"), "primary"),
        Transition("refuse", ("submitted", "in_examination"), "refused", _("Refuse…"), "grave"),
        Transition(
            "withdraw", ("draft", "submitted", "in_examination", "correction"), "withdrawn", _("Withdraw"), "grave"
        ),
        Transition("lapse", ("correction",), "deemed_withdrawn", _("Close as not answered")),
    ),
)

WORK = Lifecycle(
    "work",
    initial="active",
    states=(
        State("active", _("In force"), "ok"),
        State("disputed", _("Disputed"), "wait"),
        State("revoked", _("Revoked"), "stop", is_final=True),
    ),
    transitions=(
        Transition("dispute", ("active",), "disputed", _("Note a dispute…")),
        Transition("settle", ("disputed",), "active", _("Note the settlement…")),
        Transition("revoke", ("active", "disputed"), "revoked", _("Revoke…"), "grave"),
    ),
)

LICENCE = Lifecycle(
    "licence",
    initial="recorded",
    states=(
        State("recorded", _("Recorded"), "ok"),
        State("ended", _("Ended early"), "", is_final=True),
    ),
    transitions=(Transition("end", ("recorded",), "ended", _("Record an early end…"), "grave"),),
)
