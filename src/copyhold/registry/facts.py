"""From rows to the plain facts that rules.py judges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copyhold.core import clock
from copyhold.people.models import Mandate
from copyhold.registry.rules import ApplicationFacts, LicenceFacts

if TYPE_CHECKING:
    from copyhold.people.models import Region
    from copyhold.registry.models import Application, Licence


def application_facts(application: Application) -> ApplicationFacts:
    """The application as it stands today."""
    today = clock.today()
    has_mandate = Mandate.objects.filter(
        principal_id=application.applicant_id, agent_id=application.agent_id, valid_to__gte=today
    ).exists()
    return ApplicationFacts(
        today=today,
        title=application.title.strip(),
        category=application.category,
        nature=application.nature,
        completed_on=application.completed_on,
        published_on=application.published_on,
        published_at_place=application.published_at_place.strip(),
        ownership=application.ownership,
        obtained=application.obtained,
        rights=application.rights,
        statement=application.statement.strip(),
        authors=application.authors,
        deposits=application.deposits.count(),
        is_applicant_natural_person=application.applicant.is_natural_person,
        has_agent=application.agent_id is not None,
        has_valid_mandate=has_mandate,
    )


def licence_facts(licence: Licence) -> LicenceFacts:
    """A recorded licence; one that ended early bears the day of its end as `valid_to`."""
    return LicenceFacts(
        number=licence.number,
        rights=licence.rights,
        hosts=licence.hosts,
        territories=licence.territories,
        valid_from=licence.valid_from,
        valid_to=licence.valid_to,
    )


def regions_up(region: Region | None) -> list[str]:
    """The region's code and those of the regions it lies in, from below."""
    codes = []
    while region is not None:
        codes.append(region.code)
        region = region.parent
    return codes
