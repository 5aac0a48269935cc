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
from contextlib import suppress
from datetime import UTC, datetime

import msgspec
from msgspec.structs import replace

from entrepot import ledger
from entrepot.conversation import Usage
from entrepot.errors import StoreUnavailable
from entrepot.free_tier import FreeCall, FreeDays, FreeUse
from entrepot.ledger import Debt, Entry, Reservation
from entrepot.limits import Admission, Ask, Limiter
from entrepot.money import Price, Tier
from entrepot.rules import Rule
from entrepot.store import ExchangeRow, Post, Refused, Store
from entrepot.wallets import Wallets
from entrepot.windows import Now, window_start

log = logging.getLogger(__name__)

KEPT_S = 0.005  # a reservation is kept in memory at least, and at most twice as long
PROGRESS_S = 1.0  # between two records of how far an answer under way has come
PROGRESS_AT_ONCE = 16  # answers: other threads share the interpreter's lock with the event loop, which must not wait
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
        self._kept: dict[Beginning, Callable[[], ExchangeRow]] = {}  # each with its row as it is by then
        self._timer: asyncio.TimerHandle | None = None
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
        generation = journal.generation()
        self.wallets.terms = journal.terms()
        self.plans = self._store.plans()
        movements = journal.movements(after_seq=self._seq)
        self.wallets.post(entry for _, entry in movements)
        self._seq = max((seq for seq, _ in movements), default=self._seq)
        self._take_rules(journal.rules())
        self._generation = generation  # now that nothing has failed: else the next turn tries again

    def _take_rules(self, rules: Sequence[Rule]) -> None:
        """Rules that are new begin with what their subjects have used already."""
        instant = self._clock()
        for gate in self.limiter.change(rules, instant):
            gate.seed(instant, functools.partial(self._store.journal.used, gate.rule))

    # Exchanges ------------------------------------------------------------------------------------

    def reserve(self, reservation: Reservation, row: Callable[[], ExchangeRow]) -> Beginning:
        """Hold the money now, which the wallet has, and write it down soon; `row` is asked then."""
        beginning = Beginning(reservation)
        self.wallets.post([beginning.entry])
        self._kept[beginning] = row
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(KEPT_S, self._write_kept)
        return beginning

    def write(self, beginning: Beginning) -> Post:
        """Begin to write down what is held, where that has not begun. Await it for the disk to know."""
        if beginning.post is None:
            row, loop = self._kept.pop(beginning), asyncio.get_running_loop()
            beginning.post = self._store.journal.reserve(beginning.entry, beginning.reservation, row(), loop)
        return beginning.post

    def _write_kept(self) -> None:
        """What has been kept since the last time is written; what is younger may still end before the next."""
        self._timer = asyncio.get_running_loop().call_later(KEPT_S, self._write_kept) if self._kept else None
        for beginning in [each for each in self._kept if each.is_ripe]:
            self.write(beginning)
        for beginning in self._kept:
            beginning.is_ripe = True

    def record(self, row: ExchangeRow, owed: Sequence[Entry]) -> None:
        """The end of an exchange for which the disk knows of nothing that is held, with what providers are owed."""
        self._store.record(row, owed)

    def close(self, entries: Sequence[Entry], row: ExchangeRow, beginning: Beginning | None = None) -> Post:
        """Begin to write the end of an exchange. A disk that does not take it is asked until it does.

        Where the `beginning` could not be written, neither can the end, and is not tried again. One that is still kept
        is written with the end, as one.
        """
        loop = asyncio.get_running_loop()
        if beginning is not None and beginning.post is None:
            del self._kept[beginning]
            beginning.post = self._store.journal.whole([beginning.entry, *entries], row, loop)
            return beginning.post
        post = self._store.journal.close(entries, row, beginning.post if beginning else None, loop)
        post.on_failure = self._persist
        return post

    def _persist(self, end: Post) -> None:
        if end.beginning is not None and end.beginning.error is not None:
            return  # whoever waits for the end sees to it
        if isinstance(end.error, Refused):
            log.critical(
                "the end of %s is refused; `entrepot ledger verify` tells more: %s", end.row.request_id, end.error
            )
        else:
            log.error("the end of %s is not written yet: %s", end.row.request_id, end.error)
            self.keep(asyncio.get_running_loop().create_task(self._write_again(end)))

    async def _write_again(self, end: Post) -> None:
        await asyncio.sleep(RETRY_S)
        with suppress(StoreUnavailable):  # `_persist` has seen it
            await self.close(end.entries, end.row)

    async def follow_progress(self) -> None:
        """Write down every second what has been delivered of the answers under way, for a start after a crash."""
        while True:
            answers = list(self.under_way.values())
            shares = [answers[begin : begin + PROGRESS_AT_ONCE] for begin in range(0, len(answers), PROGRESS_AT_ONCE)]
            if not shares:
                await asyncio.sleep(PROGRESS_S)
            for share in shares:
                rows = await asyncio.to_thread(_rows, share)
                if rows:
                    with suppress(StoreUnavailable):  # the next second tries again
                        await asyncio.wrap_future(self._store.journal.progress(rows))
                await asyncio.sleep(PROGRESS_S / len(shares))

    def keep(self, task: asyncio.Task[None]) -> None:
        """Hold a task that writes, until it has."""
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def finish(self, within_s: float) -> None:
        """Wait for what is still being written, and write down the balances for the next start."""
        for beginning in list(self._kept):
            self.write(beginning)
        until_s = time.monotonic() + within_s
        while self._writing and (left_s := until_s - time.monotonic()) > 0:
            await asyncio.wait(self._writing, timeout=left_s)
        with suppress(StoreUnavailable):  # then the next start adds up a little more
            await asyncio.wrap_future(self._store.journal.keep_balances())


class Beginning:
    """What an exchange holds: kept for a moment, then posted. One that ends meanwhile is posted as a whole."""

    __slots__ = ("entry", "is_ripe", "post", "reservation")

    def __init__(self, reservation: Reservation) -> None:
        self.entry = ledger.reserve(reservation)
        self.reservation = reservation
        self.is_ripe = False
        self.post: Post | None = None


class Bill(msgspec.Struct, eq=False):
    """What one exchange may cost and has cost. `price` is None where nothing is charged, or nobody knows how much.

    `free` is what it has taken of the free tier; its price is zero then. `failed` is owed for attempts that failed.
    """

    books: Books
    price: Price | None
    tier: Tier
    admission: Admission | None = None
    free: FreeCall | None = None
    reservation: Reservation | None = None
    beginning: Beginning | None = None
    end: Post | None = None
    failed: Sequence[Debt] = ()
    settled: bool = False

    def hold(self, more_nusd: int) -> Entry:
        """Hold more, as far as the wallet has it; what it has not is the house's."""
        assert self.reservation is not None
        available_nusd = self.books.wallets.balance(self.reservation.organisation_id).available_nusd
        held_nusd = more_nusd if available_nusd is None else min(more_nusd, available_nusd)
        entry = ledger.reserve(replace(self.reservation, amount_nusd=held_nusd))
        self.books.wallets.post([entry])
        self.reservation = replace(self.reservation, amount_nusd=self.reservation.amount_nusd + held_nusd)
        return entry

    def settle(self, closing: Entry, usage: Usage, charge_nusd: int | None) -> None:
        """What is held and not charged is free again. Only the first time counts."""
        if not self.settled:
            self.settled = True
            self.books.wallets.post([closing])
            self.leave(usage, charge_nusd)

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
    closed, writing, began = [], list[Post](), time.monotonic()
    for left in store.journal.open_reservations():
        known = left.row
        debt = Debt(known.provider or "unknown", known.debt_nusd) if known.debt_nusd else None
        charge_nusd = min(known.charge_nusd or 0, left.reservation.amount_nusd)
        entry = ledger.recover(left.reservation, charge_nusd, at_ms=now_ms(), debt=debt)
        row = replace(
            known,
            status=500,
            error_code="hub_stopped",
            usage=known.usage if known.ttft_ms is not None else Usage(),
            charge_nusd=charge_nusd,
        )
        writing.append(store.journal.close([entry], row))
        closed.append(entry)
    for written in writing:
        written.result()
    if closed:
        seconds = time.monotonic() - began
        log.warning("%d exchanges that had not ended were closed in %.2f s", len(closed), seconds)
    return closed
