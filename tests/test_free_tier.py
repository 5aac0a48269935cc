"""The free tier of a day: what fits, what a call gives back, and that a new day begins anew."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from entrepot.free_tier import FreeDays, FreeUse
from entrepot.tariff import FreeTier
from entrepot.windows import Now

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def at(seconds: float) -> Now:
    return Now(1000.0 + seconds, NOON + timedelta(seconds=seconds))


def tier(**bounds: Any) -> FreeTier:
    return FreeTier(models=("*",), **bounds)


@pytest.mark.parametrize("bounds", [{"requests_per_day": 3}, {"tokens_per_day": 35}])
def test_calls_are_free_as_long_as_they_fit(bounds: dict[str, int]) -> None:
    days = FreeDays({}, at(0))
    for _ in range(3):
        assert days.fits("org", tier(**bounds), 10, at(0))
        days.take("org", 10, at(0))
    assert not days.fits("org", tier(**bounds), 10, at(0))
    assert days.fits("other", tier(**bounds), 10, at(0))
    assert days.fits("org", tier(**bounds), 10, at(12 * 3600))


def test_a_failed_call_gives_all_of_it_back() -> None:
    days, one = FreeDays({}, at(0)), tier(requests_per_day=1, tokens_per_day=10)
    days.take("org", 10, at(0)).correct(FreeUse(requests=0, tokens=0))
    assert days.fits("org", one, 10, at(1))
    days.take("org", 10, at(1)).correct(FreeUse(requests=1, tokens=4))
    assert not days.fits("org", one, 1, at(2))
    assert days.fits("org", tier(tokens_per_day=10), 6, at(2))
    assert not days.fits("org", tier(tokens_per_day=10), 7, at(2))


def test_a_start_begins_with_what_was_used() -> None:
    days = FreeDays({"org": FreeUse(requests=2, tokens=50)}, at(0))
    assert days.fits("org", tier(requests_per_day=3), 1, at(0))
    assert not days.fits("org", tier(requests_per_day=2), 1, at(0))
    assert not days.fits("org", tier(tokens_per_day=50), 1, at(0))


def test_a_tier_without_bounds_has_no_end() -> None:
    assert FreeDays({"org": FreeUse(requests=10**9, tokens=10**15)}, at(0)).fits("org", tier(), 10**9, at(0))
