"""Clients that call a hub in many ways at once: they read all, leave early, or are cut off with it."""

from __future__ import annotations

import asyncio
import json
import random
from contextlib import suppress
from dataclasses import dataclass

from tests.support.truth_upstream import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a client saw. `whole` says that it got the answer's last byte."""

    order: Order
    stream: bool
    status: int | None = None
    request_id: str = ""
    whole: bool = False
    words: int = 0


async def call(port: int, token: str, order: Order, *, stream: bool, leave_after: int | None = None) -> Outcome:
    """One call; the client leaves after so many words, or reads to the end. A hub that dies gives what came by then."""
    data = b""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(_request(token, order, stream=stream))
            while leave_after is None or data.count(b"word ") < leave_after:
                piece = await asyncio.wait_for(reader.read(65536), 30)
                if not piece:
                    break
                data += piece
                if _is_whole(data):
                    break
            if leave_after == 0:
                await asyncio.sleep(0.01)
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
    except (OSError, TimeoutError):
        pass
    return _outcome(data, order, stream=stream)


def _request(token: str, order: Order, *, stream: bool) -> bytes:
    body = {"model": "fault", "stream": stream, "messages": [{"role": "user", "content": order.prompt}]}
    data = json.dumps(body).encode()
    head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: hub\r\nauthorization: Bearer {token}\r\n"
    return f"{head}content-type: application/json\r\ncontent-length: {len(data)}\r\n\r\n".encode() + data


def _is_whole(data: bytes) -> bool:
    head, blank, body = data.partition(b"\r\n\r\n")
    if not blank:
        return False
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return len(body) >= int(line.split(b":")[1])
    return body.endswith(b"0\r\n\r\n")


def _outcome(data: bytes, order: Order, *, stream: bool) -> Outcome:
    head, _, _ = data.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 "):
        return Outcome(order=order, stream=stream)
    lines = dict(line.split(b": ", 1) for line in head.lower().split(b"\r\n")[1:] if b": " in line)
    good = head.split()[1] == b"200" and _is_whole(data) and (not stream or b"data: [DONE]" in data)
    return Outcome(
        order=order,
        stream=stream,
        status=int(head.split()[1]),
        request_id=lines.get(b"x-request-id", b"").decode(),
        whole=good,
        words=data.count(b"word "),
    )


async def mixed(port: int, token: str, chance: random.Random, name: str) -> Outcome:
    """A call of any kind: good, failing, slow, left."""
    stream = chance.random() < 0.6
    fault = chance.choice(["", "", "", "", "500", "429", "cut", "reset"])
    words = chance.randint(1, 12)
    order = Order(id=name, words=words, gap_ms=chance.choice([0, 0, 2]), late_ms=chance.choice([0, 0, 20]), fault=fault)
    leave_after = chance.choice([None, None, None, 0, 1, 5])
    return await call(port, token, order, stream=stream, leave_after=leave_after)
