"""How much a model thinks: Anthropic's `thinking` and `effort`, and the neutral effort and budget.

Claude 4.6 and later decide by themselves how long to think (`adaptive`) and take an effort; earlier
models, and other vendors' models behind this dialect, take a budget of tokens.
https://platform.claude.com/docs/en/build-with-claude/adaptive-thinking and …/effort
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, get_args

import msgspec

from entrepot.conversation import Reasoning, ReasoningEffort, Request, ToolCall
from entrepot.dialects.carrying import NotCarried
from entrepot.dialects.foreign import Foreign
from entrepot.dialects.shapes import Value

LEAST_BUDGET_TOKENS = 1024
_EFFORTS: tuple[str, ...] = get_args(ReasoningEffort)
_DEFAULT_EFFORT: ReasoningEffort = "high"  # what Anthropic takes when a request names none

# Up to high as Google documents the efforts of its OpenAI endpoint, which other dialects here read backwards;
# above it the most that Claude Code gives the models that take budgets.
_BUDGETS_TOKENS: Mapping[ReasoningEffort, int] = {
    "minimal": 1024,
    "low": 1024,
    "medium": 8192,
    "high": 24_576,
    "xhigh": 31_999,
    "max": 31_999,
}
_VERSION = re.compile(r"claude-(?:[a-z]+-)*(\d+)(?:[-.](\d{1,2})(?!\d))?")
_NEWEST = (1000, 0)
_OTHER = (0, 0)


def claude_version(model: str) -> tuple[int, int]:
    """Major and minor version in a model's name. A Claude without one is the newest; others are (0, 0)."""
    name = model.lower()
    found = _VERSION.search(name)
    if found is None:
        return _NEWEST if "claude" in name else _OTHER
    return int(found[1]), int(found[2] or 0)


def read_thinking(root: Value, foreign: Foreign) -> tuple[ReasoningEffort | None, int | None, str | None]:
    """Effort, budget in tokens and reasoning summary of a request."""
    thinking, effort = root["thinking"], _effort(root["output_config"]["effort"], foreign)
    kind = None if thinking.raw is None else thinking["type"].text()
    budget_tokens = thinking["budget_tokens"].count_or_none()
    for unread in thinking.others("type", "budget_tokens", "display"):
        foreign.keep_value(unread)
    summary = _summary(thinking["display"], foreign)
    match kind:
        case None:
            return effort, None, None
        case "disabled":
            return "none", None, None
        case "adaptive":
            return effort or _DEFAULT_EFFORT, None, summary
        case "enabled":
            if budget_tokens is None:
                raise thinking["budget_tokens"].wrong(f"a number of tokens from {LEAST_BUDGET_TOKENS}")
            return effort, budget_tokens, summary
    foreign.keep_value(thinking)
    return effort, None, summary


class Thought(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of an upstream request that say how to think, and what of the neutral ones they leave out."""

    thinking: Mapping[str, Any] | None = None
    effort: str | None = None
    dropped: tuple[str, ...] = ()


def emit_thinking(request: Request, model: str, max_tokens: int) -> Thought:
    """Raises NotCarried for a budget that does not fit."""
    unshown = ("reasoning_summary",) if request.reasoning_summary else ()
    if request.reasoning_budget_tokens is not None:
        return _budgeted(request, request.reasoning_budget_tokens, max_tokens)
    if request.reasoning_effort is None:
        return Thought(dropped=unshown)
    if request.reasoning_effort == "none":
        return Thought(thinking={"type": "disabled"}, dropped=unshown)
    named = _effort_name(request.reasoning_effort)
    adaptive = claude_version(model) >= (4, 6)
    if _must_call_a_tool(request):  # excludes thinking, but not effort
        return Thought(effort=named, dropped=unshown) if adaptive else Thought(dropped=("reasoning_effort", *unshown))
    if adaptive:
        return Thought(thinking={"type": "adaptive", **_display(request)}, effort=named)
    most = max_tokens * 4 // 5  # thinking counts as output: some must be foreign for the answer
    budget_tokens = min(_BUDGETS_TOKENS[request.reasoning_effort], most)
    if budget_tokens < LEAST_BUDGET_TOKENS or _is_amid_unthought_tools(request):
        return Thought(dropped=("reasoning_effort", *unshown))
    return Thought(thinking={"type": "enabled", "budget_tokens": budget_tokens, **_display(request)})


def _budgeted(request: Request, budget_tokens: int, max_tokens: int) -> Thought:
    """The caller's own budget, and the effort beside it where there is one."""
    if not LEAST_BUDGET_TOKENS <= budget_tokens < max_tokens:
        raise NotCarried("reasoning_budget_tokens", f"it must be from {LEAST_BUDGET_TOKENS} to below 'max_tokens'")
    thinking = {"type": "enabled", "budget_tokens": budget_tokens, **_display(request)}
    return Thought(thinking=thinking, effort=_effort_name(request.reasoning_effort))


def _effort_name(effort: ReasoningEffort | None) -> str | None:
    return "low" if effort == "minimal" else effort


def _display(request: Request) -> dict[str, str]:
    return {"display": "summarized"} if request.reasoning_summary else {}


def _must_call_a_tool(request: Request) -> bool:
    return request.tool_choice is not None and request.tool_choice.mode in ("required", "tool")


def _effort(effort: Value, foreign: Foreign) -> ReasoningEffort | None:
    name = effort.text_or_none()
    if name is not None and name not in _EFFORTS:
        foreign.keep_value(effort)
        return None
    return name  # type: ignore[return-value]  # checked against the literal's own values


def _summary(display: Value, foreign: Foreign) -> str | None:
    if display.text_or_none() == "summarized":
        return "auto"
    foreign.keep_value(display, hint=True)
    return None


def _is_amid_unthought_tools(request: Request) -> bool:
    """Whether the last assistant turn called tools without signed thinking, which a budget would demand of it."""
    last = next((message.parts for message in reversed(request.messages) if message.role == "assistant"), ())
    signed = any(isinstance(part, Reasoning) and (part.signature or part.redacted) for part in last)
    return not signed and any(isinstance(part, ToolCall) for part in last)
