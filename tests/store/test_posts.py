"""Posts: written in groups, all of one or nothing, and told to whoever waits, on a loop or on a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future

import apsw
import msgspec
import pytest
from tests.store.test_sqlite import FULL

from entrepot import ledger
from entrepot.errors import StoreUnavailable
from entrepot.ledger import Reservation
from entrepot.store import ExchangeRow, Store, posts
from entrepot.store.posts import Post

OpenStore = Callable[..., Store]


def held(reference: str, amount_nusd: int = 100) -> Reservation:
    return Reservation(reference=reference, at_ms=1, organisation_id="org_1", amount_nusd=amount_nusd)


def row(reference: str) -> ExchangeRow:
    return msgspec.structs.replace(FULL, request_id=reference, asked="m")


def begin(store: Store, reference: str) -> None:
    store.journal.reserve(ledger.reserve(held(reference)), held(reference), row(reference), Future()).result()


def end(reference: str) -> Post:
    return Post([ledger.settle(held(reference), 30, at_ms=2)], row(reference), None, Future())


@pytest.mark.parametrize("count", [1, 2, 64, 65, 300])
def test_a_group_of_any_size_is_written_whole(open_store: OpenStore, count: int) -> None:
    store = open_store()
    waiting: list[Future[None]] = []
    for number in range(count):
        reservation = held(f"r{number:03}")
        waiting.append(
            store.journal.reserve(ledger.reserve(reservation), reservation, row(reservation.reference), Future())
        )
    for future in waiting:
        future.result()
    assert [left.reservation.reference for left in store.journal.open_reservations()] == [
        f"r{number:03}" for number in range(count)
    ]
    for number in range(count):
        store.journal.close([ledger.settle(held(f"r{number:03}"), 1, at_ms=2)], row(f"r{number:03}"), Future())
    store.journal.keep_balances().result()
    assert store.journal.open_reservations() == []
    assert len(store.exchanges(limit=1000)) == count
    assert [balance.wallet_nusd for balance in store.journal.balances()] == [-count]


def test_one_post_at_fault_fails_alone(open_store: OpenStore) -> None:
    store = open_store()
    for number in range(5):
        begin(store, f"r{number}")
    store.journal.close([ledger.void(held("r2"), at_ms=2)], row("r2"), Future()).result()
    group = [end(f"r{number}") for number in range(5)]
    posts.write_posts(store._writer, group)
    failed = [number for number, post in enumerate(group) if post.future.exception() is not None]
    assert failed == [2]
    assert store.journal.open_reservations() == []
    assert len(store.exchanges()) == 5


def test_a_disk_that_refuses_fails_the_whole_group_and_changes_nothing(
    open_store: OpenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store()
    begin(store, "r1")

    def refuse(*_: object) -> None:
        raise apsw.FullError("disk full")

    with monkeypatch.context() as patched:
        patched.setattr(posts, "insert", refuse)
        group = [end("r1"), end("r2")]
        posts.write_posts(store._writer, group)
    for post in group:
        assert isinstance(post.future.exception(), StoreUnavailable)
    assert [left.reservation.reference for left in store.journal.open_reservations()] == ["r1"]


async def test_a_loops_futures_are_done_on_it(open_store: OpenStore) -> None:
    store = open_store()
    loop = asyncio.get_running_loop()
    kept, left = loop.create_future(), loop.create_future()
    store.journal.reserve(ledger.reserve(held("r1")), held("r1"), row("r1"), left)
    left.cancel()
    await store.journal.reserve(ledger.reserve(held("r2")), held("r2"), row("r2"), kept)
    assert len(store.journal.open_reservations()) == 2


def test_a_closed_store_takes_nothing_more(open_store: OpenStore) -> None:
    store = open_store("other.db")
    store.close()
    with pytest.raises(StoreUnavailable):
        store.journal.keep_balances()
    with pytest.raises(StoreUnavailable):
        store.journal.close([], row("r1"), Future())
