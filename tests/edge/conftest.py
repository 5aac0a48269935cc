"""What speaks to sockets runs on both event loops, asyncio's own and uvloop as the hub does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import pytest
import uvloop
from tests.support.listening import Door, Handler, turns

from entrepot.edge import listener

OpenDoor = Callable[..., Awaitable[Door]]

_ON_BOTH = ("test_asgi", "test_connection", "test_cycle", "test_listener")


def pytest_asyncio_loop_factories(item: pytest.Item) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    on_both = item.path.stem in _ON_BOTH
    return {"asyncio": asyncio.new_event_loop} | ({"uvloop": uvloop.new_event_loop} if on_both else {})


@pytest.fixture
async def open_door(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[OpenDoor]:
    """Opens doors, and has seen to it that nothing went wrong where only the event loop sees it."""
    monkeypatch.setattr(listener, "SWEEP_S", 0.02)
    doors: list[Door] = []
    problems: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: problems.append(context))

    async def opened(handler: Handler, *, header_timeout_s: float = 10.0) -> Door:
        doors.append(Door(handler, header_timeout_s=header_timeout_s))
        await doors[-1].open()
        return doors[-1]

    yield opened
    for door in doors:
        await door.close()
    await turns(10)  # uvloop closes sockets a little later
    assert problems == []
