"""Keys: nobody makes, changes or renews one that could do more than he himself, or the member it belongs to."""

from __future__ import annotations

import msgspec
from msgspec import UNSET

from entrepot.accounts.bounds import Bounds, bounds_of_role, within
from entrepot.accounts.callers import Caller
from entrepot.administration import members, rules
from entrepot.administration.desk import Desk
from entrepot.errors import Forbidden, NotFound
from entrepot.keys import Key, KeyPatch, KeySpec, issue, key_id_of, key_object, patched, rotate
from entrepot.store import keys
from entrepot.store.queries import Run


def listed(desk: Desk, caller: Caller) -> list[Key]:
    """Those that the caller may see, oldest first: a developer's own, else the organisation's."""
    return [key for key in keys.of_organisation(desk.store.read, caller.organisation_id) if _may_see(caller, key)]


def find(run: Run, caller: Caller, wanted: str) -> Key:
    """By id or prefix (ep-live-<id>). Raises NotFound, for one that the caller may not see as well."""
    key_id = key_id_of(wanted)
    for key in keys.of_organisation(run, caller.organisation_id):
        if key.id == key_id and _may_see(caller, key):
            return key
    raise NotFound("There is no key with this id.", code="key_not_found", param="id")


def create(desk: Desk, caller: Caller, spec: KeySpec) -> tuple[Key, str]:
    """The key and its token, which is never seen again. A developer's belongs to him.

    Raises NotFound for a member there is not, Forbidden for more than the caller or the member may have.
    """
    if caller.member is not None and not caller.is_manager:
        spec = _own(spec, caller.member.id)
    key, token = issue(spec, caller.organisation_id, desk.pepper, now_ms=desk.now_ms, random=desk.random)
    if caller.key is not None:
        key = msgspec.structs.replace(key, ancestors=(caller.key.id, *caller.key.ancestors))

    def work(run: Run) -> Key:
        made = _bounded(run, caller, key)
        keys.insert(run, made)
        desk.log(run, caller, "key.create", f"key:{key.id}", after=key_object(made))
        rules.bind_key(run, desk, caller, made, spec.limits, spec.budget)
        return made

    return desk.commit(work), token


def change(desk: Desk, caller: Caller, wanted: str, patch: KeyPatch) -> Key:
    """Raises NotFound, and Forbidden when the patch gives what the caller or the member may not have."""
    gives = patch.disabled is False or any(
        field is not UNSET for field in (patch.scopes, patch.models, patch.expires_at)
    )

    def work(run: Run) -> Key:
        found = find(run, caller, wanted)
        changed = patched(found, patch)
        if gives:
            changed = _bounded(run, caller, changed)
        _save(run, desk, caller, "key.change", found, changed)
        rules.bind_key(run, desk, caller, changed, patch.limits, patch.budget)
        return changed

    return desk.commit(work)


def renew(desk: Desk, caller: Caller, wanted: str, *, grace_s: int) -> tuple[Key, str]:
    """A new token for the key: to who may have all that the key has, else Forbidden is raised, or NotFound."""

    def work(run: Run) -> tuple[Key, str]:
        found = find(run, caller, wanted)
        _bounded(run, caller, found)
        rules.require_no_more(run, caller, found)
        renewed, token = rotate(found, desk.pepper, now_ms=desk.now_ms, grace_s=grace_s, random=desk.random)
        _save(run, desk, caller, "key.rotate", found, renewed)
        return renewed, token

    return desk.commit(work)


def delete(desk: Desk, caller: Caller, wanted: str) -> Key:
    """Raises NotFound."""

    def work(run: Run) -> Key:
        found = find(run, caller, wanted)
        keys.delete(run, found)
        rules.forget_key(run, desk, caller, found)
        desk.log(run, caller, "key.delete", f"key:{found.id}", before=key_object(found))
        return found

    return desk.commit(work)


def _may_see(caller: Caller, key: Key) -> bool:
    return caller.role != "developer" or (caller.member is not None and key.member_id == caller.member.id)


def _own(spec: KeySpec, member_id: str) -> KeySpec:
    if spec.member_id not in (None, member_id):
        raise Forbidden("Only owners and admins make keys for others.", code="role_missing", param="member_id")
    return msgspec.structs.replace(spec, member_id=member_id)


def _bounded(run: Run, caller: Caller, key: Key) -> Key:
    """Within the caller's bounds and those of the member that the key belongs to."""
    bounds: list[Bounds] = [caller.bounds]
    if key.member_id is not None:
        bounds.append(bounds_of_role(members.find(run, caller, key.member_id).role))
    for each in bounds:
        key = within(key, each)
    return key


def _save(run: Run, desk: Desk, caller: Caller, action: str, before: Key, after: Key) -> None:
    keys.update(run, after)
    desk.log(run, caller, action, f"key:{after.id}", before=key_object(before), after=key_object(after))
