"""What an answer costs, put into its bytes: only the usage object changes, and only where there is something to say."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from entrepot.dialects import sse
from entrepot.dialects.fields import raw
from entrepot.dialects.receipts import Receipt, in_answer, in_events

COST = Receipt(usage={"cost": msgspec.Raw(b"0.000000001"), "estimated": raw(False)})
NOTHING = Receipt()


def test_all_but_the_usage_keeps_its_bytes() -> None:
    body = b'{ "id" : "a",\n "x": 1.50e0, "usage":{"prompt_tokens" : 3 , "odd":1E2},"choices": [ {"c":"\\u00e9"} ] }'
    assert in_answer(body, COST) == (
        b'{"id":"a","x":1.50e0,"usage":{"prompt_tokens":3,"odd":1E2,"cost":0.000000001,"estimated":false},'
        b'"choices":[ {"c":"\\u00e9"} ]}'
    )


def test_without_a_cost_the_answer_passes_as_it_came() -> None:
    body = b'{ "usage": {"prompt_tokens": 3}, "text": "what is \\"cost\\"?" }'
    assert in_answer(body, NOTHING) is body
    assert in_events(sse.event(body), NOTHING) == sse.event(body)


def test_what_an_upstream_charges_the_hub_is_nobody_elses_concern() -> None:
    body = b'{"usage":{"prompt_tokens":3,"cost":0.5,"cost_details":{"upstream_inference_cost":0.4},"is_byok":false}}'
    assert in_answer(body, NOTHING) == b'{"usage":{"prompt_tokens":3}}'
    assert in_answer(body, COST) == b'{"usage":{"prompt_tokens":3,"cost":0.000000001,"estimated":false}}'
    assert in_events(sse.event(body), NOTHING) == sse.event(b'{"usage":{"prompt_tokens":3}}')


@pytest.mark.parametrize("usage", [b"null", b'{"prompt_tokens":-1}', b"7", None])
def test_what_the_hub_counted_stands_for_usage_that_is_none(usage: bytes | None) -> None:
    body = b'{"id":"a"}' if usage is None else b'{"id":"a","usage":%b}' % usage
    counted = Receipt(usage=COST.usage, counts={"prompt_tokens": raw(5)})
    told = msgspec.json.decode(in_answer(body, counted))
    assert told == {"id": "a", "usage": {"prompt_tokens": 5, "cost": 1e-09, "estimated": False}}


def test_fields_beside_the_usage_stand_in_the_object_that_holds_it() -> None:
    receipt = Receipt(usage=COST.usage, beside={"meta": raw(1)})
    assert msgspec.json.decode(in_answer(b'{"usage":{"a":1}}', receipt))["meta"] == 1
    event = sse.event(b'{"type":"response.completed","response":{"usage":{"a":1}}}', b"response.completed")
    assert told(in_events(event, receipt))["response"]["meta"] == 1


def told(event: bytes) -> Any:
    return msgspec.json.decode(sse.data_of(event) or b"")


CHUNK = sse.event(b'{"choices":[],"usage":{"total_tokens":3}}')
DELTA = sse.event(b'{"type":"message_delta","usage":{"output_tokens":3}}', b"message_delta")
COMPLETED = sse.event(b'{"type":"response.completed","response":{"usage":{"a":1}}}', b"response.completed")


@pytest.mark.parametrize(
    ("before", "bearing", "after"),
    [
        (CHUNK, CHUNK, sse.event(b"[DONE]")),
        (b": a comment\n\n", CHUNK.replace(b"\n", b"\r\n"), sse.event(b"[DONE]")),
        (DELTA, DELTA, sse.event(b'{"type":"message_stop"}', b"message_stop")),
        (sse.event(b'{"type":"response.output_item.done"}'), COMPLETED, b""),
    ],
    ids=["Chat", "CRLF", "Messages", "Responses"],
)
def test_of_a_stream_the_last_event_that_tells_usage_is_written_anew(
    before: bytes, bearing: bytes, after: bytes
) -> None:
    data = in_events(before + bearing + after, COST)
    assert data.startswith(before)
    assert data.endswith(after)
    event = data.removeprefix(before)[: len(data) - len(before) - len(after)]
    assert event.startswith(bearing[:6])  # named as it was
    fields = told(event)
    assert fields.get("response", fields)["usage"]["cost"] == 1e-09
    assert told(bearing).keys() == fields.keys()


@pytest.mark.parametrize("data", [b"", sse.event(b"[DONE]"), b": ping\n\n", sse.event(b'{"usage":null}')])
def test_a_stream_that_tells_no_usage_tells_no_cost(data: bytes) -> None:
    assert in_events(data, COST) == data
