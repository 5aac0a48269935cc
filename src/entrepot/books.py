"""The books of a running hub: wallets and limits in memory, and the ledger on disk behind them.

Decisions are taken in memory without waiting; what follows from them is written beside whatever else goes on, and who
must not go on before it is written awaits it.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from datetime import UTC, datetime

import msgspec

from entrepot import ledger
from entrepot.conversation import Usage
from entrepot.errors import StoreUnavailable
from entrepot.free_tier import FreeCall, FreeDays, FreeUse
from entrepot.ledger import Debt, Entry, Reservation
from entrepot.limits import Admission, Ask, Limiter
from entrepot.money import Price, Tier
from entrepot.rules import Rule
from entrepot.store import ExchangeRow, Refused, Store
from entrepot.wallets import Wallets
from entrepot.windows import Now, window_start

log = logging.getLogger(__name__)

PROGRESS_S = 1.0  # between two records of how far answers under way have come
RETRY_S = 1.0  # between two attempts to write a settlement that the disk does not take


def now() -> Now:
    return Now(time.monotonic(), datetime.now(UTC))


def now_ms() -> int:
    return time.time_ns() // 1_000_000


SoFar = Callable[[], ExchangeRow | None]
"""An exchange as it is known by now; None while nothing is delivered. Called on another thread."""


class Books:
    """Wallets, limits and plans as the store has them, and the way into the ledger. Belongs to one event loop."""

    def __init__(self, store: Store, clock: Callable[[], Now] = now) -> None:
        """Closes what a crash has left open, before anything else."""
        self._store = store
        self._clock = clock
        self._generation = -1
        self._writing: set[asyncio.Task[None]] = set()
        self.under_way: dict[str, SoFar] = {}
        self.recovered = recover(store)
        balances = store.journal.balances()
        self._seq = max((balance.seq for balance in balances), default=0)
        self.wallets = Wallets({each.organisation_id: each.wallet_nusd for each in balances}, {})
        self.plans: Mapping[str, str] = {}
        instant = clock()
        self.limiter = Limiter((), instant)
        self.free_days = FreeDays(store.journal.free_use(window_start("day", instant.wall)), instant)
        self.refresh()

    def has_changed(self) -> bool:
        return self._store.journal.generation() != self._generation

    def refresh(self) -> None:
        """Take over rules, terms and movements of money, whichever process has made them."""
        journal = self._store.journal
        self._generation = journal.generation()
        self.wallets.terms = journal.terms()
        self.plans = self._store.plans()
        movements = journal.movements(after_seq=self._seq)
        self.wallets.post(entry for _, entry in movements)
        self._seq = max((seq for seq, _ in movements), default=self._seq)
        self._take_rules(journal.rules())

    def _take_rules(self, rules: Sequence[Rule]) -> None:
        """Rules that are new begin with what their subjects have used already."""
        instant = self._clock()
        for gate in self.limiter.change(rules, instant):
            gate.seed(instant, functools.partial(self._store.journal.used, gate.rule))

    # Exchanges ------------------------------------------------------------------------------------

    def reserve(self, reservation: Reservation, row: ExchangeRow) -> asyncio.Future[None]:
        """Hold the money now; the future is done when the disk knows it. Raises InsufficientFunds."""
        self.wallets.require(reservation.organisation_id, reservation.amount_nusd)
        entry = ledger.reserve(reservation)
        self.wallets.post([entry])
        return self._store.journal.reserve(entry, reservation, row, asyncio.get_running_loop().create_future())

    def forget(self, reservation: Reservation) -> None:
        """Give back what could not be held on disk."""
        self.wallets.post([ledger.void(reservation, at_ms=reservation.at_ms)])
        self.under_way.pop(reservation.reference, None)

    def record(self, row: ExchangeRow, owed: Sequence[Entry]) -> None:
        """The end of an exchange for which the disk knows of nothing that is held, with what providers are owed."""
        self._store.record(row, owed)

    def close(self, entries: Sequence[Entry], row: ExchangeRow) -> asyncio.Future[None]:
        """The end of an exchange, done when it is written. A disk that does not take it is asked until it does."""
        self.wallets.post(entries)
        return self._write_end(entries, row)

    def _write_end(self, entries: Sequence[Entry], row: ExchangeRow) -> asyncio.Future[None]:
        future = self._store.journal.close(entries, row, asyncio.get_running_loop().create_future())
        future.add_done_callback(functools.partial(self._persist, entries, row))
        return future

    def _persist(self, entries: Sequence[Entry], row: ExchangeRow, future: asyncio.Future[None]) -> None:
        error = future.exception()
        if isinstance(error, Refused):
            log.critical("the end of %s is refused; `entrepot ledger verify` tells more: %s", row.request_id, error)
        elif error is not None:
            log.error("the end of %s is not written yet: %s", row.request_id, error)
            self.keep(asyncio.get_running_loop().create_task(self._write_again(entries, row)))

    async def _write_again(self, entries: Sequence[Entry], row: ExchangeRow) -> None:
        await asyncio.sleep(RETRY_S)
        with suppress(StoreUnavailable):  # `_persist` has seen it
            await self._write_end(entries, row)

    async def follow_progress(self) -> None:
        """Write down every second what has been delivered of the answers under way, for a start after a crash."""
        while True:
            await asyncio.sleep(PROGRESS_S)
            rows = await asyncio.to_thread(_rows, list(self.under_way.values()))
            if rows:
                with suppress(StoreUnavailable):  # the next second tries again
                    await asyncio.wrap_future(self._store.journal.progress(rows))

    def keep(self, task: asyncio.Task[None]) -> None:
        """Hold a task that writes, until it has."""
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def finish(self, within_s: float) -> None:
        """Wait for what is still being written, and write down the balances for the next start."""
        until_s = time.monotonic() + within_s
        while self._writing and (left_s := until_s - time.monotonic()) > 0:
            await asyncio.wait(self._writing, timeout=left_s)
        with suppress(StoreUnavailable):  # then the next start adds up a little more
            await asyncio.wrap_future(self._store.journal.keep_balances())


class Bill:
    """What one exchange may cost and has cost. `price` is None where nothing is charged, or nobody knows how much.

    `free` is what it has taken of the free tier; its price is zero then. `failed` is owed for attempts that failed.
    """

    __slots__ = ("admission", "books", "failed", "free", "price", "reservation", "settled", "tier", "written")

    def __init__(self, books: Books, price: Price | None, tier: Tier) -> None:
        self.books = books
        self.price = price
        self.tier = tier
        self.admission: Admission | None = None
        self.free: FreeCall | None = None
        self.reservation: Reservation | None = None
        self.written: asyncio.Future[None] | None = None
        self.failed: Sequence[Debt] = ()
        self.settled = False

    def leave(self, usage: Usage, charge_nusd: int | None) -> None:
        """Limits and budgets count what was used, no longer what might have been."""
        if self.admission is not None:
            self.books.limiter.dismiss(self.admission, Ask(tokens=usage.total_tokens, nusd=charge_nusd or 0))
        if self.free is not None:
            failed = charge_nusd is None
            self.free.correct(FreeUse(requests=0 if failed else 1, tokens=0 if failed else usage.total_tokens))


def _rows(under_way: Sequence[SoFar]) -> list[ExchangeRow]:
    return [row for so_far in under_way if (row := so_far()) is not None]


def recover(store: Store) -> list[Entry]:
    """Close each exchange that a crash has cut off, once: charged for what was known to be delivered, the rest void.

    What the provider may bill beyond the charge is the house's loss.
    """
    closed, writing, began = [], list[Future[None]](), time.monotonic()
    for left in store.journal.open_reservations():
        known = left.row
        debt = Debt(known.provider or "unknown", known.debt_nusd) if known.debt_nusd else None
        charge_nusd = min(known.charge_nusd or 0, left.reservation.amount_nusd)
        entry = ledger.recover(left.reservation, charge_nusd, at_ms=now_ms(), debt=debt)
        row = msgspec.structs.replace(
            known,
            status=500,
            error_code="hub_stopped",
            usage=known.usage if known.ttft_ms is not None else Usage(),
            charge_nusd=charge_nusd,
        )
        writing.append(store.journal.close([entry], row, Future()))
        closed.append(entry)
    for written in writing:
        written.result()
    if closed:
        seconds = time.monotonic() - began
        log.warning("%d exchanges that had not ended were closed in %.2f s", len(closed), seconds)
    return closed
