"""Clues of any origin: receive, accept, do not take up, pass on to another office; and who reported, kept apart."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING

from django.db import transaction

from copyhold.core import clock
from copyhold.core.ledger import acting
from copyhold.enforcement import entries
from copyhold.enforcement.errors import BadField, NoDesk
from copyhold.enforcement.lifecycle import CLUE
from copyhold.enforcement.models import Clue, Informer
from copyhold.errors import NotFound, gettext_noop
from copyhold.inspection.models import Finding
from copyhold.people.actors import PUBLIC, system
from copyhold.people.models import Organisation
from copyhold.registry.law import pack_today
from copyhold.registry.models import Work
from copyhold.registry.numbers import next_number
from copyhold.registry.rules import is_host_within

if TYPE_CHECKING:
    from collections.abc import Mapping

    from copyhold.people.actors import Actor

MACHINE = system("enforcement")
RECEIPT_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: none is mistaken for another
RECEIPT_GROUPS, RECEIPT_GROUP = 4, 4
RECEIPT = re.compile(rf"R(-[{RECEIPT_LETTERS}]{{{RECEIPT_GROUP}}}){{{RECEIPT_GROUPS}}}")
MAX_TITLE = 300


def receive_clue(
    actor: Actor,
    *,
    origin: str,
    title: str,
    office: Organisation,
    text: str = "",
    url: str = "",
    platform: Organisation | None = None,
    finding: Finding | None = None,
    work: Work | None = None,
    informer: Mapping[str, str] | None = None,
) -> Clue:
    """Enter a clue. `informer` ({"name", "contact"}) is kept apart from it, with a receipt. Announces clue.received."""
    clue = _new(origin=origin, title=title, text=text, url=url, office=office)
    clue.platform, clue.finding, clue.work = platform, finding, work
    _enter(actor, "clue.receive", clue, informer)
    return clue


def report_publicly(*, title: str, text: str, url: str, name: str = "", contact: str = "") -> tuple[Clue, str]:
    """A report by anyone, named or not. The receipt that comes back is the only way to follow it without a name."""
    url = entries.address(url)
    clue = _new(origin=Clue.Origin.REPORT, title=title, text=text, url=url, office=_desk_for_reports())
    clue.platform = _platform_of(url)
    clue.work = Work.objects.filter(number=clue.title.split()[0]).first()
    return clue, _enter(PUBLIC, "clue.report", clue, {"name": name, "contact": contact})


def clue_by_receipt(receipt: str) -> Clue:
    """The clue that a receipt follows. Raises NotFound."""
    words = receipt.strip().upper()
    found = Informer.objects.select_related("clue").filter(receipt=words).first() if RECEIPT.fullmatch(words) else None
    if found is None:
        raise NotFound(code="report.no_receipt")
    return found.clue


def accept_clue(actor: Actor, clue: Clue, *, seen: int | None = None) -> Clue:
    """Take it up. The term for this runs from the day it came in."""
    with acting(actor, "clue.accept", clue, seen=seen):
        move(clue, "accept")
        clue.save()
    return clue


def reject_clue(actor: Actor, clue: Clue, *, reason: str, seen: int | None = None) -> Clue:
    """Do not take it up, and say why."""
    with acting(actor, "clue.reject", clue, seen=seen):
        move(clue, "reject")
        clue.reason = entries.text(reason, "reason")
        clue.save()
    return clue


def dispatch_clue(actor: Actor, clue: Clue, *, office: Organisation, reason: str = "", seen: int | None = None) -> Clue:
    """Pass it on to the office in charge, which gets a clue of its own: that is returned. Announces clue.received."""
    with acting(actor, "clue.dispatch", clue, seen=seen) as act:
        move(clue, "dispatch")
        if office.pk == clue.office_id or not office.is_office:
            raise BadField(gettext_noop("Choose another office to pass it on to."), field="office")
        clue.reason = entries.text(reason, "reason", is_needed=False)
        clue.save()
        sent = _new(origin=Clue.Origin.TRANSFER, title=clue.title, text=clue.text, url=clue.url, office=office)
        sent.platform, sent.work, sent.passed_from = clue.platform, clue.work, clue
        sent.number = _number()
        act.note(office=office.code, passed_to=sent.number)
        _enter(MACHINE, "clue.receive", sent, None)
    return sent


def open_informer(actor: Actor, clue: Clue, *, reason: str) -> Informer:
    """See who reported: the head only, and written down. Raises NotFound when nobody is on record."""
    with acting(actor, "informer.open", clue) as act:
        act.note(reason=entries.text(reason, "reason", most=300))
        return _informer(clue)


def erase_informer(actor: Actor, clue: Clue) -> None:
    """Forget name and contact for good; the receipt still follows the clue."""
    with acting(actor, "informer.erase", clue):
        informer = _informer(clue)
        informer.name = informer.contact = ""
        informer.save()


def move(clue: Clue, action: str) -> None:
    """The next state by the table, with its moment; the caller saves."""
    clue.state = CLUE.after(clue.state, action)
    clue.decided_at = clock.now()


def _new(*, origin: str, title: str, text: str, url: str, office: Organisation) -> Clue:
    if origin not in Clue.Origin.values:
        raise BadField(gettext_noop("The law knows no such origin of a clue."), field="origin")
    pack = pack_today()
    return Clue(
        origin=origin,
        title=entries.line(title, "title", most=MAX_TITLE),
        text=entries.text(text, "text", is_needed=False),
        url=entries.address(url, is_needed=False),
        office=office,
        received_at=clock.now(),
        law_pack=pack.code,
        law_pack_version=pack.version,
    )


def _enter(actor: Actor, action: str, clue: Clue, informer: Mapping[str, str] | None) -> str:
    """Write the clue in one act; the informer's row beside it, of which the ledger learns nothing."""
    named = dict(informer or {})
    name = entries.line(named.get("name", ""), "name", most=120, is_needed=False)
    contact = entries.line(named.get("contact", ""), "contact", most=200, is_needed=False)
    receipt = _receipt() if informer is not None else ""
    with acting(actor, action, clue, origin=clue.origin, office=clue.office.code) as act:
        clue.number = clue.number or _number()
        clue.save(force_insert=True)
        if informer is not None:
            Informer.objects.create(clue=clue, name=name, contact=contact, receipt=receipt)
        act.announce("clue.received", clue_id=clue.pk)
    return receipt


def _number() -> str:
    year = clock.today().year
    return f"C-{year}-{next_number('clue', year=year):06d}"


def _receipt() -> str:
    """80 bits that nobody guesses, in groups that a person can copy: R-7K2M-…"""
    letters = "".join(secrets.choice(RECEIPT_LETTERS) for _ in range(RECEIPT_GROUPS * RECEIPT_GROUP))
    return "-".join(["R", *(letters[at : at + RECEIPT_GROUP] for at in range(0, len(letters), RECEIPT_GROUP))])


def _informer(clue: Clue) -> Informer:
    found = Informer.objects.filter(clue=clue).first()
    if found is None:
        raise NotFound(gettext_noop("Nobody is on record as the informer of this clue."), code="informer.none")
    return found


@transaction.atomic
def _desk_for_reports() -> Organisation:
    """Who takes what the public reports: the first enforcement corps of the house, else its first administration."""
    kinds = Organisation.Kind
    for kind in (kinds.ENFORCEMENT_CORPS, kinds.ADMINISTRATION):
        if office := Organisation.objects.filter(kind=kind).order_by("pk").first():
            return office
    raise NoDesk


def _platform_of(url: str) -> Organisation | None:
    host = entries.host_of(url)
    platforms = Organisation.objects.filter(kind=Organisation.Kind.PLATFORM).order_by("pk")
    return next((one for one in platforms if any(is_host_within(host, own) for own in one.hosts)), None)
