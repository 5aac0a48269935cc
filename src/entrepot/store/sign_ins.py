"""Statements on passwords, links and sessions, without any token. `run` is a transaction's, or a store's `read`."""

from __future__ import annotations

import msgspec

from entrepot.accounts.records import Session
from entrepot.accounts.tokens import Purpose
from entrepot.store.queries import Run


def credentials(run: Run, email: str, organisation_id: str | None) -> tuple[str, str | None] | None:
    """Id and hashed password of the member with this address: in any organisation, the oldest one."""
    rows = run("credentials", {"email": email, "organisation_id": organisation_id})
    return (rows[0]["member_id"], rows[0]["password"]) if rows else None


def password(run: Run, member_id: str) -> str | None:
    """As it is hashed."""
    rows = run("password", {"id": member_id})
    return rows[0]["password"] if rows else None


def rehash_password(run: Run, member_id: str, hashed: str) -> None:
    run("set_password", {"id": member_id, "password": hashed})


def set_password(run: Run, member_id: str, hashed: str) -> None:
    """A new password: whoever came in with the old one is out, and no link is left that could set another."""
    rehash_password(run, member_id, hashed)
    run("delete_sessions_of_member", {"member_id": member_id})
    run("delete_link", {"member_id": member_id})


def insert_link(run: Run, member_id: str, purpose: Purpose, digest: bytes, expires_at_ms: int) -> None:
    """In the place of the member's older one."""
    row = {"member_id": member_id, "purpose": purpose, "digest": digest, "expires_at_ms": expires_at_ms}
    run("insert_link", row)


def link(run: Run, purpose: Purpose, digest: bytes, now_ms: int) -> str | None:
    """Whose link it is; None for an expired one as well."""
    rows = run("link", {"purpose": purpose, "digest": digest, "now_ms": now_ms})
    return rows[0]["member_id"] if rows else None


def insert_session(run: Run, digest: bytes, session: Session) -> None:
    run("insert_session", msgspec.structs.asdict(session) | {"digest": digest})


def session(run: Run, digest: bytes, *, now_ms: int, idle_ms: int) -> Session | None:
    """None for one that is over."""
    rows = run("session", {"digest": digest, "now_ms": now_ms, "idle_since_ms": now_ms - idle_ms})
    return msgspec.convert(rows[0], Session) if rows else None


def touch_session(run: Run, digest: bytes, now_ms: int) -> None:
    run("touch_session", {"digest": digest, "now_ms": now_ms})


def delete_session(run: Run, digest: bytes) -> None:
    run("delete_session", {"digest": digest})


def delete_ended_sessions(run: Run, *, now_ms: int, idle_ms: int) -> None:
    run("delete_ended_sessions", {"now_ms": now_ms, "idle_since_ms": now_ms - idle_ms})
