"""JSON Schema of the `messages` array and of tools, as the Chat Completions API accepts them.

Branches hang on `if`/`then` and never on `anyOf`, so that a failure names one field and one bound.
Keys that are not named here stay allowed everywhere.
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

TOOL_NAME = "^[A-Za-z0-9_-]+$"
TOOL_NAME_LIMIT = 64


def _object(*required: str, **properties: Schema) -> Schema:
    return {"type": "object", "required": list(required), "properties": properties}


def _when(name: str, value: str, then: Schema) -> Schema:
    return {"if": {"properties": {name: {"const": value}}, "required": [name]}, "then": then}


def _needs(name: str, schema: Schema | None = None) -> Schema:
    return {"required": [name], "properties": {name: schema or {}}}


STRING: Schema = {"type": "string"}
OPTIONAL_STRING: Schema = {"type": ["string", "null"]}
NAME: Schema = {"type": "string", "minLength": 1, "maxLength": TOOL_NAME_LIMIT, "pattern": TOOL_NAME}


def _content(*kinds: str, nullable: bool = False) -> Schema:
    """Text, or an array of the given kinds of part."""
    return {
        "type": ["string", "array", "null"] if nullable else ["string", "array"],
        "items": {
            "$ref": "#/$defs/part",
            "properties": {"type": {"enum": list(kinds)}},
        },
    }


PART: Schema = {
    "title": "Content part",
    "type": "object",
    "required": ["type"],
    "properties": {"type": STRING},
    "allOf": [
        _when("type", "text", _needs("text", STRING)),
        _when("type", "refusal", _needs("refusal", STRING)),
        _when("type", "image_url", _needs("image_url", _object("url", url=STRING, detail=OPTIONAL_STRING))),
        _when("type", "video_url", _needs("video_url", _object("url", url=STRING))),
        _when("type", "audio_url", _needs("audio_url", _object("url", url=STRING))),
        _when("type", "input_audio", _needs("input_audio", _object("data", "format", data=STRING, format=STRING))),
        _when(
            "type",
            "file",
            _needs("file", _object(file_data=OPTIONAL_STRING, file_id=OPTIONAL_STRING, filename=OPTIONAL_STRING)),
        ),
    ],
}

TOOL_CALL: Schema = {
    "title": "Tool call",
    "type": "object",
    "required": ["id", "type"],
    "properties": {"id": STRING, "type": {"enum": ["function", "custom"]}},
    "allOf": [
        _when("type", "function", _needs("function", _object("name", "arguments", name=STRING, arguments=STRING))),
        _when("type", "custom", _needs("custom", _object("name", "input", name=STRING, input=STRING))),
    ],
}

ASSISTANT: Schema = {
    "properties": {
        "content": _content("text", "refusal", nullable=True),
        "refusal": OPTIONAL_STRING,
        "tool_calls": {"type": ["array", "null"], "minItems": 1, "items": {"$ref": "#/$defs/tool_call"}},
        "function_call": _object("name", "arguments", name=STRING, arguments=STRING) | {"type": ["object", "null"]},
        "audio": _object("id", id=STRING) | {"type": ["object", "null"]},
    }
}

USER_PARTS = ("text", "image_url", "input_audio", "file", "audio_url", "video_url")

MESSAGE: Schema = {
    "title": "Message",
    "type": "object",
    "required": ["role"],
    "properties": {
        "role": {"enum": ["system", "developer", "user", "assistant", "tool", "function"]},
        "name": OPTIONAL_STRING,
    },
    "allOf": [
        _when("role", "user", _needs("content", _content(*USER_PARTS))),
        _when("role", "assistant", ASSISTANT),
        _when("role", "system", _needs("content", _content("text"))),
        _when("role", "developer", _needs("content", _content("text"))),
        _when(
            "role",
            "tool",
            {
                "required": ["content", "tool_call_id"],
                "properties": {"content": _content("text", "image_url", "file"), "tool_call_id": STRING},
            },
        ),
        _when(
            "role",
            "function",
            {"required": ["content", "name"], "properties": {"content": OPTIONAL_STRING, "name": STRING}},
        ),
    ],
}

TOOL: Schema = {
    "title": "Tool",
    "type": "object",
    "required": ["type"],
    "properties": {"type": {"enum": ["function", "custom"]}},
    "allOf": [
        _when(
            "type",
            "function",
            _needs(
                "function",
                _object(
                    "name",
                    name=NAME,
                    description=OPTIONAL_STRING,
                    parameters={"type": ["object", "null"]},
                    strict={"type": ["boolean", "null"]},
                ),
            ),
        ),
        _when("type", "custom", _needs("custom", _object("name", name=NAME, description=OPTIONAL_STRING))),
    ],
}

TOOL_CHOICE: Schema = {
    "if": {"type": "string"},
    "then": {"enum": ["none", "auto", "required"]},
    "else": {
        "required": ["type"],
        "properties": {"type": {"enum": ["function", "custom", "allowed_tools"]}},
        "allOf": [
            _when("type", "function", _needs("function", _object("name", name=STRING))),
            _when("type", "custom", _needs("custom", _object("name", name=STRING))),
            _when(
                "type",
                "allowed_tools",
                _needs(
                    "allowed_tools",
                    _object("mode", "tools", mode={"enum": ["auto", "required"]}, tools={"type": "array"}),
                ),
            ),
        ],
    },
}

RESPONSE_FORMAT: Schema = {
    "required": ["type"],
    "properties": {"type": {"enum": ["text", "json_object", "json_schema"]}},
    "allOf": [
        _when(
            "type",
            "json_schema",
            _needs(
                "json_schema",
                _object(
                    "name",
                    name=NAME,
                    description=OPTIONAL_STRING,
                    schema={"type": ["object", "null"]},
                    strict={"type": ["boolean", "null"]},
                ),
            ),
        )
    ],
}

DEFINITIONS: Schema = {"message": MESSAGE, "part": PART, "tool": TOOL, "tool_call": TOOL_CALL}
