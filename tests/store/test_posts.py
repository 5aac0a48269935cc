"""Posts: written in groups, all of one or nothing, and told to whoever waits, on a loop or on a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import apsw
import msgspec
import pytest
from tests.store.test_sqlite import FULL

from entrepot import ledger
from entrepot.errors import StoreUnavailable
from entrepot.ledger import Reservation
from entrepot.store import ExchangeRow, Store, posts
from entrepot.store.posts import Post, Refused

OpenStore = Callable[..., Store]


def held(reference: str, amount_nusd: int = 100) -> Reservation:
    return Reservation(reference=reference, at_ms=1, organisation_id="org_1", amount_nusd=amount_nusd)


def row(reference: str) -> ExchangeRow:
    return msgspec.structs.replace(FULL, request_id=reference, asked="m")


def begin(store: Store, reference: str) -> None:
    store.journal.reserve(ledger.reserve(held(reference)), held(reference), row(reference)).result()


def beginning(reference: str) -> Post:
    return Post([ledger.reserve(held(reference))], row(reference), reservation=held(reference))


def end(reference: str, beginning: Post | None = None) -> Post:
    return Post([ledger.settle(held(reference), 30, at_ms=2)], row(reference), beginning=beginning)


@pytest.mark.parametrize("count", [1, 2, 64, 65, 300])
def test_a_group_of_any_size_is_written_whole(open_store: OpenStore, count: int) -> None:
    store = open_store()
    waiting: list[Post] = []
    for number in range(count):
        reservation = held(f"r{number:03}")
        waiting.append(store.journal.reserve(ledger.reserve(reservation), reservation, row(reservation.reference)))
    for post in waiting:
        post.result()
    assert [left.reservation.reference for left in store.journal.open_reservations()] == [
        f"r{number:03}" for number in range(count)
    ]
    for number in range(count):
        store.journal.close([ledger.settle(held(f"r{number:03}"), 1, at_ms=2)], row(f"r{number:03}"))
    store.journal.keep_balances().result()
    assert store.journal.open_reservations() == []
    assert len(store.exchanges(limit=1000)) == count
    assert [balance.wallet_nusd for balance in store.journal.balances()] == [-count]


def test_one_post_at_fault_fails_alone(open_store: OpenStore) -> None:
    store = open_store()
    for number in range(5):
        begin(store, f"r{number}")
    store.journal.close([ledger.void(held("r2"), at_ms=2)], row("r2")).result()
    group = [end(f"r{number}") for number in range(5)]
    posts.write_posts(store._writer, group)
    failed = [number for number, post in enumerate(group) if post.error is not None]
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
        assert isinstance(post.error, StoreUnavailable)
    assert [left.reservation.reference for left in store.journal.open_reservations()] == ["r1"]


def test_an_end_may_be_in_the_group_of_its_beginning(open_store: OpenStore) -> None:
    store = open_store()
    beginnings = [beginning(f"r{number}") for number in range(3)]
    group = [*beginnings, *(end(f"r{number}", beginnings[number]) for number in range(2))]
    posts.write_posts(store._writer, group)
    assert [post.error for post in group] == [None] * 5
    assert [left.reservation.reference for left in store.journal.open_reservations()] == ["r2"]
    kinds = [(entry.kind, entry.reference) for entry in store.journal.entries()]
    assert kinds == [("reserve", "r0"), ("reserve", "r1"), ("reserve", "r2"), ("settle", "r0"), ("settle", "r1")]
    assert {found.request_id for found in store.exchanges()} == {"r0", "r1"}


def test_a_whole_exchange_holds_nothing_in_between(open_store: OpenStore) -> None:
    store = open_store()
    entries = [ledger.reserve(held("r1")), ledger.settle(held("r1"), 30, at_ms=2)]
    whole = Post(entries, row("r1"), is_whole=True)
    posts.write_posts(store._writer, [whole, beginning("r2")])
    whole.result()
    assert store.journal.entries()[:2] == entries
    assert [left.reservation.reference for left in store.journal.open_reservations()] == ["r2"]
    assert [found.request_id for found in store.exchanges()] == ["r1"]


@pytest.mark.parametrize("groups", [1, 2])
def test_an_end_is_not_written_without_its_beginning(open_store: OpenStore, groups: int) -> None:
    store = open_store()
    bad = msgspec.structs.replace(held("r1"), at_ms=1 << 70)
    refused, other = Post([ledger.reserve(bad)], row("r1"), reservation=bad), beginning("r2")
    written = [refused, other, end("r1", refused), end("r2", other)]
    for group in [written] if groups == 1 else [written[:2], written[2:]]:
        posts.write_posts(store._writer, group)
    assert [isinstance(post.error, Refused) for post in written] == [True, False, True, False]
    assert store.journal.open_reservations() == []
    assert [found.request_id for found in store.exchanges()] == ["r2"]
    assert [entry.kind for entry in store.journal.entries()] == ["reserve", "settle"]


def test_an_end_at_fault_leaves_its_beginning_open(open_store: OpenStore) -> None:
    store = open_store()
    first, second = beginning("r1"), beginning("r2")
    group = [first, second, end("r1", first), end("r1", first), end("r2", second)]
    posts.write_posts(store._writer, group)
    assert [post.error is None for post in group] == [True, True, True, False, True]
    assert store.journal.open_reservations() == []
    assert [entry.kind for entry in store.journal.entries()] == ["reserve", "reserve", "settle", "settle"]


async def test_a_post_is_awaited_on_its_loop_as_often_as_one_likes(open_store: OpenStore) -> None:
    store, loop = open_store(), asyncio.get_running_loop()
    post = store.journal.reserve(ledger.reserve(held("r1")), held("r1"), row("r1"), loop)
    waiting = [asyncio.ensure_future(_wait(post)) for _ in range(2)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    await waiting[1]
    await post
    assert waiting[0].cancelled()
    assert [left.reservation.reference for left in store.journal.open_reservations()] == ["r1"]


async def _wait(post: Post) -> None:
    await post


def test_a_closed_store_takes_nothing_more(open_store: OpenStore) -> None:
    store = open_store("other.db")
    store.close()
    with pytest.raises(StoreUnavailable):
        store.journal.keep_balances()
    with pytest.raises(StoreUnavailable):
        store.journal.close([], row("r1"))
