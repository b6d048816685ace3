"""Issue a certificate in two acts, so that a crash in between resumes and never numbers, renders or signs anew.

1. `begin_issuing`: the number is there already (taken in the approving act, under its row lock). Render the PDF, and
   store the exact bytes: the PDF, and the canonical credential that names its digest. Nothing is signed yet.
2. `finish_issuing`: sign the stored credential, and nothing else; store it with the number of the ledger entry whose
   `after` is the digest of the PDF.

Each is idempotent: done once, it gives back what was stored.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from django.conf import settings

from copyhold.core import clock, ledger, vault
from copyhold.core.ledger import acting
from copyhold.core.models import Entry, LedgerHead
from copyhold.people.actors import system
from copyhold.proofs import bundle, canonical, credential
from copyhold.registry import law
from copyhold.registry.certificate.content import CertificateFacts, Words, content_of
from copyhold.registry.certificate.rendering import render, render_picture
from copyhold.registry.errors import NotInForce
from copyhold.registry.models import Certificate, Issuance, Work

if TYPE_CHECKING:
    from collections.abc import Mapping

    from copyhold.people.actors import Actor

ORIGINAL = "original"
MACHINE = system("registry")


def begin_issuing(actor: Actor, work: Work) -> Issuance:
    """First half: render, and store the exact bytes to be signed. Returns the stored issuance if it stands already."""
    if issuance := work.issuances.filter(kind=ORIGINAL).first():
        return issuance
    at = clock.now()
    record = canonical.canonical(_document(_subject(work), at))
    pdf = render(content_of(_facts(work), credential=record), made_at=at)  # slow: before the act takes its locks
    pdf_sha256 = canonical.digest(pdf)
    to_sign = canonical.canonical(_document({**_subject(work), "pdf_sha256": pdf_sha256}, at))
    with acting(actor, "certificate.begin", work, pdf=pdf_sha256, credential=canonical.digest(to_sign)) as act:
        if issuance := work.issuances.filter(kind=ORIGINAL).first():
            act.note(pdf=issuance.pdf_id, credential=canonical.digest(bytes(issuance.credential)), is_repeat=True)
            return issuance
        if work.state == "revoked":
            raise NotInForce(number=work.number)
        return Issuance.objects.create(
            work=work, kind=ORIGINAL, credential=to_sign, pdf=vault.put(pdf, "application/pdf"), begun_at=at
        )


def finish_issuing(issuance: Issuance) -> Certificate:
    """Second half: sign the stored bytes. Announces certificate.issued."""
    if certificate := Certificate.objects.filter(issuance=issuance).first():
        return certificate
    with acting(MACHINE, "certificate.issue", issuance.work) as act:
        if certificate := Certificate.objects.filter(issuance=issuance).first():
            act.note(is_repeat=True)
            act.digest(certificate.pdf_id)
            return certificate
        document = json.loads(bytes(issuance.credential))
        signed = credential.sign(document, ledger.signer(), issuance.begun_at)
        # The entry of this act gets the number that is next: the lock holds it for us until the act ends.
        number = LedgerHead.objects.select_for_update().get(pk=1).size
        certificate = Certificate.objects.create(
            issuance=issuance,
            work=issuance.work,
            pdf=issuance.pdf,
            credential=signed,
            entry_number=number,
            issued_at=clock.now(),
        )
        act.note(credential=canonical.digest(canonical.canonical(signed)))
        act.digest(issuance.pdf_id)
        act.announce("certificate.issued", certificate_id=certificate.pk)
    return certificate


def certificate_bundle(certificate: Certificate) -> bytes:
    """PDF, credential, ledger entry and log proof in one file, which `copyhold verify` checks offline."""
    entry = Entry.objects.select_related("secret").get(pk=certificate.entry_number)
    return bundle.write_certificate_bundle(
        pdf=vault.get(certificate.pdf_id),
        credential=certificate.credential,
        proof=ledger.proof_of(certificate.entry_number),
        entry=ledger.entry_document(entry),
    )


def verify_address(number: str) -> str:
    """Where anyone checks a certificate: the target of its QR code."""
    return f"{settings.COPYHOLD_PUBLIC_URL.rstrip('/')}/v/{quote(number)}"


def certificate_content(work: Work) -> dict[str, Any]:
    """What the certificate of a work says, for a page that shows it: rows, headings, seal, QR (SVG)."""
    return content_of(_facts(work), credential=b"{}")


def certificate_picture(work: Work, *, pixels_per_inch: float = 110) -> bytes:
    """The certificate as a PNG, for a preview beside the record."""
    return render_picture(certificate_content(work), pixels_per_inch=pixels_per_inch)


def _facts(work: Work) -> CertificateFacts:
    pack = law.pack_of(work.application)
    kind, basis, effect = pack.work_class(work.category).name, pack.certificate_basis.name, pack.effect.name
    return CertificateFacts(
        number=work.number,
        title=Words(zh=work.title, en=work.title_en),
        category=Words(zh=kind.zh, en=kind.en),
        authors=tuple(author["name"] for author in work.authors),
        owner=Words(zh=work.owner.name, en=work.owner.name_en),
        completed_on=work.completed_on,
        published_on=work.published_on,
        registered_on=work.registered_on,
        office=Words(zh=work.registrar.name, en=work.registrar.name_en),
        basis=Words(zh=basis.zh, en=basis.en),
        effect=Words(zh=effect.zh, en=effect.en),
        verify_url=verify_address(work.number),
    )


def _subject(work: Work) -> dict[str, Any]:
    """The facts of the record, for machines."""
    application = work.application
    pack = law.pack_of(application)
    kind = pack.work_class(work.category)
    deposits = application.deposits.select_related("blob").order_by("pk")
    return {
        "number": work.number,
        "title": work.title,
        "title_en": work.title_en,
        "class": {"letter": kind.letter, "zh": kind.name.zh, "en": kind.name.en},
        "authors": [author["name"] for author in work.authors],
        "owner": {"name": work.owner.name, "name_en": work.owner.name_en},
        "completed_on": _iso(work.completed_on),
        "published_on": _iso(work.published_on),
        "registered_on": _iso(work.registered_on),
        "registrar": {
            "code": work.registrar.code, "name": work.registrar.name, "name_en": work.registrar.name_en,
        },
        "law_pack": str(pack),
        "legal_basis": {"zh": pack.certificate_basis.name.zh, "en": pack.certificate_basis.name.en},
        "deposits": [
            {"sha256": deposit.blob.sha256, "size": deposit.blob.size, "media_type": deposit.media_type}
            for deposit in deposits
        ],
        "status": verify_address(work.number),
    }  # fmt: skip


def _document(subject: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """The credential before it is signed."""
    return {
        "@context": list(credential.CONTEXT),
        "type": ["VerifiableCredential", credential.CERTIFICATE_TYPE],
        "issuer": ledger.signer().verifier.did,
        "validFrom": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "credentialSubject": dict(subject),
    }


def _iso(day: Any) -> str | None:
    return day.isoformat() if day else None
