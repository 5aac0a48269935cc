"""What a caller may make of others: never somebody who may more than the caller."""

from __future__ import annotations

from entrepot.accounts.bounds import bounds_of_role
from entrepot.accounts.callers import Caller
from entrepot.accounts.records import Role
from entrepot.errors import Forbidden
from entrepot.store import rules
from entrepot.store.queries import Run


def require_power_to_give(run: Run, caller: Caller, role: Role) -> None:
    """A role, to a member. A key that has a rule of its own gives none by which one may call. Raises Forbidden."""
    caller.require_power_to_give(role)
    if caller.key is None or not bounds_of_role(role).scopes:
        return
    if any(rules.of_subject(run, "key", id) for id in (caller.key.id, *caller.key.ancestors)):
        message = f"A member with the role '{role}' can have keys without the limits of the caller's own."
        raise Forbidden(message, code="beyond_maker", param="role")
