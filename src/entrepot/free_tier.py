"""The free tier: what organisations have used of it today, and whether one more call fits. Pure.

As in `limits`, everything happens between two awaits of the event loop. A call that fails gives all of it back.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from entrepot.tariff import FreeTier
from entrepot.windows import Calendar, Now, window_start


class FreeUse(msgspec.Struct, frozen=True, kw_only=True):
    """What has been used for nothing."""

    requests: int
    tokens: int


class _Day:
    """One organisation's use of one day."""

    __slots__ = ("requests", "tokens")

    def __init__(self, now: Now, use: FreeUse) -> None:
        start = window_start("day", now.wall)
        self.requests, self.tokens = Calendar("day", start), Calendar("day", start)
        self.requests.take(now, use.requests)
        self.tokens.take(now, use.tokens)


class FreeCall:
    """What one call has taken of its organisation's day."""

    __slots__ = ("_day", "_requests", "_tokens")

    def __init__(self, day: _Day, tokens: int, now: Now) -> None:
        self._day = day
        self._requests = day.requests.take(now, 1)
        self._tokens = day.tokens.take(now, tokens)

    def correct(self, use: FreeUse) -> None:
        """The call has ended, and this is what it has used."""
        self._day.requests.correct(self._requests, use.requests)
        self._day.tokens.correct(self._tokens, use.tokens)


class FreeDays:
    """Use by organisation. It begins with what the store knows of the day."""

    def __init__(self, used: Mapping[str, FreeUse], now: Now) -> None:
        self._days = {id: _Day(now, use) for id, use in used.items()}

    def fits(self, organisation_id: str, tier: FreeTier, tokens: int, now: Now) -> bool:
        """Whether one more call of so many tokens stays within the tier."""
        day = self._days.get(organisation_id)
        requests, used_tokens = (day.requests.total(now), day.tokens.total(now)) if day else (0, 0)
        return (tier.requests_per_day is None or requests < tier.requests_per_day) and (
            tier.tokens_per_day is None or used_tokens + tokens <= tier.tokens_per_day
        )

    def take(self, organisation_id: str, tokens: int, now: Now) -> FreeCall:
        day = self._days.get(organisation_id)
        if day is None:
            day = self._days[organisation_id] = _Day(now, FreeUse(requests=0, tokens=0))
        return FreeCall(day, tokens, now)
