"""Each kind of item alone: what its events add, and what it is at the end."""

from __future__ import annotations

from typing import Any

import pytest

from entrepot.conversation import (
    ChoiceEvent,
    PartEnded,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    TokenLogprob,
    ToolCallDelta,
    ToolCallStarted,
)
from entrepot.dialects.openai_responses.open_items import Asked, Call, Message, Thought, is_empty

SUMMARY = {"reasoning": {"summary": "auto"}}
TOOLS = [{"type": "function", "name": "tide"}, {"type": "custom", "name": "log"}]


def grown(item: Message | Thought | Call, *events: ChoiceEvent) -> list[str]:
    """The names of the payloads, without `response.`."""
    payloads = [payload for event in events for payload in item.add(event)]
    return [payload["type"].removeprefix("response.") for payload in (*payloads, *item.close())]


def call(name: str = "tide", *, custom: bool = False, wrapped: bool = False) -> Call:
    started = ToolCallStarted(id="call_1", name=name, call=0, custom=custom and not wrapped)
    return Call("fc_1", started, Asked({"tools": TOOLS}), custom=custom)


def test_a_message_begins_a_part_for_each_kind_and_after_each_end() -> None:
    message = Message("msg_1")
    text: list[ChoiceEvent] = [TextDelta(text="a"), TextDelta(text="b"), PartEnded(), TextDelta(text="c")]
    part = ["content_part.added", "output_text.delta", "output_text.done", "content_part.done"]
    refusal = ["content_part.added", "refusal.delta", "refusal.done", "content_part.done"]
    assert grown(message, *text, RefusalDelta(text="no")) == [*part[:2], *part[1:], *part, *refusal]
    content = message.item("completed")["content"]
    assert [part.get("text") or part["refusal"] for part in content] == ["ab", "c", "no"]


def test_log_probabilities_come_with_their_delta_and_not_before() -> None:
    added, delta = Message("msg_1").add(TextDelta(text="a", logprobs=(TokenLogprob(token="a", logprob=-0.5),)))
    assert added["part"]["logprobs"] == []
    assert [token["token"] for token in delta["logprobs"]] == ["a"]


@pytest.mark.parametrize(
    ("echo", "names", "field"),
    [
        ({}, ["content_part.added", "reasoning_text.delta", "reasoning_text.done", "content_part.done"], "content"),
        (
            SUMMARY,
            [
                "reasoning_summary_part.added",
                "reasoning_summary_text.delta",
                "reasoning_summary_text.done",
                "reasoning_summary_part.done",
            ],
            "summary",
        ),
    ],
)
def test_a_thought_is_a_summary_where_one_was_asked_for(echo: dict[str, Any], names: list[str], field: str) -> None:
    thought = Thought("rs_1", Asked(echo))
    assert grown(thought, ReasoningDelta(text="hm")) == names
    item = thought.item("completed")
    assert [part["text"] for part in item[field]] == ["hm"]
    assert item[({"content", "summary"} - {field}).pop()] == []


def test_a_signature_ends_a_thought() -> None:
    thought = Thought("rs_1", Asked({}))
    grown(thought, ReasoningDelta(text="hm"), ReasoningDelta(signature="s"))
    assert not thought.takes(ReasoningDelta(text="more"))
    assert thought.item("completed")["encrypted_content"].startswith("entrepot:")


def test_a_function_is_called_piece_by_piece() -> None:
    function = call()
    deltas = [
        ToolCallDelta(arguments="{", call=0),
        ToolCallDelta(arguments="", call=0),
        ToolCallDelta(arguments="}", call=0),
    ]
    assert grown(function, *deltas) == ["function_call_arguments.delta"] * 2 + ["function_call_arguments.done"]
    assert function.item("incomplete") == {
        "id": "fc_1", "type": "function_call", "status": "incomplete", "call_id": "call_1", "name": "tide",
        "arguments": "{}",
    }  # fmt: skip


def test_arguments_that_never_came_are_an_empty_object() -> None:
    function = call()
    assert grown(function) == ["function_call_arguments.delta", "function_call_arguments.done"]
    assert function.item("completed")["arguments"] == "{}"


def test_a_custom_tools_text_goes_out_as_it_comes() -> None:
    custom = call("log", custom=True)
    deltas = [ToolCallDelta(arguments=text, call=0) for text in ("a", "b")]
    assert grown(custom, *deltas) == ["custom_tool_call_input.delta"] * 2 + ["custom_tool_call_input.done"]
    assert custom.item("completed")["input"] == "ab"


def test_a_custom_tools_text_in_json_is_taken_out_when_it_is_whole() -> None:
    wrapped = call("log", custom=True, wrapped=True)
    deltas = [ToolCallDelta(arguments=text, call=0) for text in ('{"input":', ' "ab"}')]
    assert grown(wrapped, *deltas) == ["custom_tool_call_input.delta", "custom_tool_call_input.done"]
    assert wrapped.item("completed")["input"] == "ab"


@pytest.mark.parametrize(
    "event", [TextDelta(text=""), RefusalDelta(text=""), ReasoningDelta(), ReasoningDelta(id="rs")]
)
def test_empty_events(event: ChoiceEvent) -> None:
    assert is_empty(event)


@pytest.mark.parametrize("event", [TextDelta(text=" "), ReasoningDelta(redacted="r"), PartEnded()])
def test_events_that_say_something(event: ChoiceEvent) -> None:
    assert not is_empty(event)


def test_a_call_of_a_tool_that_the_input_added_comes_back_as_its_own_kind() -> None:
    namespace = {"type": "namespace", "name": "shop", "tools": [{"type": "custom", "name": "exec"}]}
    asked = Asked({"input": [{"type": "additional_tools", "role": "developer", "tools": [namespace]}]})
    assert asked.names.home("shop__exec") == ("shop", "exec")
    assert asked.names.is_custom("shop__exec")
