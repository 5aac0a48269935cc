"""`python -m bench.accounting`: what keeping the books costs: the same hub with and without prices, interleaved.

One row each: no price, so nothing is held or charged; priced for an organisation without limit, in each durability.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

import msgspec
import uvloop

from bench.bodies import plain_body
from bench.gateways import HUB_CONFIG, HUB_MODEL, UPSTREAM_NAME, hub_key
from bench.install import PROJECT
from bench.load import closed_loop
from bench.measure import cpu_us, percentile
from bench.servers import Server, Target, first_answer, free_ports, running
from bench.upstream import FIXED_MODEL

START_LIMIT_S = 60.0
WARM_S = 0.5
GRACE_S = 0.3
CLIENTS = (1, 32)
COMMAND = str(Path(sys.executable).with_name("entrepot"))


class Hub(msgspec.Struct, frozen=True):
    """One running hub and how it is called."""

    name: str
    server: Server
    target: Target
    samples: dict[str, list[float]]


@contextmanager
def hubs(root: Path) -> Iterator[list[Hub]]:
    with ExitStack() as stack:
        (upstream_port,) = free_ports(1)
        argv = [sys.executable, "-m", "bench.upstream", str(upstream_port), FIXED_MODEL]
        upstream = stack.enter_context(running(argv, cwd=root, env={"PYTHONPATH": str(PROJECT)}))
        first_answer(upstream, Target(port=upstream_port, model=""), b"{}", timeout_s=START_LIMIT_S)
        kinds = [
            ("no price", False, "power-cut"),
            ("power-cut", True, "power-cut"),
            ("process-crash", True, "process-crash"),
        ]
        yield [
            _hub(stack, root / name.replace(" ", "-"), name, upstream_port, settings)
            for name, priced, durability in kinds
            for settings in [_settings(upstream_port, durability, priced=priced)]
        ]


def _settings(upstream_port: int, durability: str, *, priced: bool) -> str:
    url = f"http://127.0.0.1:{upstream_port}/v1"
    model = HUB_MODEL.format(provider="fixed", upstream=UPSTREAM_NAME)
    if not priced:
        model = "".join(line for line in model.splitlines(keepends=True) if not line.startswith("price"))
    return f'[ledger]\ndurability = "{durability}"\n' + HUB_CONFIG.format(fixed=url, paced=url) + model


def _hub(stack: ExitStack, home: Path, name: str, upstream_port: int, settings: str) -> Hub:
    home.mkdir()
    (home / "entrepot.toml").write_text(settings)
    headers = {"authorization": f"Bearer {hub_key(COMMAND, home / 'data')}"}
    (port,) = free_ports(1)
    argv = [
        COMMAND,
        "serve",
        "--home",
        str(home / "data"),
        "--config",
        str(home / "entrepot.toml"),
        "--port",
        str(port),
    ]
    server = stack.enter_context(running(argv, cwd=home))
    target = Target(port=port, model=FIXED_MODEL, headers=headers)
    first_answer(server, target, plain_body(FIXED_MODEL), timeout_s=START_LIMIT_S)
    return Hub(name, server, target, {})


async def measure(hub: Hub, window_s: float) -> None:
    for clients in CLIENTS:
        before_us = cpu_us(hub.server.session)
        calls = await closed_loop(
            hub.target, plain_body(FIXED_MODEL), clients=clients, warm_s=WARM_S, window_s=window_s
        )
        await asyncio.sleep(GRACE_S)
        if calls.errors or not calls.latencies_ms:
            raise SystemExit(f"{hub.name}: {calls.errors} calls failed: {hub.server.log.read_text()[-500:]}")
        found = {
            "µs/call": (cpu_us(hub.server.session) - before_us) / calls.made,
            "p50 ms": percentile(calls.latencies_ms, 50),
            "calls/s": calls.per_s,
        }
        for figure, value in found.items():
            hub.samples.setdefault(f"{figure}, {clients} clients", []).append(value)


def table(entrants: Sequence[Hub]) -> str:
    rows = [["", *(hub.name for hub in entrants)]]
    for figure in entrants[0].samples:
        rows.append([figure, *(f"{median(hub.samples[figure]):.4g}" for hub in entrants)])
    return "\n".join("  ".join(cell.rjust(20) for cell in row) for row in rows)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.accounting", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0, help="of each measurement")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as root, hubs(Path(root)) as entrants:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            for _ in range(asked.rounds):
                for hub in entrants:
                    runner.run(measure(hub, asked.seconds))
        print(table(entrants))


if __name__ == "__main__":
    main()
