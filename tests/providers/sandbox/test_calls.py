"""Which tools are called, and with which arguments."""

from __future__ import annotations

from typing import Any

import pytest
from tests.providers.sandbox.asking import called, calls, choice, request, returned, text, tool

from entrepot import errors
from entrepot.conversation import Tool, ToolCall, ToolChoice

WEATHER = tool("get_weather", "Get the weather at a location.", location="string")
ADD = tool("add", "Add two numbers.", a="number", b="number")
MAGIC = tool("magic_function", "Applies a magic function to an input.", input="integer")
BARE_MAGIC = Tool(name="magic_function_no_args", description="Calculates a magic function.")
READ = tool("Read", "Reads a file from the local filesystem.", file_path="string")
GREET = tool("greeting_generator", "Generate a greeting in a particular style of speaking.", style="string")
WIDE = (WEATHER, ADD, MAGIC, BARE_MAGIC, READ, GREET)


@pytest.mark.parametrize(
    ("prompt", "tools", "expected"),
    [
        ("What is the weather in San Francisco, CA?", WIDE, [("get_weather", {"location": "San Francisco, CA"})]),
        ("Please add 3 and 4.5", WIDE, [("add", {"a": 3, "b": 4.5})]),
        ("What is the value of magic_function(3)? Use the tool.", (MAGIC,), [("magic_function", {"input": 3})]),
        ("What is the value of magic_function_no_args()?", (MAGIC, BARE_MAGIC), [("magic_function_no_args", {})]),
        ("Read the file /tmp/notes.txt", WIDE, [("Read", {"file_path": "/tmp/notes.txt"})]),
        ("Use the Read tool on 'a.txt'", WIDE, [("Read", {"file_path": "a.txt"})]),
        ("Using the tool, generate a 'Pirate' greeting", (GREET,), [("greeting_generator", {"style": "Pirate"})]),
        ("Add 1 to 2; the weather in Rome", WIDE, [("add", {"a": 1, "b": 2}), ("get_weather", {"location": "Rome"})]),
        ("Say hello", WIDE, []),
        ("Write a poem about the sea", WIDE, []),
    ],
)  # fmt: skip
def test_tools_are_called_when_the_prompt_names_them(
    prompt: str, tools: tuple[Tool, ...], expected: list[tuple[str, Any]]
) -> None:
    answered = choice(request(prompt, tools=tools))
    assert calls(request(prompt, tools=tools)) == expected
    assert answered.finish == ("tool_calls" if expected else "stop")


def test_calls_in_parallel_have_ids_of_their_own_and_may_share_a_value() -> None:
    time = tool("get_time", "Get the time at a location.", location="string")
    asked = request("The weather and the time in Rome?", tools=(WEATHER, time))
    assert calls(asked) == [("get_weather", {"location": "Rome"}), ("get_time", {"location": "Rome"})]
    assert len({part.id for part in choice(asked).parts if isinstance(part, ToolCall)}) == 2


def test_without_parallel_calls_only_the_first_is_made() -> None:
    asked = request("Add 1 to 2, then tell the weather in Rome", tools=WIDE, parallel_tool_calls=False)
    assert calls(asked) == [("add", {"a": 1, "b": 2})]


def test_no_tool_is_called_when_the_caller_forbids_it() -> None:
    asked = request("the weather in Rome?", tools=WIDE, tool_choice=ToolChoice(mode="none"))
    assert calls(asked) == []


def test_a_forced_tool_is_called_whatever_the_prompt_says() -> None:
    forced = ToolChoice(mode="tool", name="add")
    assert calls(request("Say hello", tools=WIDE, tool_choice=forced)) == [("add", {"a": 0, "b": 0})]


def test_a_required_call_prefers_the_named_tool_and_else_takes_the_first() -> None:
    required = ToolChoice(mode="required")
    assert calls(request("add 1 and 2", tools=WIDE, tool_choice=required)) == [("add", {"a": 1, "b": 2})]
    assert [name for name, _ in calls(request("hm", tools=WIDE, tool_choice=required))] == ["get_weather"]


def test_a_required_call_goes_on_to_tools_not_yet_called() -> None:
    final = tool("final_result", "The final answer.", answer="string")
    after = (called("get_weather"), returned("'sunny' today"))
    asked = request("the weather in Rome?", *after, tools=(WEATHER, final), tool_choice=ToolChoice(mode="required"))
    assert calls(asked) == [("final_result", {"answer": "sunny"})]


def test_a_tool_that_was_answered_is_not_called_again() -> None:
    asked = request("the weather in Rome?", called("get_weather"), returned("21 C"), tools=WIDE)
    assert (calls(asked), text(asked)) == ([], "21 C")


@pytest.mark.parametrize("forced", [ToolChoice(mode="tool", name="absent"), ToolChoice(mode="required")])
def test_demanding_a_tool_that_is_not_there_is_refused(forced: ToolChoice) -> None:
    with pytest.raises(errors.UpstreamRefusal) as caught:
        choice(request("hm", tools=() if forced.name is None else WIDE, tool_choice=forced))
    assert (caught.value.status, caught.value.param) == (400, "tool_choice")


def test_a_custom_tool_takes_free_text() -> None:
    custom = Tool(name="run_sql", description="Runs SQL.", custom=True)
    part = choice(request("run_sql with 'SELECT 1'", tools=(custom,))).parts[0]
    assert isinstance(part, ToolCall)
    assert (part.arguments, part.custom) == ("SELECT 1", True)


def test_a_malformed_tool_schema_is_refused_by_name() -> None:
    broken = Tool(name="broken_tool", parameters={"type": "object", "properties": {"a": {"type": "strin"}}})
    with pytest.raises(errors.UpstreamRefusal, match=r"tools\.broken_tool\.parameters"):
        choice(request("use broken_tool", tools=(broken,)))
