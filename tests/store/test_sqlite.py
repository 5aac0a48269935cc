"""The embedded store on a real file: rows, keys, several openers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw
import msgspec
import pytest
from tests.support.stored import change_key, put_key, remove_key

from entrepot.accounts import Member, Organisation
from entrepot.conversation import Usage
from entrepot.errors import ConfigurationError, StoreUnavailable
from entrepot.keys import Key
from entrepot.store import ExchangeRow, Store, UsageRow

OpenStore = Callable[..., Store]

ORGANISATION = Organisation(id="org_1", name="Default", created_at_ms=1, house=True)
OWNER = Member(id="mem_1", organisation_id="org_1", name="Owner", role="owner", created_at_ms=1)
FULL = ExchangeRow(
    request_id="req_1",
    started_at_ms=1_790_000_000_001,
    key_id="key_1",
    mode="live",
    dialect="openai_chat",
    asked="asked\0 'é\U0001f6a2\n",
    model="model",
    provider="provider",
    offered="offered",
    answered="answered",
    stream=True,
    status=200,
    error_code="error_code",
    finish="stop",
    attempts=2,
    usage=Usage(
        input_tokens=101,
        cached_tokens=102,
        cache_write_tokens=103,
        cache_write_1h_tokens=108,
        audio_input_tokens=109,
        image_input_tokens=110,
        output_tokens=104,
        reasoning_tokens=105,
        audio_output_tokens=111,
        estimated=True,
    ),
    ttft_ms=106,
    duration_ms=107,
    organisation_id="org_1",
    member_id="mem_1",
    project="project",
    charge_nusd=112,
    debt_nusd=113,
    answer_id="answer_id",
)
EMPTY = msgspec.structs.replace(
    FULL,
    request_id="req_2",
    key_id=None,
    model=None,
    provider=None,
    offered=None,
    answered=None,
    stream=False,
    status=404,
    error_code=None,
    finish=None,
    usage=Usage(),
    ttft_ms=None,
    organisation_id=None,
    member_id=None,
    project=None,
    charge_nusd=None,
    debt_nusd=None,
    answer_id=None,
)
KEY = Key(
    id="key_1",
    organisation_id="org_1",
    name="a 'key' é",
    mode="live",
    scopes=("inference", "usage"),
    models=("m 1", 'm"2', "m,3"),
    digest=bytes(32),
    created_at_ms=5,
    previous_digest=bytes(range(32)),
    previous_until_ms=6,
    expires_at_ms=7,
    disabled=True,
)
PLAIN_KEY = Key(
    id="key_2",
    organisation_id="org_1",
    name="plain",
    mode="test",
    scopes=(),
    models=None,
    digest=b"d" * 32,
    created_at_ms=6,
)


def row(number: int, **fields: Any) -> ExchangeRow:
    return msgspec.structs.replace(FULL, **{"request_id": f"req_{number:05}", "started_at_ms": number} | fields)


def eventually(check: Callable[[], Any], within_s: float = 3.0) -> Any:
    until = time.monotonic() + within_s
    while not (result := check()):
        assert time.monotonic() < until, "not in time"
        time.sleep(0.01)
    return result


# Exchanges ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("written", [FULL, EMPTY])
def test_a_row_is_read_as_it_was_written(open_store: OpenStore, written: ExchangeRow) -> None:
    store = open_store()
    store.record(written)
    assert eventually(store.exchanges) == [written]


def test_rows_survive_closing_even_right_after_they_were_queued(open_store: OpenStore) -> None:
    store = open_store()
    for number in range(300):
        store.record(row(number))
    store.close()
    assert len(open_store().exchanges(limit=1000)) == 300


@pytest.mark.parametrize("count", [1, 2, 5, 39, 300])
def test_any_number_of_rows_queued_at_once_is_written_in_order(open_store: OpenStore, count: int) -> None:
    store = open_store()
    written = [row(number, duration_ms=number) for number in range(count)]
    for each in written:
        store.record(each)
    assert eventually(lambda: len(found := store.exchanges(limit=1000)) == count and found)[::-1] == written


def test_rows_queued_together_share_a_commit(open_store: OpenStore) -> None:
    store = open_store()
    commits: list[int] = []
    store.write(lambda run: None).result()
    store._writer.set_commit_hook(lambda: commits.append(1) or False)  # type: ignore[func-returns-value]
    for number in range(100):
        store.record(row(number))
    eventually(lambda: len(store.exchanges(limit=1000)) == 100)
    assert 1 <= len(commits) <= 2


def test_record_does_not_wait_for_the_disk(open_store: OpenStore) -> None:
    store, busy = open_store(), threading.Event()
    store.write(lambda run: busy.wait(5))
    began = time.monotonic()
    for number in range(1000):
        store.record(row(number))
    assert time.monotonic() - began < 0.5
    busy.set()
    eventually(lambda: len(store.exchanges(limit=2000)) == 1000)


def test_exchanges_are_filtered_and_newest_first(open_store: OpenStore) -> None:
    store = open_store()
    for number in range(6):
        store.record(row(number, key_id="odd" if number % 2 else None))
    store.close()
    store = open_store()

    def found(**filters: Any) -> list[int]:
        return [each.started_at_ms for each in store.exchanges(**filters)]

    assert found() == [5, 4, 3, 2, 1, 0]
    assert found(limit=2) == [5, 4]
    assert found(from_ms=2, until_ms=5) == [4, 3, 2]
    assert found(key_id="odd") == [5, 3, 1]
    assert found(key_id="' OR 1=1 --") == []


def test_an_exchange_is_found_by_either_id_and_only_where_it_belongs(open_store: OpenStore) -> None:
    store = open_store()
    store.found(ORGANISATION, OWNER, [KEY, PLAIN_KEY])
    for number in (1, 2):
        store.record(row(number, organisation_id="org_1", answer_id="chatcmpl-twice"))
    store.record(row(3, organisation_id="org_1", key_id="key_2", answer_id="chatcmpl-other"))
    store.close()
    store = open_store()

    def found(id: str, organisation_id: str = "org_1", **narrower: Any) -> int | None:
        one = store.exchange(id, organisation_id, **narrower)
        return one.started_at_ms if one else None

    assert found(row(1).request_id) == found(row(1).request_id, key_id="key_1") == 1
    assert found("chatcmpl-twice") == 2  # the newest: an upstream may give an id again
    assert (found("chatcmpl-other"), found("chatcmpl-other", key_id="key_1")) == (3, None)
    assert (found("chatcmpl-other", from_ms=4), found(row(3).request_id, from_ms=4)) == (None, 3)
    assert found("chatcmpl-twice", "org_2") is found(row(1).request_id, "org_2") is None
    assert found(row(1).request_id, key_id="key_2") is None
    assert (found("chatcmpl-twice", member_id="mem_1"), found("chatcmpl-twice", member_id="mem_2")) == (2, None)


def test_usage_sums_by_model_key_and_mode(open_store: OpenStore) -> None:
    store = open_store()
    counts = Usage(
        input_tokens=10, cached_tokens=4, cache_write_tokens=2, cache_write_1h_tokens=1, audio_input_tokens=2,
        image_input_tokens=1, output_tokens=5, reasoning_tokens=2, audio_output_tokens=3,
    )  # fmt: skip
    rows = [
        row(1, usage=counts, ttft_ms=10, duration_ms=20),
        row(2, usage=msgspec.structs.replace(counts, estimated=True), ttft_ms=None, duration_ms=41, status=502),
        row(3, usage=counts, mode="test", ttft_ms=None),
        row(4, model=None, asked="unknown", key_id="key_2", status=404, usage=Usage(), ttft_ms=None),
        row(9, usage=counts),
    ]
    for each in rows:
        store.record(each)
    store.close()
    store = open_store()
    live, *others = store.usage(until_ms=9)
    assert live == UsageRow(
        model="model",
        key_id="key_1",
        mode="live",
        requests=2,
        failed=1,
        input_tokens=20,
        cached_tokens=8,
        cache_write_tokens=4,
        cache_write_1h_tokens=2,
        audio_input_tokens=4,
        image_input_tokens=2,
        output_tokens=10,
        reasoning_tokens=4,
        audio_output_tokens=6,
        estimated=1,
        charge_nusd=224,
        mean_ttft_ms=10,
        p50_ttft_ms=10,
        p95_ttft_ms=10,
        mean_duration_ms=30,
        p50_duration_ms=30,
        p95_duration_ms=39,
    )
    assert [(each.model, each.key_id, each.mode, each.failed, each.mean_ttft_ms) for each in others] == [
        ("model", "key_1", "test", 0, None),
        ("unknown", "key_2", "live", 1, None),
    ]
    assert [each.model for each in store.usage(key_id="key_2")] == ["unknown"]
    assert store.usage(from_ms=10) == []


# Keys and accounts --------------------------------------------------------------------------------


def test_keys_are_read_as_they_were_written(open_store: OpenStore) -> None:
    store = open_store()
    store.found(ORGANISATION, OWNER, [KEY])
    put_key(store, PLAIN_KEY)
    assert store.owner() == OWNER
    assert store.all_keys() == [KEY, PLAIN_KEY]
    store.close()
    assert open_store().all_keys() == [KEY, PLAIN_KEY]


def test_a_key_can_be_changed_and_deleted(open_store: OpenStore) -> None:
    store = open_store()
    store.found(ORGANISATION, OWNER, [KEY])
    changed = msgspec.structs.replace(PLAIN_KEY, id=KEY.id, mode=KEY.mode, created_at_ms=KEY.created_at_ms)
    change_key(store, changed)
    assert store.all_keys() == [changed]
    remove_key(store, KEY)
    assert store.all_keys() == []


def test_founding_is_all_or_nothing(open_store: OpenStore) -> None:
    store = open_store()
    with pytest.raises(StoreUnavailable):
        store.found(ORGANISATION, OWNER, [KEY, KEY])
    assert store.owner() is None
    assert store.all_keys() == []
    store.found(ORGANISATION, OWNER, [KEY])


def test_a_key_needs_its_organisation(open_store: OpenStore) -> None:
    with pytest.raises(StoreUnavailable):
        put_key(open_store(), KEY)


def test_another_process_sees_that_keys_have_changed(open_store: OpenStore) -> None:
    one, other = open_store(), open_store()
    one.found(ORGANISATION, OWNER, [])
    seen = [other.keys_generation()]
    for change in (put_key, change_key, remove_key):
        change(one, KEY)
        seen.append(other.keys_generation())
    assert seen == sorted(set(seen))
    one.record(FULL)
    eventually(one.exchanges)
    assert other.keys_generation() == seen[-1]


def test_two_stores_write_the_same_file(open_store: OpenStore) -> None:
    one, other = open_store(), open_store()
    for number in range(200):
        (one if number % 2 else other).record(row(number))
    eventually(lambda: len(one.exchanges(limit=1000)) == 200)


# The file -----------------------------------------------------------------------------------------


def test_commits_are_durable_and_the_library_is_one_without_the_wal_bug(open_store: OpenStore) -> None:
    store = open_store()
    for connection in (store._reader, store._writer):
        pragmas = ("journal_mode", "synchronous", "foreign_keys")
        assert [connection.pragma(name) for name in pragmas] == ["wal", 2, 1]
    assert tuple(map(int, apsw.sqlite_lib_version().split("."))) >= (3, 51, 3)


def test_a_newer_schema_is_refused_and_left_alone(tmp_path: Path, open_store: OpenStore) -> None:
    open_store().close()
    connection = apsw.Connection(str(tmp_path / "entrepot.db"))
    connection.execute("PRAGMA user_version = 99").fetchall()
    with pytest.raises(ConfigurationError, match="schema 99"):
        Store(tmp_path / "entrepot.db")
    assert connection.pragma("user_version") == 99


@pytest.mark.parametrize("content", [b"", b"not a database, surely not" * 400])
def test_only_a_database_or_an_empty_file_is_opened(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "entrepot.db"
    path.write_bytes(content)
    if content:
        with pytest.raises(ConfigurationError, match="cannot be opened"):
            Store(path)
        assert path.read_bytes() == content
    else:
        Store(path).close()


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be opened"):
        Store(tmp_path / "no" / "entrepot.db")
