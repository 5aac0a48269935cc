"""The items of a conversation: as a client sent or got them, as they are replayed, and as they are listed.

Output is kept with all that a vendor wants replayed; a client is shown of it what it asked for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

Item = Any
"""An item of a client's input may be anything until it has been parsed; those of stored output are tables."""

_PREFIXES = {
    "compaction": "cmp",
    "custom_tool_call": "ctc",
    "custom_tool_call_output": "ctco",
    "function_call": "fc",
    "function_call_output": "fco",
    "message": "msg",
    "reasoning": "rs",
}
_CALLS = ("function_call", "custom_tool_call")
_WITH_STATUS = (*_CALLS, "message", "function_call_output", "custom_tool_call_output")


def input_items(given: Any) -> list[Item]:
    """A request's `input` as a list: text alone is a message of the user's."""
    if isinstance(given, str):
        return [{"type": "message", "role": "user", "content": given}]
    return given if isinstance(given, list) else []


# Replaying ----------------------------------------------------------------------------------------


def replayed(output: Iterable[dict[str, Any]], *, reasons: bool) -> Iterator[Item]:
    """Output as input that any upstream takes; `reasons` says whether the model takes reasoning at all.

    OpenAI demands `encrypted_content` of reasoning where it stores nothing, and refuses other fields in it; models
    with open reasoning want its text. Ids of calls may be left out, ids of messages must begin as OpenAI's do.
    """
    for place, item in enumerate(output):
        match item.get("type"):
            case "reasoning":
                if reasons and (item.get("encrypted_content") or item.get("content")):
                    yield _replayed_reasoning(item)
            case "message" if not str(item.get("id")).startswith("msg_"):
                yield item | {"id": f"msg_{place}"}
            case kind if kind in _CALLS:
                yield {name: value for name, value in item.items() if name != "id"}
            case _:
                yield item


def _replayed_reasoning(item: dict[str, Any]) -> Item:
    fields = {"type": "reasoning", "id": item.get("id"), "summary": item.get("summary") or []}
    encrypted = item.get("encrypted_content")
    return fields | ({"encrypted_content": encrypted} if encrypted else {"content": item["content"]})


# References ---------------------------------------------------------------------------------------


def is_reference(item: Item) -> bool:
    """An item that only names another. Its type may be left out, as a message's may, which has a role."""
    if not isinstance(item, dict) or not isinstance(item.get("id"), str):
        return False
    return item.get("type") in (None, "item_reference") and "role" not in item


def resolved(
    items: Iterable[Item], known: Mapping[str, Item], present: Collection[str], *, reasons: bool
) -> list[Item]:
    """Items with references replaced by what they name, or left out where that is `present` in front already.

    References to what is not `known` stay: parsing refuses them by their place.
    """
    found: list[Item] = []
    for item in items:
        id = item["id"] if is_reference(item) else None
        if id is None or (id not in known and id not in present):
            found.append(item)
        elif id not in present:
            found += replayed([known[id]], reasons=reasons)
    return found


# Showing ------------------------------------------------------------------------------------------


def without_secrets(items: Iterable[Item]) -> list[Item]:
    """Items without the encrypted form of reasoning, which is shown to those who ask for it."""
    return [shown(item) for item in items]


def shown(item: Item) -> Item:
    return item | {"encrypted_content": None} if is_reasoning(item) else item


def is_reasoning(item: Item) -> bool:
    return isinstance(item, dict) and item.get("type") == "reasoning"


def listed(response_id: str, given: Any) -> list[dict[str, Any]]:
    """A request's own input as OpenAI lists it: each item with an id, the same at each listing, and a status."""
    return [_listed(response_id, place, item) for place, item in enumerate(input_items(given))]


def _listed(response_id: str, place: int, item: Mapping[str, Any]) -> dict[str, Any]:
    kind = item.get("type") or "message"
    fields = {"id": item.get("id") or item_id(kind, f"{response_id}:input:{place}"), **_without_nulls(item)}
    if kind in _WITH_STATUS:
        fields = {"status": "completed"} | fields
    if kind == "message":
        fields["content"] = _parts(item.get("role"), item.get("content"))
    if kind == "reasoning":
        fields = {"summary": []} | fields
    return fields | {"type": kind}


def item_id(kind: str, seed: str) -> str:
    """An id of OpenAI's form that is always the same for one seed."""
    return f"{_PREFIXES.get(kind, 'item')}_{hashlib.sha256(seed.encode()).hexdigest()[:48]}"


def _without_nulls(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if value is not None}


def _parts(role: Any, content: Any) -> list[Any]:
    if not isinstance(content, str):
        return [_part(part) for part in content or ()]
    return [_part({"type": "output_text" if role == "assistant" else "input_text", "text": content})]


def _part(part: dict[str, Any]) -> dict[str, Any]:
    """A part with the fields that OpenAI's document requires of one."""
    match part.get("type"):
        case "output_text":
            return {"annotations": [], "logprobs": []} | part
        case "input_image":
            return {"detail": "auto"} | part
        case _:
            return part
