"""Times on the command line: ages, days, moments."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from entrepot.cli.times import DAY_MS, age, since_ms, time_option
from entrepot.errors import InvalidRequest


@pytest.mark.parametrize(
    ("text", "length"), [("30m", timedelta(minutes=30)), ("12h", timedelta(hours=12)), ("7d", timedelta(days=7))]
)
def test_an_age_is_a_number_and_a_unit(text: str, length: timedelta) -> None:
    assert age(text) == length
    found = time_option(text)
    assert found is not None
    assert abs(found - datetime.now(UTC) - length) < timedelta(seconds=5)


def test_a_time_without_a_zone_is_in_utc() -> None:
    assert time_option("2027-01-01") == datetime(2027, 1, 1, tzinfo=UTC)
    assert time_option(None) is None


def test_days_are_counted_back_from_now() -> None:
    assert abs(time.time_ns() // 1_000_000 - since_ms(2) - 2 * DAY_MS) < 5000


@pytest.mark.parametrize("text", ["", "7w", "soon", "-1d", "1.5h"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest):
        age(text)
    with pytest.raises(InvalidRequest):
        time_option(text)
