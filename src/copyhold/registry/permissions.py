"""Who may do what in the register, and on whose records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copyhold.people.permissions import grant
from copyhold.people.roles import APPLICANTS, EXAMINERS, STAFF, Role
from copyhold.registry.models import Application, Work

if TYPE_CHECKING:
    from copyhold.people.actors import Actor
    from copyhold.registry.models import Deposit, Letter, Licence

EVERYBODY = frozenset(Role)
MACHINERY = frozenset({Role.SYSTEM})
READERS = APPLICANTS | STAFF | MACHINERY


def own_or_mandated(actor: Actor, application: Application) -> bool:
    """The applicant, or an agent with a mandate that is valid today."""
    return actor.acts_for(application.applicant_id)


def of_own_office(actor: Actor, application: Application) -> bool:
    return actor.organisation is not None and actor.organisation.pk == application.office_id


def visible_application(actor: Actor, application: Application) -> bool:
    return Application.objects.visible_to(actor).filter(pk=application.pk).exists()


def of_visible_application(actor: Actor, record: Deposit | Letter) -> bool:
    return visible_application(actor, record.application)


def owner_or_registrar(actor: Actor, record: Work | Licence) -> bool:
    """A right holder (or mandated agent) on their own work, an examiner on the works of their office."""
    work = record if isinstance(record, Work) else record.work
    return actor.acts_for(work.owner_id) if actor.is_applicant else registrar_of(actor, work)


def registrar_of(actor: Actor, work: Work) -> bool:
    return actor.organisation is not None and actor.organisation.pk == work.registrar_id


for action in ("start", "save", "add_deposit", "remove_deposit", "submit", "answer", "withdraw"):
    grant(f"application.{action}", APPLICANTS, own_or_mandated)
for action in ("accept", "claim", "release", "ask_correction", "approve", "refuse"):
    grant(f"application.{action}", EXAMINERS, of_own_office)
grant("application.record_check", EXAMINERS | MACHINERY, of_own_office)
grant("application.lapse", MACHINERY)
grant("application.read", READERS, visible_application)
grant("deposit.read", READERS, of_visible_application)
grant("deposit.open", STAFF, of_visible_application)
grant("checks.read", STAFF | MACHINERY, visible_application)

grant("work.dispute", EXAMINERS, registrar_of)
grant("work.settle", EXAMINERS, registrar_of)
grant("work.revoke", {Role.CHIEF_EXAMINER}, registrar_of)

grant("licence.record", APPLICANTS | EXAMINERS, owner_or_registrar)
grant("licence.end", APPLICANTS | EXAMINERS, owner_or_registrar)

grant("certificate.begin", {Role.CHIEF_EXAMINER, Role.SYSTEM}, registrar_of)
grant("certificate.issue", MACHINERY)
