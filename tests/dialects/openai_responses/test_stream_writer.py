"""Streams written: the full cases as golden files, the grammar, and what OpenAI's own types say to it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.conftest import Golden
from tests.dialects.openai_responses.judges import accumulated, events_of, judged_stream, names_of, stream_complaints
from tests.dialects.openai_responses.samples import CUT_OFF, ECHO, FAILED, RESPONSE, STREAM, USAGE
from tests.support import openai_document

from entrepot.conversation import Ended, Event, Finished, Started, TextDelta
from entrepot.dialects.openai_responses import StreamWriter, emit_response

SUMMARY = ECHO | {"reasoning": {"summary": "auto"}, "include": ["reasoning.encrypted_content"]}
STREAMS = pytest.mark.parametrize(
    ("name", "events", "echo"),
    [
        ("stream", STREAM, ECHO),
        ("stream.summary", STREAM, SUMMARY),
        ("stream.incomplete", CUT_OFF, ECHO),
        ("stream.failed", FAILED, ECHO),
    ],
)


def written(events: list[Event], echo: dict[str, Any]) -> bytes:
    writer = StreamWriter(echo=echo)
    return b"".join(map(writer.write, events))


@STREAMS
def test_the_full_stream(golden: Golden, name: str, events: list[Event], echo: dict[str, Any]) -> None:
    golden(f"openai_responses/{name}.sse", written(events, echo).decode())


@STREAMS
async def test_openais_sdk_takes_it_strictly(name: str, events: list[Event], echo: dict[str, Any]) -> None:
    stream = written(events, echo)
    assert [event.type for event in await judged_stream(stream)] == names_of(stream)


async def test_openais_sdk_puts_it_together() -> None:
    response = await accumulated(written(STREAM, ECHO))
    assert [item.type for item in response.output] == [
        item["type"] for item in events_of(written(STREAM, ECHO))[-1]["response"]["output"]
    ]
    assert response.output_text == "High é"


@pytest.mark.skipif(openai_document.find() is None, reason="OpenAI's document is not at hand")
@STREAMS
def test_openais_document_allows_it(name: str, events: list[Event], echo: dict[str, Any]) -> None:
    path = openai_document.find()
    assert path is not None
    assert stream_complaints(openai_document.Document(path), written(events, echo)) == []


@STREAMS
def test_every_event_has_its_name_and_number(name: str, events: list[Event], echo: dict[str, Any]) -> None:
    stream = written(events, echo)
    assert [event["sequence_number"] for event in events_of(stream)] == list(range(len(events_of(stream))))
    lines = [line for line in stream.decode().split("\n") if line.startswith("event: ")]
    assert lines == [f"event: {name}" for name in names_of(stream)]


@pytest.mark.parametrize("echo", [ECHO, SUMMARY])
def test_a_stream_ends_in_the_same_answer_as_a_plain_one(echo: dict[str, Any]) -> None:
    last = events_of(written(STREAM, echo))[-1]
    assert last["type"] == "response.completed"
    assert last["response"] == json.loads(emit_response(RESPONSE, None, echo=echo))


@STREAMS
def test_items_and_parts_open_and_close_in_order(name: str, events: list[Event], echo: dict[str, Any]) -> None:
    """One item at a time, one part in it at a time; what an item is when done is what its events spelled."""
    open_item: dict[str, Any] | None = None
    done: list[dict[str, Any]] = []
    open_part = False
    for event in events_of(written(events, echo)):
        kind = event["type"]
        if kind == "response.output_item.added":
            assert open_item is None
            open_item = event["item"]
        elif kind == "response.output_item.done":
            assert open_item is not None
            assert not open_part
            assert event["item"]["id"] == open_item["id"]
            open_item = None
            done.append(event["item"])
        elif "item_id" in event:
            assert open_item is not None
            assert (event["item_id"], event["output_index"]) == (open_item["id"], len(done))
            if kind.endswith(("part.added", "part.done")):
                assert open_part == kind.endswith("done")
                open_part = not open_part
        elif kind in ("response.completed", "response.incomplete"):
            assert open_item is None
            assert event["response"]["output"] == done


@pytest.mark.parametrize("field", ["text", "arguments", "input", "refusal"])
def test_deltas_spell_what_is_done(field: str) -> None:
    spelled: dict[tuple[Any, ...], str] = {}
    told: dict[tuple[Any, ...], str] = {}
    for event in events_of(written(STREAM, ECHO)):
        place = (event.get("item_id"), event.get("content_index"))
        if event["type"].endswith(".delta"):
            spelled[place] = spelled.get(place, "") + event["delta"]
        elif event["type"].endswith(".done") and field in event:
            told[place] = event[field]
    assert told
    assert told == {place: spelled[place] for place in told}


def test_what_the_writer_has_said_last() -> None:
    writer = StreamWriter(echo=ECHO)
    for event in STREAM:
        writer.write(event)
    assert writer.response == json.loads(emit_response(RESPONSE, None, echo=ECHO))
    assert writer.sequence_number == len(events_of(written(STREAM, ECHO)))


def test_other_choices_have_no_place() -> None:
    other = TextDelta(text="b", choice=1)
    assert written([STREAM[0], other, Finished(reason="length", choice=1), Ended(usage=USAGE)], ECHO) == written(
        [STREAM[0], Ended(usage=USAGE)], ECHO
    )


def test_a_stream_of_nothing_is_a_completed_response() -> None:
    found = events_of(written([STREAM[0], Ended(usage=USAGE)], ECHO))
    assert [event["type"] for event in found] == ["response.created", "response.in_progress", "response.completed"]
    assert found[-1]["response"]["output"] == []


def test_text_goes_out_with_its_event() -> None:
    writer = StreamWriter(echo={})
    assert names_of(writer.write(Started(id="r", model="m", created_s=1))) == [
        "response.created",
        "response.in_progress",
    ]
    writer.write(TextDelta(text="a"))
    assert names_of(writer.write(TextDelta(text="b"))) == ["response.output_text.delta"]
