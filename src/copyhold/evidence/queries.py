from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

from copyhold.people.roles import ENFORCERS, Role

if TYPE_CHECKING:
    from copyhold.people.actors import Actor


class ExhibitQuerySet(models.QuerySet):  # type: ignore[type-arg]
    def visible_to(self, actor: Actor) -> Self:
        """Enforcers see their own office's; headquarters, auditors and the machinery all; nobody else any."""
        if actor.role in {Role.HEADQUARTERS, Role.AUDITOR, Role.SYSTEM}:
            return self
        if actor.role in ENFORCERS and actor.organisation is not None:
            return self.filter(office=actor.organisation)
        return self.none()
