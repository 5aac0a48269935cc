"""Members: shown, changed, removed, and given a link to set a password with."""

from __future__ import annotations

from typing import Any

import msgspec

from entrepot.accounts import Member, Role, tokens
from entrepot.accounts.bounds import bounds_of_role, is_within
from entrepot.accounts.callers import Caller, caller_by_session
from entrepot.accounts.records import MemberPatch, member_object, normal_email
from entrepot.accounts.tokens import Purpose
from entrepot.administration.desk import Desk
from entrepot.administration.power import require_power_to_give
from entrepot.errors import Conflict, NotFound
from entrepot.keys import Key, key_object
from entrepot.store import accounts, keys, sign_ins
from entrepot.store.queries import Run

LINK_MS = 86_400_000


def listed(desk: Desk, caller: Caller) -> list[Member]:
    """Oldest first."""
    return accounts.members(desk.store.read, caller.organisation_id)


def find(run: Run, caller: Caller, id: str) -> Member:
    """Raises NotFound, for another organisation's as well."""
    found = accounts.member(run, id)
    if found is None or found.organisation_id != caller.organisation_id:
        raise NotFound("There is no member with this id.", code="member_not_found", param="id")
    return found


def change(desk: Desk, caller: Caller, id: str, patch: MemberPatch) -> Member:
    """Keys that a new role does not allow are disabled.

    Raises NotFound, Forbidden for a role beyond the caller's, Conflict for an address that is taken and for the last
    owner.
    """

    def work(run: Run) -> Member:
        found = find(run, caller, id)
        changed = _patched(found, patch)
        caller.require_power_over(found.role)
        if changed.role != found.role:
            caller.require_power_over(changed.role)
            require_power_to_give(run, caller, changed.role)
            _require_owner_beside(run, found)
        if changed.email != found.email:
            require_free(run, caller.organisation_id, changed.email)
        accounts.update_member(run, changed)
        _log(run, desk, caller, "member.change", found, member_object(changed))
        _disable_keys(run, desk, caller, found, role=changed.role)
        return changed

    return desk.commit(work)


def remove(desk: Desk, caller: Caller, id: str) -> Member:
    """The member's keys are disabled and its sessions ended. Raises as `change` does."""

    def work(run: Run) -> Member:
        found = find(run, caller, id)
        caller.require_power_over(found.role)
        _require_owner_beside(run, found)
        accounts.remove_member(run, found, desk.now_ms)
        _log(run, desk, caller, "member.remove", found, None)
        _disable_keys(run, desk, caller, found, role=None)
        return found

    return desk.commit(work)


def link(desk: Desk, caller: Caller, id: str, purpose: Purpose) -> str:
    """The token with which the member can set a password, once and within a day. Only an owner makes one.

    Raises NotFound, Forbidden, and Conflict for a welcome to who has a password.
    """
    token = tokens.mint(purpose, desk.random)

    def work(run: Run) -> None:
        found = find(run, caller, id)
        caller.require_power_over("owner")
        if purpose == "welcome" and found.has_password:
            raise Conflict("This member has a password already: make a link to reset it instead.")
        digest = tokens.digest(token, purpose, desk.pepper)
        sign_ins.insert_link(run, id, purpose, digest, desk.now_ms + LINK_MS)
        _log(run, desk, caller, f"member.{purpose}", found, member_object(found))

    desk.commit(work)
    return token


def introduce(run: Run, desk: Desk, member: Member, *, email: str, name: str) -> None:
    """What a member says of itself on its first visit. Raises Conflict for an address that is taken."""
    changed = msgspec.structs.replace(member, email=normal_email(email), name=name)
    if changed.email != member.email:
        require_free(run, member.organisation_id, changed.email)
    accounts.update_member(run, changed)
    by = caller_by_session(member, house=False)
    _log(run, desk, by, "member.change", member, member_object(changed))


def require_free(run: Run, organisation_id: str, email: str | None) -> None:
    """Raises Conflict when the address is that of a member."""
    if any(member.email == email for member in accounts.members(run, organisation_id)):
        raise Conflict("There is a member with this e-mail address already.", param="email")


def _patched(member: Member, patch: MemberPatch) -> Member:
    given: dict[str, Any] = {
        name: value for name, value in msgspec.structs.asdict(patch).items() if value is not msgspec.UNSET
    }
    if "email" in given:
        given["email"] = normal_email(given["email"])
    return msgspec.structs.replace(member, **given)


def _require_owner_beside(run: Run, member: Member) -> None:
    owners = [each for each in accounts.members(run, member.organisation_id) if each.role == "owner"]
    if owners == [member]:
        raise Conflict("The last owner cannot go: make someone else an owner first.", code="last_owner")


def _disable_keys(run: Run, desk: Desk, caller: Caller, member: Member, *, role: Role | None) -> None:
    """Those of the member's keys that go beyond the role; without one, all."""
    for key in keys.of_organisation(run, member.organisation_id):
        if key.member_id == member.id and not key.disabled and not (role and is_within(key, bounds_of_role(role))):
            disabled: Key = msgspec.structs.replace(key, disabled=True)
            keys.update(run, disabled)
            before, after = key_object(key), key_object(disabled)
            desk.log(run, caller, "key.change", f"key:{key.id}", before=before, after=after)


def _log(run: Run, desk: Desk, caller: Caller, action: str, member: Member, after: dict[str, Any] | None) -> None:
    desk.log(run, caller, action, f"member:{member.id}", before=member_object(member), after=after)
