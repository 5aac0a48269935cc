"""How long an upstream asks to be left alone, in each of the forms that are in use."""

from __future__ import annotations

import re
from collections.abc import Callable
from email.utils import parsedate_to_datetime

LONGEST_S = 3600.0

_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+)ms)?")
_RESETS = ("x-ratelimit-reset-requests", "x-ratelimit-reset-tokens", "x-ratelimit-reset")


def retry_after_s(header: Callable[[str], str | None], now_s: float) -> float | None:
    """Seconds to wait, between 0 and LONGEST_S; None when no header says anything usable.

    Reads `retry-after-ms`, `retry-after` (seconds, also fractional, or an HTTP date) and OpenAI's
    `x-ratelimit-reset-*` durations such as "6m0s". `now_s` is Unix time.
    """
    wait = _number(header("retry-after-ms"), 0.001)
    if wait is None:
        wait = _number(header("retry-after"), 1.0)
    if wait is None:
        wait = _until(header("retry-after"), now_s)
    if wait is None:
        waits = [_duration(header(name)) for name in _RESETS]
        wait = max((each for each in waits if each is not None), default=None)
    return None if wait is None else min(max(wait, 0.0), LONGEST_S)


def _number(text: str | None, scale: float) -> float | None:
    try:
        value = float(text or "") * scale
    except ValueError:
        return None
    return value if value == value else None


def _until(text: str | None, now_s: float) -> float | None:
    try:
        return parsedate_to_datetime(text or "").timestamp() - now_s
    except (ValueError, OverflowError):
        return None


def _duration(text: str | None) -> float | None:
    match = _DURATION.fullmatch(text.strip()) if text else None
    if match is None or not any(match.groups()):
        return None
    hours, minutes, seconds, millis = (float(group or 0) for group in match.groups())
    return hours * 3600 + minutes * 60 + seconds + millis / 1000
