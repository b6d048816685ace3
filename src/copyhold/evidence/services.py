"""Seal, open, check and hand out exhibits. Nothing here changes what was sealed: it cannot be changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction

from copyhold.core import clock, ledger, vault
from copyhold.core.ledger import acting, entry_document, proof_of
from copyhold.core.models import Blob, Entry
from copyhold.evidence.models import Custody, Exhibit, ExhibitItem
from copyhold.proofs import bundle
from copyhold.proofs.canonical import digest
from copyhold.proofs.manifest import ManifestItem
from copyhold.registry.numbers import next_number

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from copyhold.core.ledger import Actor
    from copyhold.people.models import Organisation
    from copyhold.proofs.report import Report


@dataclass(frozen=True, slots=True)
class Item:
    """One file to seal. `role`: warc, copy, page, screenshot, explanation, match."""

    name: str
    role: str
    media_type: str
    data: bytes | Blob


def seal_exhibit(
    actor: Actor,
    *,
    title: str,
    source: str,
    captured_at: datetime,
    items: Sequence[Item],
    kind: str = "capture",
    office: Organisation | None = None,
    detail: dict[str, Any] | None = None,
) -> Exhibit:
    """Store the files, sign a manifest over them, and log the manifest's digest: from then on any change shows."""
    blobs = [item.data if isinstance(item.data, Blob) else vault.put(item.data, item.media_type) for item in items]
    with acting(actor, "exhibit.seal") as act:
        now = clock.now()
        number = f"EX-{now.year}-{next_number('exhibit', year=now.year):06d}"
        manifest = bundle.exhibit_manifest(
            number=number,
            sealed_at=now,
            source=source,
            sealed_by=ledger.signer().verifier,
            items=[
                ManifestItem(item.name, blob.sha256, blob.size, item.media_type, item.role)
                for item, blob in zip(items, blobs, strict=True)
            ],
            facts={"title": title, "kind": kind, "captured_at": captured_at.isoformat(), "detail": detail or {}},
        )
        exhibit = act.subject = Exhibit.objects.create(
            number=number,
            kind=kind,
            title=title,
            source=source,
            office=office,
            captured_at=captured_at,
            sealed_at=now,
            manifest=manifest,
            manifest_sha256=digest(manifest),
            signature=bundle.sign_manifest(manifest, ledger.signer()),
        )
        ExhibitItem.objects.bulk_create(
            ExhibitItem(exhibit=exhibit, name=item.name, role=item.role, media_type=item.media_type, blob=blob)
            for item, blob in zip(items, blobs, strict=True)
        )
        _custody(exhibit, Custody.Step.CAPTURED, actor, at=captured_at, note=source)
        _custody(exhibit, Custody.Step.SEALED, actor, sha256=exhibit.manifest_sha256)
        act.digest(exhibit.manifest_sha256)
        act.announce("exhibit.sealed", exhibit_id=exhibit.pk)
    return exhibit


def open_exhibit(actor: Actor, exhibit: Exhibit, *, reason: str) -> Exhibit:
    """Look into an exhibit: allowed to those who may, and written down."""
    with acting(actor, "exhibit.open", exhibit) as act:
        act.note(reason=reason)
        _custody(exhibit, Custody.Step.OPENED, actor, note=reason)
    return exhibit


def check_exhibit(actor: Actor, exhibit: Exhibit) -> Report:
    """Read everything again and verify it as a stranger would; the outcome is written down either way."""
    data = _bundle(exhibit)
    report = bundle.verify_bundle(data, trusted=ledger.signer().verifier)
    with acting(actor, "exhibit.check", exhibit, ok=report.ok):
        note = "" if report.ok else "; ".join(report.reasons())
        _custody(exhibit, Custody.Step.CHECKED, actor, note=note[:300], sha256=exhibit.manifest_sha256)
    return report


def export_exhibit(actor: Actor, exhibit: Exhibit) -> bytes:
    """The bundle that anyone can verify offline."""
    data = _bundle(exhibit)
    with acting(actor, "exhibit.export", exhibit, sha256=digest(data)):
        _custody(exhibit, Custody.Step.EXPORTED, actor, sha256=digest(data))
    return data


def sealing_entry(exhibit: Exhibit) -> Entry:
    """The ledger entry that sealed it."""
    return Entry.objects.get(action="exhibit.seal", subject_id=exhibit.number)


@transaction.atomic
def _bundle(exhibit: Exhibit) -> bytes:
    entry = sealing_entry(exhibit)
    return bundle.write_exhibit_bundle(
        manifest=bytes(exhibit.manifest),
        signature=exhibit.signature,
        proof=proof_of(entry.number),
        entry=entry_document(entry),
        files={item.name: vault.get(item.blob_id) for item in exhibit.items.all()},
    )


def _custody(
    exhibit: Exhibit, step: str, actor: Actor, *, at: datetime | None = None, note: str = "", sha256: str = ""
) -> None:
    Custody.objects.create(
        exhibit=exhibit, step=step, at=at or clock.now(), actor=actor.actor_id, note=note[:300], digest=sha256
    )
