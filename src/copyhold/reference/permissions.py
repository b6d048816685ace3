from copyhold.people.permissions import grant
from copyhold.people.roles import Role

for action in ("deposit.fingerprint", "deposit.compare", "deposit.withdraw"):
    grant(action, {Role.SYSTEM})
grant("media.identify", set(Role) - {Role.SYSTEM})
