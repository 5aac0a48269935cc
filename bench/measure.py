"""Processor time and memory of a server's whole process tree, read from /proc, and the figures made of samples."""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self

import msgspec

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
PSS_KB = re.compile(r"^Pss: +(\d+) kB", re.MULTILINE)
RSS_KB = re.compile(r"^VmRSS:\s+(\d+) kB", re.MULTILINE)


class ProcessStat(msgspec.Struct, frozen=True):
    """One line of /proc/PID/stat. `cpu_ticks` includes children that have ended and been waited for."""

    pid: int
    session: int
    cpu_ticks: int


def parse_stat(line: str) -> ProcessStat:
    """The name in parentheses may itself hold spaces and parentheses: fields count from the last one."""
    pid, _, _ = line.partition(" ")
    fields = line[line.rindex(")") + 2 :].split()
    return ProcessStat(int(pid), int(fields[3]), sum(map(int, fields[11:15])))


def tree(session: int | None) -> Iterator[ProcessStat]:
    """Every process of a session, which outlives re-parenting as a chain of parents does not; none for None."""
    if session is None:
        return
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = parse_stat((entry / "stat").read_text())
        except (FileNotFoundError, ProcessLookupError):
            continue
        if stat.session == session:
            yield stat


def cpu_us(session: int | None) -> float:
    """Processor time, user and system, used so far by the session's processes."""
    return sum(stat.cpu_ticks for stat in tree(session)) * 1_000_000 / TICKS_PER_S


def memory_mb(session: int | None) -> float:
    """Proportional set size, so that pages shared between workers count once; resident size where that is hidden."""
    return sum(_process_kb(stat.pid) for stat in tree(session)) / 1024


def _process_kb(pid: int) -> int:
    for name, pattern in (("smaps_rollup", PSS_KB), ("status", RSS_KB)):
        try:
            found = pattern.search(Path(f"/proc/{pid}/{name}").read_text())
        except OSError:
            continue
        if found:
            return int(found[1])
    return 0


class PeakMemory:
    """Samples a tree's memory beside the load: `async with PeakMemory(session) as peak: …; peak.mb`."""

    def __init__(self, session: int | None, every_s: float = 0.5) -> None:
        self._session = session
        self._every_s = every_s
        self.mb = 0.0

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        self._sample()

    async def _watch(self) -> None:
        while True:
            self._sample()
            await asyncio.sleep(self._every_s)

    def _sample(self) -> None:
        self.mb = max(self.mb, memory_mb(self._session))


def percentile(samples: Sequence[float], percent: float) -> float:
    """Nearest-rank percentile. Raises ValueError without samples."""
    if not samples:
        raise ValueError("no samples")
    ordered = sorted(samples)
    rank = -(-percent * len(ordered) // 100)
    return ordered[max(int(rank), 1) - 1]


class MachineUse:
    """The share of the machine that others than this process and these sessions use, from now until asked."""

    def __init__(self, sessions: Sequence[int]) -> None:
        self._sessions = sessions
        self._start = self._read()

    def foreign_percent(self) -> float:
        total, foreign = (now - before for now, before in zip(self._read(), self._start, strict=True))
        return 100 * max(foreign, 0) / max(total, 1)

    def _read(self) -> tuple[float, float]:
        """Ticks of all cores so far, and those neither idle nor ours."""
        fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
        ticks = list(map(int, fields))
        idle = ticks[3] + ticks[4]
        own_s = time.process_time() + sum(map(cpu_us, self._sessions)) / 1_000_000
        return sum(ticks), sum(ticks) - idle - own_s * TICKS_PER_S
