"""Which figures a gateway gets: translations only where it makes them, and none for what it refuses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from bench.dialects import CHAT, Dialect
from bench.load import Pace
from bench.scenario import QUICK, Entrant, many_clients, translated_streams
from bench.servers import Target
from bench.upstream import PACED_MODEL, Connection
from msgspec.structs import replace

PLAN = replace(QUICK, window_s=0.05, warm_s=0.0, limit_s=1.0, translated_streams=Pace(streams=2, events=2, every_ms=1))
OTHER = Dialect(name="other", path="/v1/other", end=CHAT.end)


@pytest.fixture
async def target() -> AsyncIterator[Target]:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(loop, PACED_MODEL), "127.0.0.1", 0)
    async with server:
        yield Target(port=server.sockets[0].getsockname()[1], model=PACED_MODEL)


async def test_a_gateway_that_translates_has_the_cost_of_each_dialect(target: Target) -> None:
    entrant = Entrant("hub", target, target, translates=(OTHER,))
    samples = await many_clients(entrant, PLAN) | await translated_streams(entrant, PLAN)
    assert {name for name in samples if name.startswith("cpu_")} == {
        "cpu_us_per_call",
        "cpu_us_per_other_call",
        "cpu_us_per_chat_event",
        "cpu_us_per_other_event",
    }
    assert entrant.errors == 0


async def test_a_gateway_that_does_not_translate_has_only_its_own(target: Target) -> None:
    entrant = Entrant("nginx", target, target)
    assert await translated_streams(entrant, PLAN) == {}
    assert {name for name in await many_clients(entrant, PLAN) if name.startswith("cpu_")} == {"cpu_us_per_call"}


async def test_what_fails_has_errors_and_no_figure() -> None:
    closed = Target(port=1, model="m")
    entrant = Entrant("hub", closed, closed, translates=(OTHER,))
    assert "cpu_us_per_other_call" not in await many_clients(entrant, PLAN)
    assert entrant.errors > 0
