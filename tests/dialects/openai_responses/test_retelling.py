from __future__ import annotations

import json
from typing import Any

import pytest
from tests.dialects.openai_responses import samples
from tests.dialects.openai_responses.judges import events_of

from entrepot.dialects.openai_responses import Retelling

FIELDS: dict[str, Any] = {"id": "resp_own", "store": True, "previous_response_id": "resp_0"}
STREAM = b"".join(map(samples.sse, samples.openai_stream()))


def told(data: bytes, *, hides: bool = True, size: int | None = None) -> tuple[bytes, Retelling]:
    retelling = Retelling(FIELDS, hides_reasoning=hides)
    size = size or len(data)
    pieces = [retelling.feed(data[begin : begin + size]) for begin in range(0, len(data), size)]
    return b"".join([*pieces, retelling.end()]), retelling


@pytest.mark.parametrize("hides", [False, True])
def test_a_plain_answer_is_told_anew_and_kept_whole(hides: bool) -> None:
    thought = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAAA"}
    retelling = Retelling(FIELDS, hides_reasoning=hides)
    body = json.loads(retelling.whole(json.dumps(samples.answer([thought, "odd"], of_tomorrow=1)).encode()))
    assert retelling.response == samples.answer([thought], of_tomorrow=1) | FIELDS
    shown = thought | {"encrypted_content": None} if hides else thought
    assert body == samples.answer([shown], of_tomorrow=1) | FIELDS


def test_only_whole_responses_and_hidden_reasoning_are_written_anew() -> None:
    after, retelling = told(STREAM)
    before = samples.openai_stream()
    changed = [
        event["type"] for event, old in zip(events_of(after), map(samples.sse, before), strict=True) if old not in after
    ]
    assert changed == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.output_item.done",
        "response.completed",
    ]
    assert [event["sequence_number"] for event in events_of(after)] == list(range(len(before)))
    assert b"gAAAA" not in after
    assert b"half" not in after
    assert all(event["response"].items() >= FIELDS.items() for event in events_of(after) if "response" in event)
    assert retelling.response is not None
    assert retelling.response["output"][0]["encrypted_content"] == "gAAAA"


def test_reasoning_that_was_asked_for_is_shown() -> None:
    after, _ = told(STREAM, hides=False)
    assert b"gAAAA" in after
    assert sum(old not in after for old in map(samples.sse, samples.openai_stream())) == 3


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("size", [1, 7, None])
def test_cut_anywhere_the_stream_is_the_same(end: str, size: int | None) -> None:
    stream = b"".join(samples.sse(event, end) for event in samples.openai_stream())
    after, retelling = told(stream, size=size)
    assert events_of(after) == events_of(told(STREAM)[0])
    assert retelling.response is not None


def test_the_response_is_there_only_once_it_has_ended() -> None:
    *begun, last = map(samples.sse, samples.openai_stream())
    retelling = Retelling(FIELDS, hides_reasoning=True)
    for event in begun:
        retelling.feed(event)
        assert retelling.response is None
    retelling.feed(last)
    assert retelling.response is not None


def test_words_that_look_like_an_event_stay_words() -> None:
    delta = {"type": "response.output_text.delta", "delta": "response.completed", "response": {"id": "x"}}
    event = samples.sse(delta)
    assert told(event)[0] == event


@pytest.mark.parametrize(
    "payload",
    [
        {"type": "response.output_item.added"},
        {"type": "response.output_item.done", "item": 7},
        {"type": "response.created", "response": None},
    ],
)
def test_an_event_without_what_it_is_about_passes(payload: dict[str, Any]) -> None:
    event = samples.sse(payload)
    assert told(event)[0] == event


def test_an_output_that_is_no_list_is_empty() -> None:
    _, retelling = told(samples.sse({"type": "response.completed", "response": {"output": 7}}))
    assert retelling.response == {"output": []} | FIELDS
