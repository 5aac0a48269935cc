"""Attempts: what goes to an upstream, when another one is tried, and what the client is told when none answers."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import AsyncExitStack
from typing import Any

import pytest
from tests.conftest import MakeHub
from tests.support.running import CHAT, MODEL, UPSTREAM_KEY, RunningHub, question, tables
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

# The upstream's request ---------------------------------------------------------------------------


async def test_the_upstream_gets_the_clients_body_with_its_own_model_name(make_hub: MakeHub) -> None:
    given = b'{ "model":"port/harbour", "messages":[{"role":"user","content":"\\u0041\xc3\xa9"}],"temperature":1.0 }'
    async with FaultUpstream(plain()) as upstream:
        hub = make_hub(tables(upstream.base_url))
        answer = await hub.post(CHAT, given)
        (request,) = upstream.requests
    assert answer.status == 200
    sent = b'{"model":"up1-model","messages":[{"role":"user","content":"\\u0041\xc3\xa9"}],"temperature":1.0}'
    assert request.body == sent


async def test_a_bound_goes_by_the_name_the_provider_knows(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain(), plain()) as upstream:
        made = tables(upstream.base_url)
        made["providers"]["up1"]["output_limit"] = "max_tokens"
        hub = make_hub(made)
        await hub.ask(max_completion_tokens=9)
        await hub.post("/v1/messages", question(max_tokens=9))
        bounds = [
            (request.json["max_tokens"], "max_completion_tokens" in request.json) for request in upstream.requests
        ]
    assert bounds == [(9, False), (9, False)]


async def test_no_header_of_the_clients_reaches_the_upstream(make_hub: MakeHub) -> None:
    spoofed = {
        "x_forwarded_for": "1.2.3.4",
        "cookie": "a=b",
        "openai_organization": "org-client",
        "x_client_request_id": "mine",
        "user_agent": "client/1",
        "connection": "authorization",
        "x_entrepot_sandbox": "fault=timeout",
        "anthropic_beta": "context-management-2025-06-27",
    }
    async with FaultUpstream(plain()) as upstream:
        hub = make_hub(tables(upstream.base_url))
        await hub.post(CHAT, question(), **spoofed)
        (request,) = upstream.requests
    assert set(request.headers) == {
        *("host", "authorization", "content-type", "content-length", "accept", "accept-encoding", "user-agent")
    }
    assert request.headers["authorization"] == f"Bearer {UPSTREAM_KEY}-1"
    assert hub.live not in str(request)


async def test_a_messages_upstream_sees_which_betas_the_client_writes_for(make_hub: MakeHub) -> None:
    catalogue = tables("http://unused/v1")
    async with FaultUpstream(respond(b"{}")) as upstream:
        catalogue["providers"]["up1"]["base_url"] = upstream.base_url
        catalogue["models"][0]["offers"][0]["dialect"] = "anthropic_messages"
        hub = make_hub(catalogue)
        betas = "interleaved-thinking-2025-05-14,effort-2025-11-24"
        await hub.post("/v1/messages", question(max_tokens=9), anthropic_beta=betas, anthropic_version="2023-06-01")
        await hub.post(CHAT, question(), anthropic_beta=betas)
        relayed, *_, translated = upstream.requests
    assert relayed.headers["anthropic-beta"] == betas
    assert relayed.headers["anthropic-version"] == "2023-06-01"
    assert "anthropic-beta" not in translated.headers


async def test_nothing_in_the_body_redirects_the_call(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain()) as upstream, FaultUpstream(plain()) as evil:
        hub = make_hub(tables(upstream.base_url))
        tricks: dict[str, Any] = {"api_base": evil.base_url, "base_url": evil.base_url, "url": evil.base_url}
        await hub.ask(**tricks, extra_headers={"authorization": "x"}, metadata={"base_url": evil.base_url})
        assert evil.requests == []
        assert [request.headers["authorization"] for request in upstream.requests] == [f"Bearer {UPSTREAM_KEY}-1"]


async def test_a_stream_asks_for_usage_whether_the_client_did_or_not(make_hub: MakeHub) -> None:
    async with FaultUpstream(stream("a")) as upstream:
        hub = make_hub(tables(upstream.base_url))
        await hub.ask(stream=True)
        await hub.ask(stream=True, stream_options={"include_usage": False})
        assert [request.json["stream_options"] for request in upstream.requests] == [{"include_usage": True}] * 2


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


# Nobody to ask ------------------------------------------------------------------------------------


async def test_a_model_nobody_offers_says_what_to_do(make_hub: MakeHub) -> None:
    catalogue = tables("http://127.0.0.1:1/v1")
    catalogue["providers"]["up1"]["api_key_env"] = "NOT_SET"
    hub = make_hub(catalogue)
    answer = await hub.ask()
    row = await hub.row()
    assert (answer.status, answer.error["code"]) == (503, "no_upstream_configured")
    assert "set NOT_SET for up1" in answer.error["message"]
    assert answer.headers["x-should-retry"] == "false"
    assert (row.status, row.error_code, row.attempts, row.provider) == (503, "no_upstream_configured", 0, None)


async def simulated(hub: RunningHub, **options: Any) -> Any:
    return await hub.post(CHAT, question("Repeat: tide", model=options.pop("model", MODEL)), **options)


async def test_a_test_key_never_reaches_an_upstream(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain()) as upstream:
        hub = make_hub(tables(upstream.base_url))
        answer = await simulated(hub, token=hub.test)
        row = await hub.row()
        assert upstream.requests == []
    assert (answer.status, answer.json["system_fingerprint"]) == (200, "fp_sandbox")
    assert (answer.headers["x-entrepot-mode"], answer.headers["x-entrepot-provider"]) == ("test", "sandbox")
    assert (row.mode, row.provider, row.offered, row.attempts) == ("test", "sandbox", None, 1)
    assert row.usage.input_tokens > 0
    assert not row.usage.estimated


async def test_a_sandbox_model_is_simulated_for_a_live_key_too(make_hub: MakeHub) -> None:
    hub = make_hub()
    answer = await simulated(hub, model="sandbox/echo")
    assert json.loads(answer.body)["choices"][0]["message"]["content"] == "Repeat: tide"
    assert (await hub.row()).mode == "test"


async def test_a_test_key_can_ask_for_a_fault(make_hub: MakeHub) -> None:
    hub = make_hub()
    answer = await simulated(hub, model="gpt-4.1-mini", token=hub.test, x_entrepot_sandbox="fault=cut-after:0")
    assert answer.status == 502
    assert (await hub.row()).error_code == answer.error["code"]


async def test_every_connection_is_given_back(make_hub: MakeHub) -> None:
    """Successes, refusals, breaks and failovers: afterwards no more is open than the pool keeps."""
    replies = [plain(), failure(500), stream("a"), failure(400), html(), plain(usage=None)]
    async with AsyncExitStack() as stack:
        upstream = await stack.enter_async_context(FaultUpstream(*replies * 10))
        hub = make_hub(tables(upstream.base_url))
        for number in range(20):
            await hub.ask(stream=bool(number % 3))
        await asyncio.sleep(0.05)
        assert upstream.open_connections <= 2
        assert hub.hub.active == set()
