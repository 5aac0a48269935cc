"""Effort and budget: how a request says them, and what each model is told."""

from __future__ import annotations

from typing import Any

import pytest

from entrepot.conversation import Message, Part, Reasoning, Request, Text, ToolCall, ToolChoice
from entrepot.dialects.anthropic_messages import parse_request
from entrepot.dialects.anthropic_messages.thinking import Thought, claude_version, emit_thinking
from entrepot.dialects.carrying import NotCarried

ADAPTIVE, BUDGETED = "claude-opus-4-6", "claude-sonnet-4-5-20250929"
SUMMARY = {"display": "summarized"}


@pytest.mark.parametrize(
    ("model", "version"),
    [
        ("claude-opus-4-6", (4, 6)),
        ("claude-opus-4.6", (4, 6)),
        ("anthropic/claude-sonnet-4-5-20250929", (4, 5)),
        ("claude-opus-4-20250514", (4, 0)),
        ("claude-3-7-sonnet-20250219", (3, 7)),
        ("claude-3-5-haiku-latest", (3, 5)),
        ("anthropic.claude-sonnet-5", (5, 0)),
        ("Claude-Fable-5-1", (5, 1)),
        ("claude-mythos-preview", (1000, 0)),
        ("deepseek-v4", (0, 0)),
        ("", (0, 0)),
    ],
)
def test_the_version_in_a_name(model: str, version: tuple[int, int]) -> None:
    assert claude_version(model) == version


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, (None, None, None)),
        ({"thinking": {"type": "disabled"}, "output_config": {"effort": "high"}}, ("none", None, None)),
        ({"thinking": {"type": "adaptive"}}, ("high", None, None)),
        ({"thinking": {"type": "adaptive"}, "output_config": {"effort": "max"}}, ("max", None, None)),
        ({"output_config": {"effort": "low"}}, ("low", None, None)),
        ({"thinking": {"type": "enabled", "budget_tokens": 2048}}, (None, 2048, None)),
        ({"thinking": {"type": "adaptive", "display": "summarized"}}, ("high", None, "auto")),
    ],
)
def test_what_a_request_says(given: dict[str, Any], expected: tuple[Any, ...]) -> None:
    request = parse_request({"model": "m", "messages": [{"role": "user", "content": "hi"}], **given})
    assert (request.reasoning_effort, request.reasoning_budget_tokens, request.reasoning_summary) == expected
    assert request.foreign == {}


@pytest.mark.parametrize(
    ("given", "foreign", "is_hint"),
    [
        ({"thinking": {"type": "between_tools"}}, "thinking", False),
        ({"thinking": {"type": "adaptive", "display": "omitted"}}, "thinking.display", True),
        ({"thinking": {"type": "adaptive", "block_binding": {}}}, "thinking.block_binding", False),
        ({"output_config": {"effort": "colossal"}}, "output_config.effort", False),
    ],
)
def test_what_the_neutral_form_has_no_place_for(given: dict[str, Any], foreign: str, is_hint: bool) -> None:
    request = parse_request({"model": "m", "messages": [{"role": "user", "content": "hi"}], **given})
    assert list(request.foreign) == [foreign]
    assert request.hints == ({foreign} if is_hint else set())


def thought(model: str, max_tokens: int = 32_000, *parts: Part, **asked: Any) -> Thought:
    said = (Message(role="user", parts=(Text(text="hi"),)), Message(role="assistant", parts=parts))
    return emit_thinking(Request(model="m", messages=said, **asked), model, max_tokens)


@pytest.mark.parametrize(
    ("model", "asked", "expected"),
    [
        (ADAPTIVE, {}, Thought()),
        (ADAPTIVE, {"reasoning_effort": "none"}, Thought(thinking={"type": "disabled"})),
        (BUDGETED, {"reasoning_effort": "none"}, Thought(thinking={"type": "disabled"})),
        (ADAPTIVE, {"reasoning_effort": "minimal"}, Thought(thinking={"type": "adaptive"}, effort="low")),
        (ADAPTIVE, {"reasoning_effort": "xhigh"}, Thought(thinking={"type": "adaptive"}, effort="xhigh")),
        (
            ADAPTIVE,
            {"reasoning_effort": "high", "reasoning_summary": "detailed"},
            Thought(thinking={"type": "adaptive", **SUMMARY}, effort="high"),
        ),
        (ADAPTIVE, {"reasoning_summary": "auto"}, Thought(dropped=("reasoning_summary",))),
        (
            ADAPTIVE,
            {"reasoning_effort": "high", "reasoning_summary": "auto", "tool_choice": ToolChoice(mode="required")},
            Thought(effort="high", dropped=("reasoning_summary",)),
        ),
        (
            BUDGETED,
            {"reasoning_effort": "high", "tool_choice": ToolChoice(mode="tool", name="f")},
            Thought(dropped=("reasoning_effort",)),
        ),
        (BUDGETED, {"reasoning_effort": "low"}, Thought(thinking={"type": "enabled", "budget_tokens": 1024})),
        (BUDGETED, {"reasoning_effort": "medium"}, Thought(thinking={"type": "enabled", "budget_tokens": 8192})),
        (BUDGETED, {"reasoning_effort": "max"}, Thought(thinking={"type": "enabled", "budget_tokens": 25_600})),
        ("kimi-k3", {"reasoning_effort": "low"}, Thought(thinking={"type": "enabled", "budget_tokens": 1024})),
        (
            BUDGETED,
            {"reasoning_budget_tokens": 5000, "reasoning_effort": "minimal", "reasoning_summary": "auto"},
            Thought(thinking={"type": "enabled", "budget_tokens": 5000, **SUMMARY}, effort="low"),
        ),
    ],
)
def test_what_each_model_is_told(model: str, asked: dict[str, Any], expected: Thought) -> None:
    assert thought(model, **asked) == expected


@pytest.mark.parametrize(
    ("max_tokens", "expected"),
    [
        (1279, Thought(dropped=("reasoning_effort",))),
        (1280, Thought(thinking={"type": "enabled", "budget_tokens": 1024})),
        (4096, Thought(thinking={"type": "enabled", "budget_tokens": 3276})),
        (64_000, Thought(thinking={"type": "enabled", "budget_tokens": 24_576})),
    ],
)
def test_an_effort_leaves_room_for_the_answer(max_tokens: int, expected: Thought) -> None:
    assert thought(BUDGETED, max_tokens, reasoning_effort="high") == expected


@pytest.mark.parametrize("budget_tokens", [1023, 2000, 2001])
def test_a_budget_that_does_not_fit_is_refused(budget_tokens: int) -> None:
    with pytest.raises(NotCarried) as caught:
        thought(BUDGETED, 2000, reasoning_budget_tokens=budget_tokens)
    assert caught.value.field == "reasoning_budget_tokens"


CALL = ToolCall(id="1", name="f", arguments="{}")


@pytest.mark.parametrize(
    ("parts", "thinks"),
    [
        ((CALL,), False),
        ((Reasoning(text="unsigned"), CALL), False),
        ((Reasoning(text="hm", signature="s"), CALL), True),
        ((Reasoning(redacted="r"), CALL), True),
        ((Text(text="done"),), True),
    ],
)
def test_a_budget_is_not_put_on_a_turn_of_tools_that_began_without_thinking(
    parts: tuple[Part, ...], thinks: bool
) -> None:
    found = thought(BUDGETED, 32_000, *parts, reasoning_effort="low")
    assert (found.thinking is not None) == thinks
    assert found.dropped == (() if thinks else ("reasoning_effort",))
    assert thought(ADAPTIVE, 32_000, *parts, reasoning_effort="low").thinking is not None
