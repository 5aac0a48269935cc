"""What is measured: one function per kind of load, and the rounds that interleave them over all entrants.

Each function returns samples by metric name; the names carry their unit. `report.py` turns them into tables.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from bench.bodies import image_body, plain_body
from bench.dialects import CHAT, Dialect
from bench.load import Calls, Pace, call_ms, closed_loop, open_streams
from bench.measure import PeakMemory, cpu_us, memory_mb, percentile
from bench.servers import Target

LARGE_BYTES = 5_000_000
GRACE_S = 0.2
REST_LIMIT_S = 20.0

Samples = dict[str, float]


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How long each kind of load runs."""

    rounds: int
    starts: int
    window_s: float
    warm_s: float = 0.3
    streams: Pace
    translated_streams: Pace
    large_calls: int
    quiet_streams: Pace = Pace(streams=20, events=100, every_ms=20)
    many_streams: Pace
    limit_s: float


FULL = Plan(
    rounds=5,
    starts=3,
    window_s=3.0,
    streams=Pace(streams=400, events=150, every_ms=20, spread_s=1.0),
    translated_streams=Pace(streams=100, events=150, every_ms=20, spread_s=1.0),
    large_calls=5,
    many_streams=Pace(streams=1000, events=8, every_ms=1000),
    limit_s=6.0,
)
QUICK = Plan(
    rounds=2,
    starts=1,
    window_s=1.2,
    streams=Pace(streams=400, events=75, every_ms=20, spread_s=1.0),
    translated_streams=Pace(streams=100, events=75, every_ms=20, spread_s=1.0),
    large_calls=3,
    many_streams=Pace(streams=1000, events=4, every_ms=1000),
    limit_s=3.0,
)


class Entrant(msgspec.Struct):
    """A running gateway, or the upstream called directly when `session` is None."""

    name: str
    fixed: Target
    paced: Target
    session: int | None = None
    translates: Sequence[Dialect] = ()
    errors: int = 0


async def one_client(entrant: Entrant, plan: Plan) -> Samples:
    return _speed(await _calls(entrant, entrant.fixed, plan, 1), 1)


async def many_clients(entrant: Entrant, plan: Plan) -> Samples:
    """Untranslated calls and, for their cost only, those of each dialect that the gateway translates."""
    calls, cost_us = await _costed(entrant, entrant.fixed, plan)
    samples = _speed(calls, 32) | {"cpu_us_per_call": cost_us}
    for dialect in entrant.translates:
        calls, cost_us = await _costed(entrant, entrant.fixed.speaking(dialect), plan)
        samples |= {f"cpu_us_per_{dialect.name}_call": cost_us} if calls.latencies_ms else {}
    return samples


async def _costed(entrant: Entrant, target: Target, plan: Plan) -> tuple[Calls, float]:
    """The calls of 32 clients, and the processor time of each in µs."""
    before_us = cpu_us(entrant.session)
    calls = await _calls(entrant, target, plan, 32)
    return calls, (cpu_us(entrant.session) - before_us) / max(calls.made, 1)


async def crowd(entrant: Entrant, plan: Plan) -> Samples:
    async with PeakMemory(entrant.session) as peak:
        calls = await _calls(entrant, entrant.fixed, plan, 256)
    return _speed(calls, 256) | {"loaded_mb": peak.mb}


async def _calls(entrant: Entrant, target: Target, plan: Plan, clients: int) -> Calls:
    body = plain_body(target.model, target.dialect)
    calls = await closed_loop(target, body, clients=clients, warm_s=plan.warm_s, window_s=plan.window_s)
    # What a gateway puts off until after the answer is part of its cost.
    await asyncio.sleep(GRACE_S)
    entrant.errors += calls.errors
    return calls


def _speed(calls: Calls, clients: int) -> Samples:
    if not calls.latencies_ms:
        return {}
    return {
        f"per_s_{clients}": calls.per_s,
        f"p50_ms_{clients}": percentile(calls.latencies_ms, 50),
        f"p99_ms_{clients}": percentile(calls.latencies_ms, 99),
    }


async def paced_streams(entrant: Entrant, plan: Plan) -> Samples:
    before_us = cpu_us(entrant.session)
    seen = await open_streams(entrant.paced, plan.streams, limit_s=plan.limit_s)
    await asyncio.sleep(GRACE_S)
    spent_us = cpu_us(entrant.session) - before_us
    entrant.errors += seen.errors
    if not seen.gaps_ms:
        return {}
    return {
        "cpu_us_per_event": spent_us / seen.events,
        "ttft_p50_ms": percentile(seen.ttft_ms, 50),
        "ttft_p99_ms": percentile(seen.ttft_ms, 99),
        "gap_p99_ms": percentile(seen.gaps_ms, 99),
        "delay_p99_ms": percentile(seen.delays_ms, 99),
        "delivered_percent": 100 * seen.events / seen.asked_events,
    }


async def translated_streams(entrant: Entrant, plan: Plan) -> Samples:
    """Streams in each dialect that the gateway translates, and untranslated ones beside, at a pace it can keep."""
    samples: Samples = {}
    for dialect in (CHAT, *entrant.translates) if entrant.translates else ():
        before_us = cpu_us(entrant.session)
        target = entrant.paced.speaking(dialect)
        seen = await open_streams(target, plan.translated_streams, limit_s=plan.limit_s)
        await asyncio.sleep(GRACE_S)
        entrant.errors += seen.errors
        if seen.events:
            samples[f"cpu_us_per_{dialect.name}_event"] = (cpu_us(entrant.session) - before_us) / seen.events
        await _rest(entrant)
    return samples


async def large_bodies(entrant: Entrant, plan: Plan) -> Samples:
    """Large calls one after another beside quiet streams: their own time, and the longest any event was held."""
    body = image_body(entrant.paced.model, LARGE_BYTES)
    streams = asyncio.create_task(open_streams(entrant.paced, plan.quiet_streams, limit_s=plan.limit_s))
    await asyncio.sleep(plan.quiet_streams.span_s / 4)
    times = [await call_ms(entrant.paced, body) for _ in range(plan.large_calls)]
    seen = await streams
    answered = [time for time in times if time is not None]
    entrant.errors += seen.errors + len(times) - len(answered)
    samples = {"held_ms": max(seen.delays_ms)} if seen.delays_ms else {}
    return samples | ({"large_ms": percentile(answered, 50)} if answered else {})


async def many_streams(entrant: Entrant, plan: Plan) -> Samples:
    """Memory while a thousand slow streams are open, and what becomes of TTFT when all start at one instant."""
    async with PeakMemory(entrant.session) as peak:
        seen = await open_streams(entrant.paced, plan.many_streams, limit_s=2 * plan.limit_s)
    entrant.errors += seen.errors
    samples = {"many_streams_mb": peak.mb, "many_delivered_percent": 100 * seen.events / seen.asked_events}
    return samples | ({"burst_ttft_p99_ms": percentile(seen.ttft_ms, 99)} if seen.ttft_ms else {})


Measurement = Callable[[Entrant, Plan], Awaitable[Samples]]
EVERY_ROUND: tuple[Measurement, ...] = (
    one_client,
    many_clients,
    crowd,
    paced_streams,
    translated_streams,
    large_bodies,
)


async def run(entrants: Sequence[Entrant], plan: Plan, record: Callable[[Entrant, Samples], None]) -> None:
    """All rounds. Within one, each load goes over all entrants before the next; who is first rotates."""
    for entrant in entrants:
        record(entrant, {"idle_mb": memory_mb(entrant.session)})
    for number in range(plan.rounds):
        turn = number % len(entrants)
        for measurement in EVERY_ROUND:
            for entrant in (*entrants[turn:], *entrants[:turn]):
                if samples := await measurement(entrant, plan):
                    record(entrant, samples)
                await _rest(entrant)
    for entrant in entrants:
        record(entrant, await many_streams(entrant, plan))
        await _rest(entrant)
    for entrant in entrants:
        record(entrant, {"after_mb": memory_mb(entrant.session)})


async def _rest(entrant: Entrant) -> None:
    """Until the gateway has worked off what it was left with, so that the next one has the machine."""
    for _ in range(int(REST_LIMIT_S / GRACE_S)):
        before_us = cpu_us(entrant.session)
        await asyncio.sleep(GRACE_S)
        if cpu_us(entrant.session) - before_us < 0.1 * GRACE_S * 1_000_000:
            return
