"""The audit log: added to within the transaction of each change, read backwards, never changed."""

from __future__ import annotations

from typing import Any

import msgspec

from entrepot.accounts.audit import AuditEntry
from entrepot.store.queries import Run

LAST = 1 << 62


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries: those before `before_seq`, with these words, in [from_ms, until_ms)."""

    before_seq: int = LAST
    actor: str | None = None
    action: str | None = None
    subject: str | None = None
    from_ms: int = 0
    until_ms: int = LAST
    limit: int = 100


def append(run: Run, entry: AuditEntry) -> None:
    row = msgspec.structs.asdict(entry)
    run("insert_audit", row | {name: _text(row[name]) for name in ("before", "after")})


def entries(run: Run, organisation_id: str, wanted: Filter) -> list[AuditEntry]:
    """Newest first."""
    rows = run("audit", msgspec.structs.asdict(wanted) | {"organisation_id": organisation_id})
    return [
        msgspec.convert(row | {name: _value(row[name]) for name in ("before", "after")}, AuditEntry) for row in rows
    ]


def _text(value: dict[str, Any] | None) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()


def _value(text: str | None) -> Any:
    return None if text is None else msgspec.json.decode(text)
