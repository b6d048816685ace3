"""What the hall does when news comes from below."""

from copyhold.core.jobs import job, on
from copyhold.recognition.registry import recognisers
from copyhold.reference import services
from copyhold.reference.live import index_of
from copyhold.registry.models import Application, Deposit, Work


@on("deposit.received")
@job(key="fingerprint-{deposit_id}", external=True)
def fingerprint(*, deposit_id: int) -> None:
    """Make a new deposit recognisable."""
    services.fingerprint_deposit(deposit=Deposit.objects.select_related("blob").get(pk=deposit_id))


@on("application.submitted")
@job(key="compare-{application_id}", external=True)
def compare(*, application_id: int) -> None:
    """Look for earlier works in what was submitted."""
    application = Application.objects.get(pk=application_id)
    for deposit in application.deposits.select_related("blob"):
        services.fingerprint_deposit(deposit=deposit)
    services.compare(application=application)


@on("work.withdrawn")
@job(key="withdraw-{work_id}", external=True)
def withdraw(*, work_id: int) -> None:
    """A revoked work must not match any more."""
    services.withdraw(application=Work.objects.get(pk=work_id).application)


@job(every_s=300, external=True)
def compact() -> None:
    """Move what was added since into the segments."""
    for medium in recognisers():
        index_of(medium).compact()
