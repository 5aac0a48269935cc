"""A fault upstream in a process of its own that writes down what it has sent: `-m tests.support.truth_upstream LOG`.

It says its address on standard output. The prompt tells what to answer: `id=… words=7 gap_ms=5 fault=cut after=3`. For
each request a line goes to the log when it has ended: the words that were sent, and whether the answer came to its end.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import msgspec
from tests.support.upstream import FaultUpstream, Received, Reply, failure, plain, stream

INPUT_TOKENS = 10


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What a prompt asks for. `after` is the number of words after which a `cut`, `reset` or `stall` comes."""

    id: str
    words: int = 3
    gap_ms: int = 0
    late_ms: int = 0
    fault: str = ""
    after: int = 1

    @property
    def prompt(self) -> str:
        return " ".join(f"{name}={value}" for name, value in msgspec.structs.asdict(self).items() if value != "")

    @classmethod
    def parse(cls, prompt: str) -> Order:
        return msgspec.convert(dict(part.split("=", 1) for part in prompt.split()), cls, strict=False)

    @property
    def usage(self) -> dict[str, Any]:
        return {"prompt_tokens": INPUT_TOKENS, "completion_tokens": self.words}


class Truth(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the log."""

    id: str
    sent_words: int
    finished: bool


def read_log(path: Path) -> list[Truth]:
    return [msgspec.json.decode(line, type=Truth) for line in path.read_bytes().splitlines()]


def reply_to(order: Order, body: dict[str, Any]) -> Reply:
    if order.fault.isdigit():
        return failure(int(order.fault))
    words = ["word "] * order.words
    if body.get("stream"):
        reply = stream(*words, usage=order.usage)
        kept = len(b"".join(reply.pieces[: order.after + 1]))
    else:
        reply = plain("".join(words), usage=order.usage)
        kept = len(reply.body) // 2
    if order.fault in ("cut", "reset", "stall"):
        reply = reply.cut(kept, "close" if order.fault == "cut" else order.fault)  # type: ignore[arg-type]
    return reply.slowly(order.gap_ms / 1000).late(order.late_ms / 1000)


async def serve(log: int) -> None:
    watching: set[asyncio.Task[None]] = set()

    def answer(request: Received) -> Reply:
        order = Order.parse(request.json["messages"][-1]["content"])
        reply = reply_to(order, request.json)
        task = asyncio.get_running_loop().create_task(watch(order, request, reply))
        watching.add(task)
        task.add_done_callback(watching.discard)
        return reply

    async def watch(order: Order, request: Received, reply: Reply) -> None:
        while not (request.answered or request.left.is_set()):
            await asyncio.sleep(0.005)
        sent = b"".join(reply.pieces)[: request.sent_bytes]
        finished = reply.status == 200 and order.fault == "" and request.sent_bytes == len(reply.body)
        truth = Truth(id=order.id, sent_words=sent.count(b"word "), finished=finished)
        os.write(log, msgspec.json.encode(truth) + b"\n")

    async with FaultUpstream(answer) as upstream:
        print(json.dumps({"base_url": upstream.base_url}), flush=True)  # noqa: T201
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND)))
