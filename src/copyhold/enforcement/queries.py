from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

from copyhold.people.roles import ENFORCERS, Role

if TYPE_CHECKING:
    from copyhold.people.actors import Actor


class OfficeQuerySet(models.QuerySet):  # type: ignore[type-arg]
    """Clues and cases: enforcers see their own office's; headquarters and auditors all; nobody else any."""

    def visible_to(self, actor: Actor) -> Self:
        if actor.role in {Role.HEADQUARTERS, Role.AUDITOR, Role.SYSTEM}:
            return self
        if actor.role in ENFORCERS and actor.organisation is not None:
            return self.filter(office=actor.organisation)
        return self.none()


class NoticeQuerySet(models.QuerySet):  # type: ignore[type-arg]
    def visible_to(self, actor: Actor) -> Self:
        """As cases; and a platform sees the notices served on it."""
        if actor.role in {Role.HEADQUARTERS, Role.AUDITOR, Role.SYSTEM}:
            return self
        if actor.role in ENFORCERS and actor.organisation is not None:
            return self.filter(case__office=actor.organisation)
        if actor.role == Role.PLATFORM:
            return self.filter(addressee=actor.organisation).exclude(state="drafted")
        return self.none()
