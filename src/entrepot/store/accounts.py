"""Statements on organisations, members and invitations. `run` is a transaction's, or a store's `read`."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from entrepot.accounts import Invitation, Member, Organisation
from entrepot.store.queries import Run

T = TypeVar("T")


def organisations(run: Run) -> list[Organisation]:
    """Oldest first."""
    return _all(run("organisations", {}), Organisation)


def organisation(run: Run, id: str) -> Organisation | None:
    return _first(run("organisation", {"id": id}), Organisation)


def insert_organisation(run: Run, organisation: Organisation) -> None:
    run("insert_organisation", msgspec.structs.asdict(organisation))


def update_organisation(run: Run, organisation: Organisation) -> None:
    run("update_organisation", msgspec.structs.asdict(organisation))


def plan(run: Run, organisation_id: str) -> str | None:
    """The one that it has of its own."""
    rows = run("plan", {"id": organisation_id})
    return rows[0]["plan"] if rows else None


def set_plan(run: Run, organisation_id: str, plan: str | None) -> None:
    run("set_plan", {"id": organisation_id, "plan": plan})


def members(run: Run, organisation_id: str) -> list[Member]:
    """Those who have not been removed, oldest first."""
    return _all(run("members", {"organisation_id": organisation_id}), Member)


def member(run: Run, id: str) -> Member | None:
    """None for a removed one as well."""
    return _first(run("member", {"id": id}), Member)


def insert_member(run: Run, member: Member) -> None:
    run("insert_member", msgspec.structs.asdict(member))


def update_member(run: Run, member: Member) -> None:
    run("update_member", msgspec.structs.asdict(member))


def remove_member(run: Run, member: Member, now_ms: int) -> None:
    """The member's record stays, since keys and the audit log name it; nobody can sign in with it any more."""
    run("remove_member", {"id": member.id, "removed_at_ms": now_ms})
    run("delete_sessions_of_member", {"member_id": member.id})
    run("delete_link", {"member_id": member.id})


def invitations(run: Run, organisation_id: str) -> list[Invitation]:
    """Oldest first, expired ones included."""
    return _all(run("invitations", {"organisation_id": organisation_id}), Invitation)


def invitation_by_digest(run: Run, digest: bytes, now_ms: int) -> Invitation | None:
    """None for an expired one as well."""
    return _first(run("invitation_by_digest", {"digest": digest, "now_ms": now_ms}), Invitation)


def insert_invitation(run: Run, invitation: Invitation, digest: bytes) -> None:
    """In the place of an older one to the same address."""
    run("insert_invitation", msgspec.structs.asdict(invitation) | {"digest": digest})


def delete_invitation(run: Run, invitation: Invitation) -> None:
    run("delete_invitation", {"id": invitation.id})


def _all(rows: list[dict[str, Any]], type_: type[T]) -> list[T]:
    return [msgspec.convert(row, type_, strict=False) for row in rows]


def _first(rows: list[dict[str, Any]], type_: type[T]) -> T | None:
    return msgspec.convert(rows[0], type_, strict=False) if rows else None
