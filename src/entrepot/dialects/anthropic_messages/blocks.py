"""Content blocks for an upstream, made from neutral parts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, assert_never

import msgspec

from entrepot.conversation import (
    Audio,
    CacheHint,
    Document,
    Image,
    Part,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    ToolReference,
    ToolResult,
)
from entrepot.dialects.anthropic_messages.data_urls import decode_text, split_data_url
from entrepot.dialects.carrying import NotCarried

Block = dict[str, Any]

# https://platform.claude.com/docs/en/build-with-claude/vision
_IMAGE_TYPES = ("image/jpeg", "image/png", "image/gif", "image/webp")
NOT_JSON = "invalid_json"
"""The one field of a tool input that stands for arguments which are no JSON object."""


def emit_blocks(parts: Iterable[Part], dropped: set[str]) -> list[Block]:
    """Blocks of what Anthropic takes; adds to `dropped` the hints it does not. Raises NotCarried.

    Blank text is left out, as the API refuses it, and reasoning that Anthropic has not signed.
    """
    return [block for part in parts for block in _emit(part, dropped)]


def emit_cache(cache: CacheHint | None) -> dict[str, Any]:
    """The `cache_control` field, or nothing."""
    if cache is None:
        return {}
    return {"cache_control": {"type": "ephemeral", **({"ttl": "1h"} if cache == "1h" else {})}}


def read_input(arguments: str, *, custom: bool) -> dict[str, Any]:
    """A tool's arguments as the object that Anthropic wants.

    The free text of a custom tool is its `input`; text that is no object is kept whole under NOT_JSON.
    """
    if custom:
        return {"input": arguments}
    try:
        value = msgspec.json.decode(arguments or "{}")
    except (msgspec.DecodeError, RecursionError):
        value = None
    return value if isinstance(value, dict) else {NOT_JSON: arguments}


def write_input(value: Any) -> str:
    """The text of a tool's input. Imitators of Anthropic send it as text already."""
    return value if isinstance(value, str) and value else msgspec.json.encode(value or {}).decode()


def _emit(part: Part, dropped: set[str]) -> Iterable[Block]:
    match part:
        case Text():
            if part.text.strip():
                yield {"type": "text", "text": part.text, **emit_cache(part.cache)}
        case Refusal():
            if part.text.strip():
                yield {"type": "text", "text": part.text}
        case Image():
            yield _image(part, dropped)
        case Document():
            yield _document(part)
        case Audio():
            raise NotCarried("messages", "Anthropic's models take no audio")
        case Reasoning():
            yield from _thinking(part, dropped)
        case ToolCall():
            arguments = read_input(part.arguments, custom=part.custom)
            yield {
                "type": "tool_use", "id": part.id, "name": part.name, "input": arguments, **emit_cache(part.cache),
            }  # fmt: skip
        case ToolResult():
            yield _result(part, dropped)
        case ToolReference():
            yield {"type": "tool_reference", "tool_name": part.name}
        case _:
            assert_never(part)


def _image(image: Image, dropped: set[str]) -> Block:
    if image.detail not in (None, "auto"):
        dropped.add("messages[].detail")
    return {"type": "image", "source": _image_source(image.url), **emit_cache(image.cache)}


def _image_source(url: str) -> Block:
    if not url.lower().startswith("data:"):
        return {"type": "url", "url": url}
    halves = split_data_url(url)
    if halves is None or halves[0] not in _IMAGE_TYPES:
        raise NotCarried("messages", f"an image must be one of {', '.join(_IMAGE_TYPES)}, in base64")
    return {"type": "base64", "media_type": halves[0], "data": halves[1]}


def _document(document: Document) -> Block:
    title = {"title": document.filename} if document.filename else {}
    return {"type": "document", "source": _document_source(document), **title, **emit_cache(document.cache)}


def _document_source(document: Document) -> Block:
    url = document.url
    if url is None:
        raise NotCarried("messages", "an uploaded file is known only where it was uploaded")
    if not url.lower().startswith("data:"):
        return {"type": "url", "url": url}
    media_type, data = split_data_url(url) or ("", "")
    if media_type == "application/pdf":
        return {"type": "base64", "media_type": media_type, "data": data}
    text = decode_text(data) if media_type.startswith("text/") or media_type == "application/json" else None
    if text is None:
        raise NotCarried("messages", "a document must be a PDF or text, in base64")
    return {"type": "text", "media_type": "text/plain", "data": text}


def _thinking(reasoning: Reasoning, dropped: set[str]) -> Iterable[Block]:
    if reasoning.redacted:
        yield {"type": "redacted_thinking", "data": reasoning.redacted}
    elif reasoning.signature:
        yield {"type": "thinking", "thinking": reasoning.text, "signature": reasoning.signature}
    else:
        dropped.add("messages[].reasoning")


def _result(result: ToolResult, dropped: set[str]) -> Block:
    content = emit_blocks(result.parts, dropped)
    return {
        "type": "tool_result",
        "tool_use_id": result.call_id,
        **({"content": content} if content else {}),
        **({"is_error": True} if result.is_error else {}),
        **emit_cache(result.cache),
    }
