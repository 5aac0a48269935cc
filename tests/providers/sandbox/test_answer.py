"""The sandbox as an upstream: whole, piece by piece, and when it falls silent."""

from __future__ import annotations

import msgspec
import pytest

from entrepot import errors
from entrepot.conversation import Message, Request, Text
from entrepot.dialects.table import CHAT
from entrepot.providers.sandbox import SandboxAnswer, Steering


def answer(words: str, *, stream: bool, model: str = "sandbox/echo", idle_timeout_s: float = 1.0) -> SandboxAnswer:
    request = Request(model=model, messages=(Message(role="user", parts=(Text(text=words),)),), stream=stream)
    steering = Steering.parse(None, model)
    return SandboxAnswer(request, steering, dialect=CHAT, body={}, created_s=7, idle_timeout_s=idle_timeout_s)


async def pieces(of: SandboxAnswer) -> bytes:
    found = b""
    while (piece := await of.piece()) is not None:
        found += piece
    await of.close()
    return found


async def test_a_plain_answer_is_a_completion() -> None:
    of = answer("one two", stream=False)
    body = msgspec.json.decode(await of.body())
    assert of.content_type == "application/json"
    assert (body["choices"][0]["message"]["content"], body["created"]) == ("one two", 7)


async def test_a_stream_comes_in_events_with_usage_and_an_end() -> None:
    of = answer("one two", stream=True)
    found = await pieces(of)
    assert of.content_type == "text/event-stream"
    assert b'"completion_tokens":2' in found
    assert found.endswith(b"data: [DONE]\n\n")


@pytest.mark.parametrize("stream", [True, False])
async def test_silence_ends_at_the_idle_limit(stream: bool) -> None:
    of = answer("one two three four five", stream=stream, model="sandbox/stall", idle_timeout_s=0.1)
    with pytest.raises(errors.UpstreamTimeout):
        await (pieces(of) if stream else of.body())
    await of.close()


async def test_an_asked_for_error_comes_before_anything_else() -> None:
    with pytest.raises(errors.UpstreamRateLimited):
        await answer("x", stream=False, model="sandbox/error-429").body()
