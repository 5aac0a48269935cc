"""The order of items: what opens one, what closes it, and under which ids."""

from __future__ import annotations

from typing import Any

import pytest

from entrepot.conversation import (
    ChoiceEvent,
    Finished,
    FinishReason,
    PartEnded,
    ReasoningDelta,
    TextDelta,
    ToolCallDelta,
    ToolCallStarted,
)
from entrepot.dialects.openai_responses.open_items import Asked
from entrepot.dialects.openai_responses.output import Output

THOUGHT = ReasoningDelta(text="hm")
TEXT = TextDelta(text="a")
CALL = ToolCallStarted(id="c", name="f", call=0)
STOP = Finished(reason="stop")


def items(*events: ChoiceEvent, id: str = "resp_1") -> list[dict[str, Any]]:
    output = Output(id, Asked({}))
    for event in events:
        output.add(event)
    return output.items


def kinds(*events: ChoiceEvent) -> list[str]:
    return [item["type"] for item in items(*events)]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([STOP], []),
        ([TextDelta(text=""), PartEnded(), STOP], []),
        ([TextDelta(text=""), THOUGHT, TEXT, STOP], ["reasoning", "message"]),
        ([THOUGHT, PartEnded(), THOUGHT, STOP], ["reasoning", "reasoning"]),
        ([THOUGHT, ReasoningDelta(signature="s"), THOUGHT, STOP], ["reasoning", "reasoning"]),
        ([TEXT, PartEnded(), TEXT, STOP], ["message"]),
        ([TEXT, THOUGHT, TEXT, STOP], ["message", "reasoning", "message"]),
        ([TEXT, TextDelta(text=""), CALL, PartEnded(), TEXT, STOP], ["message", "function_call", "message"]),
        ([TEXT, ToolCallDelta(arguments="late", call=0), STOP], ["message"]),
    ],
)
def test_what_becomes_an_item(events: list[ChoiceEvent], expected: list[str]) -> None:
    assert kinds(*events) == expected


@pytest.mark.parametrize(
    ("reason", "status"),
    [("stop", "completed"), ("tool_calls", "completed"), ("length", "incomplete"), ("content_filter", "incomplete")],
)
def test_only_the_last_item_of_a_cut_answer_is_incomplete(reason: FinishReason, status: str) -> None:
    found = items(THOUGHT, TEXT, PartEnded(), Finished(reason=reason))
    assert [item["status"] for item in found] == ["completed", status]


def test_ids_follow_from_the_responses_id() -> None:
    first, again, other = (items(THOUGHT, TEXT, CALL, STOP, id=id) for id in ("resp_1", "resp_1", "resp_2"))
    assert first == again
    assert [item["id"].partition("_")[0] for item in first] == ["rs", "msg", "fc"]
    assert len({item["id"] for item in (*first, *other)}) == 6
    assert all(len(item["id"]) <= 64 for item in first)


def test_reasoning_that_has_an_id_keeps_it() -> None:
    assert items(ReasoningDelta(text="hm", id="rs_up", encrypted="gAAAA"), STOP)[0]["id"] == "rs_up"


def test_each_payload_names_its_item_and_place() -> None:
    output = Output("resp_1", Asked({}))
    payloads = [payload for event in (THOUGHT, TEXT, CALL, STOP) for payload in output.add(event)]
    for payload in payloads:
        item = output.items[payload["output_index"]]
        assert payload.get("item_id", item["id"]) == item["id"]
        assert payload.get("item", item)["id"] == item["id"]
    assert [payload["output_index"] for payload in payloads] == sorted(payload["output_index"] for payload in payloads)
