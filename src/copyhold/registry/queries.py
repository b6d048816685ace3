"""The register's query language: every list starts with `visible_to(actor)`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

from copyhold.core import clock
from copyhold.people.models import Mandate
from copyhold.people.roles import Role

if TYPE_CHECKING:
    from copyhold.people.actors import Actor
    from copyhold.registry.models import Application, Licence, Work
    from copyhold.registry.rules import Coverage, UseFacts

FILED = ("submitted", "in_examination", "correction", "registered")


class ApplicationQuerySet(models.QuerySet):  # type: ignore[type-arg]
    def visible_to(self, actor: Actor) -> Self:
        """Applicants see their own, agents those of whoever gave them a mandate that is valid today; examiners what
        was filed at their office; headquarters and auditors all.
        """
        if actor.role in {Role.HEADQUARTERS, Role.AUDITOR, Role.SYSTEM}:
            return self
        if actor.organisation is None:
            return self.none()
        if actor.is_staff:
            return self.filter(office=actor.organisation).exclude(state="draft")
        if not actor.is_applicant:
            return self.none()
        principals = Mandate.objects.filter(agent=actor.organisation, valid_to__gte=clock.today()).values("principal")
        return self.filter(models.Q(applicant=actor.organisation) | models.Q(applicant__in=principals))

    def waiting_for_examiner(self) -> Self:
        """Filed and not decided, the oldest first: the examiner's queue."""
        return self.filter(state__in=("submitted", "in_examination")).order_by("submitted_at", "pk")


class WorkQuerySet(models.QuerySet):  # type: ignore[type-arg]
    def visible_to(self, _actor: Actor) -> Self:
        """The register is open to everyone; what is masked is masked where it is shown."""
        return self

    def found_by(self, words: str) -> Self:
        """Number, title or owner, by substring; an exact number first. No words find everything."""
        match = (
            models.Q(number__icontains=words)
            | models.Q(title__icontains=words)
            | models.Q(title_en__icontains=words)
            | models.Q(owner__is_natural_person=False, owner__name__icontains=words)
            | models.Q(owner__is_natural_person=False, owner__name_en__icontains=words)
        )
        exact = models.Case(models.When(number__iexact=words, then=0), default=1, output_field=models.IntegerField())
        return self.filter(match).order_by(exact, "-registered_on", "-pk") if words else self


def licences_of(work: Work) -> models.QuerySet[Licence]:
    """The recorded licences of a work, the newest first."""
    return work.licences.order_by("-valid_from", "-pk")


def coverage_of(work: Work, use: UseFacts) -> list[Coverage]:
    """What each recorded licence of the work says about a use; those that cover it come first."""
    from copyhold.registry.facts import licence_facts
    from copyhold.registry.rules import licence_covers

    found = [licence_covers(licence_facts(licence), use) for licence in licences_of(work)]
    return sorted(found, key=lambda coverage: not coverage.covers)


def same_bytes(application: Application, *, states: tuple[str, ...] = FILED) -> list[str]:
    """Numbers of the other works (or, before registration, applications) that hold one of the same files."""
    from copyhold.registry.models import Application

    blobs = application.deposits.values("blob")
    others = Application.objects.exclude(pk=application.pk)
    rows = others.filter(deposits__blob__in=blobs, state__in=states).order_by("pk").distinct()
    return [str(work or number) for work, number in rows.values_list("work__number", "number")]
