"""Answers on their way to the client: byte for byte, event by event, with usage believed or counted."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.conftest import MakeHub
from tests.support.running import CHAT, question, tables
from tests.support.upstream import (
    MODEL,
    USAGE,
    FaultUpstream,
    Reply,
    chunks,
    completion,
    dump,
    events,
    html,
    plain,
    respond,
    sse,
    stream,
)

from entrepot import tokens
from entrepot.conversation import Usage
from entrepot.dialects import openai_chat

COUNTED = Usage(input_tokens=11, output_tokens=7)
DONE = sse("[DONE]")


def estimated(text: str, **fields: Any) -> Usage:
    request = openai_chat.parse_request(question(**fields))
    return Usage(input_tokens=tokens.count_request(request), output_tokens=tokens.count(text), estimated=True)


# Plain --------------------------------------------------------------------------------------------

ODDLY_WRITTEN = b'{ "id":"x", "model": "m\\u002d1","choices":[{"message":{"content":"a"},"x":1.0}],\n "usage":%b}\n'


@pytest.mark.parametrize(
    ("reply", "usage"),
    [
        (plain("Hello é"), COUNTED),
        (plain("Hello").in_pieces_of(1), COUNTED),
        (plain("Hello").until_close(), COUNTED),
        (plain("x" * 1_000_000), COUNTED),
        (respond(ODDLY_WRITTEN % dump(USAGE)), COUNTED),
        (respond(ODDLY_WRITTEN % b"null"), estimated("a")),
        (plain("Ahoy there", usage=None), estimated("Ahoy there")),
        (plain("Ahoy there", usage={"prompt_tokens": -5, "completion_tokens": 1 << 63}), estimated("Ahoy there")),
        (plain("Ahoy there", usage={"prompt_tokens": 1.5, "completion_tokens": "7"}), estimated("Ahoy there")),
    ],
)
async def test_a_plain_answer_passes_byte_for_byte(make_hub: MakeHub, reply: Reply, usage: Usage) -> None:
    async with FaultUpstream(reply) as upstream:
        hub = make_hub(tables(upstream.base_url))
        answer = await hub.ask()
        row = await hub.row()
    assert (answer.status, answer.body) == (200, reply.body)
    assert answer.headers["content-type"] == "application/json"
    assert (row.status, row.usage, row.stream, row.error_code) == (200, usage, False, None)
    assert row.ttft_ms is not None
    assert row.ttft_ms <= row.duration_ms


async def test_a_compressed_answer_nobody_asked_for_is_unpacked(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain("Hello").gzipped()) as upstream:
        answer = await make_hub(tables(upstream.base_url)).ask()
    assert answer.body == plain("Hello").body
    assert "content-encoding" not in answer.headers


async def test_the_upstreams_headers_stay_there(make_hub: MakeHub) -> None:
    reply = plain().with_headers({"set-cookie": "a=b", "server": "them", "x-request-id": "theirs", "via": "x"})
    async with FaultUpstream(reply) as upstream:
        answer = await make_hub(tables(upstream.base_url)).ask()
    assert {"set-cookie", "server", "via"}.isdisjoint(answer.headers)
    assert answer.headers["x-request-id"].startswith("req_")


@pytest.mark.parametrize(
    "reply",
    [
        html(),
        respond(b""),
        respond(dump({"error": {"message": "overheated"}})),
        respond(dump({"object": "error", "message": "overheated"})),
        respond(b"[]"),
        plain().gzipped().cut(30),
        plain().cut(30),
        plain().cut(30, "reset"),
        stream("Hello"),
    ],
    ids=["html", "empty", "error", "error object", "array", "gzip", "cut", "reset", "stream"],
)
async def test_what_is_no_answer_becomes_a_502_in_the_dialect(make_hub: MakeHub, reply: Reply) -> None:
    async with FaultUpstream(reply) as upstream:
        hub = make_hub(tables(upstream.base_url))
        answer = await hub.ask()
        row = await hub.row()
    assert (answer.status, answer.error["type"]) == (502, "server_error")
    assert answer.headers["x-should-retry"] == "false"
    assert upstream.base_url not in answer.body.decode()
    assert (row.status, row.error_code, row.usage, row.attempts) == (502, answer.error["code"], Usage(), 3)


# Streams ------------------------------------------------------------------------------------------

BODY = b"".join(map(sse, chunks("Hel", "lo", usage=None)))
USAGE_CHUNK = sse(chunks()[-1])
ASKED: dict[str, Any] = {"stream": True, "stream_options": {"include_usage": True}}

STREAMS: list[tuple[str, Reply]] = [
    ("event by event", stream("Hel", "lo")),
    ("byte by byte", stream("Hel", "lo").in_pieces_of(1)),
    ("at once", stream("Hel", "lo").in_pieces()),
    ("until close", stream("Hel", "lo").until_close()),
    ("without DONE", stream("Hel", "lo", done=False)),
    ("with a BOM", events(b"\xef\xbb\xbf" + BODY + USAGE_CHUNK + DONE)),
    ("with more after DONE", events(BODY + USAGE_CHUNK + DONE, b"data: garbage\n\n")),
]


@pytest.mark.parametrize("reply", [row[1] for row in STREAMS], ids=[row[0] for row in STREAMS])
async def test_a_stream_passes_byte_for_byte(make_hub: MakeHub, reply: Reply) -> None:
    async with FaultUpstream(reply) as upstream:
        hub = make_hub(tables(upstream.base_url))
        silent, asked = await hub.ask(stream=True), await hub.ask(**ASKED)
        rows = await hub.rows(2)
    assert (silent.status, silent.body) == (200, BODY + DONE)
    assert (asked.status, asked.body) == (200, BODY + USAGE_CHUNK + DONE)
    assert silent.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert silent.headers["cache-control"] == "no-cache"
    for row in rows:
        assert (row.status, row.usage, row.finish, row.answered, row.stream) == (200, COUNTED, "stop", MODEL, True)


@pytest.mark.parametrize("line_end", ["\r\n", "\r"])
async def test_foreign_line_ends_pass(make_hub: MakeHub, line_end: str) -> None:
    body = b"".join(sse(chunk, line_end) for chunk in chunks("Hel", "lo", usage=None))
    async with FaultUpstream(events(body, sse("[DONE]", line_end)).in_pieces_of(1)) as upstream:
        answer = await make_hub(tables(upstream.base_url)).ask(stream=True)
    assert answer.body == body + DONE


async def test_each_event_goes_out_when_it_comes(make_hub: MakeHub) -> None:
    reply = stream("Hel", "lo", usage=None).slowly(0.02)
    async with FaultUpstream(reply) as upstream:
        answer = await make_hub(tables(upstream.base_url)).ask(stream=True)
    assert [piece for piece in answer.pieces if piece][:4] == list(reply.pieces[:4])


async def test_usage_nobody_reported_is_counted_and_told(make_hub: MakeHub) -> None:
    async with FaultUpstream(stream("Ahoy ", "there", usage=None)) as upstream:
        hub = make_hub(tables(upstream.base_url))
        silent, asked = await hub.ask(stream=True), await hub.ask(**ASKED)
        rows = await hub.rows(2)
    usage = estimated("Ahoy there")
    assert [row.usage for row in rows] == [usage, usage]
    assert silent.body == b"".join(map(sse, chunks("Ahoy ", "there", usage=None))) + DONE
    assert asked.data[-1] == "[DONE]"
    assert asked.data[-2]["usage"]["prompt_tokens"] == usage.input_tokens
    assert asked.data[-2]["usage"]["completion_tokens"] == usage.output_tokens
    assert asked.data[-2]["choices"] == []


BREAKS: list[tuple[str, Reply, str]] = [
    ("FIN", stream("Hel", "lo").cut(len(BODY) - 200), "upstream_protocol_error"),
    ("RST", stream("Hel", "lo").cut(len(BODY) - 200, "reset"), "upstream_protocol_error"),
    ("end without an end", stream("Hel", "lo").cut(len(BODY) - 200).until_close(), "upstream_stream_broken"),
    ("error event", events(*map(sse, chunks("Hel")[:2]), sse({"error": {"message": "x"}})), "upstream_protocol_error"),
    ("bad JSON", events(*map(sse, chunks("Hel")[:2]), b"data: {\n\n"), "upstream_protocol_error"),
    ("silence", stream("Hel", "lo").cut(len(BODY) - 200, "stall"), "upstream_timeout"),
    ("a giant", events(*map(sse, chunks("Hel")[:2]), b"data: " + b"x" * 200_000), "upstream_protocol_error"),
]


@pytest.mark.parametrize(("reply", "code"), [row[1:] for row in BREAKS], ids=[row[0] for row in BREAKS])
async def test_a_stream_that_breaks_ends_in_an_error_event(make_hub: MakeHub, reply: Reply, code: str) -> None:
    async with FaultUpstream(reply.slowly(0.01), plain()) as upstream:
        hub = make_hub(tables(upstream.base_url), upstream={"idle_timeout_s": 0.3, "max_response_bytes": 100_000})
        answer = await hub.ask(stream=True)
        row = await hub.row()
        assert len(upstream.requests) == 1
    assert answer.status == 200
    assert answer.ended
    assert answer.data[-1]["error"]["code"] == code
    assert set(answer.data[-1]["error"]) == {"message", "type", "param", "code", "request_id"}
    assert "[DONE]" not in answer.data
    text = "".join(each["choices"][0]["delta"].get("content", "") for each in answer.data[:-1])
    assert text
    assert (row.error_code, row.usage, row.finish) == (code, estimated(text, stream=True), None)
    assert row.status in (502, 504)


@pytest.mark.parametrize(
    "reply",
    [
        respond(dump({"error": {"message": "overheated"}})),
        events(sse({"error": {"message": "overheated"}})),
        events(b": ping\n\n", sse({"error": {"message": "overheated"}})),
        events(b"data: {\n\n"),
        events(),
        events(b": ping\n\n"),
        html(),
        plain(),
    ],
    ids=["plain error", "error event", "comment first", "bad JSON", "nothing", "comments", "html", "plain"],
)
async def test_a_stream_that_never_begins_is_an_ordinary_error(make_hub: MakeHub, reply: Reply) -> None:
    async with FaultUpstream(reply) as upstream:
        hub = make_hub(tables(upstream.base_url))
        answer = await hub.ask(stream=True)
        row = await hub.row()
    assert (answer.status, answer.headers["content-type"]) == (502, "application/json")
    assert answer.error["type"] == "server_error"
    assert (row.status, row.usage, row.ttft_ms) == (502, Usage(), None)


async def test_an_error_event_of_another_dialect_means_what_it_says(make_hub: MakeHub) -> None:
    overloaded = b'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Busy"}}\n\n'
    catalogue = tables("http://unused/v1")
    async with FaultUpstream(events(overloaded)) as upstream:
        catalogue["providers"]["up1"]["base_url"] = upstream.base_url
        catalogue["models"][0]["offers"][0]["dialect"] = "anthropic_messages"
        answer = await make_hub(catalogue).ask(stream=True)
    assert (answer.status, answer.error["code"]) == (503, "upstream_overloaded")
    assert "Busy" in answer.error["message"]


# The client leaves --------------------------------------------------------------------------------


@pytest.mark.parametrize("texts_before", [1, 3])
async def test_a_client_that_leaves_a_stream_ends_the_upstreams_and_what_it_got_is_counted(
    make_hub: MakeHub, texts_before: int
) -> None:
    texts = ["Ahoy ", "there ", "sailor ", "of ", "the ", "sea"]
    reply = stream(*texts, usage=None).slowly(0.03)
    cut = sum(map(len, reply.pieces[: 1 + texts_before]))
    async with FaultUpstream(reply.cut(cut, "stall")) as upstream:
        hub = make_hub(tables(upstream.base_url))
        call = hub.call("POST", CHAT, token=hub.live, body=question(stream=True))
        running = asyncio.create_task(call.run())
        async with asyncio.timeout(3):
            while len(call.pieces) < 1 + texts_before:
                await asyncio.sleep(0.01)
        call.leave()
        await running
        await upstream.closed(0, within_s=1)
        row = await hub.row()
    assert (row.status, row.error_code, row.finish) == (499, "client_left", None)
    assert row.usage == estimated("".join(texts[:texts_before]), stream=True)
    assert not call.ended


async def test_a_client_that_leaves_after_the_last_byte_has_not_left_too_early(make_hub: MakeHub) -> None:
    """Some clients close as soon as they have read `[DONE]`, while the upstream still holds its side open."""
    whole = stream("Hel", "lo")
    async with FaultUpstream(whole.cut(len(whole.body), "stall")) as upstream:
        hub = make_hub(tables(upstream.base_url))
        call = hub.call("POST", CHAT, token=hub.live, body=question(stream=True))
        running = asyncio.create_task(call.run())
        async with asyncio.timeout(3):
            while not call.ended:
                await asyncio.sleep(0.001)
        call.leave()
        await running
        row = await hub.row()
    assert (row.status, row.error_code, row.usage) == (200, None, COUNTED)


async def test_a_slow_client_is_not_the_upstreams_silence(make_hub: MakeHub) -> None:
    async with FaultUpstream(stream("Hel", "lo").slowly(0.02)) as upstream:
        hub = make_hub(tables(upstream.base_url), upstream={"idle_timeout_s": 0.1})
        call = hub.call("POST", CHAT, token=hub.live, body=question(stream=True))
        call.is_congested = True

        async def drained() -> None:
            call.is_congested = False
            await asyncio.sleep(0.3)

        call.drained = drained  # type: ignore[method-assign]
        await call.run()
        assert not call.is_congested
        row = await hub.row()
    assert call.body == BODY + DONE
    assert (row.status, row.usage) == (200, COUNTED)


def test_the_completions_of_these_tests_are_what_the_hub_takes_for_one() -> None:
    assert openai_chat.tap_response(dump(completion())).usage == COUNTED
