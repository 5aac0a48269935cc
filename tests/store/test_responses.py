"""Stored responses on a real file: chains, keys apart, expiry, and what gives way when there is too much."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import apsw
import msgspec
import pytest
from tests.store.test_sqlite import KEY, ORGANISATION, OWNER, eventually

from entrepot.errors import StoreUnavailable
from entrepot.store import Store, StoredResponse, sqlite

OpenStore = Callable[..., Store]

NOW_MS = 1_790_000_000_000
ROOMY = 1 << 20


def response(number: int, *, after: int | None = None, **fields: Any) -> StoredResponse:
    made = StoredResponse(
        key_id=KEY.id,
        id=f"resp_{number}",
        previous_id=None if after is None else f"resp_{after}",
        model="m",
        created_at_ms=NOW_MS,
        expires_at_ms=NOW_MS + 1000,
        input='["é"]',
        response='{"output":[]}',
    )
    return msgspec.structs.replace(made, **fields)


def keep(store: Store, *responses: StoredResponse, items: tuple[str, ...] = (), limit_bytes: int = ROOMY) -> None:
    for each in responses:
        store.responses.keep(each, items, limit_bytes=limit_bytes).result(5)


def prune(store: Store, now_ms: int = NOW_MS) -> None:
    store.write(lambda run: store.responses.prune(run, now_ms)).result(5)


def left(store: Store, *numbers: int, now_ms: int = 0) -> list[int]:
    return [number for number in numbers if store.responses.find(KEY.id, f"resp_{number}", now_ms)]


@pytest.fixture
def store(open_store: OpenStore) -> Store:
    made = open_store()
    made.found(ORGANISATION, OWNER, [KEY])
    return made


def test_what_is_kept_is_found_at_once_and_after_opening_anew(store: Store, open_store: OpenStore) -> None:
    keep(store, response(1))
    for opened in (store, open_store()):
        assert opened.responses.find(KEY.id, "resp_1", NOW_MS) == response(1)
        assert opened.responses.find(KEY.id, "resp_2", NOW_MS) is None


def test_a_key_finds_continues_and_deletes_only_its_own(store: Store) -> None:
    keep(store, response(1), items=("msg_1",))
    assert store.responses.find("other", "resp_1", NOW_MS) is None
    assert store.responses.chain("other", "resp_1", NOW_MS) == []
    assert store.responses.of_items("other", ["msg_1"], NOW_MS) == []
    assert store.responses.delete("other", "resp_1", NOW_MS).result(5) is False
    assert left(store, 1) == [1]


def test_two_keys_may_have_responses_of_one_id(store: Store) -> None:
    keep(store, response(1), response(1, key_id="other", model="n"))
    assert [row.model for row in (store.responses.chain("other", "resp_1", 0))] == ["n"]


def test_a_chain_is_given_from_its_beginning(store: Store) -> None:
    keep(store, response(1), response(2, after=1), response(3, after=2), response(4, after=2))
    assert [row.id for row in store.responses.chain(KEY.id, "resp_4", NOW_MS)] == ["resp_1", "resp_2", "resp_4"]


def test_a_chain_with_a_turn_missing_is_none(store: Store) -> None:
    keep(store, response(1), response(2, after=1), response(3, after=2))
    assert store.responses.delete(KEY.id, "resp_1", NOW_MS).result(5) is True
    assert store.responses.delete(KEY.id, "resp_1", NOW_MS).result(5) is False
    assert store.responses.chain(KEY.id, "resp_3", NOW_MS) == []
    assert left(store, 1, 2, 3) == [2, 3]


def test_items_lead_to_the_response_that_holds_them(store: Store) -> None:
    keep(store, response(1), items=("msg_1", "fc_1"))
    keep(store, response(2), items=("msg_2",))
    keep(store, response(3), items=("msg_2",))
    found = store.responses.of_items(KEY.id, ["fc_1", "msg_1", "msg_2", "msg_3"], NOW_MS)
    assert sorted(row.id for row in found) == ["resp_1", "resp_3"]
    store.responses.delete(KEY.id, "resp_1", NOW_MS).result(5)
    assert store.responses.of_items(KEY.id, ["fc_1"], NOW_MS) == []


def test_an_expired_response_is_not_found_but_stays_while_later_turns_need_it(store: Store) -> None:
    late = NOW_MS + 1000
    keep(store, response(1), response(2, after=1, expires_at_ms=late + 1), response(3))
    assert left(store, 1, 2, 3, now_ms=late) == [2]
    assert store.responses.delete(KEY.id, "resp_3", late).result(5) is False
    prune(store, late)
    assert left(store, 1, 2, 3) == [1, 2]
    assert len(store.responses.chain(KEY.id, "resp_2", late)) == 2
    prune(store, late + 1)
    prune(store, late + 1)
    assert left(store, 1, 2, 3) == []


def test_the_oldest_of_a_key_give_way_when_it_has_too_much(store: Store) -> None:
    size = len('["é"]{"output":[]}'.encode())
    keep(store, *(response(number) for number in range(1, 5)), limit_bytes=3 * size)
    keep(store, response(1, key_id="other"))
    prune(store)
    assert left(store, 1, 2, 3, 4) == [2, 3, 4]
    assert store.responses.find("other", "resp_1", NOW_MS) is None  # there is no such key


def test_a_pass_removes_no_more_than_some_and_goes_on_with_the_next(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("entrepot.store.responses._MOST_AT_ONCE", 2)
    keep(store, *(response(number) for number in range(1, 6)), limit_bytes=0)
    remaining = []
    for _ in range(3):
        prune(store)
        remaining.append(left(store, 1, 2, 3, 4, 5))
    assert remaining == [[3, 4, 5], [5], []]


def test_a_pass_that_has_left_something_is_soon_followed_by_another(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("entrepot.store.responses._MOST_AT_ONCE", 1)
    store._prune_at = 0.0  # the next one after this would be due in a minute
    keep(store, *(response(number) for number in range(1, 6)), limit_bytes=0)
    eventually(lambda: not left(store, 1, 2, 3, 4, 5))


def test_the_writer_prunes_by_itself(open_store: OpenStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "_PRUNE_S", 0.01)
    store = open_store()
    keep(store, response(1))  # of no key
    eventually(lambda: not left(store, 1))


def test_a_full_disk_is_told_and_leaves_nothing_behind(store: Store) -> None:
    store._writer.execute("CREATE TEMP TRIGGER full BEFORE INSERT ON response_items BEGIN SELECT raise(ABORT, ''); END")
    with pytest.raises(StoreUnavailable):
        store.responses.keep(response(1), ["msg_1"], limit_bytes=ROOMY).result(5)
    assert left(store, 1) == []
    keep(store, response(2))
    assert left(store, 2) == [2]


async def test_who_leaves_before_the_commit_does_not_end_the_writer(store: Store) -> None:
    begun, may_end = threading.Event(), threading.Event()
    store.write(lambda run: begun.set() or may_end.wait(5))  # type: ignore[func-returns-value]
    assert begun.wait(5)
    waiting = asyncio.wrap_future(store.responses.keep(response(1), (), limit_bytes=ROOMY))
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    may_end.set()
    await asyncio.wait_for(asyncio.wrap_future(store.responses.keep(response(2), (), limit_bytes=ROOMY)), 5)
    assert left(store, 1, 2) == [1, 2]


def test_jobs_that_wait_together_are_committed_together(store: Store) -> None:
    commits: list[int] = []
    begun, may_end = threading.Event(), threading.Event()
    blocking = store.write(lambda run: begun.set() or may_end.wait(5))  # type: ignore[func-returns-value]
    assert begun.wait(5)
    waiting = [store.responses.keep(response(number), (), limit_bytes=ROOMY) for number in (1, 2, 2)]
    store._writer.set_commit_hook(lambda: commits.append(1) or False)  # type: ignore[func-returns-value]
    may_end.set()
    blocking.result(5)
    waiting[0].result(5)
    waiting[1].result(5)
    with pytest.raises(StoreUnavailable) as caught:
        waiting[2].result(5)
    assert isinstance(caught.value.__cause__, apsw.ConstraintError)
    assert len(commits) == 2  # one for the job that blocked, one for the others together
    assert left(store, 1, 2) == [1, 2]
