"""Messages for an upstream: results where Chat Completions wants them, media where it takes them."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from entrepot.conversation import (
    Audio,
    Document,
    Image,
    Message,
    Part,
    Reasoning,
    Refusal,
    Role,
    Text,
    ToolCall,
    ToolReference,
    ToolResult,
)
from entrepot.dialects.carrying import NotCarried
from entrepot.dialects.openai_chat.turns import emit_messages


def message(role: Role, *parts: Part | str, name: str | None = None) -> Message:
    return Message(role=role, parts=tuple(Text(text=p) if isinstance(p, str) else p for p in parts), name=name)


def call(id: str, arguments: str = "{}", **fields: Any) -> ToolCall:
    return ToolCall(id=id, name="tide", arguments=arguments, **fields)


def result(id: str, *parts: Any, **fields: Any) -> ToolResult:
    return ToolResult(call_id=id, parts=tuple(Text(text=p) if isinstance(p, str) else p for p in parts), **fields)


def emitted(*messages: Message, replay_reasoning: bool = False) -> list[dict[str, Any]]:
    return emit_messages(messages, replay_reasoning=replay_reasoning)


def outline(messages: list[dict[str, Any]]) -> list[str]:
    """Each message as its role and, of calls and results, the ids."""
    return [
        " ".join(
            [each["role"], *(c["id"] for c in each.get("tool_calls", ())), *filter(None, [each.get("tool_call_id")])]
        )
        for each in messages
    ]


PIXEL = Image(url="data:image/png;base64,AAAA")
PDF = "data:application/pdf;base64,JVBERi0="

# Order --------------------------------------------------------------------------------------------

ORDERS: dict[str, tuple[list[Message], list[str]]] = {
    "each result is a message of its own": (
        [message("assistant", call("a"), call("b")), message("user", result("a", "1"), result("b", "2"))],
        ["assistant a b", "tool a", "tool b"],
    ),
    "in the order of the calls": (
        [
            message("assistant", call("a"), call("b"), call("c")),
            message("tool", result("c", "3")),
            message("tool", result("a", "1")),
            message("tool", result("b", "2")),
        ],
        ["assistant a b c", "tool a", "tool b", "tool c"],
    ),
    "right behind the call": (
        [message("assistant", call("a")), message("system", "Hm."), message("user", "So?", result("a", "1"))],
        ["assistant a", "tool a", "system", "user"],
    ),
    "from several turns of the user": (
        [
            message("assistant", call("a"), call("b")),
            message("user", result("b", "2"), "wait"),
            message("user", result("a", "1"), "now"),
        ],
        ["assistant a b", "tool a", "tool b", "user", "user"],
    ),
    "calls in messages of their own": (
        [
            message("assistant", call("a")),
            message("assistant", call("b")),
            message("tool", result("a", "1")),
            message("tool", result("b", "2")),
        ],
        ["assistant a", "tool a", "assistant b", "tool b"],
    ),
    "ids that repeat from turn to turn": (
        [
            message("assistant", call("a")),
            message("tool", result("a", "1")),
            message("user", "more"),
            message("assistant", call("a")),
            message("tool", result("a", "2")),
        ],
        ["assistant a", "tool a", "user", "assistant a", "tool a"],
    ),
    "a result without a call stays where it is": (
        [message("user", "hi"), message("user", result("x", "1"), "and"), message("assistant", "yes")],
        ["user", "tool x", "user", "assistant"],
    ),
    "a result before its call does not answer it": (
        [message("tool", result("a", "1")), message("assistant", call("a")), message("tool", result("a", "2"))],
        ["tool a", "assistant a", "tool a"],
    ),
    "a call without a result": ([message("assistant", call("a")), message("user", "no")], ["assistant a", "user"]),
}


@pytest.mark.parametrize("name", ORDERS)
def test_results_stand_where_they_belong(name: str) -> None:
    messages, expected = ORDERS[name]
    assert outline(emitted(*messages)) == expected


def test_a_repeated_id_is_answered_by_the_result_that_follows_it() -> None:
    messages, _ = ORDERS["ids that repeat from turn to turn"]
    assert [each["content"] for each in emitted(*messages) if each["role"] == "tool"] == ["1", "2"]


def test_system_and_developer_messages_stay_where_they_are() -> None:
    roles: tuple[Role, ...] = ("system", "user", "developer", "assistant", "system", "system", "user")
    assert outline(emitted(*(message(role, "x") for role in roles))) == list(roles)


# Tool results -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "content"),
    [
        (result("a", "3.1"), "3.1"),
        (result("a"), ""),
        (result("a", ""), ""),
        (result("a", "3.1", "2.9"), [{"type": "text", "text": "3.1"}, {"type": "text", "text": "2.9"}]),
        (result("a", "no port", is_error=True), "Error: no port"),
        (result("a", "no", "port", is_error=True), "Error: no\nport"),
        (result("a", is_error=True), "Error: "),
        (result("a", ToolReference(name="tide")), "Found the tool 'tide'."),
        (result("a", Document(url="data:text/plain;base64,YWhveQ==")), "ahoy"),
        (result("a", PIXEL), "The result is attached below."),
    ],
)
def test_a_tool_message_holds_text(answer: ToolResult, content: Any) -> None:
    found = emitted(message("assistant", call("a")), message("user", answer))
    assert found[1] == {"role": "tool", "tool_call_id": "a", "content": content}


def test_images_of_results_come_right_behind_with_the_name_of_their_call() -> None:
    found = emitted(
        message("assistant", call("a"), call("b"), call("c")),
        message("user", result("b", "two", PIXEL), result("a", PIXEL), result("c", "three"), "What now?"),
    )
    assert outline(found) == ["assistant a b c", "tool a", "tool b", "tool c", "user", "user"]
    image = {"type": "image_url", "image_url": {"url": PIXEL.url}}
    assert found[4]["content"] == [
        {"type": "text", "text": "Attached to the result of tool call a:"},
        image,
        {"type": "text", "text": "Attached to the result of tool call b:"},
        image,
    ]
    assert found[5] == {"role": "user", "content": "What now?"}


def test_files_of_the_last_result_come_last() -> None:
    found = emitted(message("assistant", call("a")), message("user", result("a", Document(url=PDF, filename="m.pdf"))))
    assert found[-1]["content"][1] == {"type": "file", "file": {"file_data": PDF, "filename": "m.pdf"}}


# Parts --------------------------------------------------------------------------------------------


def text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def image(url: str, **fields: Any) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url, **fields}}


def file(**fields: Any) -> dict[str, Any]:
    return {"type": "file", "file": fields}


SOUND = {"data": "UklGRg==", "format": "wav"}
ZIP, BROKEN = "data:application/zip;base64,AA==", "data:text/plain;base64,!"
CSV = f"data:text/csv;charset=utf-8;base64,{base64.b64encode('é;1'.encode()).decode()}"


@pytest.mark.parametrize(
    ("parts", "content"),
    [
        ((), ""),
        (("hi",), "hi"),
        (("a", "b"), [text("a"), text("b")]),
        ((PIXEL,), [image(PIXEL.url)]),
        ((Image(url="https://h.test/i", detail="low"),), [image("https://h.test/i", detail="low")]),
        ((Audio(**SOUND),), [{"type": "input_audio", "input_audio": SOUND}]),
        ((Document(url=PDF),), [file(file_data=PDF, filename="document.pdf")]),
        ((Document(url=ZIP, filename="z"),), [file(file_data=ZIP, filename="z")]),
        ((Document(url=BROKEN),), [file(file_data=BROKEN, filename="document")]),
        ((Document(file_id="file-1", filename="x"),), [file(file_id="file-1")]),
        ((Document(url="data:text/plain,a%20b", filename="notes"),), "notes:\n\na b"),
        ((Document(url=CSV),), "é;1"),
        ((Refusal(text="No."),), "No."),
        ((Reasoning(text="hm"), Text(text="hi")), "hi"),
    ],
)
def test_content_of_a_user(parts: tuple[Any, ...], content: Any) -> None:
    assert emitted(message("user", *parts)) == [{"role": "user", "content": content}]


@pytest.mark.parametrize(
    ("parts", "fields"),
    [
        ((), {"content": ""}),
        (("hi",), {"content": "hi"}),
        (("a", "b"), {"content": [text("a"), text("b")]}),
        ((Refusal(text="No."),), {"content": None, "refusal": "No."}),
        (("a", Refusal(text="No."), Refusal(text=" Never.")), {"content": "a", "refusal": "No. Never."}),
        ((Reasoning(text="hm", signature="s"), Text(text="hi")), {"content": "hi"}),
        ((Text(text="hi"), ToolReference(name="t")), {"content": [text("hi"), text("Found the tool 't'.")]}),
    ],
)
def test_content_of_an_assistant(parts: tuple[Any, ...], fields: dict[str, Any]) -> None:
    assert emitted(message("assistant", *parts)) == [{"role": "assistant", **fields}]


@pytest.mark.parametrize(
    ("part", "kind", "wire"),
    [
        (call("a", '{"port": 1}'), "function", {"name": "tide", "arguments": '{"port": 1}'}),
        (call("a", "not json"), "function", {"name": "tide", "arguments": "not json"}),
        (call("a", ""), "function", {"name": "tide", "arguments": "{}"}),
        (call("a", "", custom=True), "custom", {"name": "tide", "input": ""}),
        (call("a", "free", custom=True), "custom", {"name": "tide", "input": "free"}),
    ],
)
def test_calls(part: ToolCall, kind: str, wire: dict[str, Any]) -> None:
    calls = [{"id": "a", "type": kind, kind: wire}]
    assert emitted(message("assistant", part)) == [{"role": "assistant", "content": None, "tool_calls": calls}]


@pytest.mark.parametrize("role", ["system", "developer", "user", "assistant"])
def test_names_stay(role: Role) -> None:
    assert emitted(message(role, "x", name="anna")) == [{"role": role, "content": "x", "name": "anna"}]


THOUGHTFUL = (
    message("user", "hi"),
    message("assistant", Reasoning(text="hm")),
    message("assistant", Reasoning(text="so ", signature="s"), "yes", Reasoning(text="then", encrypted="e"), call("a")),
)


def test_thinking_is_not_sent_and_leaves_no_empty_message() -> None:
    found = emitted(*THOUGHTFUL)
    assert outline(found) == ["user", "assistant a"]
    assert "hm" not in str(found)
    assert "so" not in str(found)


def test_thinking_is_sent_to_servers_that_want_it() -> None:
    found = emitted(*THOUGHTFUL, replay_reasoning=True)
    assert found[1] == {"role": "assistant", "content": "", "reasoning_content": "hm"}
    assert found[2]["reasoning_content"] == "so then"


@pytest.mark.parametrize(
    "refused",
    [
        message("assistant", PIXEL),
        message("system", PIXEL),
        message("developer", Document(url=PDF)),
        message("user", Document(url="https://example.test/m.pdf")),
        message("tool", result("a", Document(url="https://example.test/m.pdf"))),
    ],
)
def test_what_chat_completions_has_no_form_for_is_refused(refused: Message) -> None:
    with pytest.raises(NotCarried) as caught:
        emitted(refused)
    assert caught.value.param == "messages"
    assert caught.value.why
