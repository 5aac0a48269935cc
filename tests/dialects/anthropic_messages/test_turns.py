"""Neutral messages as turns: roles alternate, results come first, system text finds its place."""

from __future__ import annotations

from typing import Any

import pytest

from entrepot.conversation import Message, Part, Reasoning, Role, Text, ToolCall, ToolResult
from entrepot.dialects.anthropic_messages.turns import Turns


def say(role: Role, *parts: Part | str, name: str | None = None) -> Message:
    return Message(role=role, name=name, parts=tuple(Text(text=p) if isinstance(p, str) else p for p in parts))


def call(id: str) -> ToolCall:
    return ToolCall(id=id, name="f", arguments="{}")


def result(id: str) -> Message:
    return say("tool", ToolResult(call_id=id, parts=()))


def arranged(*messages: Message, orders_in_place: bool = False) -> tuple[str, list[str]]:
    """System text, and each turn as `role: block block`, calls as `id!` and results as `id=`."""
    turns = Turns(orders_in_place=orders_in_place)
    for message in messages:
        turns.add(message)
    system, found, _ = turns.emit()
    return " ".join(map(spell, system)), [f"{m['role']}: {' '.join(map(spell, m['content']))}" for m in found]


def spell(block: dict[str, Any]) -> str:
    match block["type"]:
        case "text":
            return str(block["text"])
        case "tool_use":
            return f"{block['id']}!"
        case "tool_result":
            return f"{block['tool_use_id']}="
    return str(block["type"])


CASES: dict[str, tuple[list[Message], list[str]]] = {
    "consecutive messages of one role become one turn": (
        [say("user", "a"), say("user", "b"), say("assistant", "c"), say("assistant", "d"), say("user", "e")],
        ["user: a b", "assistant: c d", "user: e"],
    ),
    "calls in messages of their own": (
        [say("user", "a"), say("assistant", call("1")), say("assistant", call("2")), result("1"), result("2")],
        ["user: a", "assistant: 1! 2!", "user: 1= 2="],
    ),
    "results in another order, after text": (
        [say("user", "a"), say("assistant", call("1"), call("2")), result("2"), say("user", "b"), result("1")],
        ["user: a", "assistant: 1! 2!", "user: 2= 1= b"],
    ),
    "a result that comes late goes to the turn after its call": (
        [say("user", "a"), say("assistant", call("1"), call("2")), result("1"), say("assistant", "b"), result("2"),
         say("user", "c")],
        ["user: a", "assistant: 1! 2!", "user: 1= 2=", "assistant: b", "user: c"],
    ),
    "turns of calls stay apart": (
        [say("user", "a"), say("assistant", call("1")), result("1"), say("assistant", call("2")), result("2")],
        ["user: a", "assistant: 1!", "user: 1=", "assistant: 2!", "user: 2="],
    ),
    "a result without a call stays where it is": ([say("user", "a"), result("9")], ["user: 9= a"]),
    "blank text is left out": (
        [say("user", "a", "", " \n"), say("assistant", ""), say("user", "b")],
        ["user: a", "user: b"],
    ),
    "reasoning of others is left out": (
        [say("user", "a"), say("assistant", Reasoning(text="hm"), Reasoning(encrypted="x", id="r"), "b")],
        ["user: a", "assistant: b"],
    ),
    "system text alone is what the user says": ([say("system", "a"), say("developer", "b")], ["user: a b"]),
    "nothing": ([say("user", "")], ["user: "]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_turns(name: str) -> None:
    messages, expected = CASES[name]
    assert arranged(*messages) == ("", expected)


ORDERS: dict[str, tuple[list[Message], tuple[str, list[str]], tuple[str, list[str]]]] = {
    # name: messages, hoisted, in place
    "first": (
        [say("system", "s"), say("developer", "d"), say("user", "a")],
        ("s d", ["user: a"]),
        ("s d", ["user: a"]),
    ),
    "after the user": (
        [say("user", "a"), say("system", "s"), say("assistant", "b")],
        ("s", ["user: a", "assistant: b"]),
        ("", ["user: a", "system: s", "assistant: b"]),
    ),
    "last": (
        [say("user", "a"), say("developer", "d")],
        ("d", ["user: a"]),
        ("", ["user: a", "system: d"]),
    ),
    "before the user": (
        [say("user", "a"), say("assistant", "b"), say("system", "s"), say("user", "c"), say("system", "t")],
        ("s t", ["user: a", "assistant: b", "user: c"]),
        ("", ["user: a", "assistant: b", "user: c", "system: s t"]),
    ),
    "amid results": (
        [say("user", "a"), say("assistant", call("1"), call("2")), result("1"), say("system", "s"), result("2")],
        ("s", ["user: a", "assistant: 1! 2!", "user: 1= 2="]),
        ("", ["user: a", "assistant: 1! 2!", "user: 1= 2=", "system: s"]),
    ),
    "between answers": (
        [say("user", "a"), say("assistant", "b"), say("system", "s"), say("assistant", "c")],
        ("s", ["user: a", "assistant: b c"]),
        ("s", ["user: a", "assistant: b c"]),
    ),
    "after the last answer": (
        [say("user", "a"), say("assistant", "b"), say("system", "s")],
        ("s", ["user: a", "assistant: b"]),
        ("s", ["user: a", "assistant: b"]),
    ),
}


@pytest.mark.parametrize("name", ORDERS)
def test_system_text_amid_the_conversation(name: str) -> None:
    messages, hoisted, in_place = ORDERS[name]
    assert arranged(*messages) == hoisted
    assert arranged(*messages, orders_in_place=True) == in_place


def test_names_of_speakers_are_dropped_as_hints() -> None:
    turns = Turns(orders_in_place=False)
    turns.add(say("user", "a", Reasoning(text="hm"), name="Bob"))
    assert turns.emit()[2] == ("messages[].name", "messages[].reasoning")
