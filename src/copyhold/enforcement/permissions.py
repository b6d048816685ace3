"""Officers act on cases they are named in, heads and legal reviewers on their office's, platforms on their notices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from copyhold.enforcement.models import Case, Clue, Notice
from copyhold.people.permissions import grant
from copyhold.people.roles import ENFORCERS, Role

if TYPE_CHECKING:
    from copyhold.enforcement.models import Document
    from copyhold.people.actors import Actor

HANDLERS = frozenset({Role.OFFICER, Role.HEAD})
READERS = ENFORCERS | {Role.HEADQUARTERS, Role.AUDITOR, Role.SYSTEM}


def own_office(actor: Actor, subject: Clue | Case) -> bool:
    return actor.organisation is not None and subject.office_id == actor.organisation.pk


def own_office_or_headquarters(actor: Actor, subject: Clue | Case) -> bool:
    return actor.role == Role.HEADQUARTERS or own_office(actor, subject)


def handles(actor: Actor, subject: Case | Notice) -> bool:
    """An officer named in the case, or the head of its office."""
    case = subject.case if isinstance(subject, Notice) else subject
    if not own_office(actor, case):
        return False
    if actor.role != Role.OFFICER:
        return True
    return actor.account is not None and case.officers.filter(pk=actor.account.pk).exists()


def addressee_or_handler(actor: Actor, notice: Notice) -> bool:
    """A platform on a notice served on itself; an officer who records what the platform wrote."""
    return visible(actor, notice) if actor.role == Role.PLATFORM else handles(actor, notice)


def visible(actor: Actor, record: Any) -> bool:
    """What the lists show, the gate admits: Clue, Case or Notice."""
    return bool(type(record).objects.visible_to(actor).filter(pk=record.pk).exists())


def of_visible_file(actor: Actor, document: Document) -> bool:
    """A paper of a case one may read; the addressee reads the papers of its notice."""
    return visible(actor, document.notice or document.case)


grant("clue.receive", HANDLERS | {Role.HEADQUARTERS, Role.SYSTEM}, own_office_or_headquarters)
grant("clue.report", {Role.PUBLIC})
grant("clue.read", READERS, visible)
for action in ("accept", "reject", "file"):
    grant(f"clue.{action}", HANDLERS, own_office)
grant("clue.dispatch", HANDLERS | {Role.HEADQUARTERS}, own_office_or_headquarters)
for action in ("open", "erase"):
    grant(f"informer.{action}", {Role.HEAD}, own_office)

grant("case.file", HANDLERS, own_office)
grant("case.read", READERS, visible)
for action in (
    "investigate", "give_prior_notice", "record_statement", "record_quantities", "send_to_review", "close",
    "add_clue", "add_exhibit",
):  # fmt: skip
    grant(f"case.{action}", HANDLERS, handles)
grant("case.review", {Role.LEGAL_REVIEWER}, own_office)
grant("case.return", {Role.LEGAL_REVIEWER, Role.HEAD}, own_office)
for action in ("decide", "drop", "refer"):
    grant(f"case.{action}", {Role.HEAD}, own_office)

grant("notice.draft", HANDLERS, handles)
grant("notice.serve", HANDLERS, handles)
grant("notice.comply", HANDLERS | {Role.PLATFORM}, addressee_or_handler)
grant("notice.answer", HANDLERS | {Role.PLATFORM}, addressee_or_handler)
grant("notice.lapse", HANDLERS | {Role.SYSTEM}, handles)
grant("notice.lift", HANDLERS, handles)
grant("notice.read", READERS | {Role.PLATFORM}, visible)
grant("document.read", READERS | {Role.PLATFORM}, of_visible_file)
