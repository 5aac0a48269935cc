"""One line of the audit log: who changed what, when, from what to what. Never with a secret."""

from __future__ import annotations

from typing import Any

import msgspec

from entrepot.keys import iso


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """`actor` is `member:ID`, `key:ID` or `operator` (the command line); `subject` names a record the same way.

    `before` and `after` hold the fields that differ, as the API shows them. `seq` is the store's.
    """

    at_ms: int
    organisation_id: str
    actor: str
    action: str
    subject: str
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    request_id: str | None = None
    seq: int = 0


def differences(
    before: dict[str, Any] | None, after: dict[str, Any] | None
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """The fields of either that are not the same in both."""
    if before is None or after is None:
        return before, after
    names = [name for name in after if before.get(name) != after[name]]
    return {name: before.get(name) for name in names}, {name: after[name] for name in names}


def audit_object(entry: AuditEntry) -> dict[str, Any]:
    return {
        "id": entry.seq,
        "object": "audit_entry",
        "at": iso(entry.at_ms),
        "organisation_id": entry.organisation_id,
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "before": entry.before,
        "after": entry.after,
        "request_id": entry.request_id,
    }
