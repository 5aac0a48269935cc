"""Reading /proc, and the percentiles."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from bench.measure import ProcessStat, cpu_us, memory_mb, parse_stat, percentile, tree


def test_a_process_name_with_spaces_and_parentheses_does_not_shift_the_fields() -> None:
    line = "77 (a) R (b c) S 1 70 60 0 -1 4194304 9 9 9 9 100 20 3 4 20 0 1 0 0"
    assert parse_stat(line) == ProcessStat(pid=77, session=60, cpu_ticks=127)


def test_a_session_holds_the_children_of_its_leader() -> None:
    nested = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'input()'])"
    with subprocess.Popen([sys.executable, "-c", nested], stdin=subprocess.PIPE, start_new_session=True) as leader:
        try:
            while len(list(tree(leader.pid))) < 2:
                assert leader.poll() is None
            assert memory_mb(leader.pid) > 0
        finally:
            os.killpg(leader.pid, 9)


def test_nothing_is_measured_without_a_session() -> None:
    assert (cpu_us(None), memory_mb(None)) == (0, 0)


@pytest.mark.parametrize(
    ("percent", "expected"),
    [(50, 50.0), (99, 99.0), (100, 100.0), (0, 1.0)],
)
def test_percentiles_are_nearest_rank(percent: float, expected: float) -> None:
    assert percentile([float(number) for number in range(100, 0, -1)], percent) == expected


def test_no_samples_have_no_percentile() -> None:
    with pytest.raises(ValueError, match="no samples"):
        percentile([], 50)
