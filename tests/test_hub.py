"""What exchanges share: keys that follow the store, and an orderly end."""

from __future__ import annotations

import asyncio
import os
import time

import pytest
from tests.conftest import MakeHub
from tests.support.running import CHAT, question
from tests.support.stored import put_key, remove_key

from entrepot import hub as hub_module
from entrepot.errors import StoreUnavailable, Unauthenticated
from entrepot.keys import KeySpec, issue
from entrepot.store import Store

ECHO = question() | {"model": "sandbox/echo"}


async def test_keys_that_another_process_changes_are_in_force_within_a_second(make_hub: MakeHub) -> None:
    running = make_hub()
    following = asyncio.create_task(running.hub.follow_keys())
    other = Store(running.home.path / "entrepot.db")
    organisation_id = running.home.owner.organisation_id
    key, token = issue(KeySpec(name="late"), organisation_id, running.home.pepper, now_ms=0, random=os.urandom)
    try:
        put_key(other, key)
        await asyncio.sleep(hub_module.KEYS_POLL_S + 0.3)
        assert (await running.post(CHAT, ECHO, token=token)).status == 200
        remove_key(other, key)
        await asyncio.sleep(hub_module.KEYS_POLL_S + 0.3)
        assert (await running.post(CHAT, ECHO, token=token)).status == 401
    finally:
        following.cancel()
        other.close()
    assert hub_module.KEYS_POLL_S < 1


async def test_unchanged_keys_are_not_read_again(make_hub: MakeHub) -> None:
    running = make_hub()
    ring = running.hub.keys
    running.hub.refresh_keys()
    assert running.hub.keys is ring
    running.key()
    assert running.hub.keys is not ring


async def test_while_the_store_cannot_be_read_the_known_keys_stay_valid(
    make_hub: MakeHub, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    running = make_hub()
    monkeypatch.setattr(hub_module, "KEYS_POLL_S", 0.01)

    def fail() -> int:
        raise StoreUnavailable("The store cannot be read: IOError.")

    monkeypatch.setattr(running.home.store, "keys_generation", fail)
    following = asyncio.create_task(running.hub.follow_keys())
    await asyncio.sleep(0.05)
    assert not following.done()
    following.cancel()
    assert (await running.post(CHAT, ECHO)).status == 200
    assert "keys and rules cannot be read from the store" in caplog.text


async def test_an_empty_store_knows_no_key(make_hub: MakeHub) -> None:
    running = make_hub()
    for key in running.home.store.all_keys():
        remove_key(running.home.store, key)
    running.hub.refresh_keys()
    with pytest.raises(Unauthenticated):
        running.hub.keys.authenticate(running.live, 0)


# Drain --------------------------------------------------------------------------------------------


def pretend(running: hub_module.Hub, work: object) -> asyncio.Task[None]:
    """An exchange under way."""
    task: asyncio.Task[None] = asyncio.create_task(work)  # type: ignore[arg-type]
    running.active.add(task)
    task.add_done_callback(running.active.discard)
    return task


async def test_a_drain_with_nothing_to_do_is_over_at_once(make_hub: MakeHub) -> None:
    running = make_hub().hub
    began = time.monotonic()
    await running.drain(30)
    assert running.draining
    assert time.monotonic() - began < 0.5


async def test_a_drain_ends_with_the_last_exchange(make_hub: MakeHub) -> None:
    running = make_hub().hub
    tasks = [pretend(running, asyncio.sleep(pause_s)) for pause_s in (0.01, 0.1)]
    began = time.monotonic()
    await running.drain(30)
    assert 0.09 < time.monotonic() - began < 1
    assert not any(task.cancelled() for task in tasks)


async def test_after_its_time_a_drain_cancels_what_is_left_and_waits_for_its_last_words(make_hub: MakeHub) -> None:
    running = make_hub().hub
    said: list[str] = []

    async def stubborn() -> None:
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            await asyncio.sleep(0.05)
            said.append("settled")

    quick, slow = pretend(running, asyncio.sleep(0.01)), pretend(running, stubborn())
    await asyncio.sleep(0)
    await running.drain(0.1)
    assert said == ["settled"]
    assert slow.done()
    assert not quick.cancelled()
