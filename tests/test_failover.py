"""Attempts: when another upstream is tried, what the client is told when none answers, and which one rests."""

from __future__ import annotations

import asyncio
import time

import pytest
from tests.conftest import MakeHub
from tests.support.running import UPSTREAM_KEY, tables
from tests.support.upstream import (
    FaultUpstream,
    Reply,
    black_hole,
    events,
    failure,
    html,
    plain,
    raw,
    redirect,
    refusing,
    respond,
    silence,
    sse,
    stream,
)

from entrepot import health, routing

# Another attempt ----------------------------------------------------------------------------------

GOOD = plain("from the second")
GOOD_STREAM = stream("from the second")

FAILOVERS: list[tuple[str, Reply]] = [
    ("500", failure(500)),
    ("502 in HTML", html(502)),
    ("503", failure(503)),
    ("529", failure(529)),
    ("429", failure(429)),
    ("401", failure(401)),
    ("403", failure(403)),
    ("404", failure(404)),
    ("408", failure(408)),
    ("redirect", redirect("http://127.0.0.1:1/")),
    ("200 with an error", respond(b'{"error":{"message":"x"}}')),
    ("200 with HTML", html()),
    ("200 with nothing", respond(b"")),
    ("no HTTP", raw(b"hello\r\n\r\n")),
    ("closed", silence("close")),
    ("reset", silence("reset")),
    ("cut", plain().cut(10)),
    ("silence", silence()),
]


@pytest.mark.parametrize("reply", [row[1] for row in FAILOVERS], ids=[row[0] for row in FAILOVERS])
@pytest.mark.parametrize("is_stream", [False, True])
async def test_what_the_first_upstream_does_wrong_the_second_mends(
    make_hub: MakeHub, reply: Reply, is_stream: bool
) -> None:
    good = GOOD_STREAM if is_stream else GOOD
    async with FaultUpstream(reply) as first, FaultUpstream(good) as second:
        hub = make_hub(tables(first.base_url, second.base_url), upstream={"first_byte_timeout_s": 0.2})
        answer = await hub.ask(stream=is_stream)
        row = await hub.row()
        assert [len(first.requests), len(second.requests)] == [1, 1]
        assert second.requests[0].headers["authorization"] == f"Bearer {UPSTREAM_KEY}-2"
        assert second.requests[0].json["model"] == "up2-model"
    assert answer.status == 200
    assert "from the second" in answer.body.decode()
    assert (answer.headers["x-entrepot-provider"], answer.headers["x-entrepot-attempts"]) == ("up2", "2")
    assert (row.provider, row.offered, row.attempts, row.status) == ("up2", "up2-model", 2, 200)


STREAM_FAILOVERS: list[tuple[str, Reply]] = [
    ("error event", events(sse({"error": {"message": "x"}}))),
    ("comment, then error", events(b": hi\n\n", sse({"error": {"message": "x"}}))),
    ("bad JSON", events(b"data: {\n\n")),
    ("nothing", events()),
    ("plain answer", plain()),
    ("cut before the first event", stream("a").cut(20)),
    ("silent before the first event", stream("a").cut(20, "stall")),
]


@pytest.mark.parametrize("reply", [row[1] for row in STREAM_FAILOVERS], ids=[row[0] for row in STREAM_FAILOVERS])
async def test_a_stream_may_fail_over_until_its_first_event(make_hub: MakeHub, reply: Reply) -> None:
    async with FaultUpstream(reply) as first, FaultUpstream(GOOD_STREAM) as second:
        hub = make_hub(tables(first.base_url, second.base_url), upstream={"idle_timeout_s": 0.2})
        answer = await hub.ask(stream=True)
    assert (answer.status, answer.data[-1]) == (200, "[DONE]")
    assert "x" not in "".join(each["choices"][0]["delta"].get("content", "") for each in answer.data[:-1])


async def test_after_the_first_event_nothing_is_tried_again(make_hub: MakeHub) -> None:
    begun = stream("Hel", "lo")
    async with FaultUpstream(begun.cut(len(begun.pieces[0]))) as first, FaultUpstream(GOOD_STREAM) as second:
        hub = make_hub(tables(first.base_url, second.base_url))
        answer = await hub.ask(stream=True)
        assert (len(first.requests), len(second.requests)) == (1, 0)
    assert "error" in answer.data[-1]


async def test_a_port_that_refuses_costs_next_to_no_time(make_hub: MakeHub) -> None:
    async with FaultUpstream(GOOD) as second:
        with refusing() as first:
            hub = make_hub(tables(first, second.base_url))
            await hub.ask()
            began = time.monotonic()
            answer = await hub.ask()
    assert (answer.status, answer.headers["x-entrepot-attempts"]) == (200, "2")
    assert time.monotonic() - began < 0.1


async def test_a_connection_that_never_comes_about_is_given_up_in_time(make_hub: MakeHub) -> None:
    async with FaultUpstream(GOOD) as second:
        with black_hole() as first:
            hub = make_hub(tables(first, second.base_url), upstream={"connect_timeout_s": 0.1})
            assert (await hub.ask()).headers["x-entrepot-provider"] == "up2"


async def test_a_lone_upstream_is_asked_three_times(make_hub: MakeHub) -> None:
    async with FaultUpstream(failure(500), failure(502), plain()) as upstream:
        answer = await make_hub(tables(upstream.base_url)).ask()
        assert (answer.status, len(upstream.requests)) == (200, 3)
        assert len({request.body for request in upstream.requests}) == 1


async def test_between_attempts_at_one_upstream_there_is_a_pause(
    make_hub: MakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with FaultUpstream(failure(500), plain()) as upstream:
        hub = make_hub(tables(upstream.base_url))
        monkeypatch.setattr(routing, "BACKOFF_S", 0.15)
        began = time.monotonic()
        await hub.ask()
        assert time.monotonic() - began > 0.15


# No more attempts ---------------------------------------------------------------------------------

#      name              reply          status  code                           attempts  x-should-retry
VERDICTS: list[tuple[str, Reply, int, str, int, str | None]] = [
    ("500", failure(500), 502, "upstream_error", 3, "false"),
    ("503", failure(503), 503, "upstream_overloaded", 3, "false"),
    ("529", failure(529), 503, "upstream_overloaded", 3, "false"),
    ("429", failure(429), 429, "upstream_rate_limited", 1, None),
    ("401", failure(401), 502, "upstream_credential_refused", 1, None),
    ("403", failure(403), 502, "upstream_credential_refused", 1, None),
    ("404", failure(404), 502, "upstream_error", 3, "false"),
    ("504", failure(504), 504, "upstream_timeout", 1, None),
    ("400", failure(400, code="c", param="p"), 400, "c", 1, None),
    ("422", failure(422), 422, "invalid_request", 1, None),
    ("html", html(), 502, "upstream_protocol_error", 3, "false"),
    ("silence", silence(), 504, "upstream_timeout", 1, None),
    ("closed", silence("close"), 502, "upstream_protocol_error", 3, "false"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("reply", "status", "code", "attempts", "should_retry"),
    [row[1:] for row in VERDICTS],
    ids=[row[0] for row in VERDICTS],
)
async def test_what_the_client_is_told_when_no_attempt_is_left(
    make_hub: MakeHub, reply: Reply, status: int, code: str, attempts: int, should_retry: str | None
) -> None:
    async with FaultUpstream(reply) as upstream:
        hub = make_hub(tables(upstream.base_url), upstream={"first_byte_timeout_s": 0.2})
        answer = await hub.ask()
        row = await hub.row()
        assert len(upstream.requests) == attempts
    assert (answer.status, answer.error["code"]) == (status, code)
    assert answer.headers.get("x-should-retry") == should_retry
    assert answer.headers["x-entrepot-attempts"] == str(attempts)
    assert (row.status, row.error_code, row.attempts, row.provider) == (status, code, attempts, "up1")
    assert (row.usage.total_tokens, row.ttft_ms, row.answered) == (0, None, None)


async def test_all_ports_refuse(make_hub: MakeHub) -> None:
    with refusing() as one, refusing() as other:
        answer = await make_hub(tables(one, other)).ask()
    assert (answer.status, answer.error["code"]) == (502, "upstream_unreachable")
    assert answer.headers["x-should-retry"] == "false"


async def test_a_caller_is_told_what_the_upstream_says_of_its_input(make_hub: MakeHub) -> None:
    said = failure(400, "'temperature' is too hot", code="too_hot", param="temperature")
    async with FaultUpstream(said) as one, FaultUpstream(plain()) as other:
        answer = await make_hub(tables(one.base_url, other.base_url)).ask()
        assert other.requests == []
    assert answer.status == 400
    assert answer.error == {
        "message": "'temperature' is too hot",
        "type": "invalid_request_error",
        "param": "temperature",
        "code": "too_hot",
        "request_id": answer.headers["x-request-id"],
    }


@pytest.mark.parametrize("status", [400, 401, 429, 500])
async def test_an_upstream_that_repeats_the_hubs_key_does_not_leak_it(
    make_hub: MakeHub, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    async with FaultUpstream(failure(status, f"bad key {UPSTREAM_KEY}-1!")) as upstream:
        answer = await make_hub(tables(upstream.base_url)).ask()
    assert UPSTREAM_KEY not in answer.body.decode()


@pytest.mark.parametrize(
    ("headers", "waits"),
    [
        ({"retry-after": "7"}, ["7"]),
        ({"retry-after": "0.2"}, ["1"]),
        ({"retry-after-ms": "2400"}, ["3"]),
        ({"x-ratelimit-reset-requests": "6m0s"}, ["360"]),
        ({"retry-after": "Fri, 31 Dec 9999 23:59:59 GMT"}, ["3600"]),
        ({}, [None]),
    ],
)
async def test_a_limit_tells_how_long_to_wait(
    make_hub: MakeHub, headers: dict[str, str], waits: list[str | None]
) -> None:
    async with FaultUpstream(failure(429).with_headers(headers)) as upstream:
        answer = await make_hub(tables(upstream.base_url)).ask()
    assert [answer.headers.get("retry-after")] == waits


# Health and budget --------------------------------------------------------------------------------


async def test_an_offer_at_its_limit_is_asked_last_until_it_has_rested(make_hub: MakeHub) -> None:
    limited = failure(429).with_headers({"retry-after": "0.3"})
    async with FaultUpstream(limited, plain()) as first, FaultUpstream(plain()) as second:
        hub = make_hub(tables(first.base_url, second.base_url))
        providers = [(await hub.ask()).headers["x-entrepot-provider"] for _ in range(3)]
        await asyncio.sleep(0.35)
        providers.append((await hub.ask()).headers["x-entrepot-provider"])
    assert providers == ["up2", "up2", "up2", "up1"]
    assert len(first.requests) == 2


async def test_an_offer_that_keeps_failing_is_left_alone(make_hub: MakeHub) -> None:
    async with FaultUpstream(failure(500)) as first, FaultUpstream(plain()) as second:
        hub = make_hub(tables(first.base_url, second.base_url))
        for _ in range(10):
            assert (await hub.ask()).status == 200
        assert (len(first.requests), len(second.requests)) == (health.FAILURES_IN_A_ROW, 10)


async def test_callers_mistakes_put_no_offer_to_rest(make_hub: MakeHub) -> None:
    async with FaultUpstream(failure(400)) as first, FaultUpstream(plain()) as second:
        hub = make_hub(tables(first.base_url, second.base_url))
        for _ in range(10):
            assert (await hub.ask()).status == 400
        assert (len(first.requests), len(second.requests)) == (10, 0)


async def test_retries_are_few_when_everything_fails(make_hub: MakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    async with FaultUpstream(failure(500)) as upstream:
        hub = make_hub(tables(upstream.base_url))
        monkeypatch.setattr(routing, "BACKOFF_S", 0.3)
        answers = await asyncio.gather(*(hub.ask() for _ in range(40)))
        assert {answer.status for answer in answers} == {502}
        # 40 first attempts; of the retries at most max(3, a fifth) wait at any moment
        assert 40 < len(upstream.requests) <= 40 + 2 * 8
    assert hub.hub.retries == 0
