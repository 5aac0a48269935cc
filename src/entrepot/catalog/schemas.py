"""The request schema of one model: the table of fields, narrowed by its features and limits."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from entrepot.catalog.messages import DEFINITIONS
from entrepot.catalog.parameters import PARAMETERS, REQUIRED
from entrepot.catalog.records import Feature, Model

Schema = dict[str, Any]

COMMON_FEATURES: frozenset[Feature] = frozenset(
    ("streaming", "sampling", "penalties", "stop", "seed", "tools", "json_mode")
)
"""What nearly every OpenAI-compatible server takes: assumed where a model's features are unknown."""

BASIC = ("model", "messages", "temperature", "reasoning_effort", "max_completion_tokens", "max_tokens", "stream")
FEATURE_WORDS: dict[Feature, tuple[str, ...]] = {
    "structured_outputs": ("structured_outputs",),
    "reasoning": ("reasoning", "include_reasoning"),
}
"""What OpenRouter's vocabulary says of a feature beyond the names of fields."""


def json_request_schema(model: Model) -> Schema:
    """JSON Schema 2020-12 of the body that calls `model`; unknown fields stay allowed.

    Beside the standard keywords: `basic` at the root names the fields a form shows first, and each
    property's `x-order` is its place.
    """
    properties = {name: deepcopy(schema) for name, schema in _taken(model).items()}
    _limit(properties, model)
    for name, keywords in model.parameters.items():
        properties[name] = _overlaid(properties.get(name, {"title": name}), keywords)
    for order, schema in enumerate(properties.values()):
        schema["x-order"] = order
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Request to {model.name}",
        "type": "object",
        "required": list(REQUIRED[model.kind]),
        "basic": [name for name in (*BASIC, "input") if name in properties and "deprecated" not in properties[name]],
        "properties": properties,
        "$defs": deepcopy(DEFINITIONS) if model.kind == "chat" else {},
    }


def _taken(model: Model) -> dict[str, Schema]:
    """The fields that the model's features let it take."""
    features = frozenset(model.features) or COMMON_FEATURES
    return {
        name: parameter.schema
        for name, parameter in PARAMETERS[model.kind].items()
        if not parameter.features or features.intersection(parameter.features)
    }


def _overlaid(schema: Schema, keywords: Schema) -> Schema:
    """`schema` with the row's keywords. TOML has no null: an optional field's enum keeps the one it had."""
    overlaid = schema | deepcopy(keywords)
    if "enum" in keywords and "null" in schema.get("type", ()):
        overlaid["enum"].append(None)
    return overlaid


def _limit(properties: dict[str, Schema], model: Model) -> None:
    """The model's own facts: its id as example, its longest answer and vector, and which of the two bounds it wants."""
    properties["model"]["examples"] = [model.id]
    for name in ("max_completion_tokens", "max_tokens"):
        if name in properties and model.max_output_tokens is not None:
            properties[name]["maximum"] = model.max_output_tokens
    if "dimensions" in properties and model.dimensions is not None:
        properties["dimensions"]["maximum"] = model.dimensions
    if "max_completion_tokens" in properties:
        properties["max_tokens"]["deprecated"] = True
        properties["max_tokens"]["description"] = "The older name of max_completion_tokens."


def supported_parameters(model: Model) -> tuple[str, ...]:
    """Optional request fields the model takes, in the vocabulary of OpenRouter's model lists."""
    taken = dict.fromkeys((*_taken(model), *model.parameters))
    return (
        *(name for name in taken if name not in REQUIRED[model.kind]),
        *(name for feature, names in FEATURE_WORDS.items() if feature in model.features for name in names),
    )
