"""What the office does with an application: accept, claim, check, ask, approve, refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from copyhold.core import clock
from copyhold.core.ledger import acting
from copyhold.core.lifecycle import ForbiddenTransition
from copyhold.core.models import Blob
from copyhold.errors import BadInput, gettext_noop
from copyhold.people.roles import Role
from copyhold.registry import clocks, law, numbers, queries, rules
from copyhold.registry.errors import AlreadyRegistered, AlreadyTaken, BadField, ChecksOpen, OwnCase
from copyhold.registry.lifecycle import APPLICATION
from copyhold.registry.models import Application, Check, Deposit, Letter, Work
from copyhold.registry.services.checks import write_check

if TYPE_CHECKING:
    from copyhold.people.actors import Actor

FILED = ("submitted", "in_examination", "correction")


def accept_application(actor: Actor, application: Application, *, seen: int | None = None) -> Application:
    """Accept the papers: the clock of examination starts, and the applicant gets a letter that says until when."""
    with acting(actor, "application.accept", application, seen=seen) as act:
        _need_impartial(actor, application)
        application.state = APPLICATION.after(application.state, "accept")
        application.accepted_at = clock.now()
        application.save()
        due = clocks.examination_due(application)
        _write(application, Letter.Kind.ACCEPTANCE, due_on=due)
        act.note(due_on=due)
    return application


def claim_application(actor: Actor, application: Application, *, seen: int | None = None) -> Application:
    """Take an application for examination. Whoever comes second gets AlreadyTaken."""
    with acting(actor, "application.claim", application, seen=seen):
        _need_filed(application, "claim")
        _need_impartial(actor, application)
        _take(actor, application, may_chief_join=False)
        application.save()
    return application


def release_application(actor: Actor, application: Application, *, seen: int | None = None) -> Application:
    """Give an application back to the queue: its examiner does, or the chief examiner."""
    with acting(actor, "application.release", application, seen=seen):
        _need_filed(application, "release")
        _need_impartial(actor, application)
        _take(actor, application)
        application.examiner = None
        application.save()
    return application


def open_deposit(actor: Actor, deposit: Deposit) -> Deposit:
    """Look into what was filed: allowed to those who may, and written down."""
    with acting(actor, "deposit.open", deposit, application=deposit.application.number):
        pass
    return deposit


def record_check(
    actor: Actor,
    application: Application,
    *,
    item: str,
    outcome: str,
    note: str = "",
    detail: dict[str, Any] | None = None,
) -> Check:
    """Record what the machine or the examiner says on one line of the check-list.

    Whoever raises or settles a concern gives a reason (`note`). A machine's word that comes after the decision is
    kept in the ledger only.
    """
    if item not in rules.CODES or outcome not in Check.Outcome.values:
        raise BadField(gettext_noop("The check-list has no such line or outcome."), field=item)
    is_machine = actor.role == Role.SYSTEM
    with acting(actor, "application.record_check", application, item=item, outcome=outcome) as act:
        if application.state not in FILED:
            if not is_machine:
                raise ForbiddenTransition(action="application.record_check", state=application.state)
            act.note(came_too_late=True)
            return application.checks.filter(item=item).first() or Check(application=application, item=item)
        check = application.checks.get_or_create(item=item)[0]
        found = _found(application, check, detail)
        if is_machine:
            return _machine_check(check, outcome, note, found)
        _need_impartial(actor, application)
        _take(actor, application)
        application.save()
        if rules.needs_reason(check.outcome, outcome) and not note.strip():
            raise BadField(gettext_noop("Give the reason: the record must show why."), field=item)
        return write_check(check, outcome=outcome, by=actor.actor_id, note=note, detail=found)


def ask_correction(
    actor: Actor, application: Application, *, text: str, ground: str = "", seen: int | None = None
) -> Application:
    """Write to the applicant what to correct; the clock of correction starts."""
    _need_text(text)
    pack = law.pack_of(application)
    article = _article(application, ground) if ground else ""
    with acting(actor, "application.ask_correction", application, seen=seen, ground=ground) as act:
        _examine(actor, application)
        application.state = APPLICATION.after(application.state, "ask_correction")
        application.save()
        due = pack.due(clocks.CORRECTION, clock.now())
        _write(application, Letter.Kind.CORRECTION, ground=ground, article=article, text=text, due_on=due)
        act.note(due_on=due)
    return application


def approve_application(actor: Actor, application: Application, *, seen: int | None = None) -> Work:
    """Register the work: every check passed, the number taken under the row lock. Announces work.registered."""
    with acting(actor, "application.approve", application, seen=seen) as act:
        _examine(actor, application)
        application.state = APPLICATION.after(application.state, "approve")
        _need_checked(application)
        _need_not_registered_meanwhile(application)
        application.decided_at = clock.now()
        application.save()
        work = _register(application)
        act.note(work=work.number)
        act.announce("work.registered", work_id=work.pk)
    return work


def refuse_application(
    actor: Actor, application: Application, *, ground: str, text: str, seen: int | None = None
) -> Application:
    """Refuse on a ground of the law pack; the letter cites its article."""
    _need_text(text)
    article = _article(application, ground)
    with acting(actor, "application.refuse", application, seen=seen, ground=ground, article=article):
        _examine(actor, application)
        application.state = APPLICATION.after(application.state, "refuse")
        application.decided_at = clock.now()
        application.save()
        _write(application, Letter.Kind.REFUSAL, ground=ground, article=article, text=text)
    return application


def lapse_application(actor: Actor, application: Application) -> Application:
    """Close an application whose correction was not sent in time: it counts as withdrawn. The machinery's act."""
    with acting(actor, "application.lapse", application) as act:
        state = APPLICATION.after(application.state, "lapse")
        due = clocks.correction_due(application)
        if clock.now() < due:
            raise ForbiddenTransition(action="application.lapse", state=application.state)
        application.state, application.decided_at = state, clock.now()
        application.save()
        act.note(due_at=due)
    return application


def _register(application: Application) -> Work:
    office = application.office
    if not office.registrar_prefix:
        raise BadInput(gettext_noop("This office has no registrar’s prefix, so it cannot number a registration."))
    number = numbers.work_number(
        law.pack_of(application), registrar=office.registrar_prefix, letter=application.category
    )
    return Work.objects.create(
        number=number,
        application=application,
        title=application.title,
        title_en=application.title_en,
        category=application.category,
        owner=application.applicant,
        authors=application.authors,
        registrar=office,
        registered_on=clock.today(),
        completed_on=application.completed_on,
        published_on=application.published_on,
        law_pack_version=application.law_pack_version,
    )


def _need_impartial(actor: Actor, application: Application) -> None:
    """The applicant is separate from the examiner: not the same organisation, and not the same person in another."""
    parties = {application.applicant_id, application.agent_id} - {None}
    own = {actor.organisation.pk} if actor.organisation else set()
    if actor.account:
        own |= set(actor.account.memberships.values_list("organisation_id", flat=True))
    if own & parties:
        raise OwnCase


def _take(actor: Actor, application: Application, *, may_chief_join: bool = True) -> None:
    """An application that nobody has becomes the actor's; another's is left alone, except by the chief."""
    if actor.account is None or application.examiner_id == actor.account.pk:
        return
    if application.examiner_id is None:
        application.examiner = actor.account
    elif not (may_chief_join and actor.role == Role.CHIEF_EXAMINER):
        raise AlreadyTaken


def _examine(actor: Actor, application: Application) -> None:
    _need_impartial(actor, application)
    _take(actor, application)


def _need_filed(application: Application, action: str) -> None:
    if application.state not in FILED:
        raise ForbiddenTransition(action=f"application.{action}", state=application.state)


def _need_checked(application: Application) -> None:
    outcomes = dict(application.checks.values_list("item", "outcome"))
    if unsettled := rules.may_approve(outcomes):
        labels = [str(item.label) for item in rules.CHECKLIST if item.code in unsettled]
        raise ChecksOpen(items=", ".join(labels), codes=unsettled)


def _need_not_registered_meanwhile(application: Application) -> None:
    """Two applications for the same file wait for one another here; the second sees the first one's work."""
    blobs = Blob.objects.filter(pk__in=application.deposits.values("blob")).order_by("pk")
    list(blobs.select_for_update(no_key=True))
    known = application.checks.get(item="duplicate").detail.get("same_bytes", [])
    if new := [number for number in queries.same_bytes(application, states=("registered",)) if number not in known]:
        raise AlreadyRegistered(numbers=", ".join(new))


def _found(application: Application, check: Check, detail: dict[str, Any] | None) -> dict[str, Any]:
    """The facts beside a line. The same bytes elsewhere always stand beside the duplicate check, as of now."""
    found = dict(check.detail if detail is None else detail)
    if check.item == "duplicate" and (same := queries.same_bytes(application)):
        found["same_bytes"] = same
    return found


def _machine_check(check: Check, outcome: str, note: str, found: dict[str, Any]) -> Check:
    if found.get("same_bytes") and outcome == rules.PASS:
        outcome = rules.CONCERN
    is_persons = check.by not in {"", rules.MACHINE}
    if not rules.machine_prevails(decided_by_person=is_persons, before=check.detail, outcome=outcome, after=found):
        return check
    return write_check(check, outcome=outcome, by=rules.MACHINE, note=note, detail=found)


def _need_text(text: str) -> None:
    if not text.strip():
        raise BadField(gettext_noop("Write to the applicant what is wrong and what to do."), field="text")


def _article(application: Application, ground: str) -> str:
    pack = law.pack_of(application)
    return law.citation(pack, law.ground_of(pack, "refusal_grounds", ground).articles)


def _write(application: Application, kind: str, **fields: Any) -> Letter:
    return Letter.objects.create(application=application, kind=kind, sent_at=clock.now(), **fields)
