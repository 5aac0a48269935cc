"""Times as they are given on the command line."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta

from entrepot.errors import InvalidRequest

DAY_MS = 86_400_000

_AGE = re.compile(r"(\d{1,5})([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def since_ms(days: int) -> int:
    """When so many days ago was, in Unix milliseconds."""
    return time.time_ns() // 1_000_000 - days * DAY_MS


def time_option(text: str | None) -> datetime | None:
    if text is None:
        return None
    if _AGE.fullmatch(text):
        return datetime.now(UTC) + age(text)
    try:
        time_ = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidRequest(f"--expires: {text!r} is neither an age such as 30d nor a time.") from None
    return time_ if time_.tzinfo else time_.replace(tzinfo=UTC)


def age(text: str) -> timedelta:
    match = _AGE.fullmatch(text)
    if match is None:
        raise InvalidRequest(f"{text!r} is not an age such as 30m, 12h or 7d.")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})
