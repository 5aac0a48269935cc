"""Exchanges that something ends: the client leaves, the hub shuts down, fails, or takes too long."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.conftest import MakeHub
from tests.support.asgi import Call
from tests.support.running import CHAT, RunningHub, question, tables
from tests.support.upstream import FaultUpstream, plain, silence, stream

from entrepot import pipeline
from entrepot.conversation import Usage
from entrepot.exchange import Exchange


def begun(hub: RunningHub, **fields: Any) -> tuple[Call, asyncio.Task[Call]]:
    call = hub.call("POST", CHAT, token=hub.live, body=question(**fields))
    return call, asyncio.create_task(call.run())


@pytest.mark.parametrize("is_stream", [False, True])
async def test_a_client_that_leaves_before_the_answer_gets_none_and_leaves_a_row(
    make_hub: MakeHub, is_stream: bool
) -> None:
    async with FaultUpstream(silence()) as upstream:
        hub = make_hub(tables(upstream.base_url))
        call, running = begun(hub, stream=is_stream)
        await upstream.received(1)
        call.leave()
        await running
        row = await hub.row()
        assert len(upstream.requests) == 1
    assert (row.status, row.error_code, row.usage, row.ttft_ms) == (499, "client_left", Usage(), None)
    assert call.status == 0


@pytest.mark.parametrize("is_stream", [False, True])
async def test_a_client_that_leaves_before_the_answer_ends_the_upstreams_work(
    make_hub: MakeHub, is_stream: bool
) -> None:
    async with FaultUpstream(silence()) as upstream:
        call, running = begun(make_hub(tables(upstream.base_url)), stream=is_stream)
        await upstream.received(1)
        call.leave()
        await running
        await upstream.closed(0, within_s=0.5)


async def test_a_client_that_leaves_a_plain_answer_in_the_middle_ends_the_upstreams_work(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain("x" * 1000).cut(100, "stall")) as upstream:
        hub = make_hub(tables(upstream.base_url))
        call, running = begun(hub)
        await upstream.received(1)
        await asyncio.sleep(0.1)
        call.leave()
        await running
        await upstream.closed(0, within_s=0.5)


async def test_the_pause_between_attempts_ends_when_the_client_leaves(
    make_hub: MakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with FaultUpstream(silence("close")) as upstream:
        hub = make_hub(tables(upstream.base_url))
        monkeypatch.setattr("entrepot.routing.BACKOFF_S", 5.0)
        call, running = begun(hub)
        await upstream.received(1)
        await asyncio.sleep(0.1)
        call.leave()
        await running
        assert len(upstream.requests) == 1
        assert hub.hub.retries == 0


async def test_a_hub_that_shuts_down_takes_nothing_new(offline: RunningHub) -> None:
    await offline.hub.drain(0)
    answer = await offline.ask()
    assert (answer.status, answer.error["code"]) == (503, "shutting_down")
    assert answer.headers["retry-after"] == "1"
    assert await offline.has_no_rows()


async def test_what_runs_at_shutdown_may_end(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain().late(0.2)) as upstream:
        hub = make_hub(tables(upstream.base_url))
        _, running = begun(hub)
        await upstream.received(1)
        await hub.hub.drain(5)
        assert (await running).status == 200


async def test_what_does_not_end_in_time_is_told(make_hub: MakeHub) -> None:
    long_stream = stream("Ahoy ", "there").cut(400, "stall")
    async with FaultUpstream(silence(), long_stream) as upstream:
        hub = make_hub(tables(upstream.base_url))
        _, plain_one = begun(hub)
        await upstream.received(1)
        _, streamed = begun(hub, stream=True)
        await upstream.received(2)
        await asyncio.sleep(0.1)
        await hub.hub.drain(0.05)
        refused, broken = await plain_one, await streamed
        rows = await hub.rows(2)
        await upstream.closed(1)
    assert (refused.status, refused.error["code"]) == (503, "shutting_down")
    assert broken.status == 200
    assert broken.data[-1]["error"]["code"] == "shutting_down"
    assert {row.error_code for row in rows} == {"shutting_down"}
    assert hub.hub.active == set()


async def test_a_failure_of_the_hubs_own_says_nothing_but_the_requests_id(
    offline: RunningHub, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(exchange: Exchange) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(pipeline, "admit", fail)
    answer = await offline.ask()
    row = await offline.row()
    assert (answer.status, answer.error["code"]) == (500, "internal_error")
    assert "secret detail" not in answer.body.decode()
    assert "secret detail" in caplog.text
    assert answer.headers["x-request-id"] in caplog.text
    assert (row.status, row.error_code) == (500, "internal_error")


async def test_an_exchange_has_its_time(make_hub: MakeHub) -> None:
    async with FaultUpstream(stream(*"abcdefghij").slowly(0.1)) as upstream:
        hub = make_hub(tables(upstream.base_url), upstream={"total_timeout_s": 0.3})
        answer = await hub.ask(stream=True)
        await upstream.closed(0)
    assert answer.data[-1]["error"]["code"] == "upstream_timeout"
    assert (await hub.row()).status == 504
