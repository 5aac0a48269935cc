"""A finished response as the stream that could have told it: for those who come back to it later."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from entrepot.dialects import sse
from entrepot.dialects.openai_responses.open_items import Payload

# What a response has only once it has ended.
_UNKNOWN_YET: Payload = {"output": [], "usage": None, "error": None, "incomplete_details": None, "completed_at": None}
_EMPTY_AT_FIRST: dict[str, Payload] = {
    "message": {"content": []},
    "reasoning": {"summary": [], "content": [], "encrypted_content": None},
    "function_call": {"arguments": ""},
    "custom_tool_call": {"input": ""},
}
_TEXT_FIELDS = {"output_text": "text", "refusal": "refusal", "reasoning_text": "text", "summary_text": "text"}


def replay(response: dict[str, Any], *, starting_after: int = -1) -> Iterator[bytes]:
    """Its events, without those up to the one numbered `starting_after`."""
    for number, payload in enumerate(_payloads(response)):
        if number > starting_after:
            numbered = {"type": payload["type"], "sequence_number": number} | payload
            yield sse.event(msgspec.json.encode(numbered), payload["type"].encode())


def _payloads(response: dict[str, Any]) -> Iterator[Payload]:
    begun = response | _UNKNOWN_YET | {"status": "in_progress"}
    yield {"type": "response.created", "response": begun}
    yield {"type": "response.in_progress", "response": begun}
    for index, item in enumerate(response["output"]):
        first = item | _EMPTY_AT_FIRST.get(item.get("type", ""), {})
        first |= {"status": "in_progress"} if "status" in item else {}
        yield {"type": "response.output_item.added", "output_index": index, "item": first}
        for payload in _grown(item):
            yield payload | {"item_id": item.get("id"), "output_index": index}
        yield {"type": "response.output_item.done", "output_index": index, "item": item}
    yield {"type": f"response.{response.get('status') or 'completed'}", "response": response}


def _grown(item: dict[str, Any]) -> Iterator[Payload]:
    """How the item came to have what it has; of items that a hosted tool made, nothing is known."""
    match item.get("type"):
        case "message" | "reasoning":
            for place, part in enumerate(item.get("summary") or ()):
                yield from _part(part, "reasoning_summary_part", {"summary_index": place})
            for place, part in enumerate(item.get("content") or ()):
                yield from _part(part, "content_part", {"content_index": place})
        case "function_call":
            arguments = item.get("arguments", "")
            yield {"type": "response.function_call_arguments.delta", "delta": arguments}
            yield {"type": "response.function_call_arguments.done", "name": item.get("name"), "arguments": arguments}
        case "custom_tool_call":
            text = item.get("input", "")
            yield {"type": "response.custom_tool_call_input.delta", "delta": text}
            yield {"type": "response.custom_tool_call_input.done", "input": text}


def _part(part: Any, event: str, place: dict[str, int]) -> Iterator[Payload]:
    """A part that is none of OpenAI's, which an upstream may have sent, comes whole at the end of its item."""
    kind = part.get("type") if isinstance(part, dict) else None
    field = _TEXT_FIELDS.get(kind or "")
    if field is None:
        return
    text, name = part.get(field, ""), "reasoning_summary_text" if kind == "summary_text" else kind
    logprobs = {"logprobs": part.get("logprobs") or []} if kind == "output_text" else {}
    yield {"type": f"response.{event}.added", **place, "part": part | {field: ""}}
    yield {"type": f"response.{name}.delta", **place, "delta": text, **logprobs}
    yield {"type": f"response.{name}.done", **place, field: text, **logprobs}
    yield {"type": f"response.{event}.done", **place, "part": part}
