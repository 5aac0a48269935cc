"""The disk: what a full or failing one does to paid calls, and that money waits for it. Run against real files."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from tests.support import disks, judge, ordeals
from tests.support.caller import Outcome, call
from tests.support.hub import Hub, eventually
from tests.support.ordeals import Stage
from tests.support.truth_upstream import Order

CALLS = 10


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with ordeals.stage(tmp_path) as made:
        yield made


@contextmanager
def traced(hub: Hub, log: Path, *options: str) -> Iterator[None]:
    """strace on the hub's syncs; skips the test where that cannot be."""
    if shutil.which("strace") is None:
        pytest.skip("there is no strace here")
    attach = ["strace", "-f", "-p", str(hub.process.pid), "-o", str(log), "-e", "trace=fsync,fdatasync", *options]
    tracer = subprocess.Popen(attach, stderr=subprocess.PIPE, text=True)
    assert tracer.stderr is not None
    try:
        told = tracer.stderr.readline()
        if "attached" not in told:
            pytest.skip(f"strace may not attach here: {told.strip()}")
        yield
    finally:
        tracer.terminate()
        tracer.wait()
        tracer.stderr.close()


def ask(hub: Hub, name: str, *, late_ms: int = 0) -> Outcome:
    return asyncio.run(call(hub.port, hub.tokens.live, Order(id=name, late_ms=late_ms), stream=False))


def check_refusal(stage: Stage, hub: Hub, refusing: AbstractContextManager[None]) -> None:
    """No paid call begins while the disk refuses, one under way is delivered, and all goes on afterwards."""

    async def run() -> list[Outcome]:
        order = Order(id="running", words=20, gap_ms=100)
        running = asyncio.create_task(call(hub.port, hub.tokens.live, order, stream=True))
        async with asyncio.timeout(10):
            while not judge.Books(stage.home).open:
                await asyncio.sleep(0.02)
        with refusing:
            refused = await call(hub.port, hub.tokens.live, Order(id="refused"), stream=False)
            return [await running, refused]

    running, refused = asyncio.run(run())
    assert refused.status == 503
    assert running.whole
    eventually(lambda: ask(hub, "retried").whole, 10)
    after = ask(hub, "after")
    eventually(lambda: not judge.Books(stage.home).open, 10)
    assert hub.stop() == 0, hub.log
    books = judge.Books(stage.home)
    books.check()
    assert books.check_outcomes([running, refused, after], stage.truths()) == 2


def test_files_that_cannot_grow(stage: Stage) -> None:
    hub = stage.hub()
    check_refusal(stage, hub, disks.limited(hub))


def test_a_disk_without_room(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with disks.tiny(home), ordeals.stage(tmp_path) as stage:
        hub = stage.hub()
        check_refusal(stage, hub, disks.filled(home))
        assert "FullError" in hub.log


@pytest.mark.parametrize("what", ["sync", "write"])
def test_a_broken_disk(stage: Stage, tmp_path: Path, what: str) -> None:
    disk = disks.Failing(tmp_path)
    hub = stage.hub(environ=disk.environ)
    check_refusal(stage, hub, disk.at(what))
    assert "IOError" in hub.log


@pytest.mark.parametrize(("late_ms", "syncs"), [(0, CALLS), (100, 2 * CALLS)])
def test_every_call_waits_for_the_disk_and_one_that_takes_long_already_when_it_begins(
    stage: Stage, tmp_path: Path, late_ms: int, syncs: int
) -> None:
    hub, log = stage.hub(), tmp_path / "strace.log"
    with traced(hub, log):
        assert all(ask(hub, f"s{number}", late_ms=late_ms).whole for number in range(CALLS))
    hub.stop()
    assert log.read_text("utf-8").count("sync(") >= syncs


def test_with_less_durability_only_the_process_may_fail(stage: Stage, tmp_path: Path) -> None:
    hub, log = stage.hub(environ={"ENTREPOT_LEDGER_DURABILITY": "process-crash"}), tmp_path / "strace.log"
    with traced(hub, log):
        outcomes = [ask(hub, f"s{number}") for number in range(CALLS)]
    hub.kill()
    assert log.read_text("utf-8").count("sync(") < CALLS
    ordeals.check_after_restart(stage, outcomes)
