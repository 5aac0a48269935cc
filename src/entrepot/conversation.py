"""The neutral form of a conversation, between any two dialects.

Requests, responses and stream events as frozen records. No dialect's field names, no I/O, no prices.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import msgspec

CacheHint = Literal["5m", "1h"]
"""Where a prompt may be cached up to, and for how long: Anthropic's `cache_control`. A hint by its definition."""

Role = Literal["system", "developer", "user", "assistant", "tool"]
FinishReason = Literal["stop", "length", "tool_calls", "content_filter", "error"]
ReasoningEffort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """Base of the value records here."""


# Parts of a message -------------------------------------------------------------------------------


class Text(Record, frozen=True, tag=True):
    text: str
    cache: CacheHint | None = None


class Refusal(Record, frozen=True, tag=True):
    text: str


class Image(Record, frozen=True, tag=True):
    """An image by https or data URL. `detail` is low, high or auto where the caller said so."""

    url: str
    detail: str | None = None
    cache: CacheHint | None = None


class Audio(Record, frozen=True, tag=True):
    """Base64 audio in the named container format (wav, mp3)."""

    data: str
    format: str


class Document(Record, frozen=True, tag=True):
    """A file part, usually a PDF: `url` is a data URL or https URL, or `file_id` names an upload."""

    url: str | None = None
    file_id: str | None = None
    filename: str | None = None
    cache: CacheHint | None = None


class Reasoning(Record, frozen=True, tag=True):
    """Thinking text, with what its upstream wants replayed unchanged.

    `signature` is Anthropic's; `redacted` its opaque block, which has no text; `encrypted` is OpenAI's
    encrypted content and `id` the id of its item. What one vendor made means nothing to another.
    """

    text: str = ""
    signature: str | None = None
    redacted: str | None = None
    encrypted: str | None = None
    id: str | None = None


class ToolReference(Record, frozen=True, tag=True):
    """A tool found by searching, inside a tool result: Anthropic's `tool_reference`."""

    name: str


class ToolCall(Record, frozen=True, tag=True):
    """A call the model made. `arguments` is the model's own text, JSON or not; a custom tool's is free text."""

    id: str
    name: str
    arguments: str
    custom: bool = False
    cache: CacheHint | None = None


class ToolResult(Record, frozen=True, tag=True):
    call_id: str
    parts: tuple[Text | Image | Document | ToolReference, ...]
    is_error: bool = False
    custom: bool = False
    cache: CacheHint | None = None


Part = Text | Refusal | Image | Audio | Document | Reasoning | ToolCall | ToolResult | ToolReference


class Message(Record, frozen=True):
    role: Role
    parts: tuple[Part, ...]
    name: str | None = None

    @property
    def text(self) -> str:
        """The plain text of the message, tool results included, parts joined by newlines."""
        return "\n".join(_texts(self.parts))


def _texts(parts: Iterable[Part]) -> Iterable[str]:
    for part in parts:
        if isinstance(part, Text | Refusal):
            yield part.text
        elif isinstance(part, ToolResult):
            yield from _texts(part.parts)


# Request ------------------------------------------------------------------------------------------


class Tool(Record, frozen=True):
    """A function the model may call. `parameters` is its JSON Schema, {} when it takes nothing.

    A custom tool takes free text instead.
    """

    name: str
    description: str = ""
    parameters: Mapping[str, Any] = {}
    strict: bool | None = None
    custom: bool = False
    deferred: bool = False
    cache: CacheHint | None = None


class ServerTool(Record, frozen=True):
    """A tool that the upstream runs itself, by its vendor's type name; `settings` are its other fields."""

    type: str
    name: str
    settings: Mapping[str, Any] = {}


class ToolChoice(Record, frozen=True):
    """`auto`, `none`, `required`, or `tool` with the `name` of the one that must be called."""

    mode: Literal["auto", "none", "required", "tool"]
    name: str | None = None


class OutputFormat(Record, frozen=True):
    """What the answer's text must be: free text, any JSON object, or an instance of `schema`."""

    kind: Literal["text", "json_object", "json_schema"]
    name: str | None = None
    schema: Mapping[str, Any] | None = None
    strict: bool | None = None


class Request(Record, frozen=True):
    """One call of a model. `max_output_tokens` counts tokens; penalties and temperature are as sent.

    `foreign` holds what the neutral form has no place for, under the names the caller used; those of them
    that the caller's dialect documents as hints are named in `hints` and may be dropped on the way.
    """

    model: str
    messages: tuple[Message, ...]
    tools: tuple[Tool, ...] = ()
    server_tools: tuple[ServerTool, ...] = ()
    tool_choice: ToolChoice | None = None
    parallel_tool_calls: bool | None = None
    output_format: OutputFormat | None = None
    max_output_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    stop: tuple[str, ...] = ()
    seed: int | None = None
    n: int = 1
    logprobs: bool = False
    top_logprobs: int = 0
    logit_bias: Mapping[str, float] | None = None
    reasoning_effort: ReasoningEffort | None = None
    reasoning_budget_tokens: int | None = None
    reasoning_summary: str | None = None
    verbosity: str | None = None
    service_tier: str | None = None
    user: str | None = None
    cache_key: str | None = None
    metadata: Mapping[str, str] | None = None
    stream: bool = False
    include_usage: bool = False
    foreign: Mapping[str, Any] = {}
    hints: frozenset[str] = frozenset()


# Usage --------------------------------------------------------------------------------------------


Tier = Literal["standard", "batch", "priority"]


class Usage(Record, frozen=True):
    """Tokens of one exchange. Input includes cached and cache-write tokens; output includes reasoning.

    `cache_write_1h_tokens` are those of the cache-write tokens that are kept for an hour.

    `estimated` is true when the upstream reported nothing usable and the hub counted itself. `tier` is the one that
    the upstream says it has served, where it does.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    cache_write_1h_tokens: int = 0
    reasoning_tokens: int = 0
    audio_input_tokens: int = 0
    image_input_tokens: int = 0
    audio_output_tokens: int = 0
    estimated: bool = False
    tier: Tier | None = None

    @property
    def total_tokens(self) -> int:
        return self.input_tokens + self.output_tokens

    @property
    def is_split(self) -> bool:
        """Whether any of the tokens are told apart from the rest of input and output."""
        return bool(
            self.cached_tokens
            or self.cache_write_tokens
            or self.reasoning_tokens
            or self.audio_input_tokens
            or self.image_input_tokens
            or self.audio_output_tokens
        )


# Response -----------------------------------------------------------------------------------------


class TopLogprob(Record, frozen=True):
    token: str
    logprob: float


class TokenLogprob(Record, frozen=True):
    """Log probability (natural) of one sampled token with its likeliest rivals."""

    token: str
    logprob: float
    top: tuple[TopLogprob, ...] = ()


class Choice(Record, frozen=True):
    index: int
    parts: tuple[Part, ...]
    finish: FinishReason
    logprobs: tuple[TokenLogprob, ...] | None = None
    stop_sequence: str | None = None


class Response(Record, frozen=True):
    """A whole answer. `created_s` is Unix time in seconds; `model` is the name that answered."""

    id: str
    model: str
    created_s: int
    choices: tuple[Choice, ...]
    usage: Usage
    fingerprint: str | None = None


# Stream events ------------------------------------------------------------------------------------


class Started(Record, frozen=True, tag=True):
    """First event of every stream. `usage` carries the input tokens when they are known already."""

    id: str
    model: str
    created_s: int
    usage: Usage | None = None
    fingerprint: str | None = None


class TextDelta(Record, frozen=True, tag=True):
    text: str
    choice: int = 0
    logprobs: tuple[TokenLogprob, ...] | None = None


class RefusalDelta(Record, frozen=True, tag=True):
    text: str
    choice: int = 0


class ReasoningDelta(Record, frozen=True, tag=True):
    """A piece of thinking, or what closes it: the fields are those of `Reasoning`."""

    text: str = ""
    choice: int = 0
    signature: str | None = None
    redacted: str | None = None
    encrypted: str | None = None
    id: str | None = None


class ToolCallStarted(Record, frozen=True, tag=True):
    """A call opens; `call` numbers the calls of one choice from 0."""

    id: str
    name: str
    call: int
    choice: int = 0
    custom: bool = False


class ToolCallDelta(Record, frozen=True, tag=True):
    arguments: str
    call: int
    choice: int = 0


class PartEnded(Record, frozen=True, tag=True):
    """The part under way is complete: what follows, even of the same kind, is another one."""

    choice: int = 0


class Finished(Record, frozen=True, tag=True):
    reason: FinishReason
    choice: int = 0
    stop_sequence: str | None = None


class Ended(Record, frozen=True, tag=True):
    """Last event of a stream that ran to its end."""

    usage: Usage


class Failed(Record, frozen=True, tag=True):
    """Last event of a stream that broke: an error code and a message fit for the client."""

    code: str
    message: str


ChoiceEvent = TextDelta | RefusalDelta | ReasoningDelta | ToolCallStarted | ToolCallDelta | PartEnded | Finished
Event = Started | ChoiceEvent | Ended | Failed
