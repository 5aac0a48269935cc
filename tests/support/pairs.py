"""Clients and upstreams of each dialect: what one asks, how the other answers, and how to read both alike."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from tests.dialects.anthropic_messages import wire
from tests.dialects.openai_responses import samples
from tests.support.asgi import Call
from tests.support.running import MODEL, RunningHub, tables
from tests.support.upstream import FaultUpstream, Reply, completion, dump, events, respond, stream

from entrepot.conversation import Usage

SYSTEM, PROMPT, ANSWER = "Be brief.", "Say hello", "Hello"
COUNTED = Usage(input_tokens=11, output_tokens=7)
CHAT, MESSAGES, RESPONSES = "openai_chat", "anthropic_messages", "openai_responses"


# Clients ------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Client:
    """How one dialect's client asks, and where it finds what it wants to know."""

    path: str
    body: Mapping[str, Any]
    text: Callable[[Any], str]
    counts: Callable[[Any], tuple[int, int]]
    finish: str


CLIENTS: dict[str, Client] = {
    CHAT: Client(
        path="/v1/chat/completions",
        body={
            "model": MODEL,
            "messages": [{"role": "system", "content": SYSTEM}, {"role": "user", "content": PROMPT}],
            "max_completion_tokens": 64,
        },
        text=lambda body: str(body["choices"][0]["message"]["content"]),
        counts=lambda body: (body["usage"]["prompt_tokens"], body["usage"]["completion_tokens"]),
        finish="stop",
    ),
    MESSAGES: Client(
        path="/v1/messages",
        body={
            "model": MODEL,
            "system": SYSTEM,
            "messages": [{"role": "user", "content": PROMPT}],
            "max_tokens": 64,
        },
        text=lambda body: "".join(block["text"] for block in body["content"]),
        counts=lambda body: (body["usage"]["input_tokens"], body["usage"]["output_tokens"]),
        finish="end_turn",
    ),
    RESPONSES: Client(
        path="/v1/responses",
        body={"model": MODEL, "instructions": SYSTEM, "input": PROMPT, "max_output_tokens": 64},
        text=lambda body: "".join(part["text"] for item in body["output"] for part in item["content"]),
        counts=lambda body: (body["usage"]["input_tokens"], body["usage"]["output_tokens"]),
        finish="completed",
    ),
}


def finish_of(body: Any) -> str:
    said = body["choices"][0]["finish_reason"] if "choices" in body else body.get("stop_reason") or body.get("status")
    return str(said)


def streamed_text(dialect: str, data: list[Any]) -> str:
    if dialect == CHAT:
        deltas = [choice["delta"] for event in data if event != "[DONE]" for choice in event.get("choices", ())]
        return "".join(delta.get("content") or "" for delta in deltas)
    if dialect == MESSAGES:
        return "".join(event["delta"]["text"] for event in data if event["type"] == "content_block_delta")
    return "".join(event["delta"] for event in data if event["type"] == "response.output_text.delta")


def streamed_counts(dialect: str, data: list[Any]) -> tuple[int, int]:
    if dialect == CHAT:
        assert data[-1] == "[DONE]"
        return CLIENTS[CHAT].counts(data[-2])
    if dialect == MESSAGES:
        (last,) = (event for event in data if event["type"] == "message_delta")
        return CLIENTS[MESSAGES].counts(last)
    assert data[-1]["type"] == "response.completed"
    return CLIENTS[RESPONSES].counts(data[-1]["response"])


def named_events(call: Call) -> list[dict[str, Any]]:
    """The events of a stream, each of which must stand under its own type's name."""
    found = []
    for event in filter(None, call.body.split(b"\n\n")):
        name, data = event.split(b"\n")
        found.append(json.loads(data.removeprefix(b"data: ")))
        assert name == b"event: " + found[-1]["type"].encode()
    return found


def data_of(dialect: str, call: Call) -> list[Any]:
    return call.data if dialect == CHAT else named_events(call)


# Upstreams ----------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Upstream:
    """How one dialect's upstream answers.

    `begun` holds the stream's events up to the last text, so that it can be cut there.
    """

    path: str
    answer: Callable[[Any], dict[str, Any]]
    begun: list[bytes]
    ending: Callable[[Any], list[bytes]]
    usage: Any
    answered: str

    def plain(self) -> Reply:
        return respond(dump(self.answer(self.usage)))

    def streamed(self) -> Reply:
        return events(*self.begun, *self.ending(self.usage))


def named(value: Any) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (value["type"].encode(), dump(value))


def _chat_pieces(usage: Any) -> list[bytes]:
    return list(stream("Hel", "lo", usage=usage).pieces)


def _message(usage: Any) -> dict[str, Any]:
    block = {"type": "text", "text": ANSWER}
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-up", "content": [block]}
    return message | {"stop_reason": "end_turn", "stop_sequence": None} | ({} if usage is None else {"usage": usage})


def message_pieces(usage: Any) -> list[bytes]:
    head = _message(None) | {"content": [], "stop_reason": None, "usage": usage or {}}
    deltas = [wire.delta(0, "text_delta", text=text) for text in ("Hel", "lo")]
    blocks = [wire.start(0, {"type": "text", "text": ""}), *deltas, wire.stop(0)]
    end = [wire.ends("end_turn", usage=usage or {}), wire.STOP]
    return [*map(named, [{"type": "message_start", "message": head}, wire.PING, *blocks, *end])]


def _response(usage: Any, **fields: Any) -> dict[str, Any]:
    return samples.answer([samples.message(ANSWER)], usage=usage) | fields


def _response_pieces(usage: Any) -> list[bytes]:
    place = {"item_id": "msg_up", "output_index": 0, "content_index": 0, "logprobs": []}
    deltas = [{"type": "response.output_text.delta", "delta": text, **place} for text in ("Hel", "lo")]
    values: list[dict[str, Any]] = [
        {"type": "response.created", "response": _response(None, status="in_progress", output=[])},
        {"type": "response.output_item.added", "output_index": 0, "item": samples.message("", content=[])},
        *deltas,
        {"type": "response.output_item.done", "output_index": 0, "item": samples.message(ANSWER)},
        {"type": "response.completed", "response": _response(usage)},
    ]
    return [named(value | {"sequence_number": number}) for number, value in enumerate(values)]


UPSTREAMS: dict[str, Upstream] = {
    CHAT: Upstream(
        path="/v1/chat/completions",
        answer=lambda usage: completion(ANSWER, usage=usage),
        begun=_chat_pieces(None)[:3],
        ending=lambda usage: _chat_pieces(usage)[3:],
        usage={"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18},
        answered="upstream-model-2026",
    ),
    MESSAGES: Upstream(
        path="/v1/messages",
        answer=_message,
        begun=message_pieces({"input_tokens": 11, "output_tokens": 1})[:5],
        ending=lambda usage: message_pieces(usage)[5:],
        usage={"input_tokens": 11, "output_tokens": 7},
        answered="claude-up",
    ),
    RESPONSES: Upstream(
        path="/v1/responses",
        answer=_response,
        begun=_response_pieces(None)[:4],
        ending=lambda usage: _response_pieces(usage)[4:],
        usage={"input_tokens": 11, "output_tokens": 7, "total_tokens": 18},
        answered=samples.MODEL,
    ),
}
PAIRS = [(client, upstream) for client in CLIENTS for upstream in UPSTREAMS]
every_pair = pytest.mark.parametrize(("client", "upstream"), PAIRS, ids=[f"{a}-{b}" for a, b in PAIRS])
every_crossing = pytest.mark.parametrize(
    ("client", "upstream"), [pair for pair in PAIRS if pair[0] != pair[1]], ids=str
)
every_client = pytest.mark.parametrize("client", CLIENTS)


def offered(*servers: tuple[FaultUpstream, str], **model: Any) -> dict[str, Any]:
    """The model `harbour`, offered by each of these upstreams in its dialect."""
    made = tables(*(server.base_url for server, _ in servers), **model)
    for offer, (_, dialect) in zip(made["models"][0]["offers"], servers, strict=True):
        offer["dialect"] = dialect
    return made


async def ask(hub: RunningHub, client: str, **fields: Any) -> Call:
    return await hub.post(CLIENTS[client].path, {**CLIENTS[client].body, **fields})


def streaming(client: str) -> dict[str, Any]:
    return {"stream": True} | ({"stream_options": {"include_usage": True}} if client == CHAT else {})


def said_to(body: dict[str, Any]) -> dict[str, Any]:
    """What a body of any dialect says: its instructions, prompt and limit, in one form."""
    turns = body.get("messages") or body["input"]
    turns = [{"role": "user", "content": turns}] if isinstance(turns, str) else turns
    told = [*filter(None, [body.get("system") or body.get("instructions")])]
    told += [turn["content"] for turn in turns if turn["role"] in ("system", "developer")]
    asked = [turn["content"] for turn in turns if turn["role"] == "user"]
    limit = body.get("max_completion_tokens") or body.get("max_tokens") or body.get("max_output_tokens")
    return {"model": body["model"], "told": _spoken(told), "asked": _spoken(asked), "limit": limit}


def _spoken(contents: list[Any]) -> str:
    parts = [part for content in contents for part in ([content] if isinstance(content, str) else content)]
    return "\n".join(part if isinstance(part, str) else part["text"] for part in parts)
