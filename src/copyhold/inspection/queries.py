"""Who sees what of an inspection: each office its own; headquarters, auditors and the machinery all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models

from copyhold.people.roles import ENFORCERS, Role

if TYPE_CHECKING:
    from copyhold.people.actors import Actor

ALL_SEEING = frozenset({Role.HEADQUARTERS, Role.AUDITOR, Role.SYSTEM})


class OfficeQuerySet(models.QuerySet[Any]):
    """Records that belong to the office at the end of `office_path`."""

    office_path = "office"

    def visible_to(self, actor: Actor) -> Self:
        """Enforcers see their own office's; headquarters and auditors all; nobody else any."""
        if actor.role in ALL_SEEING:
            return self
        if actor.role in ENFORCERS and actor.organisation is not None:
            return self.filter(**{self.office_path: actor.organisation})
        return self.none()


class TargetQuerySet(OfficeQuerySet): ...


class PatrolQuerySet(OfficeQuerySet):
    office_path = "target__office"


class FindingQuerySet(OfficeQuerySet): ...
