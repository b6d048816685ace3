"""A record is a list of acts.

    with acting(actor, "certificate.issue", certificate) as act:
        …write the rows…
        act.announce("certificate.issued", certificate_id=certificate.pk)

opens the transaction, asks whether the actor may, lets the block write, appends one ledger entry, and commits all
of it or nothing. No write service does without it. The entry's number is taken under a row lock at the very end, so
the log has no gaps and the lock is short; the log's Merkle nodes are stored in the same transaction.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from typing import Any, Protocol

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.core.serializers.json import DjangoJSONEncoder
from django.db import InterfaceError, OperationalError, models, transaction

from copyhold.core import clock
from copyhold.core.kept_secret import kept_secret
from copyhold.core.models import Checkpoint, Entry, LedgerHead, LedgerSecret, Node, Versioned
from copyhold.errors import Conflict, NotFound, Unavailable
from copyhold.proofs import canonical, checkpoint, keys, merkle, tlog_proof

request_id: ContextVar[str] = ContextVar("copyhold_request_id", default="")


class Actor(Protocol):
    """Who acts: an account in one role of one organisation, or the office's own machinery."""

    @property
    def actor_id(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def office_id(self) -> str: ...


Gate = Callable[[Any, str, Any], None]


def _closed(_actor: Any, action: str, _subject: Any) -> None:
    raise RuntimeError(f"nobody guards {action}: the room `people` is not installed")


_gate: Gate = _closed


def set_gate(gate: Gate) -> None:
    """`people` puts its permission check here; it raises Forbidden."""
    global _gate  # noqa: PLW0603 - one door, hung once at start
    _gate = gate


class Act:
    """What the block of `acting` may add to its entry."""

    def __init__(self, action: str, subject: models.Model | None) -> None:
        self.action = action
        self.subject = subject
        self.before = state_digest(subject)
        self.detail: dict[str, Any] = {}
        self.after: str | None = None
        self.entry: Entry | None = None

    def note(self, **detail: Any) -> None:
        """Add plain facts to the entry: numbers, articles, digests; never names of persons."""
        self.detail.update(detail)

    def digest(self, sha256: str) -> None:
        """State the digest of what this act produced, when it is a document rather than the subject's row."""
        self.after = sha256

    def announce(self, event: str, **payload: Any) -> None:
        """Queue one job for each subscriber of `event`, in this act's transaction."""
        from copyhold.core.jobs import announce

        announce(event, **payload)


@contextmanager
def acting(
    actor: Actor, action: str, subject: models.Model | None = None, *, seen: int | None = None, **detail: Any
) -> Iterator[Act]:
    """Perform one act: one transaction, one permission, one ledger entry.

    A stored `subject` is locked and read afresh first, so change it inside the block only. `seen` is the version that
    the person had on the screen: if someone was faster, Conflict. Raises Forbidden before anything is written, and
    Unavailable when the database is lost on the way; in all cases nothing of the act remains.
    """
    try:
        with transaction.atomic():
            if subject is not None and subject.pk is not None:
                _lock(subject, seen)
            _gate(actor, action, subject)
            act = Act(action, subject)
            act.note(**detail)
            yield act
            _step(act.subject)
            act.entry = _append(actor, act)
    except (OperationalError, InterfaceError) as error:
        raise Unavailable(code="database.lost") from error


def _lock(subject: models.Model, seen: int | None) -> None:
    manager = type(subject)._base_manager
    try:
        subject.refresh_from_db(from_queryset=manager.select_for_update(of=("self",)))
    except ObjectDoesNotExist:
        raise NotFound from None
    _same_version(subject, seen=seen)


def _same_version(subject: models.Model, *, seen: int | None) -> None:
    if seen is not None and getattr(subject, "version", seen) != seen:
        raise Conflict(code="record.changed_meanwhile")


def _step(subject: models.Model | None) -> None:
    """Count the acts of a record that people may look at side by side (see Versioned)."""
    if isinstance(subject, Versioned):
        subject.version += 1
        type(subject)._base_manager.filter(pk=subject.pk).update(version=subject.version)


def _append(actor: Actor, act: Act) -> Entry:
    after = act.after if act.after is not None else state_digest(act.subject)
    head = LedgerHead.objects.select_for_update().get(pk=1)
    number, now = head.size, clock.now()
    body = {
        "number": number,
        "at": now.isoformat(timespec="microseconds"),
        "actor": actor.actor_id,
        "role": actor.role,
        "office": actor.office_id,
        "action": act.action,
        "subject_kind": act.subject._meta.label_lower if act.subject is not None else "",
        "subject_id": public_id(act.subject),
        "detail": plain(act.detail),
        "before": act.before,
        "after": after,
        "request_id": request_id.get(),
    }
    salt = secrets.token_bytes(32)
    leaf = merkle.leaf_hash(canonical.salted_digest(salt, body))
    entry = Entry(**{**body, "at": now}, body=canonical.canonical(body), leaf=leaf)
    entry.save(force_insert=True)
    LedgerSecret.objects.create(entry=entry, salt=salt)
    Node.objects.bulk_create(
        Node(level=level, index=index, hash=value) for level, index, value in merkle.append(number, leaf, _node)
    )
    LedgerHead.objects.filter(pk=1).update(size=number + 1)
    return entry


def plain(value: Any) -> Any:
    """JSON values only, with dates as ISO strings and numbers that every JSON reader keeps exactly."""
    return json.loads(json.dumps(value, cls=DjangoJSONEncoder))


def public_id(subject: models.Model | None) -> str:
    """The identifier that may be published: a record's number where it has one, else its key."""
    if subject is None:
        return ""
    return str(getattr(subject, "number", None) or subject.pk)


def state_digest(subject: models.Model | None) -> str:
    """Digest of a record's own columns, so that a later change behind the ledger's back shows."""
    if subject is None or subject.pk is None:
        return ""
    values = {field.attname: _column(getattr(subject, field.attname)) for field in subject._meta.concrete_fields}
    return canonical.digest(json.dumps(values, sort_keys=True, ensure_ascii=False, cls=DjangoJSONEncoder).encode())


def _column(value: Any) -> Any:
    if isinstance(value, (bytes, memoryview)):
        return canonical.digest(bytes(value))
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    if isinstance(value, (date, str, int, float, bool, dict, list, type(None))):
        return value
    return str(value)


def _node(level: int, index: int) -> bytes:
    return bytes(Node.objects.values_list("hash", flat=True).get(level=level, index=index))


def signer() -> keys.Signer:
    """The office's log and certificate key."""
    return keys.Signer(settings.COPYHOLD_ORIGIN, bytes.fromhex(kept_secret(settings.COPYHOLD_OFFICE_KEY)))


def sign_checkpoint() -> Checkpoint:
    """State the present size and root, signed. Idempotent while the log does not grow."""
    size = LedgerHead.objects.values_list("size", flat=True).get(pk=1)
    if existing := Checkpoint.objects.filter(size=size).first():
        return existing
    root = merkle.root_from(size, _node)
    note = checkpoint.sign(settings.COPYHOLD_ORIGIN, size, root, signer())
    return Checkpoint.objects.get_or_create(size=size, defaults={"root": root, "note": note, "signed_at": clock.now()})[
        0
    ]


def proof_of(number: int) -> str:
    """A C2SP tlog-proof that entry `number` stands in the log, against the newest checkpoint that covers it."""
    covering = Checkpoint.objects.filter(size__gt=number).order_by("-size").first() or sign_checkpoint()
    if covering.size <= number:
        raise NotFound(code="ledger.no_entry")
    hashes = merkle.inclusion_from(number, covering.size, _node)
    return tlog_proof.format_proof(number, hashes, covering.note)


def entry_document(entry: Entry) -> dict[str, Any]:
    """An entry with its salt, as it goes into an evidence or certificate bundle."""
    return {"entry": json.loads(bytes(entry.body)), "salt": bytes(entry.secret.salt).hex()}


def acts_of(subject: models.Model) -> models.QuerySet[Entry]:
    """The acts of one record, oldest first."""
    return Entry.objects.filter(subject_kind=subject._meta.label_lower, subject_id=public_id(subject))
