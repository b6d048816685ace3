"""Who may seal, open, check and hand out. An exhibit belongs to the office that captured it."""

from typing import Any

from copyhold.people.actors import Actor
from copyhold.people.permissions import grant
from copyhold.people.roles import ENFORCERS, Role


def own_office(actor: Actor, exhibit: Any) -> bool:
    if actor.role in {Role.HEADQUARTERS, Role.AUDITOR}:
        return True
    return actor.organisation is not None and exhibit.office_id == actor.organisation.pk


grant("exhibit.seal", {Role.SYSTEM, Role.OFFICER})
for action in ("exhibit.open", "exhibit.check", "exhibit.export"):
    grant(action, {*ENFORCERS, Role.HEADQUARTERS, Role.AUDITOR, Role.SYSTEM}, own_office)
