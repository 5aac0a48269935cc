"""Playing a script: whole, in time, and up to its fault."""

from __future__ import annotations

import asyncio
import time

import pytest

from entrepot import errors
from entrepot.conversation import Event, Finished, Message, Request, Started, Text, TextDelta
from entrepot.providers.sandbox import Script, Steering, plan, play


def script(header: str | None = None, *, model: str = "sandbox/echo", n: int = 1) -> Script:
    words = Message(role="user", parts=(Text(text="one two three four five six"),))
    request = Request(model=model, messages=(words,), n=n)
    return plan(request, steer=Steering.parse(header, model), created_s=1)


async def collected(played: Script, into: list[Event]) -> None:
    async for event in play(played):
        into.append(event)


async def test_without_steering_every_event_comes_at_once() -> None:
    played, events = script(), list[Event]()
    begun = time.perf_counter()
    await collected(played, events)
    assert tuple(events) == played.events
    assert time.perf_counter() - begun < 0.5


async def test_latency_and_rate_pace_the_events() -> None:
    played, begun, times = script("latency_ms=100,tokens_per_s=50"), time.perf_counter(), []
    async for event in play(played):
        if isinstance(event, TextDelta):
            times.append(time.perf_counter() - begun)
    assert times[0] >= 0.1
    assert times[-1] - times[0] >= 0.8 * (len(times) - 1) / 50


@pytest.mark.parametrize("model", ["sandbox/error-400", "sandbox/error-429", "sandbox/error-500"])
async def test_an_error_comes_before_the_first_event(model: str) -> None:
    events: list[Event] = []
    with pytest.raises(errors.EntrepotError, match="as asked"):
        await collected(script(model=model), events)
    assert events == []


@pytest.mark.parametrize(("passed", "expected"), [(0, 0), (3, 3), (1000, 6)])
async def test_a_cut_comes_after_the_asked_for_tokens_and_never_after_the_finish(passed: int, expected: int) -> None:
    events: list[Event] = []
    with pytest.raises(errors.UpstreamBroken) as caught:
        await collected(script(f"fault=cut-after:{passed}"), events)
    assert caught.value.code == "upstream_stream_broken"
    assert isinstance(events[0], Started)
    assert sum(isinstance(event, TextDelta) for event in events) == expected
    assert not any(isinstance(event, Finished) for event in events)


async def test_a_stall_falls_silent_until_it_is_cancelled() -> None:
    events: list[Event] = []
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(collected(script("fault=stall-after:2"), events), timeout=0.1)
    assert sum(isinstance(event, TextDelta) for event in events) == 2


async def test_a_long_answer_lets_others_have_their_turn() -> None:
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    await collected(script(n=100), [])
    task.cancel()
    assert turns >= 5
