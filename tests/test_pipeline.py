"""One request from its headers to its row, as a table: who calls, what is asked, what is answered and recorded."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from typing import Any

import msgspec
import pytest
from tests.conftest import MakeHub
from tests.support.running import CHAT, MODEL, RunningHub, question, tables
from tests.support.stored import change_key
from tests.support.upstream import FaultUpstream, plain

from entrepot import keys, pipeline
from entrepot.conversation import Usage
from entrepot.errors import EntrepotError

UNKNOWN = keys.mint("live", "0" * 12, bytes)
BODY_KEY = "/api/v7/llm/chat/completions"


# Identify -----------------------------------------------------------------------------------------

BEARER: list[tuple[str, dict[str, str], int, str]] = [
    ("none", {}, 401, "missing_api_key"),
    ("empty bearer", {"authorization": "Bearer "}, 401, "missing_api_key"),
    ("another scheme", {"authorization": "Basic dXNlcjpwYXNz"}, 401, "invalid_api_key"),
    ("no scheme", {"authorization": "{live}"}, 401, "invalid_api_key"),
    ("unknown", {"authorization": f"Bearer {UNKNOWN}"}, 401, "invalid_api_key"),
    ("another vendor's", {"authorization": "Bearer sk-proj-abc"}, 401, "invalid_api_key"),
    ("not ASCII", {"authorization": "Bearer \xe9\xff"}, 401, "invalid_api_key"),
    ("two that disagree", {"authorization": "Bearer {live}", "x_api_key": "{test}"}, 400, "conflicting_credentials"),
    ("two others that disagree", {"x_api_key": "{live}", "api_key": "x"}, 400, "conflicting_credentials"),
    ("disabled", {"authorization": "Bearer {disabled}"}, 401, "key_disabled"),
    ("expired", {"authorization": "Bearer {expired}"}, 401, "key_expired"),
    ("without the scope", {"authorization": "Bearer {management}"}, 403, "scope_missing"),
]


def tokens_of(hub: RunningHub) -> dict[str, str]:
    made = {"live": hub.live, "test": hub.test, "management": hub.key(scopes=("management",))}
    made["expired"] = hub.key(expires_at=msgspec.convert("2020-01-01T00:00:00Z", keys.AwareTime))
    made["disabled"] = hub.key()
    disabled = hub.hub.keys.authenticate(made["disabled"], 0)
    change_key(hub.home.store, msgspec.structs.replace(disabled, disabled=True))
    hub.hub.refresh_keys()
    return made


@pytest.mark.parametrize(("headers", "status", "code"), [row[1:] for row in BEARER], ids=[row[0] for row in BEARER])
@pytest.mark.parametrize("path", [CHAT, BODY_KEY])
async def test_who_may_not_call(
    offline: RunningHub, path: str, headers: dict[str, str], status: int, code: str
) -> None:
    known = tokens_of(offline)
    given = {name: text.format(**known) for name, text in headers.items()}
    answer = await offline.post(path, question(), token=None, **given)
    assert (answer.status, answer.error["code"]) == (status, code)
    assert set(answer.error) == {"message", "type", "param", "code", "request_id"}
    assert answer.error["request_id"] == answer.headers["x-request-id"]
    for token in known.values():
        assert token not in answer.body.decode()
    assert await offline.has_no_rows()


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "Bearer {0}"},
        {"authorization": "bearer   {0} "},
        {"x_api_key": "{0}"},
        {"api_key": "{0}"},
        {"authorization": "Bearer {0}", "x_api_key": "{0}", "api_key": "{0}"},
    ],
)
async def test_every_header_that_carries_a_key(make_hub: MakeHub, headers: dict[str, str]) -> None:
    async with FaultUpstream(plain()) as upstream:
        hub = make_hub(tables(upstream.base_url))
        given = {name: text.format(hub.live) for name, text in headers.items()}
        assert (await hub.post(CHAT, question(), token=None, **given)).status == 200


async def test_a_key_in_the_body_where_that_is_the_custom(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain()) as upstream:
        hub = make_hub(tables(upstream.base_url))
        body = {"key": hub.live, "model_id": MODEL, "messages": question()["messages"]}
        answer = await hub.post(BODY_KEY, body, token=None)
        assert (answer.status, answer.body) == (200, plain().body)
        assert upstream.requests[0].json == {"model": "up1-model", "messages": question()["messages"]}
        row = await hub.row()
        assert (row.asked, row.model) == (MODEL, MODEL)
        refused = await hub.post(CHAT, body, token=None)
        assert (refused.status, refused.error["code"]) == (401, "missing_api_key")
        assert len(upstream.requests) == 1


@pytest.mark.parametrize(
    ("key", "code"),
    [(None, "missing_api_key"), (7, "missing_api_key"), ("", "missing_api_key"), (UNKNOWN, "invalid_api_key")],
)
async def test_a_bad_key_in_the_body(offline: RunningHub, key: Any, code: str) -> None:
    answer = await offline.post(BODY_KEY, question(key=key), token=None)
    assert (answer.status, answer.error["code"]) == (401, code)


async def test_a_key_in_the_header_beside_the_bodys_leaves_the_body_s_out(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain()) as upstream:
        hub = make_hub(tables(upstream.base_url))
        answer = await hub.post(BODY_KEY, question(key="anything"))
        assert answer.status == 200
        assert "key" not in upstream.requests[0].json


# Read ---------------------------------------------------------------------------------------------

KNOWN = {"model": "gpt-4.1-mini"}
BODIES: list[tuple[str, Any, int, str, str | None]] = [
    ("empty", b"", 400, "invalid_json", None),
    ("no JSON", b"hello", 400, "invalid_json", None),
    ("an array", b"[]", 400, "invalid_json", None),
    ("NaN", b'{"model": "harbour", "temperature": NaN}', 400, "invalid_json", None),
    ("deep", b'{"model": "harbour", "messages": ' + b"[" * 100_000, 400, "invalid_json", None),
    ("two models", b'{"model": "harbour", "model": "harbour"}', 400, "duplicate_parameter", "model"),
    ("no model", {"messages": []}, 400, "missing_required_parameter", "model"),
    ("model of another type", {"model": 7}, 400, "invalid_type", "model"),
    ("model null", {"model": None}, 400, "missing_required_parameter", "model"),
    ("unknown model", {"model": "no-such"}, 404, "model_not_found", "model"),
    ("empty model", {"model": ""}, 404, "model_not_found", "model"),
    ("long model", {"model": "m" * 10_000}, 404, "model_not_found", "model"),
    ("path as a model", {"model": "../../etc/passwd"}, 404, "model_not_found", "model"),
    ("dunder as a model", {"model": "__proto__"}, 404, "model_not_found", "model"),
    ("control characters", {"model": "\0\r\nx-evil: 1"}, 404, "model_not_found", "model"),
    ("embeddings model", question() | {"model": "text-embedding-3-small"}, 400, "unsupported_value", "model"),
    ("no messages", {"model": MODEL}, 400, "missing_required_parameter", "messages"),
    ("n of text", question(n="7") | KNOWN, 400, "invalid_type", "n"),
    ("huge n", question(n=10**6) | KNOWN, 400, "integer_above_max_value", "n"),
    ("huge max_tokens", question(max_tokens=1 << 64) | KNOWN, 400, "", "max_tokens"),
    ("negative max_tokens", question(max_tokens=-1) | KNOWN, 400, "integer_below_min_value", "max_tokens"),
    ("max_tokens true", question(max_tokens=True) | KNOWN, 400, "invalid_type", "max_tokens"),
]


@pytest.mark.parametrize(
    ("body", "status", "code", "param"), [row[1:] for row in BODIES], ids=[row[0] for row in BODIES]
)
async def test_what_cannot_be_asked(offline: RunningHub, body: Any, status: int, code: str, param: str | None) -> None:
    answer = await offline.post(CHAT, body)
    assert (answer.status, answer.error["param"]) == (status, param)
    assert answer.error["code"] == code or not code
    assert len(answer.body) < 1500
    row = await offline.row()
    assert (row.status, row.error_code, row.attempts, row.provider) == (status, answer.error["code"], 0, None)
    assert (len(row.asked) <= 256, row.usage) == (True, Usage())


@pytest.mark.parametrize("name", [MODEL, "port/harbour", "HARBOUR", "Port/Harbour"])
async def test_a_model_answers_to_its_names(make_hub: MakeHub, name: str) -> None:
    async with FaultUpstream(plain()) as upstream:
        hub = make_hub(tables(upstream.base_url))
        answer = await hub.post(CHAT, question() | {"model": name})
        row = await hub.row()
    assert (answer.status, answer.headers["x-entrepot-model"]) == (200, MODEL)
    assert (row.asked, row.model, row.offered, row.answered) == (name, MODEL, "up1-model", "upstream-model-2026")


async def test_a_body_beyond_the_limit_is_refused(make_hub: MakeHub) -> None:
    hub = make_hub(tables("http://127.0.0.1:1/v1"), server={"body_limit_bytes": 1024})
    answer = await hub.ask("x" * 2000)
    assert (answer.status, answer.error["code"]) == (413, "request_too_large")
    assert answer.headers["connection"] == "close"


async def test_a_large_body_is_relayed_like_a_small_one(make_hub: MakeHub) -> None:
    text = "é" * pipeline.LARGE_BODY_BYTES
    async with FaultUpstream(plain()) as upstream:
        answer = await make_hub(tables(upstream.base_url)).ask(text)
        assert upstream.requests[0].json["messages"][0]["content"] == text
    assert answer.status == 200


@pytest.mark.parametrize(("words", "fits"), [(80, True), (400, False)])
async def test_a_context_has_its_size(make_hub: MakeHub, words: int, fits: bool) -> None:
    async with FaultUpstream(plain()) as upstream:
        hub = make_hub(tables(upstream.base_url, context_tokens=128))
        answer = await hub.ask("word " * words)
        assert len(upstream.requests) == fits
    if not fits:
        assert (answer.status, answer.error["code"]) == (400, "context_length_exceeded")
        assert "128" in answer.error["message"]


SHIP = "https://img.test/ship.png"
ATTACHED: dict[str, tuple[str, str, Any]] = {
    "image in Chat Completions": (CHAT, "messages", {"type": "image_url", "image_url": {"url": SHIP}}),
    "image in Responses": ("/v1/responses", "input", {"type": "input_image", "image_url": SHIP}),
    "image in Messages": ("/v1/messages", "messages", {"type": "image", "source": {"type": "url", "url": SHIP}}),
    "file in Chat Completions": (CHAT, "messages", {"type": "file", "file": {"file_id": "file-1"}}),
    "file in Responses": ("/v1/responses", "input", {"type": "input_file", "file_id": "file-1"}),
    "document in Messages": ("/v1/messages", "messages", {"type": "document", "source": {"type": "url", "url": SHIP}}),
}


@pytest.mark.parametrize("attached", ATTACHED)
@pytest.mark.parametrize(("context_tokens", "fits"), [(1500, False), (2500, True)])
async def test_few_bytes_of_an_attachment_fill_a_context(
    make_hub: MakeHub, attached: str, context_tokens: int, fits: bool
) -> None:
    """Each counts about 2,000 tokens: images by the model's rule, documents always."""
    path, field, part = ATTACHED[attached]
    rule = {"method": "tiles", "base_tokens": 2000, "tile_tokens": 1}
    hub = make_hub(tables("http://127.0.0.1:1/v1", context_tokens=context_tokens, image_tokens=rule))
    body = {"model": MODEL, field: [{"role": "user", "content": [part]}], "max_tokens": 9}
    answer = await hub.post(path, body, token=hub.test)
    assert (answer.status == 200) is fits, answer.body
    if not fits:
        assert f"holds {context_tokens} tokens" in answer.error["message"]


# Admit --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("allowed", "status"), [(None, 200), ((MODEL,), 200), (("port/harbour", "x"), 200), (("gpt-4.1",), 403), ((), 403)]
)
async def test_a_key_may_be_for_some_models_only(
    make_hub: MakeHub, allowed: tuple[str, ...] | None, status: int
) -> None:
    async with FaultUpstream(plain()) as upstream:
        hub = make_hub(tables(upstream.base_url))
        answer = await hub.post(CHAT, question(), token=hub.key(models=allowed))
        assert answer.status == status
        assert len(upstream.requests) == (status == 200)
    if status == 403:
        assert (answer.error["code"], answer.error["param"]) == ("model_not_allowed", "model")
        assert (await hub.row()).error_code == "model_not_allowed"


async def test_a_key_for_some_models_may_be_a_test_key(make_hub: MakeHub) -> None:
    hub = make_hub()
    token = hub.key(mode="test", models=("gpt-4.1",))
    assert (await hub.post(CHAT, question() | {"model": "gpt-4.1"}, token=token)).status == 200
    assert (await hub.post(CHAT, question() | {"model": "gpt-4.1-mini"}, token=token)).status == 403


# Settle -------------------------------------------------------------------------------------------


async def test_an_exchange_leaves_one_full_row(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain().late(0.03)) as upstream:
        hub = make_hub(tables(upstream.base_url))
        before_ms = time.time_ns() // 1_000_000
        answer = await hub.ask()
        row = await hub.row()
    assert before_ms <= row.started_at_ms <= time.time_ns() // 1_000_000
    assert row.key_id == hub.live.split("-")[2]
    assert 30 <= (row.ttft_ms or 0) <= row.duration_ms < 3000
    rest = {"started_at_ms": 0, "key_id": None, "ttft_ms": None, "duration_ms": 0}
    assert msgspec.to_builtins(msgspec.structs.replace(row, **rest)) == {
        **rest,
        "request_id": answer.headers["x-request-id"],
        "organisation_id": hub.home.owner.organisation_id,
        "member_id": None,
        "project": None,
        "charge_nusd": None,
        "debt_nusd": None,
        "lines": (),
        "mode": "live",
        "dialect": "openai_chat",
        "asked": MODEL,
        "model": MODEL,
        "provider": "up1",
        "offered": "up1-model",
        "answer_id": "chatcmpl-upstream",
        "answered": "upstream-model-2026",
        "stream": False,
        "status": 200,
        "error_code": None,
        "finish": "stop",
        "attempts": 1,
        "usage": msgspec.to_builtins(Usage(input_tokens=11, output_tokens=7)),
    }


async def test_many_at_once_leave_as_many_rows_with_different_ids(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain().late(0.02)) as upstream:
        hub = make_hub(tables(upstream.base_url))
        answers = await asyncio.gather(*(hub.ask(stream=False) for _ in range(60)))
        rows = await hub.rows(60)
    assert {row.request_id for row in rows} == {answer.headers["x-request-id"] for answer in answers}
    assert {row.status for row in rows} == {200}


async def test_neither_prompt_nor_answer_is_written_down(make_hub: MakeHub, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with FaultUpstream(plain("canary-answer")) as upstream:
        hub = make_hub(tables(upstream.base_url))
        await hub.ask("canary-prompt")
        await hub.row()
        hub.home.store.close()
    written = b"".join(path.read_bytes() for path in hub.home.path.iterdir()) + caplog.text.encode()
    assert b"canary" not in written
    assert hub.live.encode() not in written


# Headers ------------------------------------------------------------------------------------------


class Waiting(EntrepotError):
    status = 503


@pytest.mark.parametrize(
    ("retry_after_s", "should_retry", "status", "headers"),
    [
        (None, None, 503, {}),
        (0.0, None, 503, {b"retry-after": b"1"}),
        (1.6, True, 503, {b"retry-after": b"2", b"x-should-retry": b"true"}),
        (None, False, 503, {b"x-should-retry": b"false"}),
        (None, None, 408, {b"connection": b"close"}),
        (None, None, 413, {b"connection": b"close"}),
    ],
)
def test_retry_hints(
    retry_after_s: float | None, should_retry: bool | None, status: int, headers: dict[bytes, bytes]
) -> None:
    error = Waiting("x", retry_after_s=retry_after_s)
    error.should_retry, error.status = should_retry, status
    assert dict(pipeline.error_headers(error)) == headers


async def test_a_callers_own_id_comes_back(make_hub: MakeHub) -> None:
    hub = make_hub()
    answer = await hub.post(CHAT, question() | {"model": "sandbox/echo"}, x_client_request_id="mine-1")
    assert answer.headers["x-client-request-id"] == "mine-1"
    evil = await hub.post(CHAT, question() | {"model": "sandbox/echo"}, x_client_request_id="a\r\nb: c")
    assert "x-client-request-id" not in evil.headers
    assert json.loads(evil.body)["object"] == "chat.completion"
