"""The ordeals of tests/acceptance/test_crashes.py at length. Run by `make soak`."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support import crashing, ordeals
from tests.support.ordeals import Stage

KILLS = 300
MIXED_CALLS = 10_000
STREAMS = 200


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with ordeals.stage(tmp_path) as made:
        yield made


@pytest.mark.parametrize("seed", [1])
def test_kills_at_random(stage: Stage, seed: int) -> None:
    assert ordeals.killed_at_random(stage, random.Random(seed), KILLS) > KILLS


@pytest.mark.parametrize("point", crashing.POINTS)
@pytest.mark.parametrize("round", range(5))
def test_crashes_at_named_points(stage: Stage, point: str, round: int) -> None:
    ordeals.crashed_at(stage, point)


@pytest.mark.parametrize("seed", [1])
def test_a_mixture(stage: Stage, seed: int) -> None:
    assert ordeals.mixture(stage, random.Random(seed), MIXED_CALLS) > MIXED_CALLS // 5


def test_a_drain(stage: Stage) -> None:
    ordeals.drained(stage, STREAMS)
