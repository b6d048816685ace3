"""An actor: an account in one role of one organisation; or nobody (the public); or the office's own machinery."""

from __future__ import annotations

from dataclasses import dataclass

from copyhold.core import clock
from copyhold.errors import Forbidden, gettext_noop
from copyhold.people.models import Account, Mandate, Membership, Organisation
from copyhold.people.roles import APPLICANTS, STAFF, Role


@dataclass(frozen=True)
class Actor:
    role: str
    account: Account | None = None
    organisation: Organisation | None = None
    machinery: str = ""

    @property
    def actor_id(self) -> str:
        """Public, stable, and no name: names are personal data and stay outside the ledger."""
        return f"account-{self.account.pk}" if self.account else (self.machinery or "public")

    @property
    def office_id(self) -> str:
        return self.organisation.code if self.organisation else ""

    @property
    def is_staff(self) -> bool:
        return self.role in STAFF

    @property
    def is_applicant(self) -> bool:
        return self.role in APPLICANTS

    def acts_for(self, organisation_id: int | None) -> bool:
        """Own organisation, or one that gave this agent a mandate which is still valid."""
        if self.organisation is None or organisation_id is None:
            return False
        if self.organisation.pk == organisation_id:
            return True
        return Mandate.objects.filter(
            principal_id=organisation_id, agent=self.organisation, valid_to__gte=clock.today()
        ).exists()


PUBLIC = Actor(role=Role.PUBLIC)


def system(room: str) -> Actor:
    """The machinery of a room, for acts that no person performs: fingerprinting, sealing, signing."""
    return Actor(role=Role.SYSTEM, machinery=f"system:{room}")


def actor_of(membership: Membership) -> Actor:
    """The actor that a membership makes, today."""
    today = clock.today()
    if (membership.valid_from and membership.valid_from > today) or (
        membership.valid_to and membership.valid_to < today
    ):
        raise Forbidden(gettext_noop("This membership is not valid today."), code="people.membership_expired")
    return Actor(role=membership.role, account=membership.account, organisation=membership.organisation)
