"""What an applicant, or the agent who holds the mandate, does with an application."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError

from copyhold.core import clock, vault
from copyhold.core.ledger import acting
from copyhold.core.lifecycle import ForbiddenTransition
from copyhold.errors import gettext_noop
from copyhold.registry import law, numbers, rules
from copyhold.registry.certificate.rendering import need_printable
from copyhold.registry.errors import AlreadyDeposited, BadField, Incomplete
from copyhold.registry.facts import application_facts
from copyhold.registry.lifecycle import APPLICATION
from copyhold.registry.models import Application, Deposit, Letter
from copyhold.registry.services.checks import open_checklist

if TYPE_CHECKING:
    from copyhold.people.actors import Actor
    from copyhold.people.models import Organisation

FIELDS = frozenset(
    {
        "title", "title_en", "category", "nature", "completed_on", "completed_at_place", "published_on",
        "published_at_place", "ownership", "obtained", "rights", "statement", "declared_ai", "authors",
    }
)  # fmt: skip
EDITABLE = ("draft", "correction")
MEDIA = ("image", "text", "audio", "video", "other")
MEDIA_TYPE = re.compile(r"[a-z0-9][\w.+-]*/[\w.+-]+", re.IGNORECASE)
MAX_DEPOSIT_BYTES = 256 * 2**20


def start_application(
    actor: Actor, *, applicant: Organisation, office: Organisation, title: str, **fields: Any
) -> Application:
    """Open a draft at `office`, under the law of today. An agent acts by mandate and is named as such."""
    pack = law.pack_today()
    application = Application(
        applicant=applicant,
        agent=actor.organisation if actor.organisation != applicant else None,
        office=office,
        law_pack=pack.code,
        law_pack_version=pack.version,
        started_at=clock.now(),
    )
    with acting(actor, "application.start", application, law_pack=str(pack)):
        application.number = numbers.application_number()
        _fill(application, {"title": title, **fields})
        application.save(force_insert=True)
    return application


def save_application(actor: Actor, application: Application, *, seen: int | None = None, **fields: Any) -> Application:
    """Keep what was entered, complete or not, while it is a draft or under correction."""
    with acting(actor, "application.save", application, seen=seen, fields=sorted(fields)):
        _need_editable(application, "save")
        _fill(application, fields)
        application.save()
    return application


def add_deposit(
    actor: Actor, application: Application, *, filename: str, data: bytes, medium: str, media_type: str
) -> Deposit:
    """File a copy of the work; it is fixed once the application is submitted. Announces deposit.received."""
    name = _filename(filename)
    if not data:
        raise BadField(gettext_noop("The file is empty. Choose a file with content."), field="deposits")
    if len(data) > MAX_DEPOSIT_BYTES:
        raise BadField(gettext_noop("The file is larger than 256 MB. File a smaller copy."), field="deposits")
    if medium not in MEDIA or not MEDIA_TYPE.fullmatch(media_type):
        raise BadField(gettext_noop("The kind of file is not known to the register."), field="deposits")
    with acting(actor, "application.add_deposit", application) as act:
        _need_editable(application, "add_deposit")
        blob = vault.put(data, media_type)
        if twin := application.deposits.filter(blob=blob).first():
            raise AlreadyDeposited(filename=twin.filename)
        deposit = Deposit.objects.create(
            application=application,
            blob=blob,
            filename=name,
            medium=medium,
            media_type=media_type,
            filed_at=clock.now(),
        )
        act.note(sha256=blob.sha256, size=blob.size, media_type=media_type)
        act.announce("deposit.received", deposit_id=deposit.pk)
    return deposit


def remove_deposit(actor: Actor, application: Application, deposit: Deposit) -> None:
    """Take a copy back out of a draft. The bytes stay in the vault; nothing points to them any more."""
    with acting(actor, "application.remove_deposit", application, sha256=deposit.blob_id):
        if application.state != "draft" or deposit.application_id != application.pk:
            raise ForbiddenTransition(action="application.remove_deposit", state=application.state)
        deposit.delete()


def problems_of(application: Application) -> list[rules.Problem]:
    """What still stands in the way of submission; empty when it is complete."""
    return rules.missing(application_facts(application), law.pack_of(application))


def submit_application(actor: Actor, application: Application, *, seen: int | None = None) -> Application:
    """File the application. Raises Incomplete with all open points. Announces application.submitted."""
    with acting(actor, "application.submit", application, seen=seen) as act:
        application.state = APPLICATION.after(application.state, "submit")
        _need_complete(application)
        application.submitted_at = clock.now()
        application.save()
        open_checklist(application)
        act.note(deposits=sorted(application.deposits.values_list("blob_id", flat=True)))
        act.announce("application.submitted", application_id=application.pk)
    return application


def answer_correction(
    actor: Actor, application: Application, *, text: str, seen: int | None = None, **fields: Any
) -> Application:
    """Send the correction. What was not passed is examined again; the term of examination begins anew."""
    with acting(actor, "application.answer", application, seen=seen, fields=sorted(fields)) as act:
        application.state = APPLICATION.after(application.state, "answer")
        _fill(application, fields)
        _need_complete(application)
        application.save()
        Letter.objects.create(application=application, kind=Letter.Kind.ANSWER, text=text, sent_at=clock.now())
        open_checklist(application)
        act.announce("application.submitted", application_id=application.pk)
    return application


def withdraw_application(actor: Actor, application: Application, *, seen: int | None = None) -> Application:
    """Take the application back, at any time before it is decided."""
    with acting(actor, "application.withdraw", application, seen=seen):
        application.state = APPLICATION.after(application.state, "withdraw")
        application.decided_at = clock.now()
        application.save()
    return application


def _fill(application: Application, fields: dict[str, Any]) -> None:
    """Put the given fields in; BadField names the first that cannot be kept."""
    for name, value in fields.items():
        if name not in FIELDS:
            raise BadField(gettext_noop("There is no such field in an application."), field=name)
        setattr(application, name, value)
    try:
        others = {field.name for field in application._meta.fields} - FIELDS
        application.clean_fields(exclude=others)
    except ValidationError as error:
        name, messages = next(iter(error.message_dict.items()))
        raise BadField(field=name, why=" ".join(messages)) from None
    if not isinstance(application.rights, list) or not all(isinstance(code, str) for code in application.rights):
        raise BadField(gettext_noop("A list of codes is expected."), field="rights")
    if not isinstance(application.authors, list) or not all(isinstance(author, dict) for author in application.authors):
        raise BadField(gettext_noop("A list of authors with their names is expected."), field="authors")


def _need_editable(application: Application, action: str) -> None:
    if application.state not in EDITABLE:
        raise ForbiddenTransition(action=f"application.{action}", state=application.state)


def _need_complete(application: Application) -> None:
    problems = problems_of(application)
    if problems:
        raise Incomplete(count=len(problems), problems=problems)
    names = [str(author["name"]) for author in application.authors]
    owner = application.applicant
    need_printable([application.title, application.title_en, owner.name, owner.name_en, *names])


def _filename(value: str) -> str:
    """The last part of a path, without control characters; a name is kept for people only."""
    name = re.sub(r"[\x00-\x1f\x7f]", "", value.replace("\\", "/").rsplit("/", 1)[-1]).strip()
    if not name:
        raise BadField(gettext_noop("The file needs a name."), field="deposits")
    return name[-200:]
