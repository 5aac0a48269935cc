"""What coding agents send: each shape of request has the same outcome in test mode and at every upstream.

The agents themselves run in test_claude_code.py and test_codex.py; here stand the shapes that a scripted task does
not bring out: files, replayed thinking, parallel results, tools loaded late, tools that a vendor runs itself.
"""

from __future__ import annotations

import http.client
import json
import re
from typing import Any, NamedTuple

import msgspec
import pytest
from tests.support import claude_code_requests, codex_requests
from tests.support.claude_code_requests import BASH, ORDERS, READ, Body, Case, claude_code, prompt
from tests.support.hub import Hub

from entrepot.collector import collect
from entrepot.conversation import Response, Text, ToolCall
from entrepot.dialects.table import MESSAGES, RESPONSES, Dialect

UPSTREAMS = ("openai_chat", "openai_responses", "anthropic_messages")
CASES = [
    pytest.param(dialect, case, id=f"{dialect.name}: {name}")
    for dialect, cases in ((MESSAGES, claude_code_requests.CASES), (RESPONSES, codex_requests.CASES))
    for name, case in cases.items()
]


class Reply(NamedTuple):
    status: int
    dropped: set[str]
    body: bytes


def ask(hub: Hub, method: str, path: str, token: str, body: Body | None = None, **headers: str) -> Reply:
    connection = http.client.HTTPConnection(hub.host, hub.port, timeout=10)
    try:
        sent = {"authorization": f"Bearer {token}", "anthropic-version": "2023-06-01", **headers}
        connection.request(method, path, None if body is None else json.dumps(body), sent)
        response = connection.getresponse()
        names = (response.getheader("x-entrepot-dropped") or "").split(", ")
        return Reply(response.status, set(filter(None, names)), response.read())
    finally:
        connection.close()


def answered(hub: Hub, dialect: Dialect, token: str, body: Body) -> tuple[Response, set[str]]:
    """The answer in the neutral form, streamed or not, and what was dropped."""
    reply = ask(hub, "POST", f"/v1{dialect.path}", token, body)
    assert reply.status == 200, reply.body
    if not body["stream"]:
        return dialect.parse_response(reply.body), reply.dropped
    reader = dialect.reader(1_000_000)
    return collect([*reader.feed(reply.body), *reader.close()]), reply.dropped


def check(response: Response, case: Case) -> None:
    (choice,) = response.choices
    said = "".join(part.text for part in choice.parts if isinstance(part, Text))
    made = [(part.name, _arguments(part)) for part in choice.parts if isinstance(part, ToolCall)]
    if isinstance(case.outcome, str):
        assert re.fullmatch(case.outcome, said), said
        assert made == []
    else:
        assert made == [case.outcome]
    assert response.usage.input_tokens > 10


def _arguments(call: ToolCall) -> Any:
    return {"input": call.arguments} if call.custom else json.loads(call.arguments)


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "plain"])
@pytest.mark.parametrize(("dialect", "case"), CASES)
def test_every_shape_has_its_outcome_everywhere(agents_hub: Hub, dialect: Dialect, case: Case, stream: bool) -> None:
    body = case.body | {"stream": stream}
    simulated, dropped = answered(agents_hub, dialect, agents_hub.tokens.test, body | {"model": "sandbox/agent"})
    check(simulated, case)
    assert dropped == set()
    for upstream in UPSTREAMS:
        response, dropped = answered(agents_hub, dialect, agents_hub.tokens.live, body | {"model": upstream})
        check(response, case)
        assert dropped == set(filter(None, case.dropped[upstream].split(", "))), upstream


@pytest.mark.parametrize("upstream", ["openai_chat", "openai_responses"])
def test_a_label_that_changes_with_each_request_spoils_no_cache(
    agents_hub: Hub, models_hub: Hub, upstream: str
) -> None:
    """The upstream's answers are named after what it was asked."""
    bodies = (claude_code(prompt("Say hello"), ORDERS, version=version, stream=False) for version in ("a1b", "c2d"))
    first, second = (
        answered(agents_hub, MESSAGES, agents_hub.tokens.live, body | {"model": upstream})[0] for body in bodies
    )
    assert first.id == second.id


@pytest.mark.parametrize("model", [*UPSTREAMS, "sandbox/agent"])
def test_tokens_of_a_request_are_counted(agents_hub: Hub, model: str) -> None:
    """Agents count tools one at a time, beside a message of one word."""
    token = agents_hub.tokens.test if model == "sandbox/agent" else agents_hub.tokens.live
    counts = []
    for tools in ([], [READ], [READ, BASH]):
        body = {"model": model, "messages": [{"role": "user", "content": "foo"}], "tools": tools}
        reply = ask(agents_hub, "POST", "/v1/messages/count_tokens?beta=true", token, body)
        assert reply.status == 200, reply.body
        counts.append(msgspec.json.decode(reply.body)["input_tokens"])
    assert 0 < counts[0] < counts[1] < counts[2]


def test_discovery_of_models(agents_hub: Hub) -> None:
    reply = ask(agents_hub, "GET", "/v1/models?limit=1000", agents_hub.tokens.live)
    assert reply.status == 200
    names = {model["id"] for model in msgspec.json.decode(reply.body)["data"]}
    assert {*UPSTREAMS, "claude-sonnet-4-5"} <= names


def test_an_upgrade_to_websockets_is_declined_in_words(agents_hub: Hub) -> None:
    upgrade = {
        "connection": "Upgrade",
        "upgrade": "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
        "openai-beta": "responses_websockets=2026-02-06",
    }
    reply = ask(agents_hub, "GET", "/v1/responses", agents_hub.tokens.live, None, **upgrade)
    assert (reply.status, msgspec.json.decode(reply.body)["error"]["code"]) == (405, "method_not_allowed")
