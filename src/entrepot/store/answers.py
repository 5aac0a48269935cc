"""Statements on answers that are kept under an Idempotency-Key. `run` is a transaction's, or a store's `read`."""

from __future__ import annotations

import msgspec

from entrepot.store.queries import Run

KEPT_MS = 7 * 86_400_000


class KeptAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a request was answered; `request` is its fingerprint."""

    request: bytes
    status: int
    body: bytes


def find(run: Run, organisation_id: str, digest: bytes, now_ms: int) -> KeptAnswer | None:
    """The answer under a key, of which `digest` is made."""
    rows = run("answer", {"organisation_id": organisation_id, "digest": digest, "since_ms": now_ms - KEPT_MS})
    return KeptAnswer(**rows[0]) if rows else None


def keep(run: Run, organisation_id: str, digest: bytes, answer: KeptAnswer, now_ms: int) -> None:
    values = {"organisation_id": organisation_id, "digest": digest, "at_ms": now_ms}
    run("insert_answer", values | msgspec.structs.asdict(answer))


def prune(run: Run, now_ms: int) -> None:
    """Remove what is kept no longer."""
    run("delete_old_answers", {"since_ms": now_ms - KEPT_MS})
