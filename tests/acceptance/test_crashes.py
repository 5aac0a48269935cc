"""Money outlives the hub: killed at random and at named points, drained, and asked in every way at once.

The same at length is `make soak`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support import crashing, ordeals
from tests.support.ordeals import Stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with ordeals.stage(tmp_path) as made:
        yield made


def test_kills_at_random_lose_and_double_nothing(stage: Stage) -> None:
    ordeals.killed_at_random(stage, random.Random(7), rounds=4)


@pytest.mark.parametrize("point", crashing.POINTS)
def test_a_crash_at_a_named_point_loses_and_doubles_nothing(stage: Stage, point: str) -> None:
    ordeals.crashed_at(stage, point)


def test_a_start_closes_all_that_is_open_within_two_seconds(stage: Stage) -> None:
    assert ordeals.left_open(stage, 2000) < 2


def test_successes_failures_and_disconnects_add_up(stage: Stage) -> None:
    assert ordeals.mixture(stage, random.Random(3), 300) > 50


def test_a_hub_told_to_stop_settles_its_streams_first(stage: Stage) -> None:
    ordeals.drained(stage, 40)
