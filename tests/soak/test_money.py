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
CRASHES_AT_EACH_POINT = 5
OPEN = 10_000


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with ordeals.stage(tmp_path) as made:
        yield made


@pytest.mark.parametrize("seed", [1])
def test_kills_at_random(stage: Stage, seed: int) -> None:
    assert ordeals.killed_at_random(stage, random.Random(seed), KILLS) > KILLS


@pytest.mark.parametrize("seed", [1])
def test_crashes_at_every_named_point_under_a_mixed_load(stage: Stage, seed: int) -> None:
    chance = random.Random(seed)
    for round in range(CRASHES_AT_EACH_POINT):
        for point in chance.sample(list(crashing.POINTS), len(crashing.POINTS)):
            ordeals.crashed_at(stage, point, chance, name=f"{point}-{round}-")


def test_a_start_after_many_calls_were_cut_off(stage: Stage) -> None:
    assert ordeals.left_open(stage, OPEN) < 2 * OPEN / 2000


@pytest.mark.parametrize("seed", [1])
def test_a_mixture(stage: Stage, seed: int) -> None:
    assert ordeals.mixture(stage, random.Random(seed), MIXED_CALLS) > MIXED_CALLS // 5


def test_a_drain(stage: Stage) -> None:
    ordeals.drained(stage, STREAMS)
