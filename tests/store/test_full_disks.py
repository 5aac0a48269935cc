"""A disk that refuses: rows wait for it, and nobody else does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from tests.store.test_sqlite import FULL, KEY, ORGANISATION, OWNER, eventually, row
from tests.support.stored import put_key

from entrepot.conversation import Usage
from entrepot.errors import StoreUnavailable
from entrepot.store import Store, sqlite
from entrepot.store.queries import Run

OpenStore = Callable[..., Store]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "_RETRY_S", 0.05)


def fill(store: Store) -> None:
    """From now on the file cannot grow."""
    store.write(lambda run: store._writer.pragma("max_page_count", 1)).result()


def widen(store: Store) -> None:
    store.write(lambda run: store._writer.pragma("max_page_count", 1 << 30)).result()


@pytest.mark.usefixtures("impatient")
def test_rows_wait_for_a_full_disk_and_are_written_when_there_is_room(open_store: OpenStore) -> None:
    store = open_store()
    fill(store)
    for number in range(500):
        store.record(row(number, asked="x" * 200))
    eventually(lambda: store.failing)
    assert "FullError" in str(store.failing)
    store.record(row(500))
    widen(store)
    eventually(lambda: len(store.exchanges(limit=1000)) == 501)
    eventually(lambda: store.failing is None)
    assert store.dropped_rows == 0


@pytest.mark.usefixtures("impatient")
def test_while_the_disk_refuses_the_oldest_rows_give_way(
    open_store: OpenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "_BACKLOG_ROWS", 100)
    store = open_store()
    fill(store)
    for number in range(300):
        store.record(row(number, asked="x" * 200))
    eventually(lambda: store.dropped_rows == 200)
    widen(store)
    assert [each.started_at_ms for each in eventually(lambda: store.exchanges(limit=1000))] == [*range(299, 199, -1)]


@pytest.mark.usefixtures("impatient")
def test_a_writer_that_is_refused_says_so(open_store: OpenStore) -> None:
    store = open_store()
    store.found(ORGANISATION, OWNER, [])
    fill(store)
    big = msgspec.structs.replace(KEY, name="x" * 100_000)
    with pytest.raises(StoreUnavailable, match="FullError"):
        put_key(store, big)
    assert store.all_keys() == []
    widen(store)
    put_key(store, big)
    assert store.all_keys() == [big]


POISON = [
    {"request_id": "req_00001"},  # an id that is there already
    {"usage": Usage(input_tokens=-1)},
    {"duration_ms": "soon"},
    {"attempts": 1 << 70},
    {"asked": "\udcff"},
]


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("poison", POISON, ids=lambda fields: next(iter(fields)))
def test_one_row_that_cannot_be_stored_does_not_hold_up_the_others(
    open_store: OpenStore, poison: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    store = open_store()
    store.record(row(1))
    eventually(store.exchanges)
    for each in (row(2), row(3, **poison), row(4)):
        store.record(each)
    eventually(lambda: len(store.exchanges()) == 3)
    assert [each.started_at_ms for each in store.exchanges()] == [4, 2, 1]
    store.record(row(5))
    eventually(lambda: len(store.exchanges()) == 4)
    assert (store.failing, store.dropped_rows) == (None, 1)
    assert "cannot be stored" in caplog.text


@pytest.mark.usefixtures("impatient")
def test_work_that_fails_in_python_does_not_end_the_writer(open_store: OpenStore) -> None:
    store = open_store()

    def work(run: Run) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.write(work).result(timeout=3)
    store.record(FULL)
    assert eventually(store.exchanges) == [FULL]


def test_a_store_whose_file_cannot_be_read_says_so(open_store: OpenStore) -> None:
    store = open_store()
    store.write(lambda run: store._writer.execute("DROP TABLE generations").fetchall()).result()
    with pytest.raises(StoreUnavailable, match="cannot be read"):
        store.keys_generation()
