"""Request bodies that show a model's parameters: the fewest, the usual and all, from its own request schema.

A value is shown only where the schema takes it, so every example is a call that the hub accepts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args

from entrepot.catalog import Catalogue, Model

Level = Literal["minimal", "basic", "all"]
LEVELS: tuple[Level, ...] = get_args(Level)
LEVEL_LABELS: Mapping[Level, str] = {
    "minimal": "Minimal",
    "basic": "Basic parameters",
    "all": "All parameters",
}

Body = dict[str, Any]

PROMPT = "Name three seaports and say in one sentence what each is known for."
OUTPUT_TOKENS = 1024

TOOL: Body = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather at a place, now.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string", "description": "Name of the city"}},
            "required": ["city"],
        },
    },
}

VALUES: Body = {
    "input": "A text to be found again by its meaning.",
    "max_completion_tokens": OUTPUT_TOKENS,
    "max_tokens": OUTPUT_TOKENS,
    "top_k": 40,
    "stop": ["END"],
    "seed": 7,
    "response_format": {"type": "text"},
    "tools": [TOOL],
    "tool_choice": "auto",
    "logprobs": True,
    "top_logprobs": 2,
    "logit_bias": {"1734": -1},
    "web_search_options": {},
    "service_tier": "auto",
    "prompt_cache_key": "example",
    "metadata": {"purpose": "example"},
    "safety_identifier": "user-1234",
    "user": "user-1234",
    "dimensions": 256,
}
"""Goes before a field's default, example or first choice."""

APART: frozenset[str] = frozenset({"stream_options", "prediction", "modalities", "audio"})
"""Fields that have no place beside the others: one needs a stream, one excludes tools, two ask for speech."""

SAMPLING = ("temperature", "top_p", "top_k")

CARRIED: Mapping[str, str] = {
    "model": "model",
    "max_completion_tokens": "max_tokens",
    "max_tokens": "max_tokens",
    "messages": "messages",
    "temperature": "temperature",
    "top_p": "top_p",
    "top_k": "top_k",
    "stop": "stop_sequences",
    "stream": "stream",
}
"""What Messages calls the fields of Chat Completions that both have with the same meaning."""


def examples(catalogue: Catalogue, model: Model) -> dict[Level, Body]:
    """The bodies by level, in Chat Completions for models that converse, else in Embeddings."""
    schema = catalogue.schema(model)
    properties: Mapping[str, Any] = schema["properties"]
    least = {name: _value(name, properties[name], model) for name in schema["required"]}
    shown = {
        name: value
        for name, field in properties.items()
        if not field.get("deprecated") and name not in APART
        for value in (_value(name, field, model),)
        if value is not None and catalogue.validator(model).is_valid({**least, name: value})
    }
    basic = {name: value for name, value in shown.items() if name in schema["basic"]}
    return {"minimal": least, "basic": _together(basic, model), "all": _together(shown, model)}


def as_messages(body: Body, model: Model) -> Body:
    """The same example in Anthropic's protocol, where a request must bound its answer."""
    most = model.max_output_tokens or OUTPUT_TOKENS
    carried: Body = {"model": body["model"], "max_tokens": min(OUTPUT_TOKENS, most)}
    carried |= {CARRIED[name]: value for name, value in body.items() if name in CARRIED}
    if "temperature" in carried:
        carried["temperature"] = min(carried["temperature"], 1)
    if "tools" in body:
        function = TOOL["function"]
        carried["tools"] = [
            {"name": function["name"], "description": function["description"], "input_schema": function["parameters"]}
        ]
        carried["tool_choice"] = {"type": "auto"}
    return carried


def _value(name: str, field: Mapping[str, Any], model: Model) -> Any:
    """What an example gives a field; None where nothing sensible is known."""
    if name == "model":
        return model.id
    if name == "messages":
        return [{"role": "user", "content": next(iter(model.suggested_prompts), PROMPT)}]
    if name == "dimensions" and model.dimensions is not None:
        return min(VALUES[name], model.dimensions)
    if name in ("max_completion_tokens", "max_tokens"):
        return min(OUTPUT_TOKENS, model.max_output_tokens or OUTPUT_TOKENS)
    given = (VALUES.get(name), field.get("default"), *field.get("examples", ()), *field.get("enum", ()))
    return next((value for value in given if value is not None), None)


def _together(body: Body, model: Model) -> Body:
    """Without what contradicts the rest: some models take no sampling while they think."""
    if model.samples(thinking=body.get("reasoning_effort") != "none"):
        return body
    return {name: value for name, value in body.items() if name not in SAMPLING}
