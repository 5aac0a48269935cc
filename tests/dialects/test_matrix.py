"""The full case of every dialect in each of the others: request, response and stream, as golden files."""

from __future__ import annotations

import itertools
import json
from typing import Any

import msgspec
import pytest
from tests.conftest import GOLDENS, Golden

from entrepot.catalog import Offer
from entrepot.conversation import Ended, Event, Failed, Message, Part, Request, Response
from entrepot.dialects.carrying import NotCarried
from entrepot.dialects.table import DIALECTS, Dialect

LIMIT_BYTES = 1 << 20
OFFER = Offer(provider="lab", upstream_model="upstream-model")
PAIRS = list(itertools.permutations(DIALECTS.values(), 2))
STREAMS = {"openai_chat": "stream.usage.sse"}

each_pair = pytest.mark.parametrize(
    ("source", "target"), PAIRS, ids=[f"{source.name}-{target.name}" for source, target in PAIRS]
)


def full(dialect: Dialect, name: str) -> bytes:
    return (GOLDENS / dialect.name / name).read_bytes()


def asked(dialect: Dialect) -> tuple[Request, dict[str, Any]]:
    """The full request, as the dialect's own client sends it, and in the neutral form."""
    body: dict[str, Any] = json.loads(full(dialect, "request.json"))
    return dialect.parse_request(body), body


def pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def emitted(request: Request, target: Dialect) -> dict[str, Any]:
    """The request in the target dialect, less what that refuses: named one after the other, as a client would learn."""
    refused: list[str] = []
    while True:
        try:
            written = target.emit_request(request, OFFER)
        except NotCarried as error:
            refused.append(error.field)
            request = without(request, error.field, target)
        else:
            return {"refused": refused, "dropped": written.dropped, "body": json.loads(written.body)}


def without(request: Request, field: str, target: Dialect) -> Request:
    """The request less what the target has refused by this name."""
    if field.startswith("messages"):
        return msgspec.structs.replace(
            request, messages=tuple(carried(message, target) for message in request.messages)
        )
    if field.startswith("tools[type="):
        kept = tuple(tool for tool in request.server_tools if f"tools[type={tool.type}]" != field)
        return msgspec.structs.replace(request, server_tools=kept)
    if field in request.foreign:
        foreign = {name: value for name, value in request.foreign.items() if name != field}
        return msgspec.structs.replace(request, foreign=foreign)
    (default,) = (known.default for known in msgspec.structs.fields(Request) if known.name == field)
    return msgspec.structs.replace(request, **{field: default})


def carried(message: Message, target: Dialect) -> Message:
    """The message less the parts that the target refuses."""
    return msgspec.structs.replace(message, parts=tuple(part for part in message.parts if takes(target, message, part)))


def takes(target: Dialect, message: Message, part: Part) -> bool:
    alone = msgspec.structs.replace(message, parts=(part,))
    try:
        target.emit_request(Request(model="m", messages=(alone,)), OFFER)
    except NotCarried:
        return False
    return True


@each_pair
def test_a_request(golden: Golden, source: Dialect, target: Dialect) -> None:
    golden(f"translation/{source.name}-{target.name}.request.json", pretty(emitted(asked(source)[0], target)))


@each_pair
def test_a_response(golden: Golden, source: Dialect, target: Dialect) -> None:
    """An upstream of the source dialect answers a client of the target."""
    request, body = asked(target)
    response: Response = source.parse_response(full(source, "response.json"))
    response = msgspec.structs.replace(response, created_s=response.created_s or 1_790_000_000)
    told = msgspec.json.decode(target.emit_response(response, request, body))
    golden(f"translation/{source.name}-{target.name}.response.json", pretty(told))


def translated(source: Dialect, target: Dialect, pieces: list[bytes]) -> tuple[bytes, Event]:
    """What the client of the target gets, and the last event."""
    request, body = asked(target)
    request = msgspec.structs.replace(request, stream=True, include_usage=True)
    reader, writer = source.reader(LIMIT_BYTES), target.writer(request, body | {"stream": True}, "req_1")
    events = [event for piece in pieces for event in reader.feed(piece)] + reader.close()
    return b"".join(writer.write(event) for event in events if not isinstance(event, Failed)), events[-1]


@each_pair
def test_a_stream(golden: Golden, source: Dialect, target: Dialect) -> None:
    """Whole, byte by byte and with more behind its end: the client gets the same."""
    stream = full(source, STREAMS.get(source.name, "stream.sse"))
    whole, last = translated(source, target, [stream])
    assert isinstance(last, Ended)
    assert translated(source, target, [stream[place : place + 1] for place in range(len(stream))]) == (whole, last)
    assert translated(source, target, [stream, b"data: trailing\n\n"]) == (whole, last)
    golden(f"translation/{source.name}-{target.name}.stream.sse", whole.decode())


@each_pair
def test_a_stream_that_is_cut_after_any_event(source: Dialect, target: Dialect) -> None:
    """What came goes out as it did in the whole stream; a cut after the finish, which tells all, may be an end."""
    stream = full(source, STREAMS.get(source.name, "stream.sse"))
    whole, _ = translated(source, target, [stream])
    pieces = [piece + b"\n\n" for piece in stream.split(b"\n\n") if piece]
    broken = 0
    for count in range(1, len(pieces)):
        part, last = translated(source, target, pieces[:count])
        if isinstance(last, Failed):
            broken += 1
            assert whole.startswith(part)
    assert broken >= len(pieces) - 3
