"""`python -m bench`: installs the peers, starts everything on loopback, measures, prints and saves the tables."""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import shlex
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import uvloop

from bench import nginx, report, scenario
from bench.bodies import plain_body
from bench.gateways import GATEWAYS, Gateway, Launch, Site
from bench.install import PROJECT, nginx_binary
from bench.measure import MachineUse
from bench.report import DIRECT, Result, Run
from bench.scenario import Entrant, Plan
from bench.servers import Absent, Server, Target, first_answer, free_ports, running
from bench.upstream import FIXED_MODEL, PACED_MODEL

CACHE = PROJECT / ".bench"
RESULTS = PROJECT / "bench/results/latest.json"
START_LIMIT_S = 60.0
SETTLE_S = 2.0


class Stage:
    """The upstreams, the directories and every process of one run. Leaving `stack` ends them all."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        self.sessions: list[int] = []
        self.fixed_port, self.paced_port = free_ports(2)
        self._start_own(self.paced_port, PACED_MODEL)
        self._start_fixed()

    def directory(self) -> Path:
        return Path(tempfile.mkdtemp(dir=self._root))

    def _start_fixed(self) -> None:
        try:
            home = self.directory()
            argv = nginx.fixed_upstream_argv(nginx_binary(CACHE), home, self.fixed_port)
        except Absent:
            self._start_own(self.fixed_port, FIXED_MODEL)
        else:
            self._start_upstream(argv, home, self.fixed_port)

    def _start_own(self, port: int, model: str) -> None:
        argv = [sys.executable, "-m", "bench.upstream", str(port), model]
        self._start_upstream(argv, self.directory(), port)

    def _start_upstream(self, argv: Sequence[str], home: Path, port: int) -> None:
        server = self._stack.enter_context(running(argv, cwd=home, env={"PYTHONPATH": str(PROJECT)}))
        self.sessions.append(server.session)
        first_answer(server, Target(port=port, model=""), b"{}", timeout_s=START_LIMIT_S)

    def direct(self) -> Entrant:
        fixed = Target(port=self.fixed_port, model=FIXED_MODEL)
        return Entrant(DIRECT, fixed, Target(port=self.paced_port, model=PACED_MODEL))

    def enter(self, gateway: Gateway, starts: int, result: Result) -> Entrant:
        """Starts it `starts` times for the clock and once more to stay. The very first start only warms the disk."""
        environment = gateway.install(CACHE)
        if gateway.weigh is not None:
            footprint = gateway.weigh(environment)
            result.add({"packages": footprint.packages, "package_mb": footprint.mb})
        for number in range(starts + 1):
            with ExitStack() as once:
                _, _, start_s = self._start(gateway, environment, once)
            if number > 0:
                result.add({"start_s": start_s})
        launch, server, _ = self._start(gateway, environment, self._stack)
        first_answer(server, launch.paced, plain_body(launch.paced.model), timeout_s=START_LIMIT_S)
        self.sessions.append(server.session)
        return Entrant(gateway.name, launch.fixed, launch.paced, server.session, launch.translates)

    def _start(self, gateway: Gateway, environment: Path, stack: ExitStack) -> tuple[Launch, Server, float]:
        port, spare_port = free_ports(2)
        home = self.directory()
        ports = {"port": port, "spare_port": spare_port, "fixed_port": self.fixed_port, "paced_port": self.paced_port}
        launch = gateway.launch(Site(home=home, environment=environment, **ports))
        server = stack.enter_context(running(launch.argv, cwd=home, env=launch.env))
        body = plain_body(launch.fixed.model)
        return launch, server, first_answer(server, launch.fixed, body, timeout_s=START_LIMIT_S)


def enter_all(stage: Stage, gateways: Sequence[Gateway], plan: Plan, run: Run) -> list[Entrant]:
    entrants = [stage.direct()]
    run.results = [Result(DIRECT)]
    for gateway in gateways:
        say(f"starting {gateway.name}")
        result = Result(gateway.name)
        run.results.append(result)
        try:
            entrants.append(stage.enter(gateway, plan.starts, result))
        except Absent as reason:
            result.absent = str(reason)
            say(f"{gateway.name} is absent: {reason}")
    return entrants


def measure(gateways: Sequence[Gateway], plan: Plan, run: Run) -> None:
    with ExitStack() as stack, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        stage = Stage(stack)
        entrants = enter_all(stage, gateways, plan, run)
        time.sleep(SETTLE_S)
        use = MachineUse(stage.sessions)

        def record(entrant: Entrant, samples: scenario.Samples) -> None:
            run.result(entrant.name).add(samples)
            run.result(entrant.name).errors = entrant.errors
            say(f"{entrant.name}: " + ", ".join(f"{name} {report.number(value)}" for name, value in samples.items()))

        runner.run(scenario.run(entrants, plan, record))
        run.foreign_percent = use.foreign_percent()


def say(text: str) -> None:
    print(f"{datetime.now():%H:%M:%S} {text}", file=sys.stderr, flush=True)


def arguments() -> argparse.Namespace:
    names = [gateway.name for gateway in GATEWAYS]
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two short rounds instead of five")
    parser.add_argument("--only", help=f"comma-separated part of {','.join(names)}", default=",".join(names))
    parser.add_argument("--out", type=Path, default=RESULTS, help="where the JSON goes; the tables go beside it")
    parsed = parser.parse_args()
    unknown = set(parsed.only.split(",")) - set(names)
    if unknown:
        parser.error(f"unknown gateway {', '.join(sorted(unknown))}")
    return parsed


def find_own_tools() -> None:
    """What setup brought into the environment (uv, Node) is found when the machine has none."""
    os.environ["PATH"] += os.pathsep + str(Path(sys.executable).parent)


def prepare_cache() -> None:
    CACHE.mkdir(exist_ok=True)
    (CACHE / ".gitignore").write_text("*\n")


def allow_many_sockets() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def save(run: Run, out: Path) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(msgspec.json.format(msgspec.json.encode(run), indent=1) + b"\n")
    out.with_suffix(".md").write_text(report.markdown(run))


def main() -> None:
    asked = arguments()
    plan = scenario.QUICK if asked.quick else scenario.FULL
    run = Run(
        started_at=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        command=shlex.join(["python", "-m", "bench", *sys.argv[1:]]),
        plan="quick" if asked.quick else "full",
        cores=len(os.sched_getaffinity(0)),
    )
    # Like Ctrl-C: an exception, so that every process the bench started is ended on the way out.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    find_own_tools()
    prepare_cache()
    allow_many_sockets()
    start_s = time.monotonic()
    chosen = [gateway for gateway in GATEWAYS if gateway.name in asked.only.split(",")]
    measure(chosen, plan, run)
    run.minutes = (time.monotonic() - start_s) / 60
    save(run, asked.out)
    print(report.markdown(run))


if __name__ == "__main__":
    main()
