from __future__ import annotations

from typing import Any

import pytest

from entrepot.catalog import Catalogue, Model, check, load
from entrepot.errors import InvalidRequest

CATALOGUE = load()
USER = {"role": "user", "content": "Hello"}
CALL = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}


def body(**fields: Any) -> dict[str, Any]:
    return {"model": "gpt-4.1-mini", "messages": [USER]} | fields


def parts(*content: dict[str, Any], role: str = "user") -> dict[str, Any]:
    return body(messages=[{"role": role, "content": list(content)}])


def tool(**function: Any) -> dict[str, Any]:
    return {"type": "function", "function": function}


def refusal(request: dict[str, Any], name: str = "gpt-4.1-mini") -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        check(CATALOGUE, CATALOGUE.models[name], request)
    return caught.value


REFUSED: list[tuple[dict[str, Any], str, str, str]] = [
    ({"messages": [USER]}, "model", "missing_required_parameter", "'model' is required."),
    ({"model": "m"}, "messages", "missing_required_parameter", "'messages' is required."),
    (body(messages="Hello"), "messages", "invalid_type", "'messages' must be an array, got a string."),
    (body(messages=[]), "messages", "empty_array", "'messages' must have at least 1 item, got none."),
    (body(messages=[3]), "messages[0]", "invalid_type", "'messages[0]' must be an object, got an integer."),
    (
        body(messages=[{"content": "x"}]),
        "messages[0].role",
        "missing_required_parameter",
        "'messages[0].role' is required.",
    ),
    (
        body(messages=[{"role": "bot", "content": "x"}]),
        "messages[0].role",
        "invalid_value",
        "'messages[0].role' must be one of 'system', 'developer', 'user', 'assistant', 'tool', 'function', got 'bot'.",
    ),
    (
        body(messages=[{"role": "user"}]),
        "messages[0].content",
        "missing_required_parameter",
        "'messages[0].content' is required.",
    ),
    (
        body(messages=[{"role": "user", "content": None}]),
        "messages[0].content",
        "invalid_type",
        "'messages[0].content' must be a string or an array, got null.",
    ),
    (
        body(messages=[USER, {"role": "tool", "content": "x"}]),
        "messages[1].tool_call_id",
        "missing_required_parameter",
        "'messages[1].tool_call_id' is required.",
    ),
    (
        body(messages=[USER, {"role": "assistant", "tool_calls": []}]),
        "messages[1].tool_calls",
        "empty_array",
        "'messages[1].tool_calls' must have at least 1 item, got none.",
    ),
    (
        body(
            messages=[USER, {"role": "assistant", "tool_calls": [CALL | {"function": {"name": "f", "arguments": {}}}]}]
        ),
        "messages[1].tool_calls[0].function.arguments",
        "invalid_type",
        "'messages[1].tool_calls[0].function.arguments' must be a string, got an object.",
    ),
    (
        parts({"type": "text"}),
        "messages[0].content[0].text",
        "missing_required_parameter",
        "'messages[0].content[0].text' is required.",
    ),
    (
        parts({"type": "image_url", "image_url": "https://x/y.png"}),
        "messages[0].content[0].image_url",
        "invalid_type",
        "'messages[0].content[0].image_url' must be an object, got a string.",
    ),
    (
        parts({"type": "image_url", "image_url": {"url": "x"}}, role="system"),
        "messages[0].content[0].type",
        "invalid_value",
        "'messages[0].content[0].type' must be 'text', got 'image_url'.",
    ),
    (body(temperature=3), "temperature", "decimal_above_max_value", "'temperature' must be at most 2, got 3."),
    (body(temperature=-0.5), "temperature", "decimal_below_min_value", "'temperature' must be at least 0, got -0.5."),
    (body(temperature="hot"), "temperature", "invalid_type", "'temperature' must be a number, got a string."),
    (body(temperature=True), "temperature", "invalid_type", "'temperature' must be a number, got a boolean."),
    (body(top_p=1.1), "top_p", "decimal_above_max_value", "'top_p' must be at most 1, got 1.1."),
    (body(n=0), "n", "integer_below_min_value", "'n' must be at least 1, got 0."),
    (body(n=1.5), "n", "invalid_type", "'n' must be an integer, got a number."),
    (body(n=True), "n", "invalid_type", "'n' must be an integer, got a boolean."),
    (body(n=10**60), "n", "integer_above_max_value", "'n' must be at most 128, got a huge number."),
    (body(max_tokens=0), "max_tokens", "integer_below_min_value", "'max_tokens' must be at least 1, got 0."),
    (
        body(max_completion_tokens=40000),
        "max_completion_tokens",
        "integer_above_max_value",
        "'max_completion_tokens' must be at most 32768, got 40000.",
    ),
    (body(stop=list("abcde")), "stop", "array_above_max_length", "'stop' must have at most 4 items, got 5."),
    (body(stop=["a", 1]), "stop[1]", "invalid_type", "'stop[1]' must be a string, got an integer."),
    (body(stream="yes"), "stream", "invalid_type", "'stream' must be a boolean, got a string."),
    (
        body(logit_bias={"50256": 101}),
        "logit_bias.50256",
        "decimal_above_max_value",
        "'logit_bias.50256' must be at most 100, got 101.",
    ),
    (
        body(tools=[tool(name="f")] * 129),
        "tools",
        "array_above_max_length",
        "'tools' must have at most 128 items, got 129.",
    ),
    (body(tools=[{}]), "tools[0].type", "missing_required_parameter", "'tools[0].type' is required."),
    (
        body(tools=[tool()]),
        "tools[0].function.name",
        "missing_required_parameter",
        "'tools[0].function.name' is required.",
    ),
    (
        body(tools=[tool(name="get weather")]),
        "tools[0].function.name",
        "invalid_value",
        "'tools[0].function.name' must match the pattern ^[A-Za-z0-9_-]+$.",
    ),
    (
        body(tools=[tool(name="f" * 65)]),
        "tools[0].function.name",
        "string_above_max_length",
        "'tools[0].function.name' must have at most 64 characters, got 65.",
    ),
    (
        body(tool_choice="maybe"),
        "tool_choice",
        "invalid_value",
        "'tool_choice' must be one of 'none', 'auto', 'required', got 'maybe'.",
    ),
    (
        body(tool_choice={"type": "function"}),
        "tool_choice.function",
        "missing_required_parameter",
        "'tool_choice.function' is required.",
    ),
    (
        body(response_format={"type": "json_schema"}),
        "response_format.json_schema",
        "missing_required_parameter",
        "'response_format.json_schema' is required.",
    ),
    (
        body(response_format={"type": "xml"}),
        "response_format.type",
        "invalid_value",
        "'response_format.type' must be one of 'text', 'json_object', 'json_schema', got 'xml'.",
    ),
    (
        body(metadata={str(key): "x" for key in range(17)}),
        "metadata",
        "object_above_max_properties",
        "'metadata' must have at most 16 keys, got 17.",
    ),
    (body(metadata={"a": 1}), "metadata.a", "invalid_type", "'metadata.a' must be a string, got an integer."),
    (
        body(metadata={"k" * 65: "x"}),
        "metadata",
        "invalid_value",
        "'metadata' has a key that is too long or not allowed.",
    ),
]


@pytest.mark.parametrize(("request_body", "param", "code", "message"), REFUSED)
def test_what_breaks_a_bound_is_named(request_body: dict[str, Any], param: str, code: str, message: str) -> None:
    error = refusal(request_body)
    assert (error.param, error.code, error.message) == (param, code, message)
    assert error.status == 400


def test_a_body_that_is_no_object_names_the_request() -> None:
    error = refusal([])  # type: ignore[arg-type]
    assert (error.param, error.message) == (None, "The request must be an object, got an array.")


def test_a_callers_value_is_repeated_only_in_part() -> None:
    secret = "sk-" + "s" * 5000
    error = refusal(body(tool_choice=secret))
    assert len(error.message) < 200
    assert "s" * 41 not in error.message
    assert len(refusal(body(logit_bias={secret: "x"})).param or "") < 60


def test_values_that_are_not_json_are_a_callers_error() -> None:
    assert refusal(body(temperature={1: 2})).status == 400
    assert refusal(body(tools=[tool(name="\ud800")])).code == "invalid_value"


def test_deep_nesting_outside_the_named_fields_passes() -> None:
    deep: dict[str, Any] = {}
    for _ in range(50_000):
        deep = {"a": deep}
    check(CATALOGUE, CATALOGUE.models["gpt-4.1-mini"], body(extra=deep))


def test_of_several_alternatives_the_deepest_failure_is_told() -> None:
    alternatives = {"anyOf": [{"type": "string"}, {"type": "object", "properties": {"size": {"maximum": 3}}}]}
    model = Model(id="m", name="m", parameters={"grammar": alternatives})
    with pytest.raises(InvalidRequest) as caught:
        check(Catalogue([model]), model, {"model": "m", "messages": [USER], "grammar": {"size": 4}})
    assert (caught.value.param, caught.value.message) == ("grammar.size", "'grammar.size' must be at most 3, got 4.")


def test_an_embedding_model_checks_its_own_fields() -> None:
    model = CATALOGUE.models["text-embedding-3-small"]
    check(CATALOGUE, model, {"model": model.id, "input": ["a", "b"], "dimensions": 256})
    check(CATALOGUE, model, {"model": model.id, "input": [[1, 2], [3]]})
    error = refusal({"model": model.id, "input": "a", "dimensions": 2000}, model.id)
    assert (error.param, error.code) == ("dimensions", "integer_above_max_value")
    assert refusal({"model": model.id, "input": ""}, model.id).code == "empty_string"
