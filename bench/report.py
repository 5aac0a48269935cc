"""From samples to tables: ratios first, then the goals, then every figure. No measuring, no files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import median

import msgspec

HUB = "hub"
DIRECT = "direct"
NONE = "–"
QUIET_PERCENT = 10


class Result(msgspec.Struct):
    """One row of the bench: its samples by metric, or why it is absent."""

    name: str
    samples: dict[str, list[float]] = {}
    errors: int = 0
    absent: str | None = None

    def add(self, samples: Mapping[str, float]) -> None:
        for metric, value in samples.items():
            self.samples.setdefault(metric, []).append(value)

    def value(self, metric: str) -> float | None:
        """The median over the rounds."""
        return median(self.samples[metric]) if self.samples.get(metric) else None


class Run(msgspec.Struct, kw_only=True):
    """A whole bench. `foreign_percent` is the part of the machine that processes outside the bench used."""

    started_at: str
    command: str
    plan: str
    cores: int
    minutes: float = 0.0
    foreign_percent: float = 0.0
    results: list[Result] = []

    def result(self, name: str) -> Result:
        return next((each for each in self.results if each.name == name), Result(name))

    def value(self, name: str, metric: str) -> float | None:
        return self.result(name).value(metric)

    def ratio(self, name: str, peer: str, metric: str) -> float | None:
        ours, theirs = self.value(name, metric), self.value(peer, metric)
        return ours / theirs if ours is not None and theirs else None

    def share(self, name: str, metric: str, other: str) -> float | None:
        """One figure of a gateway as a multiple of another of its own: the median over rounds, that others' load
        changes from one to the next."""
        samples = self.result(name).samples
        pairs = zip(samples.get(metric, []), samples.get(other, []), strict=False)
        ratios = [ours / base for ours, base in pairs if base]
        return median(ratios) if ratios else None

    def added(self, name: str, metric: str) -> float | None:
        """The median over rounds of what came on top of the direct call of the same round."""
        pairs = zip(
            self.result(name).samples.get(metric, []), self.result(DIRECT).samples.get(metric, []), strict=False
        )
        differences = [ours - direct for ours, direct in pairs]
        return median(differences) if differences else None


# Goals --------------------------------------------------------------------------------------------


class Goal(msgspec.Struct, frozen=True):
    """`bound` is the highest figure that meets the goal, or the lowest where `at_least`."""

    title: str
    bound: float
    measure: Callable[[Run], float | None]
    unit: str = ""
    at_least: bool = False

    @property
    def text(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {number(self.bound)} {self.unit}".rstrip()

    def verdict(self, run: Run) -> str:
        value = self.measure(run)
        if value is None:
            return "not measured"
        return "met" if (value >= self.bound if self.at_least else value <= self.bound) else "missed"


def _ratio(peer: str, metric: str) -> Callable[[Run], float | None]:
    return lambda run: run.ratio(HUB, peer, metric)


def _of_own(metric: str, untranslated: str) -> Callable[[Run], float | None]:
    return lambda run: run.share(HUB, metric, untranslated)


def _added(metric: str) -> Callable[[Run], float | None]:
    return lambda run: run.added(HUB, metric)


def _value(metric: str) -> Callable[[Run], float | None]:
    return lambda run: run.value(HUB, metric)


GOALS = (
    Goal("processor time per call ÷ smg", 2.5, _ratio("smg", "cpu_us_per_call")),
    Goal("processor time per call ÷ LiteLLM", 1 / 40, _ratio("LiteLLM", "cpu_us_per_call")),
    Goal("processor time per streamed event ÷ nginx", 3.5, _ratio("nginx", "cpu_us_per_event")),
    Goal("call Messages → Chat ÷ untranslated", 2.0, _of_own("cpu_us_per_messages_call", "cpu_us_per_call")),
    Goal("call Responses → Chat ÷ untranslated", 2.0, _of_own("cpu_us_per_responses_call", "cpu_us_per_call")),
    Goal("event Chat → Messages ÷ untranslated", 2.5, _of_own("cpu_us_per_messages_event", "cpu_us_per_chat_event")),
    Goal("event Chat → Responses ÷ untranslated", 2.5, _of_own("cpu_us_per_responses_event", "cpu_us_per_chat_event")),
    Goal("calls per second at 32 clients ÷ smg", 0.6, _ratio("smg", "per_s_32"), at_least=True),
    Goal("p50 added at one client", 1.0, _added("p50_ms_1"), "ms"),
    Goal("TTFT p99 added, 400 streams", 60, _added("ttft_p99_ms"), "ms"),
    Goal("memory with 1,000 streams", 250, _value("many_streams_mb"), "MB"),
    Goal("5 MB body, time added", 40, _added("large_ms"), "ms"),
    Goal("5 MB body, other streams held up", 50, _added("held_ms"), "ms"),
    Goal("start to first answer", 1.5, _value("start_s"), "s"),
    Goal("memory idle", 90, _value("idle_mb"), "MB"),
    Goal("installed packages", 30, _value("packages")),
)


# Tables -------------------------------------------------------------------------------------------


class Row(msgspec.Struct, frozen=True):
    """One metric as a row. `added` rows show the difference to the direct call."""

    metric: str
    title: str
    added: bool = False


RATIOS = (
    Row("cpu_us_per_call", "processor time per call"),
    Row("cpu_us_per_event", "processor time per streamed event"),
    Row("cpu_us_per_messages_call", "processor time per call, Messages → Chat"),
    Row("cpu_us_per_responses_call", "processor time per call, Responses → Chat"),
    Row("cpu_us_per_messages_event", "processor time per streamed event, Chat → Messages"),
    Row("cpu_us_per_responses_event", "processor time per streamed event, Chat → Responses"),
    Row("per_s_1", "calls per second, 1 client"),
    Row("per_s_32", "calls per second, 32 clients"),
    Row("per_s_256", "calls per second, 256 clients"),
    Row("large_ms", "time of a 5 MB call"),
    Row("idle_mb", "memory idle"),
    Row("many_streams_mb", "memory with 1,000 streams"),
    Row("start_s", "start to first answer"),
    Row("packages", "installed packages"),
    Row("package_mb", "installed size"),
)
FIGURES = (
    Row("cpu_us_per_call", "processor time per call, µs"),
    Row("per_s_1", "calls/s, 1 client"),
    Row("per_s_32", "calls/s, 32 clients"),
    Row("per_s_256", "calls/s, 256 clients"),
    Row("p50_ms_1", "p50 added, 1 client, ms", added=True),
    Row("p99_ms_1", "p99 added, 1 client, ms", added=True),
    Row("p50_ms_32", "p50 added, 32 clients, ms", added=True),
    Row("p99_ms_32", "p99 added, 32 clients, ms", added=True),
    Row("cpu_us_per_event", "processor time per event, 400 streams, µs"),
    Row("cpu_us_per_messages_call", "processor time per call, Messages → Chat, µs"),
    Row("cpu_us_per_responses_call", "processor time per call, Responses → Chat, µs"),
    Row("cpu_us_per_chat_event", "processor time per event, 100 streams, untranslated, µs"),
    Row("cpu_us_per_messages_event", "processor time per event, 100 streams, Chat → Messages, µs"),
    Row("cpu_us_per_responses_event", "processor time per event, 100 streams, Chat → Responses, µs"),
    Row("ttft_p50_ms", "TTFT p50 added, 400 streams, ms", added=True),
    Row("ttft_p99_ms", "TTFT p99 added, 400 streams, ms", added=True),
    Row("gap_p99_ms", "gap between events p99, ms (20 sent)"),
    Row("delay_p99_ms", "delay of an event p99, ms"),
    Row("delivered_percent", "events delivered in time, %"),
    Row("burst_ttft_p99_ms", "TTFT p99 added, 1,000 streams at one instant, ms", added=True),
    Row("large_ms", "5 MB call, added, ms", added=True),
    Row("held_ms", "5 MB call, other streams held up, ms", added=True),
    Row("idle_mb", "memory idle, MB"),
    Row("loaded_mb", "memory at 256 clients, MB"),
    Row("many_streams_mb", "memory with 1,000 streams, MB"),
    Row("after_mb", "memory after all, MB"),
    Row("start_s", "start to first answer, s"),
    Row("packages", "installed packages"),
    Row("package_mb", "installed size, MB"),
)


def markdown(run: Run) -> str:
    return "\n\n".join([_heading(run), _ratios(run), _goals(run), _figures(run), _absent(run)]).rstrip() + "\n"


def _heading(run: Run) -> str:
    heading = (
        f"# Bench of {run.started_at}\n\n"
        f"`{run.command}` — {run.plan} plan, {run.cores} cores, {run.minutes:.1f} minutes. "
        f"Medians of interleaved rounds, everything on loopback. "
        f"Other processes used {run.foreign_percent:.0f} % of the machine meanwhile"
    )
    noisy = run.foreign_percent > QUIET_PERCENT
    return heading + (": trust the ratios, not the times." if noisy else ".")


def _present(run: Run) -> list[str]:
    return [each.name for each in run.results if each.absent is None]


def _ratios(run: Run) -> str:
    peers = [name for name in _present(run) if name not in (HUB, DIRECT)]
    rows = [[row.title, *(_times(run.ratio(HUB, peer, row.metric)) for peer in peers)] for row in RATIOS]
    return "## The hub as a multiple of each peer\n\n" + _table(["", *peers], rows)


def _goals(run: Run) -> str:
    rows = [[goal.title, goal.text, number(goal.measure(run)), goal.verdict(run)] for goal in GOALS]
    return "## Goals\n\n" + _table(["", "goal", "measured", ""], rows)


def _figures(run: Run) -> str:
    names = _present(run)
    rows = [[row.title, *(number(_figure(run, name, row)) for name in names)] for row in FIGURES]
    rows.append(["failed calls and streams", *(str(run.result(name).errors) for name in names)])
    return "## Figures\n\n" + _table(["", *names], rows)


def _figure(run: Run, name: str, row: Row) -> float | None:
    if name == DIRECT and (row.added or row.metric.startswith("cpu_") or row.metric.endswith("_mb")):
        return None
    return run.added(name, row.metric) if row.added else run.value(name, row.metric)


def _absent(run: Run) -> str:
    rows = [f"- {each.name}: absent: {each.absent}" for each in run.results if each.absent is not None]
    return "\n".join(rows)


def _times(ratio: float | None) -> str:
    return NONE if ratio is None else f"{number(ratio)} ×"


def number(value: float | None) -> str:
    """Three significant figures, without an exponent."""
    if value is None:
        return NONE
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2 if abs(value) >= 1 else 3
    return f"{value:,.{digits}f}"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table whose columns also line up as plain text: names left, figures right."""
    cells = [list(heads), *map(list, rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(heads))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join(_line(row, widths) for row in (cells[0], rule, *cells[1:]))


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = (
        cell.rjust(width) if column else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "| " + " | ".join([first, *others]) + " |"
