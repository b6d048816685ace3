"""Lifecycles are tables: one table gives the guard, the buttons, the permission matrix, the drawing and the test.

A room writes its table once in `lifecycle.py`:

    APPLICATION = Lifecycle("application", initial="draft", states=(State("draft", _("Draft")), …),
                            transitions=(Transition("submit", ("draft",), "submitted", _("Submit application")), …))

and its services ask `APPLICATION.after(record.state, "submit")`, which is the next state or a Conflict that says why.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise

from copyhold.errors import Conflict, gettext_noop

Tone = Literal["", "ok", "live", "wait", "stop", "trace"]  # the pill's shape and colour, see the look
Label = str | Promise

_known: dict[str, Lifecycle] = {}


class ForbiddenTransition(Conflict):
    code = "lifecycle.forbidden"
    message = gettext_noop("“{action}” is not possible while the record is in the state “{state}”.")


@dataclass(frozen=True, slots=True)
class State:
    name: str
    label: Label
    tone: Tone = ""
    is_final: bool = False


@dataclass(frozen=True, slots=True)
class Transition:
    """`action` (with the lifecycle's name: "application.submit") is also the name of the permission and the act."""

    action: str
    sources: tuple[str, ...]
    target: str
    label: Label
    tone: Literal["", "primary", "grave"] = ""


@dataclass(frozen=True)
class Lifecycle:
    name: str
    initial: str
    states: tuple[State, ...]
    transitions: tuple[Transition, ...]

    def __post_init__(self) -> None:
        names = {state.name for state in self.states}
        for transition in self.transitions:
            if unknown := {*transition.sources, transition.target} - names:
                raise ValueError(f"{self.name}.{transition.action} speaks of unknown states {sorted(unknown)}")
        _known[self.name] = self

    @property
    def choices(self) -> list[tuple[str, Label]]:
        return [(state.name, state.label) for state in self.states]

    def state(self, name: str) -> State:
        return next(state for state in self.states if state.name == name)

    def possible(self, state: str) -> list[Transition]:
        """What can be done next from `state`: the buttons."""
        return [transition for transition in self.transitions if state in transition.sources]

    def after(self, state: str, action: str) -> str:
        """The state after `action`, or ForbiddenTransition."""
        for transition in self.transitions:
            if transition.action == action and state in transition.sources:
                return transition.target
        raise ForbiddenTransition(action=f"{self.name}.{action}", state=state)

    def dead_ends(self) -> set[str]:
        """States that are not final yet lead nowhere, or that nothing reaches: the fitness test wants none."""
        leaving = {source for transition in self.transitions for source in transition.sources}
        reached = {self.initial} | {transition.target for transition in self.transitions}
        stuck = {state.name for state in self.states if not state.is_final and state.name not in leaving}
        return stuck | ({state.name for state in self.states} - reached)

    def mermaid(self) -> str:
        """The drawing in the documentation."""
        lines = ["stateDiagram-v2", f"  [*] --> {self.initial}"]
        lines += [f"  {s} --> {t.target}: {t.action}" for t in self.transitions for s in t.sources]
        lines += [f"  {state.name} --> [*]" for state in self.states if state.is_final]
        return "\n".join(lines)


def lifecycles() -> Iterator[Lifecycle]:
    """Every lifecycle that a room has drawn."""
    yield from _known.values()
