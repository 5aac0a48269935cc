"""What one dialect cannot say of what another has said: refused by name, or dropped where it is a hint."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Literal, get_args

import msgspec

from entrepot.conversation import ReasoningEffort, Request, ServerTool
from entrepot.errors import InvalidRequest

Verdict = Literal["refused", "dropped"]


class Emitted(msgspec.Struct, frozen=True):
    """A request body for an upstream, and the neutral names of hints that it does not carry."""

    body: bytes
    dropped: tuple[str, ...] = ()


class NotCarried(InvalidRequest):
    """A field the upstream's dialect has no place for. `param` is neutral until the caller's dialect names it."""

    code = "unsupported_by_upstream"

    def __init__(self, field: str, why: str = "") -> None:
        because = f": {why}" if why else ""
        super().__init__(f"'{field}' cannot be carried to the upstream that serves this model{because}.", param=field)
        self.field = field
        self.why = why


_DEFAULTS = {field.name: field.default for field in msgspec.structs.fields(Request)}


def left_behind(request: Request, verdicts: Mapping[str, Verdict]) -> tuple[str, ...]:
    """Names of the fields that are dropped. Raises NotCarried for the first that must not be.

    `verdicts` names the Request fields that the target dialect has no place for.
    """
    dropped = []
    for field, verdict in verdicts.items():
        if getattr(request, field) in (_DEFAULTS[field], None, (), {}):
            continue
        if verdict == "refused":
            raise NotCarried(field)
        dropped.append(field)
    for name in request.foreign:
        if name not in request.hints:
            raise NotCarried(name)
        dropped.append(name)
    return tuple(dropped)


# Search tools that agents offer with every request, whether the model needs them or not: without them
# it answers from what it knows. Tool search only spares the context that tools would take.
_OPTIONAL = re.compile(r"(web_search(_preview)?|tool_search(_tool_(regex|bm25))?)(_\d+)*")


def offered_only(request: Request, *, runs: Collection[str] = ()) -> tuple[str, ...]:
    """`tools[type=…]` of each server tool that is dropped: the target does not run it and nobody demands it.

    `runs` names the types that the target does run. Raises NotCarried for a tool that cannot be spared.
    """
    missing = [tool for tool in request.server_tools if tool.type not in runs]
    for tool in missing:
        if _OPTIONAL.fullmatch(tool.type) is None or _demanded(tool, request):
            raise NotCarried(f"tools[type={tool.type}]", "the upstream does not run this tool")
    return tuple(f"tools[type={tool.type}]" for tool in missing)


def _demanded(tool: ServerTool, request: Request) -> bool:
    choice = request.tool_choice
    if choice is None or choice.mode in ("auto", "none"):
        return False
    return choice.name == tool.name if choice.mode == "tool" else not request.tools


# What Google documents its OpenAI endpoint to make of each effort; below the least it is still "low",
# which every reasoning model takes.
_BUDGETS: tuple[tuple[int, ReasoningEffort], ...] = ((24_576, "high"), (8_192, "medium"), (1, "low"))


def effort_of(budget_tokens: int) -> ReasoningEffort:
    """The effort that a budget for reasoning, in tokens, pays for."""
    return next((effort for least, effort in _BUDGETS if budget_tokens >= least), "none")


def nearest_effort(asked: ReasoningEffort, known: Collection[ReasoningEffort]) -> ReasoningEffort:
    """The effort itself where it is known, else the next lower one that is, else the least."""
    order: tuple[ReasoningEffort, ...] = get_args(ReasoningEffort)
    lower = [effort for effort in order[: order.index(asked) + 1] if effort in known]
    return lower[-1] if lower else min(known, key=order.index)


def unwrapped(arguments: str) -> str:
    """The free text of a custom tool's call that was made as a function's: its `input`, or all of what is no such JSON.

    Dialects without custom tools offer them as functions with that one string.
    """
    try:
        value = msgspec.json.decode(arguments)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return arguments
    text = value.get("input") if isinstance(value, dict) else None
    return text if isinstance(text, str) else arguments
