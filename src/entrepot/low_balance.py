"""Notices of a low balance: one for each time that it gets low, by signed webhook, repeated until it is taken.

All of it runs beside the exchanges; what is still to be sent stands in the store and outlives a restart.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import os
import time
from typing import Any

import msgspec

from entrepot import webhooks
from entrepot.books import now_ms
from entrepot.errors import StoreUnavailable, UpstreamError
from entrepot.hub import Hub
from entrepot.keys import iso, new_id
from entrepot.money import usd
from entrepot.store.queries import Run
from entrepot.webhooks import Notices

log = logging.getLogger(__name__)

POLL_S = 1.0
ANSWER_WITHIN_S = 10.0
LONGEST_WAIT_MS = 3_600_000
GIVEN_UP_AFTER_MS = 3 * 86_400_000


class Notifier:
    """Watches the balances of one hub."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._low: set[str] | None = None  # organisations of which it was told; not read from the store yet

    async def follow(self) -> None:
        """Look and send, for ever."""
        while True:
            await asyncio.sleep(POLL_S)
            try:
                await self.turn()
            except StoreUnavailable as error:  # it may come back; until then no balance changes either
                log.error("notices of low balances wait: %s", error)

    async def turn(self) -> None:
        """Look at all balances once, and send what is due. Raises StoreUnavailable."""
        notices = self._hub.configuration.webhooks.notices
        if notices is not None:
            await self._look(notices)
            await self._send(notices)

    async def _look(self, notices: Notices) -> None:
        store, wallets = self._hub.store, self._hub.books.wallets
        if self._low is None:
            rows = await asyncio.to_thread(store.read, "low_balances", {})
            self._low = {row["organisation_id"] for row in rows}
        left = {id: wallets.balance(id).total_nusd for id in wallets.terms}
        low = {id for id, total_nusd in left.items() if total_nusd is not None and total_nusd < notices.threshold_nusd}
        if low != self._low:
            sunk = {id: _event(id, left[id] or 0, notices) for id in low - self._low}
            risen = self._low - low
            await asyncio.wrap_future(store.write(lambda run: _note(run, sunk, risen)))
            self._low = low

    async def _send(self, notices: Notices) -> None:
        store = self._hub.store
        due = await asyncio.to_thread(store.read, "notices_due", {"now_ms": now_ms()})
        for row in due:
            failure = await self._post(notices, row["body"].encode())
            outcome = _outcome(row, failure, now_ms())
            await asyncio.wrap_future(store.write(functools.partial(_keep, outcome)))

    async def _post(self, notices: Notices, body: bytes) -> str | None:
        """What went wrong, if anything did."""
        signature = webhooks.sign(body, notices.secret, int(time.time()))
        line = f"{webhooks.HEADER}: {signature}\r\n".encode()
        try:
            http = self._hub.configuration.http
            status = await http.tell(notices.url, line, body, within_s=ANSWER_WITHIN_S)
        except UpstreamError as error:
            return error.code
        return None if 200 <= status < 300 else f"status {status}"


def _event(organisation_id: str, total_nusd: int, notices: Notices) -> dict[str, Any]:
    """What is told. Receivers know repeated notices by their `id`."""
    data = {
        "organisation_id": organisation_id,
        "available_usd": usd(total_nusd),
        "threshold_usd": usd(notices.threshold_nusd),
        "currency": "USD",
    }
    at_ms = now_ms()
    id = f"notice_{new_id(os.urandom)}"
    return {"id": id, "object": "event", "type": "wallet.low_balance", "created_at": iso(at_ms), "data": data}


def _note(run: Run, sunk: dict[str, dict[str, Any]], risen: set[str]) -> None:
    for id in risen:
        run("delete_low_balance", {"organisation_id": id})
    for id, event in sunk.items():
        at_ms = now_ms()
        if run("insert_low_balance", {"organisation_id": id, "since_ms": at_ms}):
            body = msgspec.json.encode(event).decode()
            run("insert_notice", {"id": event["id"], "organisation_id": id, "body": body, "created_at_ms": at_ms})


def _keep(outcome: dict[str, Any], run: Run) -> None:
    run("update_notice", outcome)


def _outcome(row: dict[str, Any], failure: str | None, at_ms: int) -> dict[str, Any]:
    """Sent, to be tried again later and later, or given up."""
    attempts = row["attempts"] + 1
    is_over = failure is None or at_ms - row["created_at_ms"] > GIVEN_UP_AFTER_MS
    if failure is not None:
        log.warning("notice %s was not taken: %s%s", row["id"], failure, "; given up" if is_over else "")
    return {
        "id": row["id"],
        "attempts": attempts,
        "next_at_ms": at_ms + min(1000 << min(attempts, 20), LONGEST_WAIT_MS),
        "done_at_ms": at_ms if is_over else None,
        "failure": failure,
    }
