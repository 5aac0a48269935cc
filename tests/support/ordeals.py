"""What a hub's books go through: kills, crashes at named points, mixtures of failures, a drain. Short or long."""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.support import judge, rows
from tests.support.caller import Outcome, call, mixed
from tests.support.hub import COMMAND, Hub, Tokens, eventually, make_home
from tests.support.truth_upstream import Order, Truth, read_log

from entrepot import ledger
from entrepot.conversation import Usage
from entrepot.ledger import Reservation
from entrepot.store import ExchangeRow, Store

ROOT = Path(__file__).parents[2]
CALLERS = 8


class Stage:
    """A home, and an upstream in a process of its own with its log of the truth."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.log = folder / "truth.jsonl"
        self.tokens: Tokens = make_home(self.home)
        self._upstream = subprocess.Popen(
            [sys.executable, "-m", "tests.support.truth_upstream", str(self.log)],
            cwd=ROOT, stdout=subprocess.PIPE, env=_environ(),
        )  # fmt: skip
        assert self._upstream.stdout is not None
        self.base_url = json.loads(self._upstream.stdout.readline())["base_url"]

    def hub(
        self, *, crash_at: str = "", command: Sequence[str] | None = None, environ: dict[str, str] | None = None
    ) -> Hub:
        apart = (sys.executable, "-m", "tests.support.crashing")
        paths = os.pathsep.join([str(ROOT), *os.environ.get("PYTHONPATH", "").split(os.pathsep)])
        return Hub(
            self.home,
            settings=self._settings(),
            tokens=self.tokens,
            command=command or ((*apart,) if crash_at else (COMMAND,)),
            environ={"UPSTREAM_KEY": "sk-upstream", "PYTHONPATH": paths, "CRASH_AT": crash_at} | (environ or {}),
        )

    def _settings(self) -> str:
        return f"""
[providers.fault]
base_url = "{self.base_url}"
api_key_env = "UPSTREAM_KEY"

[[models]]
id = "fault"
context_tokens = 8192
price = {{ input = "1000", output = "2000" }}

[[models.offers]]
provider = "fault"
upstream_model = "upstream-model-2026"
price = {{ input = "500", output = "1000" }}
"""

    def truths(self, count: int = 0) -> list[Truth]:
        """The log, once it has so many lines."""
        return (
            eventually(lambda: found if len(found := read_log(self.log)) >= count else [], 10)
            if count
            else read_log(self.log)
        )

    def close(self) -> None:
        self._upstream.kill()
        self._upstream.wait()
        assert self._upstream.stdout is not None
        self._upstream.stdout.close()


@contextmanager
def stage(folder: Path) -> Iterator[Stage]:
    made = Stage(folder)
    try:
        yield made
    finally:
        made.close()


def _environ() -> dict[str, str]:
    return {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}


# Kills --------------------------------------------------------------------------------------------


def killed_at_random(stage: Stage, chance: random.Random, rounds: int, *, within_s: float = 0.5) -> int:
    """Kill the hub again and again under load; what clients got whole by then is all charged."""
    whole = 0
    for number in range(rounds):
        hub = stage.hub()
        outcomes = asyncio.run(_until_killed(hub, chance, f"k{number}", chance.uniform(0.05, within_s)))
        check_after_restart(stage, outcomes)
        whole += sum(outcome.whole for outcome in outcomes)
    return whole


async def _until_killed(hub: Hub, chance: random.Random, name: str, seconds: float) -> list[Outcome]:
    loading = asyncio.gather(*(_keep_calling(hub, chance, f"{name}-{number}") for number in range(CALLERS)))
    await asyncio.sleep(seconds)
    hub.kill()
    return [outcome for outcomes in await loading for outcome in outcomes]


async def _keep_calling(hub: Hub, chance: random.Random, name: str) -> list[Outcome]:
    outcomes: list[Outcome] = []
    while hub.is_alive():
        outcomes.append(await mixed(hub.port, hub.tokens.live, chance, f"{name}-{len(outcomes)}"))
    return outcomes


def check_after_restart(stage: Stage, outcomes: Sequence[Outcome]) -> float:
    """The next start closes what was left open; then all must add up. The seconds that took."""
    hub = stage.hub()
    seconds = max((float(found) for found in re.findall(r"were closed in ([\d.]+) s", hub.log)), default=0.0)
    assert hub.stop() == 0, hub.log
    books = judge.Books(stage.home)
    books.check()
    books.check_outcomes(outcomes, stage.truths())
    return seconds


def left_open(stage: Stage, count: int) -> float:
    """So many exchanges that a crash cut off, half of them after some words. Seconds a start takes to close them."""
    store = Store(stage.home / "entrepot.db")
    organisation_id = next(key.organisation_id for key in store.all_keys())
    writing = []
    for number in range(count):
        reservation = Reservation(
            reference=f"req_left_{number}", at_ms=1, organisation_id=organisation_id, amount_nusd=40 * judge.TOKEN_NUSD
        )
        row = _left(reservation, words=number % 2 * 7)
        writing.append(store.journal.reserve(ledger.reserve(reservation), reservation, row))
    for written in writing:
        written.result()
    store.close()
    hub = stage.hub()
    found = re.search(rf"{count} exchanges that had not ended were closed in ([\d.]+) s", hub.log)
    assert hub.stop() == 0, hub.log
    assert found, hub.log
    books = judge.Books(stage.home)
    books.check()
    assert {row["error_code"] for row in books.rows.values()} == {"hub_stopped"}
    assert sum(row["charge_nusd"] for row in books.rows.values()) == count // 2 * (10 + 2 * 7) * judge.TOKEN_NUSD
    return float(found[1])


def _left(reservation: Reservation, *, words: int) -> ExchangeRow:
    charge_nusd = (10 + 2 * words) * judge.TOKEN_NUSD if words else None
    return rows.row(
        reservation.reference, organisation_id=reservation.organisation_id, ttft_ms=1 if words else None,
        usage=Usage(input_tokens=10, output_tokens=words, estimated=True), provider="fault",
        charge_nusd=charge_nusd, debt_nusd=charge_nusd and charge_nusd // 2,
    )  # fmt: skip


def crashed_at(stage: Stage, point: str, chance: random.Random | None = None, *, name: str = "c") -> None:
    """Let the hub crash at a named point and see what the next start makes of it.

    It is under streams and plain calls that go well, or by `chance` under calls of all kinds; `name` tells them apart.
    """
    if point == "within-recovery":
        outcomes = asyncio.run(_until_killed(stage.hub(), chance or random.Random(1), name, 0.4))
        with suppress(AssertionError):  # it never gets ready, unless nothing was left open
            stage.hub(crash_at=point).kill()
    else:
        hub = stage.hub(crash_at=point)
        outcomes = asyncio.run(_calls_until_gone(hub, chance, name))
        assert not hub.is_alive(), f"{point} was not reached"
    check_after_restart(stage, outcomes)


async def _calls_until_gone(hub: Hub, chance: random.Random | None, name: str) -> list[Outcome]:
    until = time.monotonic() + 15

    async def keep_on(name: str, *, stream: bool) -> list[Outcome]:
        outcomes: list[Outcome] = []
        while hub.is_alive() and time.monotonic() < until:
            id = f"{name}-{len(outcomes)}"
            if chance is None:
                made = call(hub.port, hub.tokens.live, Order(id=id, words=6, gap_ms=30), stream=stream)
            else:
                made = mixed(hub.port, hub.tokens.live, chance, id)
            outcomes.append(await made)
        return outcomes

    callers = 4 if chance is None else CALLERS
    found = await asyncio.gather(*(keep_on(f"{name}{number}", stream=number % 2 == 0) for number in range(callers)))
    return [outcome for outcomes in found for outcome in outcomes]


# Mixtures -----------------------------------------------------------------------------------------


def mixture(stage: Stage, chance: random.Random, count: int) -> int:
    """So many calls that succeed, fail, are left or torn: nothing stays held, and all sums are the same."""
    hub = stage.hub()
    names = iter(range(count))

    async def keep_on() -> list[Outcome]:
        return [await mixed(hub.port, hub.tokens.live, chance, f"m{number}") for number in names]

    async def run() -> list[Outcome]:
        return [
            outcome for outcomes in await asyncio.gather(*(keep_on() for _ in range(CALLERS))) for outcome in outcomes
        ]

    outcomes = asyncio.run(run())
    eventually(lambda: not judge.Books(stage.home).open, 10)
    assert hub.stop() == 0, hub.log
    books = judge.Books(stage.home)
    books.check()
    assert sum(entry["wallet_nusd"] for entry in books.entries) == -sum(
        row["charge_nusd"] or 0 for row in books.rows.values()
    )
    return books.check_outcomes(outcomes, stage.truths())


def drained(stage: Stage, streams: int) -> None:
    """SIGTERM while streams go on: all of them end, are settled, and the hub ends well."""
    hub = stage.hub()

    async def run() -> list[Outcome]:
        orders = [Order(id=f"d{number}", words=10, gap_ms=200) for number in range(streams)]
        calls = [asyncio.create_task(call(hub.port, hub.tokens.live, order, stream=True)) for order in orders]
        async with asyncio.timeout(20):
            while len(judge.Books(stage.home).open) < streams:
                await asyncio.sleep(0.05)
        hub.process.send_signal(signal.SIGTERM)
        return list(await asyncio.gather(*calls))

    outcomes = asyncio.run(run())
    assert hub.stop() == 0, hub.log
    books = judge.Books(stage.home)
    books.check()
    assert books.check_outcomes(outcomes, stage.truths(streams)) == streams
