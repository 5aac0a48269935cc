"""Windows: where periods of the calendar begin and end, and what is left of what was taken in them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.rules import Period
from entrepot.windows import MINUTE_S, Calendar, Now, Sliding, window_end, window_start

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)  # a Friday


def at(seconds: float) -> Now:
    return Now(1000.0 + seconds, NOON + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        ("day", datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC)),
        ("week", datetime(2026, 11, 16, tzinfo=UTC), datetime(2026, 11, 23, tzinfo=UTC)),
        ("month", datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)),
        ("total", datetime(1970, 1, 1, tzinfo=UTC), None),
    ],
)
def test_periods_are_those_of_the_calendar(period: Period, start: datetime, end: datetime | None) -> None:
    assert (window_start(period, NOON), window_end(period, NOON)) == (start, end)
    assert window_start(period, start) == start
    if end is not None:
        assert window_start(period, end) == end
        assert window_end(period, end - timedelta(microseconds=1)) == end


def test_december_ends_with_the_year() -> None:
    assert window_end("month", datetime(2026, 12, 31, 23, tzinfo=UTC)) == datetime(2027, 1, 1, tzinfo=UTC)


def test_the_calendar_is_utcs_wherever_the_clock_stands() -> None:
    east = datetime(2026, 11, 20, 3, tzinfo=timezone(timedelta(hours=9)))
    assert window_start("day", east) == datetime(2026, 11, 19, tzinfo=UTC)
    assert window_start("day", east).utcoffset() == timedelta(0)
    assert window_end("total", NOON) is None


def test_what_was_taken_a_minute_ago_is_whole_again() -> None:
    window = Sliding()
    window.take(at(0), 7)
    later = window.take(at(30), 5)
    assert (window.total(at(59)), window.total(at(MINUTE_S))) == (12, 5)
    window.correct(later, 2)
    assert (window.total(at(61)), window.total(at(90)), window.held(at(61))) == (2, 0, 0)


@given(st.lists(st.tuples(st.floats(0, 50), st.integers(0, 3)), max_size=8), st.floats(0, 120))
def test_a_minute_is_whole_when_the_last_of_it_is_over(calls: list[tuple[float, int]], waited_s: float) -> None:
    window, seconds = Sliding(), 0.0
    for gap_s, amount in calls:
        seconds += gap_s
        window.take(at(seconds), amount)
    now = at(seconds + waited_s)
    assert window.whole_in_s(now) == window.free_in_s(now, 0, 0)


def test_what_was_taken_in_a_period_stays_there() -> None:
    window = Calendar("day", window_start("day", NOON))
    taken = window.take(at(0), 7)
    assert (window.total(at(1)), window.held(at(1))) == (7, 7)
    tomorrow = at(12 * 3600)
    window.take(tomorrow, 5)
    window.correct(taken, 1)
    assert (window.total(tomorrow), window.held(tomorrow)) == (5, 5)
