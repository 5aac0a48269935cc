"""Statements on vouchers. `run` is a transaction's, or a store's `read`."""

from __future__ import annotations

import msgspec

from entrepot.store.queries import Run

LAST = 1 << 62


class Voucher(msgspec.Struct, frozen=True, kw_only=True):
    """An amount for whoever redeems its code, of which the store has only a digest. `actor` has made it."""

    id: str
    amount_nusd: int
    actor: str
    created_at_ms: int
    note: str | None = None
    expires_at_ms: int | None = None
    redeemed_at_ms: int | None = None
    redeemed_by: str | None = None
    seq: int = 0


def insert(run: Run, voucher: Voucher, digest: bytes) -> None:
    run("insert_voucher", msgspec.structs.asdict(voucher) | {"digest": digest})


def by_digest(run: Run, digest: bytes) -> Voucher | None:
    rows = run("voucher_by_digest", {"digest": digest})
    return Voucher(**rows[0]) if rows else None


def find(run: Run, id: str) -> Voucher | None:
    rows = run("voucher", {"id": id})
    return Voucher(**rows[0]) if rows else None


def listed(run: Run, *, before_seq: int = LAST, limit: int = 100) -> list[Voucher]:
    """Newest first."""
    return [Voucher(**row) for row in run("vouchers", {"before_seq": before_seq, "limit": limit})]


def redeem(run: Run, voucher: Voucher, organisation_id: str, now_ms: int) -> None:
    run("redeem_voucher", {"id": voucher.id, "organisation_id": organisation_id, "now_ms": now_ms})


def delete(run: Run, voucher: Voucher) -> None:
    run("delete_voucher", {"id": voucher.id})
