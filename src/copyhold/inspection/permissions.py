"""Officers choose and judge; the machinery sees and records. Each office its own."""

from typing import Any

from copyhold.people.actors import Actor
from copyhold.people.permissions import grant
from copyhold.people.roles import ENFORCERS, Role


def own_office(actor: Actor, subject: Any) -> bool:
    office_id = getattr(subject, "office_id", None) or getattr(getattr(subject, "target", None), "office_id", None)
    return actor.organisation is not None and office_id == actor.organisation.pk


def own_office_or_all(actor: Actor, subject: Any) -> bool:
    return actor.role in {Role.HEADQUARTERS, Role.AUDITOR} or own_office(actor, subject)


grant("target.add", {Role.OFFICER, Role.HEAD, Role.HEADQUARTERS, Role.SYSTEM})
grant("patrol.queue", {Role.OFFICER, Role.HEAD, Role.HEADQUARTERS, Role.SYSTEM}, own_office_or_all)
for action in ("patrol.start", "patrol.interrupt", "patrol.finish", "patrol.finish_in_part", "patrol.abort"):
    grant(action, {Role.OFFICER, Role.HEAD, Role.SYSTEM}, own_office)
grant("sighting.record", {Role.SYSTEM})
grant("finding.make", {Role.SYSTEM})
grant("finding.read", {*ENFORCERS, Role.HEADQUARTERS, Role.AUDITOR}, own_office_or_all)
for action in ("finding.confirm", "finding.reject", "finding.ask_owner"):
    grant(action, {Role.OFFICER, Role.HEAD}, own_office)
