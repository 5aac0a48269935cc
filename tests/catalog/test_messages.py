"""Messages, parts, tools and formats that OpenAI's API takes must pass; what it refuses stands in test_checking."""

from __future__ import annotations

from typing import Any

import pytest

from entrepot.catalog import check, load

CATALOGUE = load()
USER = {"role": "user", "content": "Hello"}
CALL = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}


def body(**fields: Any) -> dict[str, Any]:
    return {"model": "gpt-4.1-mini", "messages": [USER]} | fields


def parts(*content: dict[str, Any], role: str = "user") -> dict[str, Any]:
    return body(messages=[{"role": role, "content": list(content)}])


def tool(**function: Any) -> dict[str, Any]:
    return {"type": "function", "function": function}


ACCEPTED: list[dict[str, Any]] = [
    body(),
    body(temperature=0, top_p=1, n=1, stop=["a", "b", "c", "d"], seed=-1, stream=True, unknown_field={"a": 1}),
    body(temperature=None, top_p=None, stop=None, stream=None, max_tokens=None, response_format=None, tools=None),
    body(stop="END", max_completion_tokens=32768, logit_bias={"50256": -100}, logprobs=True, top_logprobs=20),
    body(
        messages=[{"role": "system", "content": ""}, {"role": "developer", "content": [{"type": "text", "text": "x"}]}]
    ),
    body(messages=[USER | {"name": "ann", "cache_control": {"type": "ephemeral"}}]),
    body(messages=[USER, {"role": "assistant", "content": None, "tool_calls": [CALL]}]),
    body(
        messages=[
            USER,
            {"role": "assistant", "tool_calls": [CALL]},
            {"role": "tool", "tool_call_id": "1", "content": "x"},
        ]
    ),
    body(
        messages=[
            USER,
            {
                "role": "assistant",
                "content": "x",
                "refusal": None,
                "tool_calls": None,
                "function_call": None,
                "audio": None,
            },
        ]
    ),
    body(messages=[USER, {"role": "assistant", "content": [{"type": "refusal", "refusal": "no"}]}]),
    body(
        messages=[
            USER,
            {"role": "assistant", "tool_calls": [{"id": "1", "type": "custom", "custom": {"name": "f", "input": "x"}}]},
        ]
    ),
    body(messages=[{"role": "function", "name": "f", "content": None}]),
    parts(
        {"type": "text", "text": "x"}, {"type": "image_url", "image_url": {"url": "https://x/y.png", "detail": "low"}}
    ),
    parts({"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}),
    parts({"type": "file", "file": {"file_data": "data:application/pdf;base64,AA", "filename": "a.pdf"}}),
    body(tools=[tool(name="get_weather")], tool_choice="auto", parallel_tool_calls=False),
    body(
        tools=[tool(name="f", strict=None, parameters={"type": "object"}), {"type": "custom", "custom": {"name": "c"}}]
    ),
    body(tools=[tool(name="f")], tool_choice={"type": "function", "function": {"name": "f"}}),
    body(tools=[tool(name="f")], tool_choice={"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": []}}),
    body(response_format={"type": "json_object"}),
    body(response_format={"type": "json_schema", "json_schema": {"name": "a", "schema": {}, "strict": True}}),
    body(prediction={"type": "content", "content": [{"type": "text", "text": "x"}]}, metadata={"a": "b"}),
    body(stream=True, stream_options={"include_usage": True, "include_obfuscation": False}),
]


@pytest.mark.parametrize("request_body", ACCEPTED)
def test_what_the_api_accepts_passes(request_body: dict[str, Any]) -> None:
    check(CATALOGUE, CATALOGUE.models["gpt-4.1-mini"], request_body)
