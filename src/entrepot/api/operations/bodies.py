"""Bodies that handlers read without a record: of calls of models, and of payment services.

They say what the hub itself looks at. What a model takes beyond it is in the model's own schema.
"""

from __future__ import annotations

from typing import Any

from entrepot.api.operations.operation import COMPONENTS, OPEN, TEXT, Schema
from entrepot.catalog.messages import DEFINITIONS
from entrepot.catalog.parameters import PARAMETERS, REQUIRED
from entrepot.catalog.records import Kind

NAMES = {
    "message": "RequestMessage",
    "part": "RequestPart",
    "tool": "RequestTool",
    "tool_call": "RequestToolCall",
}
"""What the definitions of the models' schemas are called in the document."""

NUMBER: Schema = {"type": ["number", "null"]}
WHOLE: Schema = {"type": ["integer", "null"]}
FLAG: Schema = {"type": ["boolean", "null"]}
TABLE: Schema = {"type": ["object", "null"]}
LIST: Schema = {"type": ["array", "null"], "items": {"type": "object"} | OPEN}
OPTIONAL_TEXT: Schema = {"type": ["string", "null"]}


def _object(required: tuple[str, ...], properties: Schema) -> Schema:
    return {"type": "object", "required": list(required), "properties": properties} | OPEN


def _body(kind: Kind) -> Schema:
    """Any model's request: every field that some model takes, within the widest bounds."""
    fields = {name: parameter.schema for name, parameter in PARAMETERS[kind].items()}
    schema: Schema = _referring(_object(tuple(REQUIRED[kind]), fields))
    return schema


def _referring(schema: Any) -> Any:
    """With references to the components instead of definitions of its own."""
    if isinstance(schema, dict):
        known = str(schema.get("$ref", "")).removeprefix("#/$defs/")
        given = {key: _referring(value) for key, value in schema.items()}
        return given | {"$ref": COMPONENTS.format(name=NAMES[known])} if known in NAMES else given
    return [_referring(each) for each in schema] if isinstance(schema, list) else schema


CHAT = _body("chat")
MESSAGES = _object(
    ("model", "messages", "max_tokens"),
    {
        "model": TEXT,
        "messages": {
            "type": "array",
            "items": _object(("role", "content"), {"role": TEXT, "content": {"type": ["string", "array"]}}),
        },
        "max_tokens": {"type": "integer", "minimum": 1},
        "system": {"type": ["string", "array", "null"]},
        "stream": FLAG,
        "temperature": NUMBER,
        "top_p": NUMBER,
        "top_k": WHOLE,
        "stop_sequences": {"type": ["array", "null"], "items": TEXT},
        "tools": LIST,
        "tool_choice": TABLE,
        "thinking": TABLE,
        "output_config": TABLE,
        "metadata": TABLE,
        "service_tier": OPTIONAL_TEXT,
    },
)
RESPONSES = _object(
    ("model",),
    {
        "model": TEXT,
        "input": {"type": ["string", "array"]},
        "instructions": OPTIONAL_TEXT,
        "previous_response_id": OPTIONAL_TEXT,
        "store": FLAG,
        "stream": FLAG,
        "include": {"type": ["array", "null"], "items": TEXT},
        "max_output_tokens": WHOLE,
        "temperature": NUMBER,
        "top_p": NUMBER,
        "reasoning": TABLE,
        "text": TABLE,
        "tools": LIST,
        "tool_choice": {"type": ["string", "object", "null"]},
        "parallel_tool_calls": FLAG,
        "truncation": OPTIONAL_TEXT,
        "metadata": TABLE,
        "service_tier": OPTIONAL_TEXT,
    },
)
BODIES: dict[str, Schema] = {
    **{NAMES[name]: _referring(schema) | OPEN for name, schema in DEFINITIONS.items()},
    "ChatRequest": CHAT,
    "ChatRequestWithKey": CHAT
    | {"required": ["messages"], "properties": CHAT["properties"] | {"key": TEXT, "model_id": TEXT}},
    "EmbeddingsRequest": _body("embedding"),
    "MessagesRequest": MESSAGES,
    "MessagesCountRequest": MESSAGES | {"required": ["model", "messages"]},
    "ResponsesRequest": RESPONSES,
    "Document": {"type": "object", "description": "This document, of OpenAPI 3.1."},
    "TopupEvent": {"type": "object", "description": "An event of Stripe's or of another service, signed in a header."},
}
"""The components that are no records."""
