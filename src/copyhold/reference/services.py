"""What the hall of reference does: fingerprint, compare, identify, explain, withdraw."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from copyhold.core import clock, vault
from copyhold.core.ledger import acting
from copyhold.errors import BadInput
from copyhold.people.actors import system
from copyhold.recognition.extract import Extract, match_to_json
from copyhold.recognition.registry import for_medium
from copyhold.reference import reading
from copyhold.reference.live import index_of, lock_index
from copyhold.reference.models import Fingerprint, Likeness, Withdrawal
from copyhold.registry.models import Application, Check, Deposit, Work

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from django.db.models import QuerySet

    from copyhold.core.models import Blob
    from copyhold.recognition.core import Explanation, Match

MACHINE = system("reference")
EXPLANATION = "application/vnd.copyhold.explanation"
PRINT = "application/vnd.copyhold.fingerprint"
UNREADABLE = "unreadable"  # a fingerprint's reason beside those of the recognisers
MOST_ROUNDS = 8  # questions for one answer, when much of what is found lies outside the scope


@dataclass(frozen=True, slots=True)
class Identified:
    """One answer to "what is this?": whose fingerprint it resembles, and how."""

    fingerprint: Fingerprint
    match: Match

    @property
    def application(self) -> Application:
        return self.fingerprint.deposit.application

    @property
    def work(self) -> Work | None:
        return getattr(self.application, "work", None)


@dataclass(frozen=True, slots=True)
class Identification:
    """The answer to "what is this?". `reason` says why nothing can be said (too short, featureless …)."""

    medium: str
    facts: dict[str, Any]
    reason: str
    matches: list[Identified]
    took_ms: float
    works_searched: int
    as_of: datetime
    capped: int


def fingerprint_deposit(*, deposit: Deposit) -> Fingerprint:
    """Read a deposit in the sandbox and keep its fingerprint; it can be recognised as soon as this commits.

    Idempotent. A file that holds too little, or cannot be read, is kept with the reason instead.
    """
    version = for_medium(deposit.medium).version
    if made := deposit.fingerprints.filter(medium=deposit.medium, recogniser_version=version).first():
        return made
    taken = _read_deposit(deposit)
    blob = vault.put(taken.reference.to_bytes(), PRINT) if taken.reference else None
    with acting(MACHINE, "deposit.fingerprint", deposit) as act:
        lock_index(deposit.medium)
        fingerprint, is_new = Fingerprint.objects.get_or_create(
            deposit=deposit,
            medium=deposit.medium,
            recogniser_version=version,
            defaults={
                "blob": blob,
                "postings": len(taken.reference.hashes) if taken.reference else 0,
                "facts": taken.facts,
                "reason": taken.not_matchable or "",
                "made_at": clock.now(),
            },
        )
        act.note(medium=deposit.medium, version=version, postings=fingerprint.postings, reason=fingerprint.reason)
        if is_new:
            act.announce("deposit.fingerprinted", deposit_id=deposit.pk)
    return fingerprint


def _read_deposit(deposit: Deposit) -> Extract:
    """What the sandbox says of it; UNREADABLE, with the error's code among the facts, when it says no."""
    data = vault.get(deposit.blob_id)
    try:
        return reading.read(data, deposit.filename, side="reference", medium=deposit.medium)
    except BadInput as error:
        facts = {"bytes": len(data), "error": error.instance_code}
        return Extract(deposit.medium, facts, reference=None, queries=(), not_matchable=UNREADABLE)


def identify(
    data: bytes,
    filename: str,
    *,
    medium: str = "",
    scope: str = "registered",
    exclude: Collection[int] = (),
) -> Identification:
    """What is this? `scope`: "registered" works in force, or "all" deposits that are filed. Raises BadInput."""
    began = time.perf_counter()
    taken = reading.read(data, filename, side="query", medium=medium)
    found, searched = _found(taken, scope=scope, exclude=exclude)
    return Identification(
        medium=taken.medium,
        facts=taken.facts,
        reason=taken.not_matchable or "",
        matches=found,
        took_ms=(time.perf_counter() - began) * 1000,
        works_searched=searched,
        as_of=clock.now(),
        capped=max((int(one.match.detail.get("capped", 0)) for one in found), default=0),
    )


def _found(taken: Extract, *, scope: str, exclude: Collection[int]) -> tuple[list[Identified], int]:
    """Matches within the scope, and how many fingerprints were searched.

    What lies outside (withdrawn, not registered) must neither be shown nor push anything aside: when it turns up, the
    question is asked again without it.
    """
    index, left_out = index_of(taken.medium), set(exclude)
    if not taken.queries:
        return [], index.size()
    for _ in range(MOST_ROUNDS):
        matches, searched = index.identify(taken.queries, left_out)
        keys = {match.work for match in matches}
        rows = {row.pk: row for row in _in_scope(scope).filter(pk__in=keys)}
        if outside := keys - rows.keys():
            left_out |= outside
            continue
        break
    return [Identified(rows[match.work], match) for match in matches if match.work in rows], searched


def _in_scope(scope: str) -> QuerySet[Fingerprint]:
    rows = Fingerprint.objects.filter(withdrawal__isnull=True).select_related(
        "deposit__application__work__owner", "deposit__application__applicant", "deposit__blob"
    )
    if scope == "registered":
        return rows.filter(deposit__application__work__state__in=("active", "disputed"))
    return rows.exclude(deposit__application__state__in=("draft", "refused", "withdrawn", "deemed_withdrawn"))


def explain(data: bytes, identified: Identified) -> Blob:
    """Show the likeness on the two files, and keep that in the vault. A file that cannot be shown is said to be so."""
    deposit = identified.fingerprint.deposit
    try:
        frame = reading.explain(data, vault.get(deposit.blob_id), identified.match, deposit.medium)
    except BadInput as error:
        frame = reading.no_explanation(error.instance_code)
    return vault.put(frame, EXPLANATION)


def explanation(blob: Blob) -> Explanation:
    """A kept explanation."""
    return reading.open_explanation(vault.get(blob.sha256))


def compare(*, application: Application) -> list[Likeness]:
    """Look for the application's deposits among all earlier ones, and put what is found beside the check-list."""
    found: list[Likeness] = []
    own = set(Fingerprint.objects.filter(deposit__application=application).values_list("pk", flat=True))
    unmatchable: list[str] = []
    for deposit in application.deposits.select_related("blob"):
        data = vault.get(deposit.blob_id)
        try:
            taken = identify(data, deposit.filename, medium=deposit.medium, scope="all", exclude=own)
        except BadInput:
            unmatchable.append(UNREADABLE)
            continue
        unmatchable += [taken.reason] if taken.reason else []
        shown = [(identified, explain(data, identified)) for identified in taken.matches]  # slow: before the act
        with acting(MACHINE, "deposit.compare", deposit) as act:
            found += [_keep_likeness(deposit, identified, shown_in) for identified, shown_in in shown]
            act.note(likenesses=len(taken.matches), works_searched=taken.works_searched)
    _tell_examiner(application, found, unmatchable)
    return found


def _keep_likeness(deposit: Deposit, identified: Identified, shown_in: Blob) -> Likeness:
    match = identified.match
    return Likeness.objects.get_or_create(
        deposit=deposit,
        fingerprint=identified.fingerprint,
        defaults={
            "bits": match.bits,
            "query_share": match.query_share,
            "work_share": match.work_share,
            "match": match_to_json(match),
            "explanation": shown_in,
            "found_at": clock.now(),
        },
    )[0]


def _tell_examiner(application: Application, found: Iterable[Likeness], unmatchable: Collection[str]) -> None:
    from copyhold.registry import services as registry

    likenesses = sorted(found, key=lambda likeness: -likeness.bits)
    # What the machine could not read it did not compare: a person must look.
    is_concern = likenesses or UNREADABLE in unmatchable
    outcome = Check.Outcome.CONCERN if is_concern else Check.Outcome.PASS
    numbers = [_number(likeness.fingerprint) for likeness in likenesses]
    registry.record_check(
        MACHINE,
        application,
        item="duplicate",
        outcome=outcome,
        detail={"likenesses": numbers, "not_matchable": sorted(set(unmatchable))},
    )


def _number(fingerprint: Fingerprint) -> str:
    application = fingerprint.deposit.application
    work = getattr(application, "work", None)
    return str(work.number if work else application.number)


def withdraw(*, application: Application) -> int:
    """What this application deposited must never match again, at once. Idempotent; returns how many were withdrawn."""
    with acting(MACHINE, "deposit.withdraw", application) as act:
        standing = Fingerprint.objects.filter(deposit__application=application, withdrawal__isnull=True)
        rows = [Withdrawal(fingerprint=fingerprint, at=clock.now()) for fingerprint in standing]
        Withdrawal.objects.bulk_create(rows)
        act.note(fingerprints=len(rows))
    return len(rows)
