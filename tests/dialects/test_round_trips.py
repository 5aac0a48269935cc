"""Whole conversations and answers, at random, through one dialect into another and unchanged at the end."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.dialects.test_translation import DIALECTS, TIDE, is_carried, through

from entrepot.collector import collect
from entrepot.conversation import (
    Document,
    Ended,
    Event,
    Finished,
    FinishReason,
    Image,
    Message,
    Reasoning,
    ReasoningDelta,
    Request,
    Response,
    Started,
    Text,
    TextDelta,
    Tool,
    ToolCall,
    ToolCallDelta,
    ToolCallStarted,
    ToolResult,
    Usage,
)
from entrepot.dialects import anthropic_messages, openai_chat, openai_responses

# Conversations ------------------------------------------------------------------------------------

words = st.text(st.sampled_from("abc é{}\"\\\n:'"), min_size=1, max_size=12).filter(lambda text: text.strip() != "")
ids = st.integers(0, 1 << 40).map("call_{:x}".format)
arguments = st.dictionaries(words, words | st.integers(-5, 5) | st.booleans() | st.none(), max_size=3).map(
    lambda value: msgspec.json.encode(value).decode()
)
images = st.sampled_from(
    [
        Image(url="data:image/png;base64,iVBORw0KGgo="),
        Image(url="data:image/jpeg;base64,/9j/4AAQ"),
        Image(url="https://example.test/quay.png"),
    ]
)
pdfs = st.builds(Document, url=st.just("data:application/pdf;base64,JVBERi0="), filename=st.just("manifest.pdf"))
texts = st.builds(Text, text=words)


@st.composite
def turns(draw: st.DrawFn) -> list[Message]:
    """One exchange: the user speaks, the assistant answers or calls tools, and their results come in any order."""
    spoken = draw(st.lists(texts | images | pdfs, min_size=1, max_size=3))
    answer: list[Any] = draw(st.lists(texts, min_size=1, max_size=1))
    called = [
        ToolCall(id=id, name=draw(st.sampled_from(["tide", "wind"])), arguments=draw(arguments))
        for id in draw(st.lists(ids, max_size=3, unique=True))
    ]
    results = [
        Message(role="tool", parts=(ToolResult(call_id=call.id, parts=tuple(draw(st.lists(texts, max_size=2)))),))
        for call in called
    ]
    return [
        Message(role="user", parts=tuple(spoken)),
        Message(role="assistant", parts=(*answer, *called)),
        *draw(st.permutations(results)),
    ]


@st.composite
def conversations(draw: st.DrawFn) -> tuple[Message, ...]:
    system = [Message(role="system", parts=(part,)) for part in draw(st.lists(texts, max_size=1))]
    exchanges = [message for turn in draw(st.lists(turns(), max_size=3)) for message in turn]
    return (*system, *exchanges, Message(role="user", parts=(draw(texts),)))


def essence(messages: tuple[Message, ...]) -> list[tuple[Any, ...]]:
    """What is said, by whom and in which order: the results of a turn in the order of their calls."""
    said: list[tuple[Any, ...]] = []
    order: dict[str, int] = {}
    for message in messages:
        for part in message.parts:
            match part:
                case Text():
                    said.append((message.role, part.text))
                case Image() | Document():
                    said.append((message.role, part.url))
                case ToolCall():
                    order[part.id] = len(order)
                    said.append(("call", part.id, part.name, json.loads(part.arguments)))
                case ToolResult():
                    said.append(("result", order[part.call_id], _joined(part)))
    return _results_sorted(said)


def _joined(result: ToolResult) -> str:
    return "\n".join(part.text for part in result.parts if isinstance(part, Text))


def _results_sorted(said: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    ordered: list[tuple[Any, ...]] = []
    results: list[tuple[Any, ...]] = []
    for each in [*said, ("end",)]:
        if each[0] == "result":
            results.append(each)
            continue
        ordered += [*sorted(results), each]
        results = []
    return ordered


settings = st.fixed_dictionaries(
    {},
    optional={
        "max_output_tokens": st.integers(1, 1 << 20),
        "temperature": st.floats(0, 1),
        "top_p": st.floats(0.01, 1),
        "top_k": st.integers(1, 100),
        "stop": st.lists(words, min_size=1, max_size=4).map(tuple),
        "seed": st.integers(-(1 << 31), 1 << 31),
        "n": st.integers(2, 8),
        "user": words,
        "cache_key": words,
        "verbosity": st.sampled_from(["low", "medium", "high"]),
        "service_tier": st.sampled_from(["auto", "default"]),
        "reasoning_effort": st.sampled_from(["low", "medium", "high"]),
        "metadata": st.dictionaries(words, words, min_size=1, max_size=2),
        "stream": st.just(True),
    },
)
PAIRS = [(first, second) for first in DIALECTS for second in DIALECTS]


@pytest.mark.parametrize(("first", "second"), PAIRS)
@given(messages=conversations(), asked_for=settings)
def test_a_conversation_survives(
    first: str, second: str, messages: tuple[Message, ...], asked_for: dict[str, Any]
) -> None:
    """Through one dialect into another: what is said, and every setting that both of them carry."""
    both = {
        field: value
        for field, value in asked_for.items()
        if is_carried(DIALECTS[first], field) and is_carried(DIALECTS[second], field)
    }
    request = Request(
        model="asked", messages=messages, tools=(TIDE, Tool(name="wind", parameters=TIDE.parameters)), **both
    )
    once = through(first, request)
    assert essence(once.messages) == essence(messages)
    twice = through(second, once)
    assert essence(twice.messages) == essence(messages)
    assert {field: getattr(twice, field) for field in both} == both
    assert [tool.name for tool in twice.tools] == ["tide", "wind"]


# Answers ------------------------------------------------------------------------------------------

WRITERS: dict[str, Callable[[], Any]] = {
    "Chat Completions": lambda: openai_chat.StreamWriter(include_usage=True),
    "Responses": lambda: openai_responses.StreamWriter(echo={"model": "m", "input": "hi", "stream": True}),
    "Messages": anthropic_messages.StreamWriter,
}
BODIES: dict[str, Callable[[Response], bytes]] = {
    "Chat Completions": openai_chat.emit_response,
    "Responses": lambda response: openai_responses.emit_response(response, echo={"model": "m", "input": "hi"}),
    "Messages": anthropic_messages.emit_response,
}


@st.composite
def answers(draw: st.DrawFn) -> list[Event]:
    """The events of an answer: thinking, text and calls, each in pieces."""
    events: list[Event] = [Started(id="chatcmpl-1", model="m", created_s=1_790_000_000)]
    events += [ReasoningDelta(text=text) for text in draw(st.lists(words, max_size=2))]
    events += [TextDelta(text=text) for text in draw(st.lists(words, max_size=3))]
    called = draw(st.lists(ids, max_size=3, unique=True))
    for number, id in enumerate(called):
        events.append(ToolCallStarted(id=id, name=draw(st.sampled_from(["tide", "wind"])), call=number))
        text = draw(arguments)
        cut = draw(st.integers(0, len(text)))
        events += [ToolCallDelta(arguments=piece, call=number) for piece in (text[:cut], text[cut:])]
    reasons: list[FinishReason] = ["tool_calls"] if called else ["stop", "length"]
    cached, others, output = draw(st.tuples(st.integers(0, 999), st.integers(1, 999), st.integers(1, 999)))
    usage = Usage(input_tokens=cached + others, cached_tokens=cached, output_tokens=output)
    return [*events, Finished(reason=draw(st.sampled_from(reasons))), Ended(usage=usage)]


def gist(response: Response) -> tuple[Any, ...]:
    """What an answer says, thinks and calls, why it ended and what it cost."""
    (choice,) = response.choices
    calls = [(part.id, part.name, json.loads(part.arguments)) for part in choice.parts if isinstance(part, ToolCall)]
    text = "".join(part.text for part in choice.parts if isinstance(part, Text))
    thought = "".join(part.text for part in choice.parts if isinstance(part, Reasoning))
    counts = (response.usage.input_tokens, response.usage.cached_tokens, response.usage.output_tokens)
    return response.model, thought, text, calls, choice.finish, counts


def streamed(name: str, events: Iterable[Event], size: int) -> list[Event]:
    """The events that come of writing a stream in the dialect and reading it in pieces of that size."""
    writer, reader = WRITERS[name](), DIALECTS[name].StreamReader(limit_bytes=1 << 20)
    data = b"".join(writer.write(event) for event in events)
    found = [event for place in range(0, len(data), size) for event in reader.feed(data[place : place + size])]
    assert reader.usage_known
    return [*found, *reader.close()]


@pytest.mark.parametrize(("first", "second"), PAIRS)
@given(events=answers(), size=st.sampled_from([1, 13, 1 << 20]))
def test_a_streamed_answer_survives(first: str, second: str, events: list[Event], size: int) -> None:
    once = streamed(first, events, size)
    assert gist(collect(once)) == gist(collect(events))
    assert gist(collect(streamed(second, once, size))) == gist(collect(events))


@pytest.mark.parametrize(("first", "second"), PAIRS)
@given(events=answers())
def test_a_whole_answer_survives(first: str, second: str, events: list[Event]) -> None:
    response = collect(events)
    once = DIALECTS[first].parse_response(BODIES[first](response))
    assert gist(once) == gist(response)
    assert gist(DIALECTS[second].parse_response(BODIES[second](once))) == gist(response)
