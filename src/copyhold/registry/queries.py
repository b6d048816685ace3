"""The register's query language: every list starts with `visible_to(actor)`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

from copyhold.people.roles import Role

if TYPE_CHECKING:
    from copyhold.people.actors import Actor


class ApplicationQuerySet(models.QuerySet):  # type: ignore[type-arg]
    def visible_to(self, actor: Actor) -> Self:
        """Applicants see their own and those they hold a mandate for; examiners their office's; headquarters all."""
        if actor.role in {Role.HEADQUARTERS, Role.AUDITOR, Role.SYSTEM}:
            return self
        if actor.organisation is None:
            return self.none()
        if actor.is_staff:
            return self.filter(office=actor.organisation)
        return self.filter(models.Q(applicant=actor.organisation) | models.Q(agent=actor.organisation))


class WorkQuerySet(models.QuerySet):  # type: ignore[type-arg]
    def visible_to(self, _actor: Actor) -> Self:
        """The register is open to everyone; what is masked is masked where it is shown."""
        return self

    def found_by(self, words: str) -> Self:
        """Number, title or owner, by substring; an exact number first."""
        match = (
            models.Q(number__icontains=words)
            | models.Q(title__icontains=words)
            | models.Q(title_en__icontains=words)
            | models.Q(owner__is_natural_person=False, owner__name__icontains=words)
            | models.Q(owner__is_natural_person=False, owner__name_en__icontains=words)
        )
        return self.filter(match)
