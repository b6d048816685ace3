"""Apply → examine → certify: the whole way of one work through the register, with the real job queue."""

import pytest

from copyhold.core import vault
from copyhold.core.ledger import acts_of
from copyhold.proofs.bundle import verify_bundle
from copyhold.registry import services
from copyhold.registry.jobs import issue_certificate
from copyhold.registry.models import Certificate


def test_a_work_goes_from_draft_to_certificate(desk):
    work = desk.registered()
    application = work.application
    assert application.state == "registered"
    assert work.number == f"兰作登字-{work.registered_on.year}-F-00000001"
    issue_certificate.call(work_id=work.pk)
    certificate = work.certificates.get()
    report = verify_bundle(services.certificate_bundle(certificate))
    assert report.ok, report.reasons()
    assert report.facts["number"] == work.number
    assert [entry.action for entry in acts_of(application)] == [
        "application.start", "application.add_deposit", "application.submit", "application.accept",
        *["application.record_check"] * 6, "application.approve",
    ]  # fmt: skip
    assert [entry.action for entry in acts_of(work)] == ["certificate.begin", "certificate.issue"]


def test_registration_queues_the_certificate_in_the_same_act(desk):
    from copyhold.core.models import Job

    work = desk.registered()
    queued = Job.objects.get(name=issue_certificate.module_path)
    assert (queued.kwargs, queued.key) == ({"work_id": work.pk}, f"issue-{work.pk}")


@pytest.mark.parametrize("place", ["start", "middle", "end"])
def test_a_bundle_with_one_byte_changed_is_refused(desk, place):
    work = desk.registered()
    issue_certificate.call(work_id=work.pk)
    data = bytearray(services.certificate_bundle(work.certificates.get()))
    at = {"start": 60, "middle": len(data) // 2, "end": len(data) - 400}[place]
    data[at] ^= 1
    assert not verify_bundle(bytes(data)).ok


def test_the_ledger_entry_of_issuing_names_the_pdf(desk):
    work = desk.registered()
    issue_certificate.call(work_id=work.pk)
    certificate = Certificate.objects.get(work=work)
    entry = acts_of(work).get(action="certificate.issue")
    assert (entry.number, entry.after) == (certificate.entry_number, certificate.pdf_id)
    assert vault.get(certificate.pdf_id).startswith(b"%PDF")
