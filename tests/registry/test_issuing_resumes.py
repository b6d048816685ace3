"""Issuing survives a crash at every step: it goes on where it stopped, and never numbers, renders or signs anew."""

import json
from datetime import timedelta

import pytest

from copyhold.core import clock, ledger, vault
from copyhold.core.ledger import acts_of
from copyhold.core.models import Entry
from copyhold.people.actors import system
from copyhold.proofs import canonical, credential
from copyhold.proofs.bundle import verify_bundle
from copyhold.registry import services
from copyhold.registry.jobs import issue_certificate
from copyhold.registry.models import Certificate, Issuance, NumberSeries
from copyhold.registry.services import issuing

MACHINE = system("registry")


class Crash(BaseException):
    """Not an Exception: nothing on the way may catch it and go on, as nothing catches a power cut."""


def breaking(monkeypatch, place):
    """From now on the step named `place` breaks, before or after it did its work."""
    owner, name, moment = {
        "before rendering": (issuing, "render", "before"),
        "after rendering": (issuing, "render", "after"),
        "before the bytes are stored": (vault, "put", "before"),
        "after the bytes are stored": (vault, "put", "after"),
        "before the issuance is written": (Issuance.objects, "create", "before"),
        "after the issuance is written": (Issuance.objects, "create", "after"),
        "before signing": (credential, "sign", "before"),
        "after signing": (credential, "sign", "after"),
        "before the certificate is written": (Certificate.objects, "create", "before"),
        "after the certificate is written": (Certificate.objects, "create", "after"),
        "before the ledger entry": (ledger, "_append", "before"),
        "after the ledger entry": (ledger, "_append", "after"),
    }[place]
    real = getattr(owner, name)

    def broken(*args, **kwargs):
        if moment == "before":
            raise Crash
        real(*args, **kwargs)
        raise Crash

    monkeypatch.setattr(owner, name, broken)


PLACES = [
    "before rendering", "after rendering", "before the bytes are stored", "after the bytes are stored",
    "before the issuance is written", "after the issuance is written", "before signing", "after signing",
    "before the certificate is written", "after the certificate is written", "before the ledger entry",
    "after the ledger entry",
]  # fmt: skip
SECOND_HALF = ("signing", "certificate is written")


@pytest.mark.parametrize("place", PLACES)
def test_a_crash_resumes_and_never_renumbers(desk, monkeypatch, place):
    work = desk.registered()
    entries = Entry.objects.count()
    with monkeypatch.context() as patch:
        breaking(patch, place)
        with pytest.raises(Crash):
            issue_certificate.call(work_id=work.pk)
    is_second_half = place.endswith(SECOND_HALF)
    begun = Issuance.objects.filter(work=work).first()
    assert bool(begun) == is_second_half
    assert Entry.objects.count() == entries + is_second_half
    assert not Certificate.objects.exists()

    with clock.shifted(timedelta(3)):
        issue_certificate.call(work_id=work.pk)
    certificate = Certificate.objects.get()
    assert Issuance.objects.get() == begun or not is_second_half
    assert certificate.credential["credentialSubject"]["number"] == work.number
    assert NumberSeries.objects.get(kind="work").last == 1
    assert [entry.action for entry in acts_of(work)] == ["certificate.begin", "certificate.issue"]
    assert verify_bundle(services.certificate_bundle(certificate)).ok


def test_only_stored_bytes_are_signed(desk):
    work = desk.registered()
    issuance = services.begin_issuing(MACHINE, work)
    stored = bytes(issuance.credential)
    work.title = "被改动的题名"
    work.save()
    certificate = services.finish_issuing(Issuance.objects.get())
    unsigned = {key: value for key, value in certificate.credential.items() if key != "proof"}
    assert canonical.canonical(unsigned) == stored
    assert certificate.pdf_id == issuance.pdf_id == json.loads(stored)["credentialSubject"]["pdf_sha256"]


def test_both_halves_can_be_asked_for_twice(desk):
    work = desk.registered()
    assert services.begin_issuing(MACHINE, work) == services.begin_issuing(MACHINE, work)
    issuance = work.issuances.get()
    first = services.finish_issuing(issuance)
    entries = Entry.objects.count()
    assert services.finish_issuing(issuance) == first
    issue_certificate.call(work_id=work.pk)
    assert Entry.objects.count() == entries


def test_two_workers_on_one_work_make_one_certificate(desk_committed):
    from tests.registry.test_rule_numbers_have_no_gap import at_once

    work = desk_committed.registered()
    results = at_once(*[lambda: issue_certificate.call(work_id=work.pk) for _ in range(3)])
    assert results == [None] * 3
    assert (Issuance.objects.count(), Certificate.objects.count()) == (1, 1)
    certificate = Certificate.objects.get()
    entry = Entry.objects.get(pk=certificate.entry_number)
    assert (entry.action, entry.after) == ("certificate.issue", certificate.pdf_id)
    assert verify_bundle(services.certificate_bundle(certificate)).ok


def test_the_credential_verifies_under_the_office_key_and_names_the_deposits(desk):
    work = desk.registered(data=b"the heron")
    issue_certificate.call(work_id=work.pk)
    subject = credential.verify(Certificate.objects.get().credential, ledger.signer().verifier)
    assert subject["deposits"] == [{"sha256": canonical.digest(b"the heron"), "size": 9, "media_type": "image/png"}]
    assert subject["status"].endswith("/v/%E5%85%B0%E4%BD%9C%E7%99%BB%E5%AD%97-" + work.number.partition("-")[2])


def test_the_entry_of_issuing_holds_no_name(desk):
    work = desk.registered()
    issue_certificate.call(work_id=work.pk)
    bodies = b"".join(bytes(entry.body) for entry in Entry.objects.all())
    for name in ("林秋水", "苇岸工作室", "盐沼夜鹭"):
        assert name.encode() not in bodies
