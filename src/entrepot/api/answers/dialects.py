"""Answers to calls of models in the vendors' shapes, as far as they can be counted on.

What a provider adds passes as it came, so each may hold more than is told here.
"""

from __future__ import annotations

from typing import Any, Literal

from msgspec import UNSET, UnsetType

from entrepot.api.answers.listing import Answer


class Vendors(Answer, frozen=True, kw_only=True):
    """Base of records that may hold more than their fields."""


class Costed(Vendors, frozen=True, kw_only=True):
    """A usage with what the hub adds: the cost in US dollars, and of it each meter's share, where they are known."""

    cost: float | UnsetType = UNSET
    cost_details: dict[str, float] | UnsetType = UNSET
    estimated: bool | UnsetType = UNSET


# Chat Completions ---------------------------------------------------------------------------------


class ChatUsage(Costed, frozen=True, kw_only=True):
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int | UnsetType = UNSET
    prompt_tokens_details: dict[str, Any] | UnsetType | None = UNSET
    completion_tokens_details: dict[str, Any] | UnsetType | None = UNSET


class ChatToolFunction(Vendors, frozen=True, kw_only=True):
    name: str
    arguments: str


class ChatToolCall(Vendors, frozen=True, kw_only=True):
    id: str
    type: str
    function: ChatToolFunction | UnsetType = UNSET


class ChatMessage(Vendors, frozen=True, kw_only=True):
    role: str
    content: str | UnsetType | None = UNSET
    refusal: str | UnsetType | None = UNSET
    reasoning_content: str | UnsetType | None = UNSET
    reasoning: str | UnsetType | None = UNSET
    tool_calls: tuple[ChatToolCall, ...] | UnsetType | None = UNSET


class ChatChoice(Vendors, frozen=True, kw_only=True):
    index: int
    message: ChatMessage
    finish_reason: str | None
    logprobs: dict[str, Any] | UnsetType | None = UNSET


class ChatCompletion(Vendors, frozen=True, kw_only=True):
    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: tuple[ChatChoice, ...]
    usage: ChatUsage | UnsetType | None = UNSET
    system_fingerprint: str | UnsetType | None = UNSET
    service_tier: str | UnsetType | None = UNSET


# Embeddings ---------------------------------------------------------------------------------------


class Embedding(Vendors, frozen=True, kw_only=True):
    """The vector, as numbers or in base64 of 32-bit floats."""

    object: Literal["embedding"] = "embedding"
    index: int
    embedding: tuple[float, ...] | str


class EmbeddingUsage(Costed, frozen=True, kw_only=True):
    prompt_tokens: int
    total_tokens: int | UnsetType = UNSET


class EmbeddingList(Vendors, frozen=True, kw_only=True):
    object: Literal["list"] = "list"
    data: tuple[Embedding, ...]
    model: str
    usage: EmbeddingUsage | UnsetType = UNSET


# Messages -----------------------------------------------------------------------------------------


class MessageUsage(Costed, frozen=True, kw_only=True):
    input_tokens: int
    output_tokens: int
    cache_creation_input_tokens: int | UnsetType | None = UNSET
    cache_read_input_tokens: int | UnsetType | None = UNSET


class MessageBlock(Vendors, frozen=True, kw_only=True):
    """A part of the answer: which fields it has depends on its type."""

    type: str
    text: str | UnsetType = UNSET
    thinking: str | UnsetType = UNSET
    signature: str | UnsetType = UNSET
    id: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    input: Any | UnsetType = UNSET


class Message(Vendors, frozen=True, kw_only=True):
    id: str
    type: Literal["message"]
    role: Literal["assistant"]
    model: str
    content: tuple[MessageBlock, ...]
    stop_reason: str | None
    stop_sequence: str | UnsetType | None = UNSET
    usage: MessageUsage


class MessageTokens(Vendors, frozen=True, kw_only=True):
    input_tokens: int


# Responses ----------------------------------------------------------------------------------------


class ResponseUsage(Costed, frozen=True, kw_only=True):
    input_tokens: int
    output_tokens: int
    total_tokens: int | UnsetType = UNSET
    input_tokens_details: dict[str, Any] | UnsetType | None = UNSET
    output_tokens_details: dict[str, Any] | UnsetType | None = UNSET


class ResponseContent(Vendors, frozen=True, kw_only=True):
    type: str
    text: str | UnsetType = UNSET
    refusal: str | UnsetType = UNSET
    annotations: tuple[dict[str, Any], ...] | UnsetType = UNSET


class ResponseItem(Vendors, frozen=True, kw_only=True):
    """An item of the output or the input: which fields it has depends on its type."""

    type: str
    id: str | UnsetType | None = UNSET
    status: str | UnsetType | None = UNSET
    role: str | UnsetType = UNSET
    content: tuple[ResponseContent, ...] | str | UnsetType | None = UNSET
    summary: tuple[ResponseContent, ...] | UnsetType = UNSET
    encrypted_content: str | UnsetType | None = UNSET
    call_id: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    arguments: str | UnsetType = UNSET
    output: Any | UnsetType = UNSET


class ModelResponse(Vendors, frozen=True, kw_only=True):
    """What OpenAI calls a Response."""

    id: str
    object: Literal["response"] = "response"
    created_at: float
    status: str
    model: str
    output: tuple[ResponseItem, ...]
    error: dict[str, Any] | UnsetType | None = UNSET
    incomplete_details: dict[str, Any] | UnsetType | None = UNSET
    previous_response_id: str | UnsetType | None = UNSET
    usage: ResponseUsage | UnsetType | None = UNSET


class ResponseTokens(Vendors, frozen=True, kw_only=True):
    object: Literal["response.input_tokens"] = "response.input_tokens"
    input_tokens: int


class Compaction(Vendors, frozen=True, kw_only=True):
    object: Literal["response.compaction"] = "response.compaction"
    id: str
    created_at: float
    output: tuple[ResponseItem, ...]
    usage: ResponseUsage


class ResponseItemList(Vendors, frozen=True, kw_only=True):
    object: Literal["list"] = "list"
    data: tuple[ResponseItem, ...]
    first_id: str
    last_id: str
    has_more: bool
