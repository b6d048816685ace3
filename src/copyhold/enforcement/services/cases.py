"""Cases: filed from clues, investigated, reviewed and decided, each step with its paper, its term and its act."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copyhold.core import clock
from copyhold.core.ledger import acting
from copyhold.enforcement import documents, entries, law, papers, rules
from copyhold.enforcement.errors import AlreadyInCase, BadField, CaseOver, MixedOffices, UnknownTerm
from copyhold.enforcement.facts import facts_of
from copyhold.enforcement.lifecycle import CASE
from copyhold.enforcement.models import Case, CaseExhibit, Clue
from copyhold.enforcement.services.clues import move as move_clue
from copyhold.errors import Forbidden, gettext_noop
from copyhold.people.models import Account
from copyhold.people.permissions import may
from copyhold.people.roles import Role
from copyhold.registry.law import pack_today
from copyhold.registry.numbers import next_number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from copyhold.evidence.models import Exhibit
    from copyhold.people.actors import Actor
    from copyhold.people.models import Organisation

OPEN = frozenset({"filed", "investigating", "pre_notice", "legal_review"})
MOST_OF_ANYTHING = 10**12


def file_case(
    actor: Actor,
    *,
    clues: Sequence[Clue],
    title: str,
    officers: Sequence[Account],
    party: str = "",
    act: str = "",
    seen: int | None = None,
) -> Case:
    """Open one case from one clue or several of one office, with two officers or more. Announces case.filed.

    `seen` is the version of the first clue. Raises Conflict if somebody filed one of them meanwhile.
    """
    pack = pack_today()
    if not clues:
        raise BadField(gettext_noop("Choose one clue at least."), field="clues")
    case = Case(
        title=entries.line(title, "title", most=300),
        party=entries.line(party, "party", most=300, is_needed=False),
        act=law.act_of(pack, act).code if act else "",
        office=clues[0].office,
        law_pack=pack.code,
        law_pack_version=pack.version,
    )
    _need_officers(officers, case.office)
    with acting(actor, "case.file", case, office=case.office.code) as filing:
        _lock(clues)
        if {clue.office_id for clue in clues} != {case.office_id}:
            raise MixedOffices
        case.number = _number(case.office)
        case.filed_on, case.state_since = clock.today(), clock.now()
        case.save(force_insert=True)
        case.officers.set(officers)
        for clue in clues:
            _take_in(case, clue)
        paper = documents.keep(actor, case, papers.filing_form(case, clues))
        filing.note(
            clues=[clue.number for clue in clues],
            officers=[f"account-{officer.pk}" for officer in officers],  # as actors appear in the ledger
            document=paper.blob_id,
        )
        for place, clue in enumerate(clues):
            _file_clue(actor, case, clue, seen=seen if place == 0 else None)
        filing.announce("case.filed", case_id=case.pk)
    return case


def add_clue(actor: Actor, case: Case, clue: Clue, *, seen: int | None = None) -> Case:
    """Merge a further clue of the same office into an open case, with its exhibit."""
    with acting(actor, "case.add_clue", case, seen=seen) as act:
        _need_open(case)
        _lock([clue])
        if clue.office_id != case.office_id:
            raise MixedOffices
        act.note(clue=clue.number)
        _take_in(case, clue)
        _file_clue(actor, case, clue, seen=None)
    return case


def add_exhibit(actor: Actor, case: Case, exhibit: Exhibit, *, seen: int | None = None) -> Case:
    """Lay an exhibit into the file. The exhibit itself is not touched."""
    with acting(actor, "case.add_exhibit", case, seen=seen) as act:
        _need_open(case)
        if not may(actor, "exhibit.open", exhibit):
            raise Forbidden(gettext_noop("This exhibit belongs to another office."))
        if not _lay_in(case, exhibit):
            raise AlreadyInCase(exhibit=exhibit.number, number=case.number)
        act.note(exhibit=exhibit.number)
    return case


def investigate_case(actor: Actor, case: Case, *, seen: int | None = None) -> Case:
    """Begin the investigation."""
    with acting(actor, "case.investigate", case, seen=seen):
        _move(case, "investigate")
        case.save()
    return case


def record_quantities(actor: Actor, case: Case, *, quantities: Mapping[str, int], seen: int | None = None) -> Case:
    """State what was counted ({"copies": 12406, …}), by the quantities of the law pack's thresholds."""
    with acting(actor, "case.record_quantities", case, seen=seen):
        _need_open(case)
        known = sorted({threshold.quantity for threshold in law.pack_of(case).thresholds})
        for name, value in quantities.items():
            if name not in known:
                raise UnknownTerm(term=name, known=", ".join(known))
            if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_OF_ANYTHING:
                raise BadField(gettext_noop("“{field}”: a whole number from 0 on is expected."), field=name)
        case.quantities = {**case.quantities, **quantities}
        case.save()
    return case


def give_prior_notice(actor: Actor, case: Case, *, text: str, seen: int | None = None) -> Case:
    """Tell the party what is proposed and why. The terms to speak and to ask for a hearing run from now."""
    with acting(actor, "case.give_prior_notice", case, seen=seen) as act:
        _move(case, "give_prior_notice")
        words = entries.text(text, "text")
        case.prior_notice_at, case.stated_at = clock.now(), None
        case.statement, case.has_waived = "", False
        _forget_review(case)
        case.save()
        paper = documents.keep(actor, case, papers.prior_notice(case, documents.paper_number(case), words))
        act.note(document=paper.blob_id, until=papers.statement_until(case))
    return case


def record_statement(actor: Actor, case: Case, *, text: str, waives: bool = False, seen: int | None = None) -> Case:
    """What the party said to the prior notice. `waives`: it expressly gives up any further statement and a hearing."""
    with acting(actor, "case.record_statement", case, seen=seen, waives=waives):
        _need_open(case)
        if case.prior_notice_at is None:
            raise BadField(gettext_noop("The party has had no prior notice yet."), field="text")
        case.statement = entries.text(text, "text")
        case.stated_at, case.has_waived = clock.now(), case.has_waived or waives
        _forget_review(case)  # what the party says is weighed by the reviewer too
        case.save()
    return case


def send_to_review(actor: Actor, case: Case, *, seen: int | None = None) -> Case:
    """Hand the file to legal review."""
    with acting(actor, "case.send_to_review", case, seen=seen):
        _move(case, "send_to_review")
        _forget_review(case)
        case.save()
    return case


def review_case(actor: Actor, case: Case, *, opinion: str, passes: bool, seen: int | None = None) -> Case:
    """The legal reviewer's opinion. Raises ReviewedByInvestigator."""
    with acting(actor, "case.review", case, seen=seen, passes=passes):
        CASE.after(case.state, "decide")  # there is a review while a decision is near, and only then
        for obstacle in rules.need_other_reviewer(facts_of(case).officers, actor.account.pk if actor.account else None):
            raise obstacle
        case.reviewer, case.review = actor.account, entries.text(opinion, "opinion")
        case.reviewed_at, case.has_passed_review = clock.now(), passes
        case.save()
    return case


def return_case(actor: Actor, case: Case, *, reason: str, seen: int | None = None) -> Case:
    """Send the file back with questions; a further review is needed afterwards."""
    with acting(actor, "case.return", case, seen=seen):
        _move(case, "return")
        case.reason, case.has_passed_review = entries.text(reason, "reason"), False
        case.save()
    return case


def decide_case(actor: Actor, case: Case, *, decision: str, seen: int | None = None) -> Case:
    """Decide. Raises the first of rules.obstacles_to_decision."""
    with acting(actor, "case.decide", case, seen=seen) as act:
        _move(case, "decide")
        for obstacle in rules.obstacles_to_decision(facts_of(case), clock.now()):
            raise obstacle
        case.decision, case.decided_at = entries.text(decision, "decision"), clock.now()
        case.save()
        paper = documents.keep(actor, case, papers.decision(case, documents.paper_number(case)))
        act.note(document=paper.blob_id)
    return case


def close_case(actor: Actor, case: Case, *, seen: int | None = None) -> Case:
    """Close and archive: the decision is carried out."""
    with acting(actor, "case.close", case, seen=seen):
        _move(case, "close")
        case.save()
    return case


def drop_case(actor: Actor, case: Case, *, reason: str, seen: int | None = None) -> Case:
    """End it without a decision, and say why."""
    with acting(actor, "case.drop", case, seen=seen):
        _move(case, "drop")
        case.reason = entries.text(reason, "reason")
        case.save()
    return case


def refer_case(actor: Actor, case: Case, *, reason: str, seen: int | None = None) -> Case:
    """Refer it to the police on suspicion of a crime; the letter is made, with the marks the case reaches."""
    with acting(actor, "case.refer", case, seen=seen) as act:
        _move(case, "refer")
        case.reason = entries.text(reason, "reason")
        case.save()
        paper = documents.keep(actor, case, papers.referral(case, documents.paper_number(case)))
        act.note(document=paper.blob_id)
    return case


def _move(case: Case, action: str) -> None:
    case.state = CASE.after(case.state, action)
    case.state_since = clock.now()


def _forget_review(case: Case) -> None:
    """A changed file needs a new review; the old opinion stays readable in the ledger's digests only."""
    case.reviewer, case.review, case.reviewed_at, case.has_passed_review = None, "", None, False


def _need_open(case: Case) -> None:
    if case.state not in OPEN:
        raise CaseOver(number=case.number)


def _need_officers(officers: Sequence[Account], office: Organisation) -> None:
    for obstacle in rules.need_officers([officer.pk for officer in officers]):
        raise obstacle
    own = office.memberships.filter(role__in=(Role.OFFICER, Role.HEAD)).values_list("account_id", flat=True)
    if not {officer.pk for officer in officers} <= set(own):
        raise BadField(gettext_noop("Name enforcement officers of the office that files the case."), field="officers")


def _lock(clues: Sequence[Clue]) -> None:
    """Lock them in one order before any act appends to the ledger, so that two filings never wait for each other."""
    keys = [clue.pk for clue in clues]
    if len(set(keys)) != len(keys):
        raise BadField(gettext_noop("A clue is named twice."), field="clues")
    list(Clue.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk"))


def _take_in(case: Case, clue: Clue) -> None:
    if clue.lead is not None:
        _lay_in(case, clue.lead.exhibit)


def _file_clue(actor: Actor, case: Case, clue: Clue, *, seen: int | None) -> None:
    with acting(actor, "clue.file", clue, seen=seen, case=case.number):
        move_clue(clue, "file")
        clue.case = case
        clue.save()


def _lay_in(case: Case, exhibit: Exhibit) -> bool:
    return CaseExhibit.objects.get_or_create(case=case, exhibit=exhibit, defaults={"added_at": clock.now()})[1]


def _number(office: Organisation) -> str:
    """兰版案〔2026〕1号: one series per prefix and year, without gaps."""
    prefix = papers.seal_of(office).registrar_prefix
    if not prefix:
        raise BadField(gettext_noop("The office has no prefix for its case numbers. Enter one first."), field="office")
    year = clock.today().year
    return f"{prefix}版案〔{year}〕{next_number('case', registrar=prefix, year=year)}号"
