"""The rules in their order, and what holds for every script."""

from __future__ import annotations

import json

import msgspec
import pytest
from tests.providers.sandbox.asking import called, calls, choice, request, response, returned, say, script, text, tool

from entrepot import tokens
from entrepot.catalog import ImageTiles
from entrepot.conversation import (
    Ended,
    Finished,
    Image,
    Message,
    OutputFormat,
    Reasoning,
    Refusal,
    Request,
    Started,
    Text,
    TextDelta,
    ToolCall,
    ToolChoice,
)
from entrepot.providers.sandbox import FINGERPRINT, Steering, plan

ADD = tool("add", "Add two numbers.", a="number", b="number")
PERSON = tool("person", name="string", age="integer").parameters
AS_PERSON = OutputFormat(kind="json_schema", name="person", schema=PERSON)
AS_OBJECT = OutputFormat(kind="json_object")
VARIED = [
    request("Say hello"),
    request("Tell me a joke", n=3, seed=4),
    request("add 1 and 2", tools=(ADD,)),
    request("Jason is 25", output_format=AS_PERSON),
    request("Count to 50", max_output_tokens=9, logprobs=True, top_logprobs=2),
    request("Think", reasoning_effort="low", stop=("called",)),
    request("add 1 and 2", called("add"), returned("3"), tools=(ADD,)),
]


@pytest.mark.parametrize("asked", VARIED, ids=lambda asked: asked.messages[0].text)
def test_a_script_runs_from_started_to_ended_and_sums_up(asked: Request) -> None:
    events = script(asked).events
    assert isinstance(events[0], Started)
    assert isinstance(events[-1], Ended)
    assert sum(isinstance(event, Finished) for event in events) == asked.n
    assert events[-1].usage.input_tokens == tokens.count_request(asked)
    streamed = "".join(event.text for event in events if isinstance(event, TextDelta) and event.choice == 0)
    assert streamed == text(asked)
    assert len(response(asked).choices) == asked.n


@pytest.mark.parametrize("asked", VARIED, ids=lambda asked: asked.messages[0].text)
def test_the_same_request_has_the_same_script_streamed_or_not(asked: Request) -> None:
    streamed = msgspec.structs.replace(asked, stream=True, include_usage=True)
    assert script(asked).events == script(streamed).events


def test_another_request_has_other_ids() -> None:
    assert response(request("Say a")).id != response(request("Say b")).id


def test_the_answer_says_who_when_and_that_it_is_simulated() -> None:
    answered = response(request("Say hello", model="gpt-4.1"))
    assert (answered.model, answered.created_s, answered.fingerprint) == ("gpt-4.1", 1_700_000_000, FINGERPRINT)


def test_output_usage_counts_what_was_said() -> None:
    usage = response(request("Say one two three", n=1)).usage
    assert (usage.output_tokens, usage.cached_tokens, usage.estimated) == (3, 0, False)
    assert response(request("Say one two three", n=2)).usage.output_tokens > 6


def test_images_count_by_the_models_own_rule() -> None:
    parts = (Text(text="Say hello"), Image(url="https://x.y/z"))
    asked = Request(model="m", messages=(Message(role="user", parts=parts),))
    rule = ImageTiles(base_tokens=1000, tile_tokens=1)
    ended = plan(asked, steer=Steering(), created_s=1, image_tokens=rule).events[-1]
    assert isinstance(ended, Ended)
    assert ended.usage.input_tokens == tokens.count_request(asked, rule)


def test_choices_can_be_told_apart() -> None:
    answered = response(request("Say hello", n=3))
    assert len({part.text for one in answered.choices for part in one.parts if hasattr(part, "text")}) == 3
    ids = {part.id for one in response(request("add 1 and 2", tools=(ADD,), n=3)).choices for part in one.parts
           if isinstance(part, ToolCall)}  # fmt: skip
    assert len(ids) == 3


def test_a_schema_is_answered_with_an_instance_before_and_after_tools() -> None:
    assert text(request("Jason is 25 years old", output_format=AS_PERSON)) == '{"name":"Jason","age":25}'
    after = request("Who?", called("look"), returned("Ann is 31"), output_format=AS_PERSON, tools=(ADD,))
    assert text(after) == '{"name":"Ann","age":31}'


def test_choices_of_a_schema_stay_valid() -> None:
    answered = response(request("Jason is 25", output_format=AS_PERSON, n=2))
    assert [part.text for one in answered.choices for part in one.parts if hasattr(part, "text")] == [
        '{"name":"Jason","age":25}'
    ] * 2


def test_json_mode_takes_quoted_words_as_keys() -> None:
    told = say('Reply in JSON with "name" and "age".', role="system")
    assert text(request(told, "Jason is 25 years old", output_format=AS_OBJECT)) == '{"name":"Jason","age":25}'
    assert text(request("Say hello", output_format=AS_OBJECT)) == '{"answer":"hello"}'


def test_a_schema_in_the_system_words_is_followed_when_no_tools_are_offered() -> None:
    system = say(f"Answer by this schema: {json.dumps(PERSON, indent=1)} Only JSON.", role="system")
    asked = request(system, "Jason is 25 years old")
    for output_format in (None, AS_OBJECT):
        found = text(msgspec.structs.replace(asked, output_format=output_format))
        assert json.loads(found) == {"name": "Jason", "age": 25}
    assert "simulated" in text(msgspec.structs.replace(asked, tools=(ADD,)))
    unfollowable = say('{"type": "object", "properties": {"a": {"type": 3}}}', role="system")
    assert "simulated" in text(request(unfollowable, "Jason is 25 years old"))


def test_json_mode_hands_on_the_object_a_tool_returned() -> None:
    asked = request("weather?", called("look"), returned('{"sky": "blue"}'), output_format=AS_OBJECT)
    assert text(asked) == '{"sky":"blue"}'


def test_echo_repeats_the_prompt_exactly() -> None:
    words = '  Say "hi" twice\n\n\u00e9\U0001f600 '
    assert text(request(words, model="sandbox/echo")) == words
    assert text(request(words), "echo=true") == words


def test_a_forced_tool_precedes_results_and_schemas() -> None:
    forced = ToolChoice(mode="tool", name="add")
    asked = request("hm", called("add"), returned("1"), tools=(ADD,), tool_choice=forced, output_format=AS_PERSON)
    assert [name for name, _ in calls(asked)] == ["add"]


def test_reasoning_precedes_text_for_the_reasoning_model_an_effort_or_a_budget() -> None:
    for asked in (
        request("Say hi", model="sandbox/reasoning"),
        request("Say hi", reasoning_effort="high"),
        request("Say hi", reasoning_budget_tokens=1024),
    ):
        parts = choice(asked).parts
        assert isinstance(parts[0], Reasoning)
        assert parts[0].signature
        assert response(asked).usage.reasoning_tokens > 0
    assert len(choice(request("Say hi", reasoning_effort="none")).parts) == 1


def test_bad_tool_json_calls_a_tool_with_broken_arguments_once() -> None:
    part = choice(request("Say hi", tools=(ADD,)), "fault=bad-tool-json").parts[0]
    assert isinstance(part, ToolCall)
    with pytest.raises(msgspec.DecodeError):
        msgspec.json.decode(part.arguments)
    after = request("add", called("add"), returned("bad JSON"), tools=(ADD,))
    assert text(after, "fault=bad-tool-json") == "bad JSON"
    assert text(request("Say hi"), "fault=bad-tool-json") == "hi"


def test_faults_of_the_answer_itself() -> None:
    empty = response(request("Say hi"), "fault=empty")
    assert (empty.choices[0].parts, empty.choices[0].finish, empty.usage.output_tokens) == ((), "stop", 0)
    assert isinstance(choice(request("Say hi"), "fault=refusal").parts[0], Refusal)
    assert choice(request("Say hi"), "fault=content-filter").finish == "content_filter"


def test_an_asked_for_error_has_no_events() -> None:
    assert script(request("Say hi", model="sandbox/error-500")).events == ()
