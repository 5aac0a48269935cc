"""The fields of a request, as one table for chat and one for embeddings.

They validate the call, draw the workbench form and document the page, so titles and descriptions are
written for people. Bounds are those of OpenAI's published specification.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from entrepot.catalog.messages import RESPONSE_FORMAT, TOOL_CHOICE
from entrepot.catalog.records import Feature, Kind

Schema = dict[str, Any]

INT64 = 2**63


class Parameter(NamedTuple):
    """A field of the request, and the features of which a model needs one to take it (none: always)."""

    schema: Schema
    features: tuple[Feature, ...] = ()


def _field(title: str, description: str, *types: str, **keywords: Any) -> Schema:
    """An optional field; null means the same as leaving it out, as everywhere in OpenAI's API."""
    return {"title": title, "description": description, "type": [*types, "null"], **keywords}


def _choice(title: str, description: str, *values: str, **keywords: Any) -> Schema:
    return _field(title, description, "string", enum=[*values, None], **keywords)


MODEL: Schema = {
    "title": "Model",
    "description": "Id or alias of the model that answers.",
    "type": "string",
    "minLength": 1,
}

CHAT: dict[str, Parameter] = {
    "model": Parameter(MODEL),
    "messages": Parameter(
        {
            "title": "Messages",
            "description": "The conversation so far, oldest message first.",
            "type": "array",
            "minItems": 1,
            "items": {"$ref": "#/$defs/message"},
        }
    ),
    "temperature": Parameter(
        _field(
            "Temperature",
            "How much chance decides between likely tokens: 0 is the most predictable, 2 the most varied.",
            "number",
            minimum=0,
            maximum=2,
            default=1,
        ),
        ("sampling", "sampling_unless_thinking"),
    ),
    "reasoning_effort": Parameter(
        _choice(
            "Reasoning effort",
            "How long the model thinks before it answers. More effort costs more output tokens.",
            "none",
            "minimal",
            "low",
            "medium",
            "high",
            "xhigh",
            "max",
        ),
        ("reasoning",),
    ),
    "max_completion_tokens": Parameter(
        _field("Max tokens", "Upper bound for the answer, reasoning included, in tokens.", "integer", minimum=1),
        ("max_completion_tokens",),
    ),
    "max_tokens": Parameter(_field("Max tokens", "Upper bound for the answer in tokens.", "integer", minimum=1)),
    "stream": Parameter(
        _field("Stream", "Send the answer piece by piece while it is written.", "boolean", default=False)
    ),
    "stream_options": Parameter(
        _field(
            "Stream options",
            "Set include_usage to get the token counts in a last chunk. Only for streams.",
            "object",
            properties={
                "include_usage": {"type": ["boolean", "null"]},
                "include_obfuscation": {"type": ["boolean", "null"]},
            },
        )
    ),
    "verbosity": Parameter(
        _choice("Verbosity", "How long and detailed the answer is.", "low", "medium", "high", default="medium"),
        ("verbosity",),
    ),
    "top_p": Parameter(
        _field(
            "Top P",
            "Choose only among the likeliest tokens whose probabilities add up to this share. "
            "Change this or the temperature, not both.",
            "number",
            minimum=0,
            maximum=1,
            default=1,
        ),
        ("sampling", "sampling_unless_thinking"),
    ),
    "top_k": Parameter(
        _field("Top K", "Choose only among this many likeliest tokens.", "integer", minimum=0), ("top_k",)
    ),
    "frequency_penalty": Parameter(
        _field(
            "Frequency penalty",
            "Above 0, a token gets less likely each time it has been used; below 0, more likely.",
            "number",
            minimum=-2,
            maximum=2,
            default=0,
        ),
        ("penalties",),
    ),
    "presence_penalty": Parameter(
        _field(
            "Presence penalty",
            "Above 0, a token that was used at all gets less likely, which favours new subjects.",
            "number",
            minimum=-2,
            maximum=2,
            default=0,
        ),
        ("penalties",),
    ),
    "stop": Parameter(
        _field(
            "Stop sequences",
            "Up to four texts that end the answer where they occur. They are not part of it.",
            "string",
            "array",
            maxItems=4,
            items={"type": "string"},
        ),
        ("stop",),
    ),
    "seed": Parameter(
        _field(
            "Seed",
            "Same seed and same request: the same answer where the upstream manages it.",
            "integer",
            minimum=-INT64,
            maximum=INT64 - 1,
        ),
        ("seed",),
    ),
    "n": Parameter(
        _field("Choices", "How many answers to write. Each costs its own tokens.", "integer")
        | {"minimum": 1, "maximum": 128, "default": 1},
        ("choices",),
    ),
    "response_format": Parameter(
        _field("Response format", "Free text, any JSON object, or JSON that fits a given schema.", "object")
        | {"if": {"type": "object"}, "then": RESPONSE_FORMAT},
        ("json_mode", "structured_outputs"),
    ),
    "tools": Parameter(
        _field("Tools", "Functions and custom tools the model may call, at most 128.", "array")
        | {"maxItems": 128, "items": {"$ref": "#/$defs/tool"}},
        ("tools",),
    ),
    "tool_choice": Parameter(
        _field("Tool choice", "Leave it to the model (auto), forbid (none), demand any (required) or name one tool.")
        | {"type": ["string", "object", "null"], "if": {"type": ["string", "object"]}, "then": TOOL_CHOICE},
        ("tools",),
    ),
    "parallel_tool_calls": Parameter(
        _field("Parallel tool calls", "Whether one answer may hold several tool calls.", "boolean", default=True),
        ("parallel_tools",),
    ),
    "logprobs": Parameter(
        _field("Log probabilities", "Return the log probability of each token written.", "boolean", default=False),
        ("logprobs",),
    ),
    "top_logprobs": Parameter(
        _field("Top log probabilities", "How many rivals to return per token. Needs logprobs.", "integer")
        | {"minimum": 0, "maximum": 20},
        ("logprobs",),
    ),
    "logit_bias": Parameter(
        _field(
            "Logit bias",
            "Token ids with a bias between -100 (never) and 100 (always).",
            "object",
            additionalProperties={"type": "number", "minimum": -100, "maximum": 100},
        ),
        ("logit_bias",),
    ),
    "prediction": Parameter(
        _field(
            "Predicted output",
            "Text that most of the answer is known to repeat, such as a file under edit; makes it faster.",
            "object",
            required=["type", "content"],
            properties={
                "type": {"const": "content"},
                "content": {"type": ["string", "array"], "items": {"$ref": "#/$defs/part"}},
            },
        ),
        ("prediction",),
    ),
    "modalities": Parameter(
        _field("Output modalities", "What the answer is made of.", "array", items={"enum": ["text", "audio"]}),
        ("audio_output",),
    ),
    "audio": Parameter(
        _field(
            "Audio output",
            "Voice and file format of a spoken answer.",
            "object",
            required=["voice", "format"],
            properties={
                "voice": {"type": ["string", "object"]},
                "format": {"enum": ["wav", "aac", "mp3", "flac", "opus", "pcm16"]},
            },
        ),
        ("audio_output",),
    ),
    "web_search_options": Parameter(
        _field("Web search", "Let the model search the web, with an approximate location if wanted.", "object"),
        ("web_search",),
    ),
    "service_tier": Parameter(
        _choice(
            "Service tier",
            "Speed and price class at the upstream.",
            "auto",
            "default",
            "flex",
            "scale",
            "priority",
            "fast",
        ),
        ("service_tiers",),
    ),
    "prompt_cache_key": Parameter(
        _field("Prompt cache key", "Requests that begin alike and share this key find each other's cache.", "string"),
        ("prompt_caching",),
    ),
    "store": Parameter(
        _field("Store", "Keep the answer at the upstream for later use.", "boolean", default=False), ("storage",)
    ),
    "metadata": Parameter(
        _field(
            "Metadata",
            "Up to 16 texts of your own, kept with the request.",
            "object",
            maxProperties=16,
            propertyNames={"maxLength": 64},
            additionalProperties={"type": "string", "maxLength": 512},
        )
    ),
    "safety_identifier": Parameter(
        _field("Safety identifier", "A hash that stands for your end user.", "string", maxLength=64), ("storage",)
    ),
    "user": Parameter(_field("User", "Your own name for the end user.", "string")),
}

EMBEDDING: dict[str, Parameter] = {
    "model": Parameter(MODEL),
    "input": Parameter(
        {
            "title": "Input",
            "description": "A text, or up to 2048 texts, or the same as token ids.",
            "type": ["string", "array"],
            "minLength": 1,
            "minItems": 1,
            "maxItems": 2048,
            "items": {"type": ["string", "integer", "array"], "items": {"type": "integer"}},
        }
    ),
    "dimensions": Parameter(
        _field("Dimensions", "Length of each vector, where it can be chosen.", "integer", minimum=1)
    ),
    "encoding_format": Parameter(
        _choice("Encoding", "Vectors as numbers or as base64 of 32-bit floats.", "float", "base64", default="float")
    ),
    "user": Parameter(_field("User", "Your own name for the end user.", "string")),
}


PARAMETERS: dict[Kind, dict[str, Parameter]] = {"chat": CHAT, "embedding": EMBEDDING}
REQUIRED: dict[Kind, tuple[str, ...]] = {"chat": ("model", "messages"), "embedding": ("model", "input")}
