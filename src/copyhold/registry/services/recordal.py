"""What happens to a registered work later: licences, disputes, revocation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from copyhold.core import clock
from copyhold.core.ledger import acting
from copyhold.errors import gettext_noop
from copyhold.registry import law, numbers, rules
from copyhold.registry.errors import BadField, ExclusiveElsewhere, NotInForce
from copyhold.registry.facts import licence_facts
from copyhold.registry.lifecycle import LICENCE, WORK
from copyhold.registry.models import Annotation, Licence, Work

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from copyhold.people.actors import Actor
    from copyhold.people.models import Organisation

HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")
TERRITORY = re.compile(r"[A-Z0-9]{2,12}(-[A-Z0-9]{1,12})*")


def record_licence(
    actor: Actor,
    *,
    work: Work,
    licensee: str,
    rights: Sequence[str],
    hosts: Sequence[str],
    territories: Sequence[str],
    valid_from: date,
    valid_to: date,
    is_exclusive: bool = False,
    licensee_organisation: Organisation | None = None,
) -> Licence:
    """Record a licence on a work in force. Empty `rights`, `hosts` or `territories` mean no limit in that respect.

    Raises BadField, NotInForce, or ExclusiveElsewhere. Announces licence.recorded.
    """
    licence = Licence(
        work=work,
        licensee=licensee.strip(),
        licensee_organisation=licensee_organisation,
        rights=list(rights),
        hosts=[_host(host) for host in hosts],
        territories=[_territory(place) for place in territories],
        valid_from=valid_from,
        valid_to=valid_to,
        is_exclusive=is_exclusive,
        recorded_at=clock.now(),
    )
    _need_sound(licence)
    with acting(actor, "licence.record", work) as act:
        if work.state == "revoked":
            raise NotInForce(number=work.number)
        _need_free(licence)
        licence.number = numbers.licence_number()
        licence.save(force_insert=True)
        act.note(licence=licence.number, is_exclusive=is_exclusive, valid_from=valid_from, valid_to=valid_to)
        act.announce("licence.recorded", licence_id=licence.pk)
    return licence


def end_licence(actor: Actor, licence: Licence, *, on: date | None = None, seen: int | None = None) -> Licence:
    """Record that a licence ends early; `on` (default today) is its last day, and uses until then stay covered."""
    last_day = on or clock.today()
    with acting(actor, "licence.end", licence, seen=seen, on=last_day):
        licence.state = LICENCE.after(licence.state, "end")
        if not licence.valid_from <= last_day <= licence.valid_to:
            raise BadField(gettext_noop("Choose a day within the period of the licence."), field="on")
        licence.valid_to = last_day
        licence.save()
    return licence


def dispute_work(actor: Actor, work: Work, *, text: str, seen: int | None = None) -> Work:
    """Note on the record that somebody contests it. The registration stays in force."""
    return _annotate(actor, work, "dispute", text=text, seen=seen)


def settle_work(actor: Actor, work: Work, *, text: str, seen: int | None = None) -> Work:
    """Note how a dispute ended, when the registration stands."""
    return _annotate(actor, work, "settle", text=text, seen=seen)


def revoke_work(actor: Actor, work: Work, *, ground: str, text: str, seen: int | None = None) -> Work:
    """Take the registration out of force, on a ground of the law pack. Never deleted. Announces work.withdrawn."""
    return _annotate(actor, work, "revoke", text=text, seen=seen, ground=ground)


def _annotate(actor: Actor, work: Work, action: str, *, text: str, seen: int | None, ground: str = "") -> Work:
    if not text.strip():
        raise BadField(gettext_noop("Give the reason: the record must show why."), field="text")
    pack = law.pack_of(work.application)
    article = (
        law.citation(pack, law.ground_of(pack, "revocation_grounds", ground).articles) if action == "revoke" else ""
    )
    with acting(actor, f"work.{action}", work, seen=seen, ground=ground) as act:
        work.state = WORK.after(work.state, action)
        work.save()
        Annotation.objects.create(work=work, kind=action, ground=ground, article=article, text=text, at=clock.now())
        if action == "revoke":
            act.announce("work.withdrawn", work_id=work.pk)
    return work


def _need_sound(licence: Licence) -> None:
    if not licence.licensee:
        raise BadField(gettext_noop("Name the licensee."), field="licensee")
    if licence.valid_to < licence.valid_from:
        raise BadField(gettext_noop("The last day lies before the first."), field="valid_to")
    pack = law.pack_of(licence.work.application)
    known = {item.code for item in pack.rights}
    if unknown := [code for code in licence.rights if code not in known]:
        raise BadField(
            gettext_noop("The law knows no right “{unknown}”. Choose from: {known}."),
            field="rights",
            unknown=", ".join(unknown),
            known=", ".join(sorted(known)),
        )


def _need_free(licence: Licence) -> None:
    """One exclusive licence excludes every other that reaches the same use (the work is locked meanwhile)."""
    others = licence.work.licences.order_by("pk")
    for other in others if licence.is_exclusive else others.filter(is_exclusive=True):
        if rules.overlaps(licence_facts(licence), licence_facts(other)):
            raise ExclusiveElsewhere(number=other.number)


def _host(value: str) -> str:
    """A bare host name in lower case, international names as IDNA."""
    try:
        name = value.strip().lower().rstrip(".").encode("idna").decode()
    except UnicodeError:
        name = ""
    if not HOST.fullmatch(name):
        raise BadField(gettext_noop("Give each site as a bare host name, like press.example."), field="hosts")
    return name


def _territory(value: str) -> str:
    code = value.strip().upper()
    if not TERRITORY.fullmatch(code):
        raise BadField(gettext_noop("Give each territory as a code, like CN or CN-GD."), field="territories")
    return code
