"""What is told of rules: the headers of both dialects, waits, and how a rule stands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.limits import Ask, Gate, admit
from entrepot.notices import ALL, duration, headers, standing
from entrepot.rules import Rule
from entrepot.windows import Now

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def at(seconds: float) -> Now:
    return Now(1000.0 + seconds, NOON + timedelta(seconds=seconds))


def gate(**bounds: Any) -> Gate:
    return Gate(Rule(id="r", subject="key", subject_id="k", **bounds), at(0))


def test_openais_clients_are_told_in_durations() -> None:
    gates = [gate(requests_per_minute=5, tokens_per_day=1000), gate(requests_per_minute=3)]
    admit(gates, Ask(tokens=400, nusd=0), at(0))
    assert headers(gates, at(20.5), "openai") == [
        (b"x-ratelimit-limit-requests", b"3"),
        (b"x-ratelimit-remaining-requests", b"2"),
        (b"x-ratelimit-reset-requests", b"40s"),
        (b"x-ratelimit-limit-tokens", b"1000"),
        (b"x-ratelimit-remaining-tokens", b"600"),
        (b"x-ratelimit-reset-tokens", b"11h59m40s"),
    ]


def test_anthropics_clients_are_told_in_times() -> None:
    gates = [gate(requests_per_minute=3)]
    admit(gates, Ask(tokens=400, nusd=0), at(0.5))
    assert headers(gates, at(20), "anthropic") == [
        (b"anthropic-ratelimit-requests-limit", b"3"),
        (b"anthropic-ratelimit-requests-remaining", b"2"),
        (b"anthropic-ratelimit-requests-reset", b"2026-11-20T12:01:01Z"),
    ]


@pytest.mark.parametrize("style", ["openai", "anthropic"])
def test_money_is_told_alike_to_all(style: Any) -> None:
    gates = [gate(day_nusd=2 * 10**9, total_nusd=10**10)]
    assert headers(gates, at(0), style)[-1] == (b"x-entrepot-budget-remaining-usd", b"2")
    admit(gates, Ask(tokens=0, nusd=5 * 10**8), at(0))
    assert headers(gates, at(0), style) == [
        (b"x-entrepot-budget-limit-usd", b"2"),
        (b"x-entrepot-budget-remaining-usd", b"1.5"),
        (b"x-entrepot-budget-reset", b"2026-11-21T00:00:00Z"),
    ]
    assert {name for name, _ in headers(gates, at(0), style)} <= set(ALL)


def test_without_bounds_nothing_is_told() -> None:
    assert headers([], at(0), "openai") == headers([gate(concurrency=1)], at(0), "openai") == []


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0ms"), (0.0201, "21ms"), (1, "1s"), (59.2, "1m0s"), (360, "6m0s"), (3600, "1h0m0s"), (86399.5, "24h0m0s")],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@given(st.floats(0, 10**6))
def test_a_duration_is_never_too_short(seconds: float) -> None:
    text, total = duration(seconds).replace("ms", "u"), 0.0
    for unit, length in (("h", 3600), ("m", 60), ("s", 1), ("u", 0.001)):
        if unit in text:
            number, _, text = text.partition(unit)
            total += int(number) * length
    assert text == ""
    assert seconds - 1e-6 <= total < seconds + 1.001


def test_how_a_rule_stands() -> None:
    bound = gate(requests_per_minute=3, concurrency=2, day_nusd=100, total_nusd=50)
    assert standing(bound, at(0))["day_usd"] == {"used": "0", "left": "0.0000001", "resets_at": None}
    admission = admit([bound], Ask(tokens=9, nusd=40), at(0))
    assert standing(bound, at(1)) == {
        "requests_per_minute": {"used": 1, "left": 2, "resets_at": "2026-11-20T12:01:00Z"},
        "concurrency": {"used": 1, "left": 1, "resets_at": None},
        "day_usd": {"used": "0.00000004", "left": "0.00000006", "resets_at": "2026-11-21T00:00:00Z"},
        "total_usd": {"used": "0.00000004", "left": "0.00000001", "resets_at": None},
    }
    admission.correct(Ask(tokens=9, nusd=60))  # what a call has used beyond its bound is used all the same
    assert standing(bound, at(1))["total_usd"] == {"used": "0.00000006", "left": "0", "resets_at": None}
