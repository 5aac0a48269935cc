"""The model server behind every gateway: a fixed answer, or a stream of events at the pace the prompt asks for.

A program of its own: `python -m bench.upstream PORT MODEL`. It reads every body to its end before it answers.
"""

from __future__ import annotations

import asyncio
import re
import sys
import time
from typing import cast

import msgspec
import uvloop

from bench.wire import LAST_CHUNK, Inbox, chunk, response_bytes

FIXED_MODEL = "bench/fixed"
PACED_MODEL = "bench/paced"
ANSWER = "The harbour master counts every crate twice and signs for each of them once. " * 2
USAGE = {"prompt_tokens": 48, "completion_tokens": 32, "total_tokens": 80}
COMPLETION = msgspec.json.encode(
    {
        "id": "chatcmpl-bench",
        "object": "chat.completion",
        "created": 1_790_000_000,
        "model": "gpt-4.1-mini",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": ANSWER},
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": USAGE,
    }
)

STREAM_ASKED = re.compile(rb'"stream": ?true')
PACE_ASKED = re.compile(rb"events=(\d+) every_ms=(\d+)")
STREAM_HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\n"
    b"transfer-encoding: chunked\r\n\r\n"
)
STAMP_DIGITS = 18


def models(*ids: str) -> bytes:
    """Body of GET /v1/models."""
    rows = [{"id": name, "object": "model", "created": 1_790_000_000, "owned_by": "bench"} for name in ids]
    return msgspec.json.encode({"object": "list", "data": rows})


def prompt(events: int, every_ms: int) -> str:
    """The words that make this server stream `events` events, one each `every_ms`, the first at once."""
    return f"events={events} every_ms={every_ms}"


def _event(delta: dict[str, str], *, finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    return _chunk_event(choices=[choice])


def _chunk_event(**fields: object) -> bytes:
    body = {
        "id": "chatcmpl-bench",
        "object": "chat.completion.chunk",
        "created": 1_790_000_000,
        "model": "gpt-4.1-mini",
        **fields,
    }
    return chunk(b"data: " + msgspec.json.encode(body) + b"\n\n")


PLACEHOLDER = "0" * STAMP_DIGITS
BEFORE_STAMP, AFTER_STAMP = _event({"content": f"t={PLACEHOLDER} "}).split(PLACEHOLDER.encode())
STREAM_OPENING = STREAM_HEAD + _event({"role": "assistant", "content": f"t={PLACEHOLDER} "})
FIRST_BEFORE_STAMP, FIRST_AFTER_STAMP = STREAM_OPENING.split(PLACEHOLDER.encode())
STREAM_END = _event({}, finish="stop") + _chunk_event(choices=[], usage=USAGE) + chunk(b"data: [DONE]\n\n") + LAST_CHUNK


def stamp() -> bytes:
    """Monotonic nanoseconds: one clock for every process of the machine."""
    return b"%0*d" % (STAMP_DIGITS, time.monotonic_ns())


class Connection(asyncio.Protocol):
    def __init__(self, loop: asyncio.AbstractEventLoop, model: str) -> None:
        self._loop = loop
        self._model = model
        self._inbox = Inbox()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are not subclasses

    def data_received(self, data: bytes) -> None:
        message = self._inbox.feed(data)
        if message is None:
            return
        if STREAM_ASKED.search(message):
            pace = PACE_ASKED.search(message)
            events, every_ms = (int(pace[1]), int(pace[2])) if pace else (1, 0)
            self._stream(events, every_ms / 1000)
        elif message.startswith(b"GET "):
            self._transport.write(response_bytes(models(self._model)))
        else:
            self._transport.write(response_bytes(COMPLETION))

    def _stream(self, events: int, every_s: float) -> None:
        self._transport.write(FIRST_BEFORE_STAMP + stamp() + FIRST_AFTER_STAMP)
        self._tick(self._loop.time(), 1, events, every_s)

    def _tick(self, start_s: float, sent: int, events: int, every_s: float) -> None:
        if sent >= events:
            self._transport.write(STREAM_END)
            return
        # An absolute time, so that one late event does not delay all that follow.
        self._loop.call_at(start_s + sent * every_s, self._send, start_s, sent, events, every_s)

    def _send(self, start_s: float, sent: int, events: int, every_s: float) -> None:
        if self._transport.is_closing():
            return
        self._transport.write(BEFORE_STAMP + stamp() + AFTER_STAMP)
        self._tick(start_s, sent + 1, events, every_s)


async def serve(port: int, model: str) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(loop, model), "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1]), sys.argv[2]))
