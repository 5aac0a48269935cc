"""Which form a request body has that came by no route of its own: told by its fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from entrepot.catalog.records import Kind
from entrepot.dialects.table import CHAT, EMBEDDINGS, MESSAGES, RESPONSES, Body, Form
from entrepot.errors import InvalidRequest

# What Messages has and Chat Completions has not.
_FIELDS = frozenset({"system", "stop_sequences", "thinking", "output_config"})
_BLOCKS = frozenset({"image", "document", "tool_use", "tool_result", "thinking", "redacted_thinking", "search_result"})

FORMS: Mapping[str, Form] = {form.name: form for form in (CHAT, MESSAGES, RESPONSES, EMBEDDINGS)}


def form_of(body: Body, kind: Kind) -> Form:
    """The form of a body for models of a kind. Raises InvalidRequest when it has none's shape.

    A body that could be of Chat Completions as well as of Messages means the same in both.
    """
    if kind == "embedding":
        return EMBEDDINGS
    if "messages" in body:
        return MESSAGES if _is_messages(body) else CHAT
    if "input" in body:
        return RESPONSES
    message = "'request' must be a body of Chat Completions, Messages, Responses or Embeddings."
    raise InvalidRequest(message, param="request", code="invalid_value")


def _is_messages(body: Body) -> bool:
    if not _FIELDS.isdisjoint(body) or any("input_schema" in tool for tool in _tables(body.get("tools"))):
        return True
    blocks = (block for message in _tables(body["messages"]) for block in _tables(message.get("content")))
    return any(block.get("type") in _BLOCKS for block in blocks)


def _tables(value: Any) -> Iterator[Mapping[str, Any]]:
    return (item for item in value if isinstance(item, Mapping)) if isinstance(value, list) else iter(())
