"""Who calls: a key, a member who has signed in, or the operator. Past here it makes no difference which."""

from __future__ import annotations

import msgspec

from entrepot.accounts.bounds import Bounds, bounds_of_key, bounds_of_role, covers
from entrepot.accounts.records import Member, Organisation, Role
from entrepot.errors import Forbidden
from entrepot.keys import Key

MANAGERS: frozenset[Role] = frozenset(("owner", "admin"))


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """`actor` is how the audit log names it. A key without the scope `management` has no role.

    `bounds` is the most that a key can have which it makes or changes.
    """

    organisation_id: str
    house: bool
    role: Role | None
    bounds: Bounds
    actor: str
    key: Key | None = None
    member: Member | None = None

    @property
    def is_manager(self) -> bool:
        return self.role in MANAGERS

    @property
    def runs_the_hub(self) -> bool:
        """Whether it may make organisations, and see which there are."""
        return self.house and self.is_manager

    def require_power_over(self, role: Role) -> None:
        """Only an owner makes, changes or removes an owner. Raises Forbidden."""
        if role == "owner" and self.role != "owner":
            raise Forbidden("Only an owner may do this to or for an owner.", code="role_missing")

    def require_power_to_give(self, role: Role) -> None:
        """A key that may not do everything makes nobody a member who may. Raises Forbidden."""
        if not covers(self.bounds, bounds_of_role(role)):
            message = f"A member with the role '{role}' can have keys that go beyond the caller's own."
            raise Forbidden(message, code="beyond_maker", param="role")


def caller_by_key(key: Key, *, house: bool) -> Caller:
    """A management key does what an admin does; it is no owner, whoever has made it."""
    return Caller(
        organisation_id=key.organisation_id,
        house=house,
        role="admin" if "management" in key.scopes else None,
        bounds=bounds_of_key(key),
        actor=f"key:{key.id}",
        key=key,
    )


def caller_by_session(member: Member, *, house: bool) -> Caller:
    return Caller(
        organisation_id=member.organisation_id,
        house=house,
        role=member.role,
        bounds=bounds_of_role(member.role),
        actor=f"member:{member.id}",
        member=member,
    )


def operator(organisation: Organisation) -> Caller:
    """Whoever can open the home may do everything, in each organisation as its owner."""
    return Caller(
        organisation_id=organisation.id,
        house=True,
        role="owner",
        bounds=bounds_of_role("owner"),
        actor="operator",
    )
