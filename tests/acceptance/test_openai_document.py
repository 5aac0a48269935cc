"""Every body and every stream event of the hub against OpenAI's published document."""

from __future__ import annotations

import http.client
import json
from typing import Any

import pytest
from tests.support.hub import Hub
from tests.support.openai_document import VARIABLE, Document, find

TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
SCHEMA = {
    "type": "object",
    "properties": {"ship": {"type": "string"}, "tons": {"type": "integer"}},
    "required": ["ship", "tons"],
    "additionalProperties": False,
}
REQUESTS: dict[str, dict[str, Any]] = {
    "text": {},
    "length": {"max_tokens": 4},
    "choices": {"n": 2},
    "logprobs": {"logprobs": True, "top_logprobs": 2},
    "stop": {"stop": ["quiet", ", 5"]},
    "tools": {"tools": [TOOL], "tool_choice": "required"},
    "json_object": {"response_format": {"type": "json_object"}},
    "json_schema": {"response_format": {"type": "json_schema", "json_schema": {"name": "ship", "schema": SCHEMA}}},
}
SANDBOX_MODELS = (
    "gpt-4.1-mini", "sandbox/echo", "sandbox/reasoning", "sandbox/empty", "sandbox/refusal", "sandbox/bad-tool-json",
)  # fmt: skip
FORMS: dict[str, dict[str, Any]] = {
    "plain": {},
    "stream": {"stream": True},
    "stream with usage": {"stream": True, "stream_options": {"include_usage": True}},
}
FAILURES: dict[str, dict[str, Any]] = {
    "unknown model": {"model": "gpt-0"},
    "wrong value": {"temperature": 9},
    "no model": {"model": None},
    "upstream refusal": {"model": "sandbox/error-400"},
    "rate limit": {"model": "sandbox/error-429"},
    "upstream failure": {"model": "sandbox/error-500"},
}


@pytest.fixture(scope="module")
def document() -> Document:
    path = find()
    if path is None:
        pytest.skip(f"OpenAI's document is not at hand; {VARIABLE} may say where it is")
    return Document(path)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("case", REQUESTS)
@pytest.mark.parametrize("model", SANDBOX_MODELS)
def test_sandbox_answers(document: Document, hub: Hub, model: str, case: str, form: str) -> None:
    assert _complaints(document, hub, hub.tokens.test, model, case, form) == []


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("case", REQUESTS)
def test_llama_cpp_answers(document: Document, local_hub: Hub, case: str, form: str) -> None:
    assert _complaints(document, local_hub, local_hub.tokens.live, "local/tiny", case, form) == []


@pytest.mark.parametrize("case", FAILURES)
@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
def test_errors(document: Document, hub: Hub, case: str, stream: bool) -> None:
    status, body = _post(hub, hub.tokens.test, "gpt-4.1-mini", FAILURES[case] | {"stream": stream})
    assert status >= 400
    assert document.complaints("ErrorResponse", json.loads(body)) == []


def test_error_events(document: Document, hub: Hub) -> None:
    _, body = _post(hub, hub.tokens.test, "sandbox/cut-stream", {"stream": True})
    *chunks, last = _events(body)
    assert "error" in last
    assert document.complaints("ErrorResponse", last) == []
    assert [document.complaints("CreateChatCompletionStreamResponse", chunk) for chunk in chunks] == [[]] * len(chunks)


def test_models(document: Document, hub: Hub) -> None:
    _, models = hub.get("/v1/models", hub.tokens.test)
    assert document.complaints("ListModelsResponse", models) == []
    for model in models["data"]:
        assert document.complaints("Model", hub.get(f"/v1/models/{model['id']}", hub.tokens.test)[1]) == []


def test_errors_of_other_routes(document: Document, hub: Hub) -> None:
    for path, token in (("/v1/models", None), ("/v1/models/gpt-0", hub.tokens.test), ("/nowhere", hub.tokens.test)):
        status, body = hub.get(path, token)
        assert status in (401, 404)
        assert document.complaints("ErrorResponse", body) == []


def _complaints(document: Document, hub: Hub, token: str, model: str, case: str, form: str) -> list[str]:
    status, body = _post(hub, token, model, REQUESTS[case] | FORMS[form])
    assert status == 200, body
    if form == "plain":
        return document.complaints("CreateChatCompletionResponse", json.loads(body))
    name = "CreateChatCompletionStreamResponse"
    return sorted({complaint for event in _events(body) for complaint in document.complaints(name, event)})


def _post(hub: Hub, token: str, model: str, fields: dict[str, Any]) -> tuple[int, bytes]:
    prompt = 'The "Alma" of 7 tons: count to 9 in JSON.'
    body = {"model": model, "messages": [{"role": "user", "content": prompt}], "temperature": 0, "max_tokens": 200}
    connection = http.client.HTTPConnection(hub.host, hub.port, timeout=30)
    try:
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        connection.request("POST", "/v1/chat/completions", json.dumps(body | fields), headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def _events(body: bytes) -> list[Any]:
    *events, end = body.decode().split("\n\n")
    assert end == ""
    data = [event.removeprefix("data: ") for event in events]
    return [json.loads(each) for each in data if each != "[DONE]"]
