"""The ledger on disk: entries, reservations of exchanges under way, balances, payment terms and rules."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from datetime import datetime
from typing import Any, TypeVar, get_args

import msgspec

from entrepot.free_tier import FreeUse
from entrepot.ledger import Entry, Reservation
from entrepot.limits import Meter
from entrepot.rules import Rule, SubjectKind
from entrepot.store.posts import Post
from entrepot.store.queries import Run
from entrepot.store.records import BalanceRow, ExchangeRow, OpenReservation
from entrepot.wallets import Terms

T = TypeVar("T")
Write = Callable[[Callable[[Run], T]], "Future[T]"]
Read = Callable[..., list[dict[str, Any]]]


class Journal:
    """Everything of the store that is about money. What is written is done once the disk has it."""

    def __init__(self, write: Write[Any], post: Callable[[Post], Post], read: Read) -> None:
        self._write = write
        self._post = post
        self._read = read

    # Exchanges ------------------------------------------------------------------------------------

    def reserve(
        self,
        entry: Entry,
        reservation: Reservation,
        row: ExchangeRow,
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> Post:
        """Hold money for an exchange; `row` is what is known of it by now, in case a crash cuts it off."""
        return self._post(Post([entry], row, reservation=reservation, loop=loop))

    def close(
        self,
        entries: Sequence[Entry],
        row: ExchangeRow,
        beginning: Post | None = None,
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> Post:
        """The end of an exchange, with the row that tells of it: both or neither."""
        return self._post(Post(entries, row, beginning=beginning, loop=loop))

    def whole(self, entries: Sequence[Entry], row: ExchangeRow, loop: asyncio.AbstractEventLoop) -> Post:
        """An exchange that ended before its beginning was written: its entries from the first to the last."""
        return self._post(Post(entries, row, is_whole=True, loop=loop))

    def progress(self, rows: Iterable[ExchangeRow]) -> Future[None]:
        """Exchanges under way as they are known by now; those that have ended meanwhile are left alone."""

        def work(run: Run) -> None:
            for row in rows:
                exchange = msgspec.json.encode(row).decode()
                run("update_reservation", {"reference": row.request_id, "exchange": exchange})

        return self._write(work)

    def open_reservations(self) -> list[OpenReservation]:
        """Exchanges that have not ended; at a start, those that a crash has cut off."""
        return [
            OpenReservation(
                reservation=msgspec.convert(row, Reservation),
                row=msgspec.json.decode(row["exchange"], type=ExchangeRow),
            )
            for row in self._read("reservations")
        ]

    # Wallets --------------------------------------------------------------------------------------

    def balances(self) -> list[BalanceRow]:
        """What each organisation has, by the entries up to now."""
        return [msgspec.convert(row, BalanceRow) for row in self._read("balances")]

    def keep_balances(self) -> Future[None]:
        """Write the sums down, so that the next start adds up only what comes after them."""
        return self._write(lambda run: run("keep_balances", {}))

    def movements(self, *, after_seq: int) -> list[tuple[int, Entry]]:
        """The entries that belong to no exchange, oldest first, with their numbers."""
        rows = self._read("movements", {"after_seq": after_seq})
        return [(row["seq"], msgspec.convert(row, Entry)) for row in rows]

    def credits_nusd(self, organisation_id: str) -> int:
        """What has been put into a wallet and taken out of it other than by exchanges."""
        return int(self._read("credits", {"organisation_id": organisation_id})[0]["nusd"])

    def entries(self, organisation_id: str | None = None, *, after_seq: int = 0, limit: int = 1000) -> list[Entry]:
        """Oldest first."""
        parameters = {"organisation_id": organisation_id, "after_seq": after_seq, "limit": limit}
        return [msgspec.convert(row, Entry) for row in self._read("entries", parameters)]

    def terms(self) -> dict[str, Terms]:
        """Payment terms by organisation."""
        return {row["id"]: msgspec.convert(row, Terms) for row in self._read("terms")}

    # Rules ----------------------------------------------------------------------------------------

    def generation(self) -> int:
        """Rises with every change of rules, terms and wallets that is no exchange's, by whichever process."""
        return int(self._read("money_generation")[0]["value"])

    def rules(self) -> list[Rule]:
        return [msgspec.convert(row, Rule) for row in self._read("rules")]

    def used(self, rule: Rule, since: datetime) -> dict[Meter, int]:
        """What the rule's subject has used since then."""
        parameters: dict[str, Any] = dict.fromkeys(get_args(SubjectKind)) | {"model": rule.model}
        parameters[rule.subject] = rule.subject_id
        (row,) = self._read("used", parameters | {"from_ms": round(since.timestamp() * 1000)})
        return {meter: row[meter] for meter in get_args(Meter)}

    def free_use(self, since: datetime) -> dict[str, FreeUse]:
        """What each organisation has used of the free tier since then."""
        rows = self._read("free_use", {"from_ms": round(since.timestamp() * 1000)})
        return {row["organisation_id"]: FreeUse(requests=row["requests"], tokens=row["tokens"]) for row in rows}
