from __future__ import annotations

from typing import Any

import pytest

from entrepot.conversation import (
    Document,
    Image,
    Message,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    ToolReference,
    ToolResult,
)
from entrepot.dialects.carrying import NotCarried
from entrepot.dialects.foreign import Foreign
from entrepot.dialects.openai_responses.items import emit_input, left_out, parse_input
from entrepot.dialects.shapes import Value
from entrepot.errors import InvalidRequest


def parsed(items: Any) -> tuple[Message, ...]:
    return parse_input(Value(items, "input"), Foreign())


def call(id: str, **fields: Any) -> dict[str, Any]:
    return {"type": "function_call", "call_id": id, "name": "tide", "arguments": "{}", **fields}


def result(id: str, output: Any = "x") -> dict[str, Any]:
    return {"type": "function_call_output", "call_id": id, "output": output}


def test_a_string_is_a_message_of_the_user() -> None:
    assert parsed("hi") == (Message(role="user", parts=(Text(text="hi"),)),)


def test_items_of_one_turn_become_one_message() -> None:
    turn = [
        {"type": "reasoning", "id": "rs", "summary": []},
        {"role": "assistant", "content": "a"},
        call("1"),
        call("2"),
        result("2"),
        result("1"),
        {"role": "assistant", "content": "b"},
        {"type": "message", "role": "assistant", "content": "c"},
    ]
    assistant, second, first, answer = parsed(turn)
    assert [type(part).__name__ for part in assistant.parts] == ["Reasoning", "Text", "ToolCall", "ToolCall"]
    assert [message.role for message in (second, first)] == ["tool", "tool"]
    assert answer == Message(role="assistant", parts=(Text(text="b"), Text(text="c")))


def test_records_of_hosted_tools_are_hints_and_other_items_are_not() -> None:
    foreign = Foreign()
    items = [{"type": "web_search_call", "id": "ws"}, {"type": "compaction", "id": "c", "encrypted_content": "x"}]
    assert parse_input(Value(items, "input"), foreign) == ()
    assert set(foreign.fields) == {"input[type=web_search_call]", "input[type=compaction]"}
    assert foreign.hints == {"input[type=web_search_call]"}


@pytest.mark.parametrize("item", [{"type": "item_reference", "id": "msg_1"}, {"id": "msg_1"}])
def test_references_are_refused_by_name(item: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest) as caught:
        parsed([{"role": "user", "content": "a"}, item])
    assert (caught.value.param, caught.value.code) == ("input[1]", "item_not_found")


@pytest.mark.parametrize(
    ("items", "param"),
    [
        (None, "input"),
        ({}, "input"),
        ([7], "input[0]"),
        ([{}], "input[0].type"),
        ([{"type": 7}], "input[0].type"),
        ([{"role": "pilot", "content": "a"}], "input[0].role"),
        ([{"type": "message", "content": "a"}], "input[0].role"),
        ([{"role": "user"}], "input[0].content"),
        ([call("1", arguments={})], "input[0].arguments"),
        ([call("1", name=None)], "input[0].name"),
        ([result("1", None)], "input[0].output"),
        ([{"type": "function_call_output", "output": "x"}], "input[0].call_id"),
        ([{"type": "reasoning", "summary": [{}]}], "input[0].summary[0].text"),
    ],
)
def test_wrong_shapes_are_named(items: Any, param: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        parsed(items)
    assert caught.value.param == param


# Writing ------------------------------------------------------------------------------------------


def test_results_come_before_what_the_user_says_beside_them() -> None:
    said = Message(
        role="user",
        parts=(
            Text(text="and?"),
            ToolResult(call_id="2", parts=(Text(text="a"), Text(text="b"))),
            ToolResult(call_id="1", parts=(), custom=True),
        ),
    )
    assert emit_input([said]) == [
        result("2", "a\nb"),
        {"type": "custom_tool_call_output", "call_id": "1", "output": ""},
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "and?"}]},
    ]


def test_an_output_with_more_than_text_is_a_list_and_a_failure_is_said() -> None:
    parts = (Image(url="u"), Document(file_id="f"), ToolReference(name="t"))
    message = Message(role="tool", parts=(ToolResult(call_id="1", parts=parts, is_error=True),))
    kinds = [part["type"] for part in emit_input([message])[0]["output"]]
    assert kinds == ["input_text", "input_image", "input_file", "input_text"]
    plain = Message(role="tool", parts=(ToolResult(call_id="1", parts=(Text(text="no"),), is_error=True),))
    assert emit_input([plain])[0]["output"] == "Error:\nno"


def test_an_assistants_turn_keeps_its_order() -> None:
    turn = Message(
        role="assistant",
        parts=(
            Reasoning(text="hm", encrypted="gAAAA", id="rs_1"),
            Text(text="a"),
            Refusal(text="no"),
            ToolCall(id="1", name="f", arguments="{}"),
            Text(text="b"),
            ToolCall(id="2", name="c", arguments="x", custom=True),
        ),
    )
    items = emit_input([turn])
    kinds = ["reasoning", "message", "function_call", "message", "custom_tool_call"]
    assert [item["type"] for item in items] == kinds
    assert [part["type"] for part in items[1]["content"]] == ["output_text", "refusal"]
    assert parsed(items) == (turn,)


@pytest.mark.parametrize(
    "reasoning", [Reasoning(text="hm", signature="s"), Reasoning(redacted="r"), Reasoning(text="o")]
)
def test_reasoning_of_others_is_left_out(reasoning: Reasoning) -> None:
    turn = Message(role="assistant", parts=(reasoning, Text(text="a")))
    assert [item["type"] for item in emit_input([turn])] == ["message"]
    assert list(left_out([turn])) == ["messages[].reasoning"]


def test_an_assistant_sends_no_images() -> None:
    with pytest.raises(NotCarried, match="text only"):
        emit_input([Message(role="assistant", parts=(Image(url="u"),))])


def test_names_and_cache_hints_are_left_out() -> None:
    message = Message(role="user", name="anna", parts=(Text(text="a", cache="1h"),))
    assert list(left_out([message])) == ["messages[].name", "messages[].cache"]


def test_empty_messages() -> None:
    empty = [Message(role="user", parts=()), Message(role="assistant", parts=())]
    assert emit_input(empty) == [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": ""}]}]
