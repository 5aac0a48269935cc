"""The application as a value: which address leads where, what is refused at the door, who may call across origins."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.conftest import MakeHub
from tests.support.running import CHAT, question, tables
from tests.support.upstream import FaultUpstream, plain, stream

from entrepot.api import health, inference

ECHO = question() | {"model": "sandbox/echo"}


# Routes -------------------------------------------------------------------------------------------


ANSWERS = {
    "completions": (ECHO, "object", "chat.completion"),
    "messages": (ECHO | {"max_tokens": 9}, "type", "message"),
    "count_tokens": (ECHO, "input_tokens", 9),
    "responses": ({"model": ECHO["model"], "input": "hello"}, "object", "response"),
    "compact": ({"model": ECHO["model"], "input": "hello"}, "object", "response.compaction"),
    "input_tokens": ({"model": ECHO["model"], "input": "hello"}, "object", "response.input_tokens"),
    "embeddings": ({"model": "text-embedding-3-small", "input": "hello"}, "object", "list"),
}


@pytest.mark.parametrize("path", sorted(inference.ROUTES))
async def test_every_dialect_has_several_addresses(make_hub: MakeHub, path: str) -> None:
    body, field, kind = ANSWERS[path.rpartition("/")[2]]
    answer = await (hub := make_hub()).post(path, body, token=hub.test)
    assert (answer.status, answer.json[field]) == (200, kind)


@pytest.mark.parametrize("path", sorted(inference.ROUTES))
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "post", "FOO"])
async def test_a_hot_route_takes_post_only(make_hub: MakeHub, path: str, method: str) -> None:
    hub = make_hub()
    answer = await hub.call(method, path, token=hub.live, body=ECHO).run()
    assert (answer.status, answer.headers["allow"]) == (405, "POST")
    if "/messages" in path:
        assert answer.json["error"]["type"] == "invalid_request_error"
        assert answer.json["request_id"] == answer.headers["request-id"]
    else:
        assert answer.error["code"] == "method_not_allowed"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "/v1/models"),
        ("POST", "/v1/models"),
        ("PUT", "/v1/keys"),
        ("DELETE", "/v1/usage"),
        ("POST", "/health"),
    ],
)
async def test_other_routes_name_the_methods_they_take(make_hub: MakeHub, method: str, path: str) -> None:
    hub = make_hub()
    answer = await hub.call(method, path, token=hub.live).run()
    assert (answer.status, answer.error["code"]) == (405, "method_not_allowed")
    assert "GET" in answer.headers["allow"]


NOWHERE = [
    "/nothing",
    "/v1",
    "/v1/",
    "/v1/chat/completions/",
    "//v1/chat/completions",
    "/v1//chat/completions",
    "/V1/chat/completions",
    "/v1/../v1/keys",
    "/v1/keys/",
    "/v1/keys;x",
    "/v1/keys.",
    "/v1/keys%00",
    "/%2e%2e/v1/keys",
    "/admin",
    "/.env",
    "/docs",
    "/swagger.json",
]


@pytest.mark.parametrize("path", NOWHERE)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_other_addresses_lead_nowhere(make_hub: MakeHub, path: str, method: str) -> None:
    hub = make_hub()
    answer = await hub.call(method, path, token=hub.key(scopes=("management",))).run()
    assert (answer.status, answer.headers["content-type"]) == (404, "application/json")
    assert answer.error["code"] in ("not_found", "key_not_found")
    assert answer.error["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize(
    "path", ["/v1/messages/no-such", "/v1/messages/", "/messages/x/y", "/api/v7/llm/v1/messages/x"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_below_messages_errors_are_anthropics(make_hub: MakeHub, path: str, method: str) -> None:
    hub = make_hub()
    answer = await hub.call(method, path, token=hub.live).run()
    assert (answer.status, answer.json["type"], answer.error["type"]) == (404, "error", "not_found_error")
    assert answer.json["request_id"] == answer.headers["request-id"]


@pytest.mark.parametrize("path", [CHAT, "/v1/responses", "/v1/chat/completions/x"])
async def test_on_openais_paths_errors_stay_openais(make_hub: MakeHub, path: str) -> None:
    hub = make_hub()
    answer = await hub.get(path, token=hub.live, anthropic_version="2023-06-01")
    assert answer.error["code"] in ("method_not_allowed", "not_found")
    assert "request-id" not in answer.headers


@pytest.mark.parametrize("path", ["/health", "/v1/models", "/nothing", CHAT])
async def test_every_answer_has_a_request_id_of_its_own(make_hub: MakeHub, path: str) -> None:
    hub = make_hub()
    one, other = [await hub.get(path, token=hub.live) for _ in range(2)]
    assert one.headers["x-request-id"].startswith("req_")
    assert one.headers["x-request-id"] != other.headers["x-request-id"]
    assert one.headers["openai-processing-ms"].isdigit()


async def test_a_crash_of_a_handler_says_nothing_but_the_requests_id(
    make_hub: MakeHub, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: Any) -> Any:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(health, "hub_of", fail)
    call = make_hub().call("GET", "/ready")
    with pytest.raises(ZeroDivisionError):  # Starlette tells the server too, after it has answered
        await call.run()
    assert (call.status, call.error["code"]) == (500, "internal_error")
    assert b"secret detail" not in call.body
    assert call.error["request_id"] in caplog.text


# The door -----------------------------------------------------------------------------------------


UNSAFE = pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ([], 400, "invalid_host"),
        ([(b"host", b"a"), (b"host", b"b")], 400, "duplicate_header"),
        ([(b"host", b"a"), *[(b"x-%d" % number, b"") for number in range(200)]], 431, "headers_too_large"),
    ],
)


@pytest.mark.parametrize("path", ["/health", CHAT, "/nothing"])
@UNSAFE
async def test_unsafe_requests_get_no_further(
    make_hub: MakeHub, path: str, headers: list[tuple[bytes, bytes]], status: int, code: str
) -> None:
    call = make_hub().call("POST", path, body=ECHO)
    call.scope["headers"] = headers
    await call.run()
    assert (call.status, call.error["code"], call.headers["connection"]) == (status, code, "close")
    assert call.headers["x-request-id"].startswith("req_")


@UNSAFE
async def test_unsafe_requests_to_messages_are_told_so_in_anthropics_words(
    make_hub: MakeHub, headers: list[tuple[bytes, bytes]], status: int, code: str
) -> None:
    call = make_hub().call("POST", "/v1/messages", body=ECHO)
    call.scope["headers"] = headers
    await call.run()
    assert (call.status, call.json["type"], call.error["type"]) == (status, "error", "invalid_request_error")
    assert call.json["request_id"] == call.headers["request-id"]


# Across origins -----------------------------------------------------------------------------------

ORIGIN = "https://app.test"
GRANTED = "access-control-allow-origin"


def preflight(**more: str) -> dict[str, str]:
    asked = {"access_control_request_method": "POST", "access_control_request_headers": "authorization,x-stainless-os"}
    return {"origin": ORIGIN} | asked | more


@pytest.mark.parametrize("path", ["/health", "/v1/models", CHAT, "/nothing"])
async def test_by_default_no_page_of_another_origin_may_call(make_hub: MakeHub, path: str) -> None:
    hub = make_hub()
    for call in (
        hub.call("GET", path, origin=ORIGIN, token=hub.live),
        hub.call("POST", path, origin=ORIGIN, token=hub.live, body=ECHO),
        hub.call("OPTIONS", path, **preflight()),
    ):
        await call.run()
        assert not {name for name in call.headers if name.startswith("access-control")}


@pytest.mark.parametrize("origins", [(ORIGIN,), ("https://other.test", ORIGIN), ("*",)])
async def test_an_allowed_origin_may_call_and_read(make_hub: MakeHub, origins: tuple[str, ...]) -> None:
    async with FaultUpstream(plain(), stream("a")) as upstream:
        hub = make_hub(tables(upstream.base_url), server={"cors_origins": origins})
        answers = [
            await hub.post(CHAT, question(), origin=ORIGIN),
            await hub.post(CHAT, question(stream=True), origin=ORIGIN),
            await hub.post(CHAT, b"{", origin=ORIGIN),
            await hub.get("/v1/models", token=hub.live, origin=ORIGIN),
            await hub.get("/v1/models", origin=ORIGIN),
            await hub.get(CHAT, origin=ORIGIN),
        ]
    assert [answer.status for answer in answers] == [200, 200, 400, 200, 401, 405]
    for answer in answers:
        assert (answer.headers[GRANTED], answer.headers["vary"]) == (ORIGIN, "origin")
        assert "x-request-id" in answer.headers["access-control-expose-headers"]
        assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("path", ["/v1/models", CHAT])
async def test_an_allowed_origin_gets_its_preflight(make_hub: MakeHub, path: str) -> None:
    hub = make_hub(server={"cors_origins": (ORIGIN,)})
    answer = await hub.call("OPTIONS", path, **preflight()).run()
    assert (answer.status, answer.body, answer.headers[GRANTED]) == (204, b"", ORIGIN)
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert answer.headers["access-control-allow-headers"] == "authorization,x-stainless-os"


@pytest.mark.parametrize("origin", ["https://evil.test", "https://app.test.evil.test", "http://app.test", "null", ""])
async def test_another_origin_gets_nothing(make_hub: MakeHub, origin: str) -> None:
    hub = make_hub(server={"cors_origins": (ORIGIN,)})
    refused = await hub.call("OPTIONS", CHAT, **preflight(origin=origin)).run()
    assert refused.status == 403
    assert GRANTED not in refused.headers
    read = await hub.get("/v1/models", token=hub.live, origin=origin)
    assert GRANTED not in read.headers


async def test_a_call_of_no_page_is_no_cross_origin_call(make_hub: MakeHub) -> None:
    hub = make_hub(server={"cors_origins": ("*",)})
    answer = await hub.get("/health")
    assert GRANTED not in answer.headers


async def test_many_kinds_of_calls_at_once_do_not_mix(make_hub: MakeHub) -> None:
    async with FaultUpstream(
        lambda request: stream("a").late(0.01) if "stream" in request.json else plain()
    ) as upstream:
        hub = make_hub(tables(upstream.base_url))
        fields: list[dict[str, Any]] = [{"stream": True}, {}] * 20
        answers = await asyncio.gather(*(hub.post(CHAT, question(**each)) for each in fields))
    for each, answer in zip(fields, answers, strict=True):
        assert answer.headers["content-type"].startswith("text/event-stream" if each else "application/json")
