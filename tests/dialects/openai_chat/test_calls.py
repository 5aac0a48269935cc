"""Tool calls from fragments, in all the ways servers cut and forget them."""

from __future__ import annotations

from typing import Any

import pytest

from entrepot.conversation import ToolCallDelta, ToolCallStarted
from entrepot.dialects.openai_chat.calls import LEGACY, CallEvent, Calls, fragment, made_up_id
from entrepot.errors import UpstreamBroken


def piece(
    index: int | None = 0,
    *,
    id: str | None = None,
    name: str | None = None,
    arguments: Any = None,
    kind: str = "function",
) -> dict[str, Any]:
    text = "input" if kind == "custom" else "arguments"
    body = {key: value for key, value in (("name", name), (text, arguments)) if value is not None}
    fields = {"index": index, "id": id, kind: body or None}
    return {key: value for key, value in fields.items() if value is not None}


def events(*pieces: dict[str, Any], close: bool = True) -> list[CallEvent]:
    calls = Calls(0, "chatcmpl-1")
    found = [event for each in pieces for event in calls.add(fragment(each))]
    return [*found, *calls.close()] if close else found


def spelled(found: list[CallEvent]) -> list[tuple[str, str, str]]:
    """Id, name and whole arguments of each call in the order they were announced."""
    calls: dict[int, list[str]] = {}
    for event in found:
        if isinstance(event, ToolCallStarted):
            assert event.call == len(calls)
            calls[event.call] = [event.id, event.name, ""]
        else:
            calls[event.call][2] += event.arguments
    return [(id, name, arguments) for id, name, arguments in calls.values()]


A, B = ("a", "tide", '{"port":1}'), ("b", "wind", '{"port":2}')

WAYS: dict[str, tuple[list[dict[str, Any]], list[tuple[str, str, str]]]] = {
    "as OpenAI cuts them": (
        [piece(id="a", name="tide", arguments=""), piece(arguments='{"port"'), piece(arguments=":1}")],
        [A],
    ),
    "in one piece": ([piece(id="a", name="tide", arguments='{"port":1}')], [A]),
    "two in one piece each": (
        [piece(0, id="a", name="tide", arguments='{"port":1}'), piece(1, id="b", name="wind", arguments='{"port":2}')],
        [A, B],
    ),
    "interleaved": (
        [
            piece(0, id="a", name="tide"),
            piece(1, id="b", name="wind"),
            piece(1, arguments='{"port"'),
            piece(0, arguments='{"port":'),
            piece(1, arguments=":2}"),
            piece(0, arguments="1}"),
        ],
        [A, B],
    ),
    "indexes that begin elsewhere": (
        [piece(7, id="a", name="tide", arguments='{"port":1}'), piece(3, id="b", name="wind", arguments='{"port":2}')],
        [A, B],
    ),
    "id late": ([piece(name="tide"), piece(arguments='{"port"'), piece(id="a"), piece(arguments=":1}")], [A]),
    "name late": ([piece(id="a"), piece(arguments='{"port":1}'), piece(name="tide")], [A]),
    "id and name with every fragment": (
        [piece(id="a", name="tide", arguments='{"port"'), piece(id="a", name="tide", arguments=":1}")],
        [A],
    ),
    "empty id and name in later fragments": (
        [piece(id="a", name="tide"), piece(id="", name="", arguments='{"port":1}')],
        [A],
    ),
    "another id in later fragments": (
        [piece(id="a", name="tide", arguments='{"port"'), piece(id="z", arguments=":1}")],
        [A],
    ),
    "every call at index 0": (
        [
            piece(0, id="a", name="tide"),
            piece(0, arguments='{"port":1}'),
            piece(0, id="b", name="wind"),
            piece(0, arguments='{"port":2}'),
        ],
        [A, B],
    ),
    "no index, in one piece": (
        [
            piece(None, id="a", name="tide", arguments='{"port":1}'),
            piece(None, id="b", name="wind", arguments='{"port":2}'),
        ],
        [A, B],
    ),
    "no index, in pieces": (
        [
            piece(None, id="a", name="tide", arguments='{"port"'),
            piece(None, arguments=":1}"),
            piece(None, id="b", name="wind"),
            piece(None, arguments='{"port":2}'),
        ],
        [A, B],
    ),
    "no index, by their ids": (
        [
            piece(None, id="a", name="tide"),
            piece(None, id="b", name="wind"),
            piece(None, id="a", arguments='{"port":1}'),
            piece(None, id="b", arguments='{"port":2}'),
        ],
        [A, B],
    ),
    "no index, id late": ([piece(None, name="tide"), piece(None, id="a"), piece(None, arguments='{"port":1}')], [A]),
    "the same call twice": (
        [
            piece(0, id="a", name="tide", arguments='{"port":1}'),
            piece(1, id="b", name="tide", arguments='{"port":1}'),
        ],
        [A, ("b", "tide", '{"port":1}')],
    ),
    "arguments as an object": ([piece(id="a", name="tide", arguments={"port": 1})], [A]),
    "no arguments": ([piece(id="a", name="tide")], [("a", "tide", "")]),
    "oddities": (
        [piece(id="a", name="tide"), {"index": 0, "function": None}, {"index": 0, "function": {"arguments": 7}}],
        [("a", "tide", "")],
    ),
}


@pytest.mark.parametrize("name", WAYS)
def test_calls_are_put_together(name: str) -> None:
    pieces, expected = WAYS[name]
    assert spelled(events(*pieces)) == expected


def test_arguments_are_passed_on_as_they_come() -> None:
    first = piece(id="a", name="tide", arguments='{"port"')
    assert events(first, piece(arguments=":1}"), close=False) == [
        ToolCallStarted(id="a", name="tide", call=0),
        ToolCallDelta(arguments='{"port"', call=0),
        ToolCallDelta(arguments=":1}", call=0),
    ]


def test_no_call_is_announced_before_one_that_began_earlier() -> None:
    begun = [piece(0, name="tide"), piece(1, id="b", name="wind", arguments="{}")]
    assert events(*begun, close=False) == []
    assert [event.id for event in events(*begun, piece(0, id="a")) if isinstance(event, ToolCallStarted)] == ["a", "b"]


@pytest.mark.parametrize(
    "pieces",
    [
        [piece(name="tide"), piece(arguments="{}")],
        [piece(name="tide", arguments="{"), piece(name="tide", arguments="}")],
        [piece(None, name="tide", arguments="{}")],
    ],
)
def test_a_call_without_an_id_gets_one_made_from_what_is_known(pieces: list[dict[str, Any]]) -> None:
    (found,) = spelled(events(*pieces))
    assert found == (made_up_id("chatcmpl-1", 0, 0, "tide", "{}"), "tide", "{}")


def test_calls_without_ids_are_told_apart_by_name_or_piece() -> None:
    by_name = events(piece(0, name="tide", arguments="1"), piece(0, name="wind", arguments="2"))
    assert [call[1:] for call in spelled(by_name)] == [("tide", "1"), ("wind", "2")]
    by_piece = events(piece(None, name="tide", arguments="1"), piece(None, name="tide", arguments="1"))
    (first, *_), (second, *_) = spelled(by_piece)
    assert first != second


def test_made_up_ids_fit_every_dialect_and_differ_with_all_they_are_made_from() -> None:
    sources = [("r", 0, 0, "f", "{}"), ("s", 0, 0, "f", "{}"), ("r", 1, 0, "f", "{}")]
    sources += [("r", 0, 1, "f", "{}"), ("r", 0, 0, "g", "{}"), ("r", 0, 0, "f", "")]
    ids = {made_up_id(*source) for source in sources}
    assert len(ids) == len(sources)
    assert all(id.startswith("call_") and id[5:].isalnum() and len(id) <= 40 for id in ids)


def test_a_call_without_a_name_is_refused() -> None:
    with pytest.raises(UpstreamBroken, match="without naming it"):
        events(piece(id="a", arguments="{}"))


def test_custom_calls() -> None:
    assert events(piece(id="a", name="log", arguments="", kind="custom"), piece(arguments="free", kind="custom")) == [
        ToolCallStarted(id="a", name="log", call=0, custom=True),
        ToolCallDelta(arguments="free", call=0),
    ]


def test_the_legacy_form_is_one_call() -> None:
    calls = Calls(0, "chatcmpl-1")
    for function in ({"name": "tide", "arguments": ""}, {"arguments": '{"port"'}, {"arguments": ":1}"}):
        assert list(calls.add(fragment({"function": function}, LEGACY))) == []
    assert [call[1:] for call in spelled(list(calls.close()))] == [("tide", '{"port":1}')]
