"""How exchanges get onto the disk: held at once, written soon or as a whole, and again where the disk refuses."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable

import apsw
import pytest
from tests.test_books import prepaid, reservation, row, written

from entrepot import books as books_module
from entrepot import ledger
from entrepot.books import Bill, Books
from entrepot.conversation import Usage
from entrepot.errors import InsufficientFunds, StoreUnavailable
from entrepot.ledger import Debt
from entrepot.store import Refused, Store, checks, posts

OpenStore = Callable[..., Store]


async def test_money_is_held_at_once_and_then_written(open_store: OpenStore) -> None:
    store = open_store()
    prepaid(store, 100)
    books = Books(store)
    held = books.reserve(reservation(60), row)
    with pytest.raises(InsufficientFunds):
        books.wallets.require("org", 60)
    await books.write(held)
    assert [left.reservation.reference for left in store.journal.open_reservations()] == ["req_1"]
    assert (books.wallets.balance("org").wallet_nusd, books.wallets.balance("org").reserved_nusd) == (40, 60)


async def test_what_the_disk_did_not_take_is_given_back(open_store: OpenStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store()
    prepaid(store, 100)
    books = Books(store)
    bill = Bill(books, None, "standard")
    bill.reservation = reservation(60)
    with monkeypatch.context() as patch:
        patch.setattr(posts, "insert", _refuse)
        with pytest.raises(StoreUnavailable):
            await books.write(books.reserve(bill.reservation, row))
    bill.settle(ledger.void(bill.reservation, at_ms=2), Usage(), None)
    bill.settle(ledger.settle(bill.reservation, 10, at_ms=2), Usage(), 10)  # only the first time counts
    balance = books.wallets.balance("org")
    assert (balance.wallet_nusd, balance.reserved_nusd) == (100, 0)
    assert [entry.kind for entry in store.journal.entries()] == ["grant"]


def test_what_is_owed_where_nothing_is_held_is_written_with_its_row(open_store: OpenStore) -> None:
    store = open_store()
    owed = [ledger.attempt(f"req_{number}", "org", Debt("p", 9), at_ms=2) for number in (1, 1, 2)]
    books = Books(store)
    books.record(row(1, charge_nusd=None, debt_nusd=18), owed[:2])
    books.record(row(2, charge_nusd=None, debt_nusd=9, attempts=-(1 << 70)), owed[2:])  # which no store takes
    written(store, row(3, charge_nusd=None))
    store.close()
    again = open_store()
    assert [entry.reference for entry in again.journal.entries()] == ["req_1", "req_1"]
    assert again.report(lambda run: checks.differences(run, running=False)) == []


async def test_a_settlement_that_the_disk_does_not_take_is_written_later(
    open_store: OpenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(books_module, "RETRY_S", 0.01)
    store = open_store()
    prepaid(store, 100)
    books = Books(store)
    await books.write(books.reserve(reservation(60), row))
    with monkeypatch.context() as patch:
        patch.setattr(posts, "insert", _refuse)
        with pytest.raises(StoreUnavailable):
            await books.close([ledger.settle(reservation(60), 25, at_ms=2)], row())
        await asyncio.sleep(0.05)
        assert [found.kind for found in store.journal.entries()] == ["grant", "reserve"]
    await books.finish(5)
    assert [found.kind for found in store.journal.entries()] == ["grant", "reserve", "settle"]
    assert (store.journal.open_reservations(), len(store.exchanges())) == ([], 1)
    assert Books(store).wallets.balance("org").wallet_nusd == 75


@pytest.mark.parametrize("whole", [True, False])
async def test_an_end_whose_beginning_is_not_written_is_not_tried_again(
    open_store: OpenStore, monkeypatch: pytest.MonkeyPatch, whole: bool
) -> None:
    monkeypatch.setattr(books_module, "RETRY_S", 0.01)
    store = open_store()
    prepaid(store, 100)
    books = Books(store)
    with monkeypatch.context() as patch:
        patch.setattr(posts, "insert", _refuse)
        held = books.reserve(reservation(60), row)
        if not whole:
            books.write(held)
        with pytest.raises(StoreUnavailable):
            await books.close([ledger.settle(reservation(60), 25, at_ms=2)], row(), held)
        with pytest.raises(StoreUnavailable):
            await books.write(held)
    await asyncio.sleep(0.05)
    await books.finish(5)
    assert [found.kind for found in store.journal.entries()] == ["grant"]
    assert store.exchanges() == []


async def test_an_exchange_that_is_soon_over_is_written_as_a_whole(open_store: OpenStore) -> None:
    store = open_store()
    prepaid(store, 100)
    books = Books(store)
    held = books.reserve(reservation(60), row)
    end = books.close([ledger.settle(reservation(60), 25, at_ms=2)], row(), held)
    assert held.post is end
    await end
    assert [found.kind for found in store.journal.entries()] == ["grant", "reserve", "settle"]
    assert (store.journal.open_reservations(), len(store.exchanges())) == ([], 1)


async def test_one_that_takes_longer_is_written_before_it_is_over(open_store: OpenStore) -> None:
    store = open_store()
    prepaid(store, 100)
    books = Books(store)
    first = books.reserve(reservation(30), row)
    await asyncio.sleep(0.001)
    second = books.reserve(reservation(30, "req_2"), functools.partial(row, 2))
    async with asyncio.timeout(5):
        while len(store.journal.open_reservations()) < 2:
            await asyncio.sleep(0.005)
    for number, held in ((1, first), (2, second)):
        entry = ledger.void(reservation(30, f"req_{number}"), at_ms=2)
        await books.close([entry], row(number), held)
    assert [found.kind for found in store.journal.entries()] == ["grant", "reserve", "reserve", "void", "void"]
    assert store.journal.open_reservations() == []


async def test_what_is_kept_when_the_hub_stops_is_written(open_store: OpenStore) -> None:
    store = open_store()
    prepaid(store, 100)
    books = Books(store)
    books.reserve(reservation(30), row)
    await books.finish(5)
    assert [left.reservation.reference for left in store.journal.open_reservations()] == ["req_1"]


async def test_an_end_that_the_store_refuses_is_told_once_and_not_tried_again(
    open_store: OpenStore, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(books_module, "RETRY_S", 0.01)
    store = open_store()
    books = Books(store)
    held = books.reserve(reservation(), row)
    await books.close([ledger.void(reservation(), at_ms=2)], row(charge_nusd=None), held)
    with pytest.raises(Refused):
        await books.close([ledger.void(reservation(), at_ms=3)], row(charge_nusd=None))
    await asyncio.sleep(0.05)
    await books.finish(5)
    assert [(record.levelname, "req_1" in record.message) for record in caplog.records] == [("CRITICAL", True)]
    assert [entry.at_ms for entry in store.journal.entries() if entry.kind == "void"] == [2]


def _refuse(*_: object) -> None:
    raise apsw.FullError("disk full")
