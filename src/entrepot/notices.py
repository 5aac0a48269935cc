"""What those whom rules bind are told of them: in the headers of each answer, and where a rule is shown. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from entrepot.limits import Bound, Gate, Left, Meter, tightest
from entrepot.money import usd
from entrepot.windows import Now

Headers = list[tuple[bytes, bytes]]
Style = Literal["openai", "anthropic"]
Names = tuple[bytes, bytes, bytes]
"""Of the headers that tell the limit, what remains of it, and when it is whole again."""

# developers.openai.com/api/docs/guides/rate-limits and platform.claude.com/docs/en/api/rate-limits
NAMES: Mapping[Style, Mapping[Meter, Names]] = {
    "openai": {
        "requests": (b"x-ratelimit-limit-requests", b"x-ratelimit-remaining-requests", b"x-ratelimit-reset-requests"),
        "tokens": (b"x-ratelimit-limit-tokens", b"x-ratelimit-remaining-tokens", b"x-ratelimit-reset-tokens"),
    },
    "anthropic": {
        "requests": (
            b"anthropic-ratelimit-requests-limit",
            b"anthropic-ratelimit-requests-remaining",
            b"anthropic-ratelimit-requests-reset",
        ),
        "tokens": (
            b"anthropic-ratelimit-tokens-limit",
            b"anthropic-ratelimit-tokens-remaining",
            b"anthropic-ratelimit-tokens-reset",
        ),
    },
}
BUDGET: Names = (
    b"x-entrepot-budget-limit-usd", b"x-entrepot-budget-remaining-usd", b"x-entrepot-budget-reset",
)  # fmt: skip
ALL = (*(name for style in NAMES.values() for names in style.values() for name in names), *BUDGET)


def headers(gates: Sequence[Gate], now: Now, style: Style) -> Headers:
    """Of all rules that bind a call, the number of which the least is left: of requests, tokens and money."""
    lines: Headers = []
    for meter, (limit, remaining, reset) in NAMES[style].items():
        left = tightest(gates, meter, now)
        if left is not None:
            lines.append((limit, str(left.limit).encode()))
            lines.append((remaining, str(left.remaining).encode()))
            lines.append((reset, _reset(left, now, style).encode()))
    money = tightest(gates, "nusd", now)
    if money is not None:
        lines.append((BUDGET[0], usd(money.limit).encode()))
        lines.append((BUDGET[1], usd(money.remaining).encode()))
        if money.reset_s > 0:
            lines.append((BUDGET[2], _moment(money, now).encode()))
    return lines


def standing(gate: Gate, now: Now) -> dict[str, Any]:
    """How much of each bound of a rule is used and left, and when it is whole again: null when it is, or never."""
    found = {_shown_name(bound): _shown(bound, now) for bound in gate.bounds}
    most = gate.rule.concurrency
    if most is not None:
        found["concurrency"] = {"used": gate.running, "left": max(0, most - gate.running), "resets_at": None}
    return found


def duration(seconds: float) -> str:
    """A wait as OpenAI's headers tell it: 120ms, 1s, 6m0s, 1h0m0s. Never less than there is to wait."""
    if seconds < 1:
        return f"{math.ceil(seconds * 1000)}ms"
    minutes, left = divmod(math.ceil(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{f'{hours}h' if hours else ''}{f'{minutes}m' if hours or minutes else ''}{left}s"


def _reset(left: Left, now: Now, style: Style) -> str:
    return duration(left.reset_s) if style == "openai" else _moment(left, now)


def _moment(left: Left, now: Now) -> str:
    moment = now.wall + timedelta(seconds=left.reset_s)
    # Up to the whole second: at the time that is told, it is so.
    return _iso(datetime.fromtimestamp(math.ceil(moment.timestamp()), UTC))


def _iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _shown_name(bound: Bound) -> str:
    return bound.field.replace("_nusd", "_usd")


def _shown(bound: Bound, now: Now) -> dict[str, Any]:
    left = bound.left(now)
    used, remaining = (usd(left.used), usd(left.remaining)) if bound.meter == "nusd" else (left.used, left.remaining)
    return {"used": used, "left": remaining, "resets_at": _moment(left, now) if left.reset_s > 0 else None}
