"""The dialects side by side: each must answer to the same calls, and what one writes it must read again."""

from __future__ import annotations

import json
from typing import Any, get_args

import msgspec
import pytest

from entrepot.catalog.records import DialectName
from entrepot.conversation import Choice, Ended, Event, Finished, Request, Response, Started, Text, TextDelta, Usage
from entrepot.dialects.table import CHAT, DIALECTS, MESSAGES, RESPONSES, Dialect
from entrepot.errors import UpstreamBroken

LIMIT_BYTES = 1 << 20
USAGE = Usage(input_tokens=11, output_tokens=7, tier="standard")
BODIES: dict[str, dict[str, Any]] = {
    CHAT.name: {"model": "m", "messages": [{"role": "user", "content": "Hi"}], "stream_options": None},
    MESSAGES.name: {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]},
    RESPONSES.name: {"model": "m", "input": "Hi", "store": True},
}
STREAM: list[Event] = [
    Started(id="id_1", model="m", created_s=1_790_000_000, usage=Usage(input_tokens=11)),
    TextDelta(text="Hello"),
    Finished(reason="stop"),
    Ended(usage=USAGE),
]
every_dialect = pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)


def written(dialect: Dialect, events: list[Event]) -> tuple[bytes, Any]:
    body = BODIES[dialect.name] | ({"stream_options": {"include_usage": True}} if dialect is CHAT else {})
    request = dialect.parse_request(body | {"stream": True})
    writer = dialect.writer(request, body, "req_1")
    return b"".join(map(writer.write, events)), writer


def test_the_catalogue_knows_the_same_dialects() -> None:
    assert set(DIALECTS) == set(get_args(DialectName))


@every_dialect
def test_field_names_are_of_the_neutral_request(dialect: Dialect) -> None:
    assert set(dialect.field_names) <= {field.name for field in msgspec.structs.fields(Request)}
    assert {"model", "messages", "max_output_tokens"} <= set(dialect.field_names)


@every_dialect
def test_a_stream_is_read_as_it_was_written(dialect: Dialect) -> None:
    stream, _ = written(dialect, STREAM)
    reader = dialect.reader(LIMIT_BYTES)
    events = [*reader.feed(stream), *reader.close()]
    assert (type(events[0]), events[-1], reader.usage_known) == (Started, Ended(usage=USAGE), True)
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == "Hello"


@every_dialect
def test_a_tap_sees_what_was_written(dialect: Dialect) -> None:
    stream, _ = written(dialect, STREAM)
    tap = dialect.tap(BODIES[dialect.name] | {"stream_options": {"include_usage": True}}, LIMIT_BYTES)
    relayed = tap.feed(stream) + tap.close() + tap.end(None)
    assert relayed == stream
    assert (tap.started, tap.done, tap.failure, tap.finish, tap.usage) == (True, True, None, "stop", USAGE)


def test_a_chat_tap_shows_usage_only_to_those_who_asked() -> None:
    stream, _ = written(CHAT, STREAM)
    silent = CHAT.tap(BODIES[CHAT.name], LIMIT_BYTES)
    assert b'"usage":{' in stream
    assert b'"usage":{' not in silent.feed(stream) + silent.close() + silent.end(None)


@every_dialect
def test_an_answer_is_read_as_it_was_written(dialect: Dialect) -> None:
    choice = Choice(index=0, parts=(Text(text="Hello"),), finish="stop")
    response = Response(id="id_1", model="m", created_s=1_790_000_000, choices=(choice,), usage=USAGE)
    body = BODIES[dialect.name]
    emitted = dialect.emit_response(response, dialect.parse_request(body), body)
    read, tapped = dialect.parse_response(emitted), dialect.tap_response(emitted)
    assert (read.choices, read.usage, read.model) == ((choice,), USAGE, "m")
    assert (tapped.finish, tapped.usage, tapped.answered) == ("stop", USAGE, "m")


@every_dialect
def test_errors_name_the_request(dialect: Dialect) -> None:
    error = UpstreamBroken("It broke.", code="upstream_stream_broken")
    assert dialect.read_error(dialect.emit_error(error, "req_1")).message == "It broke."
    stream, writer = written(dialect, STREAM[:2])
    last = dialect.stream_error(error, "req_1", writer)
    assert b'"req_1"' in last
    reader = dialect.reader(LIMIT_BYTES)
    reader.feed(stream)
    assert [type(event).__name__ for event in reader.feed(last)] == ["Failed"]


def test_errors_in_a_stream_of_responses_go_on_counting() -> None:
    stream, writer = written(RESPONSES, STREAM[:2])
    error = RESPONSES.stream_error(UpstreamBroken("It broke."), "req_1", writer)
    assert json.loads(error.split(b"data: ")[1])["sequence_number"] == stream.count(b"data: ")
