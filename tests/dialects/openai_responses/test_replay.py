from __future__ import annotations

from typing import Any

import pytest
from tests.dialects.openai_responses import samples
from tests.dialects.openai_responses.judges import accumulated, events_of, judged_stream, stream_complaints
from tests.support.openai_document import Document, find

from entrepot.dialects.openai_responses import emit_response, replay

SUMMARY = {"summary": [{"type": "summary_text", "text": "hm"}], "content": [{"type": "reasoning_text", "text": "h"}]}


def whole() -> dict[str, Any]:
    response: dict[str, Any] = events_of(
        b'data: {"response":%b}\n\n' % emit_response(samples.RESPONSE, echo=samples.ECHO)
    )[0]["response"]
    return response


@pytest.fixture
def document() -> Document:
    path = find()
    if path is None:
        pytest.skip("OpenAI's document is not at hand")
    return Document(path)


async def test_a_replayed_response_is_the_same_to_a_client() -> None:
    stream = b"".join(replay(whole()))
    events = events_of(stream)
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    assert events[-1]["response"] == whole()
    assert [item.to_dict()["id"] for item in (await accumulated(stream)).output] == [
        item["id"] for item in whole()["output"]
    ]
    await judged_stream(stream)


def test_a_replayed_response_is_as_the_document_says(document: Document) -> None:
    assert stream_complaints(document, b"".join(replay(whole()))) == []


def test_every_item_grows_from_nothing() -> None:
    items = [
        {"type": "reasoning", "id": "rs_1", "encrypted_content": "g", **SUMMARY},
        samples.message("Hi"),
        {"type": "web_search_call", "id": "ws_1", "status": "completed", "action": {}},
    ]
    events = events_of(b"".join(replay(samples.answer(items))))
    added = [event["item"] for event in events if event["type"] == "response.output_item.added"]
    assert added == [
        {"type": "reasoning", "id": "rs_1", "encrypted_content": None, "summary": [], "content": []},
        samples.message("", content=[], status="in_progress"),
        {"type": "web_search_call", "id": "ws_1", "status": "in_progress", "action": {}},
    ]
    assert [event["item"] for event in events if event["type"] == "response.output_item.done"] == items
    deltas = [(event["type"].split(".")[1], event["delta"]) for event in events if "delta" in event]
    assert deltas == [("reasoning_summary_text", "hm"), ("reasoning_text", "h"), ("output_text", "Hi")]


@pytest.mark.parametrize(
    "item",
    [{}, {"type": "function_call"}, {"type": "message", "content": [7, {}, {"type": "odd"}, {"type": "output_text"}]}],
)
def test_what_an_upstream_left_out_does_not_break_the_replay(item: dict[str, Any]) -> None:
    events = events_of(b"".join(replay(samples.answer([item]))))
    assert [event["item"] for event in events if event["type"] == "response.output_item.done"] == [item]


@pytest.mark.parametrize(
    ("status", "end"),
    [("completed", "completed"), ("incomplete", "incomplete"), ("failed", "failed"), (None, "completed")],
)
def test_the_last_event_says_how_it_ended(status: str | None, end: str) -> None:
    assert events_of(b"".join(replay(samples.answer([], status=status))))[-1]["type"] == f"response.{end}"


def test_events_after_one_that_is_known() -> None:
    events = list(replay(whole()))
    assert list(replay(whole(), starting_after=4)) == events[5:]
    assert list(replay(whole(), starting_after=len(events))) == []
