"""Windows of time in query strings: `from` and `until`, or `start` and `end`, or a `period`."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import msgspec
from starlette.requests import Request

from entrepot.api.times import time_ms
from entrepot.books import now_ms
from entrepot.errors import InvalidRequest

DAY_MS = 86_400_000
DEFAULT_MS = 30 * DAY_MS
LONGEST_MS = 92 * DAY_MS  # of a period, and from start to end

_PERIOD = re.compile(r"([1-9]\d{0,3})([hd])", re.ASCII)


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """[from_ms, until_ms), which was asked for by these names."""

    from_ms: int
    until_ms: int
    names: tuple[str, str] = ("from", "until")

    @property
    def resolved(self) -> dict[str, str]:
        """Its ends as they are told. Raises InvalidRequest for one outside of the calendar."""
        first, last = self.names
        return {first: _iso(self.from_ms, first), last: _iso(self.until_ms, first)}


def window_of(request: Request) -> Window:
    """What the query asks for; the last 30 days when it asks for none. Raises InvalidRequest."""
    query = request.query_params
    given = [name for name in ("period", "start", "end", "from", "until") if name in query]
    if "period" in given:
        _require(given == ["period"], "'period' goes with no other bound.", "period")
        return _period(query["period"])
    if "start" in given or "end" in given:
        _require(given == ["start", "end"], "'start' and 'end' go together, and with no other bound.", "start")
        window = _between(request, "start", "end", 0, 0)
        _require(window.until_ms - window.from_ms <= LONGEST_MS, "A window has at most 92 days.", "start")
        return window
    until_ms = time_ms(request, "until", now_ms() + 1)
    return _between(request, "from", "until", until_ms - DEFAULT_MS, until_ms)


def _between(request: Request, first: str, last: str, from_ms: int, until_ms: int) -> Window:
    window = Window(
        from_ms=time_ms(request, first, from_ms), until_ms=time_ms(request, last, until_ms), names=(first, last)
    )
    _require(window.from_ms < window.until_ms, f"'{first}' must be before '{last}'.", first)
    return window


def _period(text: str) -> Window:
    match = _PERIOD.fullmatch(text)
    length_ms = int(match[1]) * (DAY_MS if match[2] == "d" else DAY_MS // 24) if match else 0
    _require(
        0 < length_ms <= LONGEST_MS, "'period' is a number of hours or days such as 24h or 7d, 92d at most.", "period"
    )
    until_ms = now_ms() + 1
    return Window(from_ms=until_ms - length_ms, until_ms=until_ms, names=("start", "end"))


def _require(holds: bool, message: str, param: str) -> None:
    if not holds:
        raise InvalidRequest(message, param=param, code="invalid_value")


def _iso(time_ms: int, param: str) -> str:
    try:
        return datetime.fromtimestamp(time_ms / 1000, UTC).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError):
        raise InvalidRequest("The window is outside the calendar.", param=param, code="invalid_value") from None
