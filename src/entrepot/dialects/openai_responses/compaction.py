"""Compaction: a conversation made short. The model itself sums it up; the hub seals its words in one item.

The item comes back in a later input, where the hub opens it for whatever upstream is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from entrepot.dialects.openai_responses import seals
from entrepot.dialects.openai_responses.history import Item, item_id, listed
from entrepot.dialects.shapes import Value
from entrepot.errors import InvalidRequest, UpstreamBroken

_TASK = """\
The conversation so far is about to be replaced by a summary that you write now. Whoever goes on with it will see the \
user's messages and your summary, and nothing else. Keep all that is needed to go on without a break: what the user \
wants and has decided, what has been done and found out with the names, numbers, paths and identifiers that matter, \
results of tools that are still of use, what is under way, and what comes next. Leave out greetings and what has been \
overtaken. Answer with the summary only."""
_OPENED = "The earlier part of this conversation was replaced by this summary:\n\n"

# The rest of a request says how to answer, which a summary is not meant to.
_KEPT_FIELDS = (
    "model", "instructions", "prompt_cache_key", "prompt_cache_retention", "prompt_cache_options", "service_tier",
    "safety_identifier", "user", "reasoning",
)  # fmt: skip


class _Sealed(msgspec.Struct):
    summary: str


# Making -------------------------------------------------------------------------------------------


def summary_request(body: Mapping[str, Any], items: Iterable[Item]) -> dict[str, Any]:
    """The request that has a model sum up these items.

    Calls and results go in as text: without their tools, some upstreams refuse them.
    """
    fields = {name: body[name] for name in _KEPT_FIELDS if body.get(name) is not None}
    told = [text for item in items for text in _told(item)]
    return fields | {"input": [*told, _message("user", _TASK)], "store": False}


def _told(item: Item) -> Iterator[Item]:
    match item.get("type") or "message":
        case "message" | "compaction":
            yield item
        case "function_call":
            yield _message("assistant", f"[Called the tool {item['name']} with {item['arguments']}]")
        case "custom_tool_call":
            yield _message("assistant", f"[Called the tool {item['name']} with {item['input']}]")
        case "function_call_output" | "custom_tool_call_output":
            output = item["output"]
            begin = "[Result of the tool call] "
            parts = [{"type": "input_text", "text": output}] if isinstance(output, str) else output
            yield {"type": "message", "role": "user", "content": [{"type": "input_text", "text": begin}, *parts]}


def _message(role: str, text: str) -> Item:
    return {"type": "message", "role": role, "content": text}


def compacted(output: Iterable[Any], items: Iterable[Item], usage: Item, *, id: str, created_s: int) -> dict[str, Any]:
    """OpenAI's compaction of these items: the user's messages as they were, then the sealed summary.

    `output` is that of the response that sums them up, `usage` the object that tells what that took. Raises
    UpstreamBroken when it says nothing.
    """
    summary = "\n\n".join(_texts(output))
    if not summary:
        raise UpstreamBroken("The model wrote no summary of the conversation.")
    kept = [item for item in listed(id, list(items)) if item["type"] == "message" and item.get("role") == "user"]
    sealed = {
        "id": item_id("compaction", id),
        "type": "compaction",
        "encrypted_content": seals.seal(_Sealed(summary)),
    }
    return {
        "id": id,
        "object": "response.compaction",
        "created_at": created_s,
        "output": [*kept, sealed],
        "usage": usage,
    }


def _texts(output: Iterable[Any]) -> Iterator[str]:
    """Upstreams may send anything for items and parts."""
    for item in output:
        content = item.get("content") if isinstance(item, dict) and item.get("type") == "message" else None
        for part in content if isinstance(content, list) else ():
            text = part.get("text") if isinstance(part, dict) and part.get("type") == "output_text" else None
            if isinstance(text, str) and text:
                yield text


# Opening ------------------------------------------------------------------------------------------


def is_own(item: Item) -> bool:
    """Whether an item is a compaction that the hub sealed."""
    if not isinstance(item, dict) or item.get("type") != "compaction":
        return False
    return seals.is_sealed(item.get("encrypted_content"))


def opened(item: Value) -> Item:
    """The message that a compaction of the hub's is to the model. Raises InvalidRequest for a damaged one."""
    content = item["encrypted_content"]
    sealed = seals.unseal(content.text(), _Sealed)
    if sealed is None:
        message = f"'{content.path}' is not what the hub sealed in it."
        raise InvalidRequest(message, param=content.path, code="invalid_value")
    return _message("user", _OPENED + sealed.summary)
