"""Moving money once, however often a client asks: what a request was answered is kept under its Idempotency-Key.

The answer is written in the transaction of what it tells of. So there is no moment at which one is done and not the
other, and of two requests at the same time the second finds the first one's answer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import msgspec

from entrepot.accounts import tokens
from entrepot.administration.desk import Desk
from entrepot.errors import IdempotencyKeyReused
from entrepot.store import answers
from entrepot.store.answers import KeptAnswer
from entrepot.store.queries import Run


class Ask(msgspec.Struct, frozen=True):
    """A request that may come again: its Idempotency-Key, if it has one, and a fingerprint of all it says."""

    key: str | None = None
    fingerprint: bytes = b""


ANEW = Ask()


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """`replayed` says that this was answered before, and nothing done now."""

    status: int
    body: bytes
    replayed: bool = False

    @property
    def value(self) -> dict[str, Any]:
        value: dict[str, Any] = msgspec.json.decode(self.body)
        return value


def fingerprint(*parts: bytes) -> bytes:
    """Of parts that cannot be taken for one another."""
    found = hashlib.sha256()
    for part in parts:
        found.update(len(part).to_bytes(8, "big") + part)
    return found.digest()


def once(
    desk: Desk, organisation_id: str, ask: Ask, act: Callable[[Run], dict[str, Any]], *, status: int = 201
) -> Answer:
    """Run `act` in a transaction unless the same was asked before, and answer what it gives.

    What `act` raises undoes all, and is not kept. Raises IdempotencyKeyReused for another request under the same key.
    """
    digest = tokens.digest(ask.key, "idempotency", desk.pepper) if ask.key is not None else None

    def work(run: Run) -> Answer:
        kept = answers.find(run, organisation_id, digest, desk.now_ms) if digest else None
        if kept is not None:
            if kept.request != ask.fingerprint:
                raise IdempotencyKeyReused("This Idempotency-Key was used for another request.")
            return Answer(status=kept.status, body=kept.body, replayed=True)
        body = msgspec.json.encode(act(run))
        if digest:
            new = KeptAnswer(request=ask.fingerprint, status=status, body=body)
            answers.keep(run, organisation_id, digest, new, desk.now_ms)
        return Answer(status=status, body=body)

    return desk.commit(work)
