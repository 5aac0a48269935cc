"""Plays a script at its pace, up to its fault. The only part of the sandbox that waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from entrepot import errors
from entrepot.conversation import Event, Finished, ReasoningDelta, RefusalDelta, TextDelta, ToolCallDelta
from entrepot.providers.sandbox import faults
from entrepot.providers.sandbox.script import Script

# A stall outlasts every timeout a caller or the hub may have set.
STALL_S = 3_600
# Without a pace the events need no waiting, but other exchanges want their turn.
YIELD_EVERY = 64


async def play(script: Script) -> AsyncGenerator[Event]:
    """The script's events in their time. Raises what the steering asked for, in its place.

    A cut raises UpstreamBroken, a stall waits an hour and raises UpstreamTimeout; an asked-for error
    comes before the first event, after the latency.
    """
    steering = script.steering
    if steering.latency_ms:
        await asyncio.sleep(steering.latency_ms / 1000)
    error = faults.error(steering)
    if error is not None:
        raise error
    passed_tokens = 0
    for number, event in enumerate(script.events, 1):
        if isinstance(event, TextDelta | RefusalDelta | ReasoningDelta | ToolCallDelta):
            await _break_off(steering.fault, passed_tokens)
            await _wait(steering.tokens_per_s if passed_tokens else None)
            passed_tokens += 1
        elif isinstance(event, Finished):
            await _break_off(steering.fault, None)
        yield event
        if number % YIELD_EVERY == 0:
            await asyncio.sleep(0)


async def _wait(tokens_per_s: float | None) -> None:
    if tokens_per_s:
        await asyncio.sleep(1 / tokens_per_s)


async def _break_off(fault: faults.Fault | None, passed_tokens: int | None) -> None:
    """Cut or stall once enough tokens have passed; at the end (None) however few there were."""
    if fault is None or fault.kind not in ("cut-after", "stall-after"):
        return
    if passed_tokens is not None and passed_tokens < fault.number:
        return
    if fault.kind == "stall-after":
        await asyncio.sleep(STALL_S)
        raise errors.UpstreamTimeout("The sandbox fell silent, as asked.")
    raise errors.UpstreamBroken("The sandbox broke off its answer, as asked.", code="upstream_stream_broken")
