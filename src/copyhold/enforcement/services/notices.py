"""Notices to platforms: draft, serve with the term of the law pack, and what came of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copyhold.core import clock
from copyhold.core.ledger import acting
from copyhold.enforcement import documents, entries, papers, rules
from copyhold.enforcement.errors import BadField, CaseOver, TermRuns
from copyhold.enforcement.law import pack_of
from copyhold.enforcement.lifecycle import CASE, NOTICE
from copyhold.enforcement.models import Notice
from copyhold.errors import gettext_noop
from copyhold.people.models import Organisation
from copyhold.registry.numbers import next_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copyhold.enforcement.models import Case
    from copyhold.people.actors import Actor


def draft_notice(actor: Actor, case: Case, *, addressee: Organisation, rule: str, urls: Sequence[str]) -> Notice:
    """Draft a notice to a platform. `rule` is the code of a notice rule of the case's law pack (rules.notice_rule_for).

    Raises UnknownTerm, BadField, CaseOver.
    """
    with acting(actor, "notice.draft", case) as act:
        if CASE.state(case.state).is_final:
            raise CaseOver(number=case.number)
        if addressee.kind != Organisation.Kind.PLATFORM:
            raise BadField(gettext_noop("A notice goes to a platform. Choose one."), field="addressee")
        year = clock.today().year
        notice = Notice.objects.create(
            number=f"N-{year}-{next_number('notice', year=year):06d}",
            case=case,
            addressee=addressee,
            rule=rules.notice_rule(pack_of(case), rule).code,
            urls=entries.addresses(urls),
            drafted_at=clock.now(),
        )
        act.note(notice=notice.number, rule=notice.rule, addressee=addressee.code)
    return notice


def serve_notice(actor: Actor, notice: Notice, *, seen: int | None = None) -> Notice:
    """Serve it: the paper is made, and the term of the law pack runs from now. Announces notice.served."""
    with acting(actor, "notice.serve", notice, seen=seen) as act:
        notice.state = NOTICE.after(notice.state, "serve")
        pack = pack_of(notice)
        rule = rules.notice_rule(pack, notice.rule)
        notice.served_at = clock.now()
        notice.due_at = pack.due_at(rule.act_clock, notice.served_at)
        notice.save()
        paper = documents.keep(actor, notice.case, papers.platform_notice(notice), notice=notice)
        act.note(document=paper.blob_id, due_at=notice.due_at, articles=list(rule.articles))
        act.announce("notice.served", notice_id=notice.pk)
    return notice


def record_compliance(actor: Actor, notice: Notice, *, answer: str = "", seen: int | None = None) -> Notice:
    """The platform took the items down, said by itself or seen by an officer."""
    return _end(actor, notice, "comply", answer=answer, seen=seen)


def record_answer(actor: Actor, notice: Notice, *, answer: str, seen: int | None = None) -> Notice:
    """A counter-statement came in: kept as written; the term to restore runs from now where the rule has one."""
    with acting(actor, "notice.answer", notice, seen=seen):
        notice.state = NOTICE.after(notice.state, "answer")
        notice.answer = entries.text(answer, "answer")
        notice.answered_at = clock.now()
        notice.save()
    return notice


def lapse_notice(actor: Actor, notice: Notice, *, seen: int | None = None) -> Notice:
    """Record that the term passed without an answer. Raises TermRuns while it has not."""
    with acting(actor, "notice.lapse", notice, seen=seen):
        notice.state = NOTICE.after(notice.state, "lapse")
        if notice.due_at is None or clock.now() < notice.due_at:
            raise TermRuns(number=notice.number)
        notice.save()
    return notice


def lift_notice(actor: Actor, notice: Notice, *, reason: str, seen: int | None = None) -> Notice:
    """Take it back, and say why: the platform may restore."""
    return _end(actor, notice, "lift", reason=entries.text(reason, "reason", most=2000), seen=seen)


def _end(
    actor: Actor, notice: Notice, action: str, *, answer: str = "", reason: str = "", seen: int | None = None
) -> Notice:
    with acting(actor, f"notice.{action}", notice, seen=seen):
        notice.state = NOTICE.after(notice.state, action)
        notice.answer = entries.text(answer, "answer", is_needed=False) or notice.answer
        notice.reason = reason
        notice.closed_at = clock.now()
        notice.save()
    return notice
