"""What an exchange tells of itself: the headers of any answer to it, and its row."""

from __future__ import annotations

import asyncio
import gc
import re

import msgspec
import pytest
from tests.conftest import MakeHub
from tests.support.money import USAGE, priced
from tests.support.running import MODEL, question, tables
from tests.support.upstream import FaultUpstream, Reply, failure, plain, stream

from entrepot.conversation import Usage
from entrepot.dialects.table import CHAT
from entrepot.edge import Client
from entrepot.exchange import Exchange


async def test_headers_grow_with_what_is_known(make_hub: MakeHub) -> None:
    hub = make_hub(tables("http://127.0.0.1:1/v1", lifecycle={"status": "deprecated", "shutdown_at": "2027-01-14"}))
    client = Client({b"x-client-request-id": b"mine"}, hub.call("POST", "/"), "req_1")
    exchange = Exchange(hub.hub.configuration, client, CHAT, client)

    def known() -> dict[bytes, bytes]:
        return dict(exchange.head(b"application/json"))

    always = {b"content-type", b"x-request-id", b"openai-processing-ms", b"x-client-request-id"}
    assert set(known()) == always
    exchange.made_with(hub.hub.keys.authenticate(hub.live, 0))
    assert known()[b"x-entrepot-mode"] == b"live"
    model = hub.hub.configuration.catalogue.models[MODEL]
    exchange.is_for(model)
    assert known()[b"x-entrepot-model"] == MODEL.encode()
    assert known()[b"sunset"] == b"Thu, 14 Jan 2027 00:00:00 GMT"
    (exchange.upstream,) = hub.hub.configuration.registry.upstreams(model)
    exchange.attempts = 2
    assert known()[b"x-entrepot-provider"] == b"up1"
    assert known()[b"x-entrepot-attempts"] == b"2"
    exchange.dropped = ("seed", "metadata")
    assert known()[b"x-entrepot-dropped"] == b"seed, metadata"
    exchange.dropped = ("tools[type=a\r\nset-cookie: b=é]", "x" * 5000)
    assert known()[b"x-entrepot-dropped"].startswith(b"tools[type=a??set-cookie: b=?], xxx")
    assert len(known()[b"x-entrepot-dropped"]) == 2000


async def test_a_fresh_exchange_has_a_row_as_soon_as_its_key_is_known(make_hub: MakeHub) -> None:
    hub = make_hub()
    client = Client({}, hub.call("POST", "/"), "req_1")
    exchange = Exchange(hub.hub.configuration, client, CHAT, client)
    exchange.made_with(hub.hub.keys.authenticate(hub.test, 0))
    row = exchange.row(Usage())
    assert (row.request_id, row.mode, row.asked, row.model, row.provider, row.stream) == (
        *("req_1", "test", "", None, None, False),
    )


async def test_an_exchange_keeps_the_configuration_it_began_with(make_hub: MakeHub) -> None:
    """A reload in the middle takes the upstream away from new calls, not from the one under way."""
    async with FaultUpstream(plain().late(0.1)) as upstream:
        hub = make_hub(tables(upstream.base_url))
        running = asyncio.create_task(hub.ask())
        await upstream.received(1)
        old = hub.hub.configuration
        emptied = make_hub({}).hub.configuration
        hub.hub.configuration = msgspec.structs.replace(emptied, http=old.http)
        assert (await running).status == 200
        assert (await hub.ask()).status == 404


async def test_streams_and_plain_answers_carry_the_same_headers(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain(), stream("a")) as upstream:
        hub = make_hub(tables(upstream.base_url))
        one, other = await hub.ask(), await hub.ask(stream=True)
    assert set(other.headers) - set(one.headers) == {"cache-control", "x-accel-buffering"}
    assert set(one.headers) <= set(other.headers)
    for answer in (one, other):
        assert re.fullmatch(r"\d+", answer.headers["openai-processing-ms"])
    assert one.headers["x-request-id"] != other.headers["x-request-id"]


async def test_ttft_is_the_first_event_and_not_the_last(make_hub: MakeHub) -> None:
    async with FaultUpstream(stream(*"abcd").slowly(0.05)) as upstream:
        hub = make_hub(tables(upstream.base_url))
        await hub.post("/v1/chat/completions", question(stream=True))
        row = await hub.row()
    assert (row.ttft_ms or 0) < 100
    assert row.duration_ms >= 200


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages", "/v1/responses"])
@pytest.mark.parametrize("late_s", [0.0, 0.05])
@pytest.mark.parametrize(
    ("reply", "streamed"),
    [
        (plain(usage=USAGE), False),
        (stream("Hel", "lo", usage=USAGE), True),
        (stream("Hel", "lo", done=False), True),
        (failure(500), False),
    ],
    ids=["plain", "streamed", "broken off", "failed"],
)
async def test_an_exchange_that_has_ended_is_freed_at_once(
    make_hub: MakeHub, reply: Reply, streamed: bool, late_s: float, path: str
) -> None:
    """Not by the garbage collector, which seldom looks: an exchange may hold a large body."""
    asked = {"input": "Hi", "model": MODEL} if path == "/v1/responses" else question(max_tokens=9)
    async with FaultUpstream(reply.late(late_s)) as upstream:
        hub = make_hub(priced(upstream.base_url))
        gc.freeze()  # there is less to look through then
        gc.disable()
        try:
            await hub.post(path, asked | {"stream": streamed})
            await hub.row()
            assert [each for each in gc.get_objects() if isinstance(each, Exchange)] == []
        finally:
            gc.enable()
            gc.unfreeze()
