"""The permission matrix: which role may do which act, and on whose records.

Each room states its acts once, in its own `permissions.py`:

    grant("application.submit", APPLICANTS, own_application)

where the last is a scope: `(actor, subject) -> bool`. `check` is the gate of every act and the guard of every page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from copyhold.errors import Forbidden, gettext_noop
from copyhold.people.actors import Actor
from copyhold.people.roles import Role

Scope = Callable[[Actor, Any], bool]


def everyone(_actor: Actor, _subject: Any) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Permission:
    action: str
    roles: frozenset[str]
    scope: Scope


_matrix: dict[str, Permission] = {}


def grant(action: str, roles: Iterable[str], scope: Scope = everyone) -> None:
    """State that `roles` may perform `action` on the records that `scope` admits. Stated once, in one place."""
    if action in _matrix:
        raise ValueError(f"{action} is granted twice")
    _matrix[action] = Permission(action, frozenset(str(role) for role in roles), scope)


def matrix() -> Iterator[Permission]:
    """All permissions, by name: the documentation and the fitness tests read this."""
    yield from sorted(_matrix.values(), key=lambda permission: permission.action)


def may(actor: Actor, action: str, subject: Any = None) -> bool:
    """Whether `actor` may perform `action` on `subject`. An act that nobody granted is a programming error."""
    permission = _matrix[action]
    if actor.role not in permission.roles:
        return False
    return actor.role == Role.SYSTEM or subject is None or permission.scope(actor, subject)


def check(actor: Actor, action: str, subject: Any = None) -> None:
    """Raise Forbidden unless `may`."""
    if not may(actor, action, subject):
        raise Forbidden(gettext_noop("Your role ({role}) may not do this: {action}."), role=actor.role, action=action)
