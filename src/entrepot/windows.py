"""Amounts taken within a span of time: any minute, or a period of the calendar. Pure.

Minutes are any 60 seconds, not those of the clock, so that an edge lets nobody through twice. Days, weeks (from Monday)
and months are those of the calendar in UTC.
"""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime, timedelta

import msgspec

from entrepot.rules import Period

MINUTE_S = 60.0


class Now(msgspec.Struct, frozen=True):
    """The same instant on the monotonic clock, for durations, and on the wall's, for the calendar."""

    monotonic_s: float
    wall: datetime


def window_start(period: Period, wall: datetime) -> datetime:
    """The beginning of the calendar period that holds `wall`, in UTC."""
    day = wall.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    match period:
        case "day":
            return day
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "total":
            return datetime(1970, 1, 1, tzinfo=UTC)


def window_end(period: Period, wall: datetime) -> datetime | None:
    """The moment at which the period begins anew; None for the one that never does."""
    start = window_start(period, wall)
    match period:
        case "day":
            return start + timedelta(days=1)
        case "week":
            return start + timedelta(days=7)
        case "month":
            return (start + timedelta(days=32)).replace(day=1)
        case "total":
            return None


class Taken:
    """An amount that a call has taken of a bound, to be corrected when the call ends."""

    __slots__ = ("amount", "since")

    def __init__(self, since: float | datetime, amount: int) -> None:
        self.since = since
        self.amount = amount


class Sliding:
    """Amounts taken within the last minute. A bound holds over every span of that length."""

    __slots__ = ("_taken", "_total")

    def __init__(self) -> None:
        self._taken: deque[tuple[float, Taken]] = deque()  # by the moment they were taken, oldest first
        self._total = 0

    def total(self, now: Now) -> int:
        while self._taken and now.monotonic_s - self._taken[0][0] >= MINUTE_S:
            self._total -= self._taken.popleft()[1].amount
        return self._total

    def take(self, now: Now, amount: int) -> Taken:
        taken = Taken(now.monotonic_s, amount)
        self._taken.append((now.monotonic_s, taken))
        self._total += amount
        return taken

    def correct(self, taken: Taken, amount: int) -> None:
        """Put another amount in the place of what was taken; too late once its minute is over."""
        if self._taken and taken.since >= self._taken[0][0]:  # type: ignore[operator]  # both are seconds
            self._total += amount - taken.amount
            taken.amount = amount

    def held(self, now: Now) -> int:
        return 0  # what is corrected gives room at once

    def free_in_s(self, now: Now, amount: int, limit: int) -> float:
        """Seconds until `amount` fits under `limit`, or until all is free where it never will."""
        excess, wait_s = self.total(now) + amount - limit, 0.0
        for taken_s, taken in self._taken:
            if excess <= 0:
                break
            excess -= taken.amount
            wait_s = taken_s + MINUTE_S - now.monotonic_s
        return wait_s

    def whole_in_s(self, now: Now) -> float:
        """Seconds until nothing is taken: looked for from the newest on, since every answer tells it."""
        last_s = next((taken_s for taken_s, taken in reversed(self._taken) if taken.amount), None)
        return 0.0 if last_s is None else max(0.0, last_s + MINUTE_S - now.monotonic_s)


class Calendar:
    """An amount that begins anew with every period. A clock that is set back does not bring an old period back."""

    __slots__ = ("_amount", "_held", "_period", "_start")

    def __init__(self, period: Period, start: datetime) -> None:
        self._period = period
        self._start = start
        self._amount = 0
        self._held = 0  # of the amount, what has not been corrected yet

    def total(self, now: Now) -> int:
        start = window_start(self._period, now.wall)
        if start > self._start:
            self._start, self._amount, self._held = start, 0, 0
        return self._amount

    def take(self, now: Now, amount: int) -> Taken:
        self.total(now)
        self._amount += amount
        self._held += amount
        return Taken(self._start, amount)

    def correct(self, taken: Taken, amount: int) -> None:
        """Put another amount in the place of what was taken, in the period it was taken from."""
        if taken.since == self._start:
            self._amount += amount - taken.amount
            self._held -= taken.amount

    def held(self, now: Now) -> int:
        self.total(now)
        return self._held

    def free_in_s(self, now: Now, amount: int, limit: int) -> float:
        end = window_end(self._period, now.wall)
        return 0.0 if end is None or self.total(now) + amount <= limit else (end - now.wall).total_seconds()

    def whole_in_s(self, now: Now) -> float:
        return self.free_in_s(now, 0, 0)
