"""What the pages themselves guard: the office's own figures are for its heads."""

from copyhold.people.permissions import grant
from copyhold.people.roles import Role

grant("figures.read", {Role.HEADQUARTERS, Role.AUDITOR, Role.HEAD, Role.CHIEF_EXAMINER})
