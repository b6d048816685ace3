"""Acts of the pages themselves: looking into a deposit is written down, and the office's own figures are for its heads."""

from copyhold.people.permissions import grant
from copyhold.people.roles import STAFF, Role
from copyhold.registry.permissions import of_visible_application

grant("deposit.open", STAFF, of_visible_application)
grant("figures.read", {Role.HEADQUARTERS, Role.AUDITOR, Role.HEAD, Role.CHIEF_EXAMINER})
