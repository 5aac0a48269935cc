"""What every act of administration needs, and how it is logged."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from entrepot.accounts.audit import AuditEntry, differences
from entrepot.accounts.callers import Caller
from entrepot.books import now_ms
from entrepot.keys import RandomBytes
from entrepot.settings import Accounts
from entrepot.store import Store, audit
from entrepot.store.queries import Run

T = TypeVar("T")


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """Made for one request. Its methods wait for the disk: not on the event loop."""

    store: Store
    pepper: bytes
    settings: Accounts = Accounts()
    request_id: str | None = None
    now_ms: int = msgspec.field(default_factory=now_ms)
    random: RandomBytes = os.urandom

    def commit(self, work: Callable[[Run], T]) -> T:
        """Run `work` in one transaction: what it raises undoes all of it."""
        return self.store.write(work).result()

    def log(
        self,
        run: Run,
        caller: Caller,
        action: str,
        subject: str,
        *,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
    ) -> None:
        """Add to the audit log of the caller's organisation, within the transaction of the change."""
        before, after = differences(before, after)
        entry = AuditEntry(
            at_ms=self.now_ms,
            organisation_id=caller.organisation_id,
            actor=caller.actor,
            action=action,
            subject=subject,
            before=before,
            after=after,
            request_id=self.request_id,
        )
        audit.append(run, entry)
