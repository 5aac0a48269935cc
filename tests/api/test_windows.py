"""Windows of time: given in one of three ways, told as they were understood."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from starlette.requests import Request

from entrepot.api.windows import window_of
from entrepot.errors import InvalidRequest


def asked(query: str) -> Request:
    return Request({"type": "http", "query_string": query.encode(), "headers": []})


@pytest.mark.parametrize(
    ("query", "length"),
    [
        ("", timedelta(days=30)),
        ("period=24h", timedelta(hours=24)),
        ("period=7d", timedelta(days=7)),
        ("period=92d", timedelta(days=92)),
        ("period=2208h", timedelta(days=92)),
        ("start=2026-01-01&end=2026-04-03", timedelta(days=92)),
        ("start=2026-01-01T00:00:00&end=2026-01-01T02:00:00%2B01:00", timedelta(hours=1)),
        ("from=2020-01-01&until=2026-01-01", timedelta(days=2192)),
    ],
)
def test_a_window_is_resolved(query: str, length: timedelta) -> None:
    window = window_of(asked(query))
    assert window.until_ms - window.from_ms == length.total_seconds() * 1000
    first, last = window.resolved.values()
    assert datetime.fromisoformat(last) - datetime.fromisoformat(first) == length
    assert tuple(window.resolved) == (("start", "end") if query and "from" not in query else ("from", "until"))


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ("period=93d", "period"),
        ("period=2209h", "period"),
        ("period=0d", "period"),
        ("period=1w", "period"),
        ("period=", "period"),
        ("period=%D9%A3d", "period"),
        ("period=1d&start=2026-01-01", "period"),
        ("period=1d&until=2026-01-01", "period"),
        ("start=2026-01-01", "start"),
        ("end=2026-01-01", "start"),
        ("start=2026-01-01&until=2026-01-02", "start"),
        ("start=2026-01-01&end=2026-04-04", "start"),
        ("start=2026-01-02&end=2026-01-01", "start"),
        ("start=2026-01-01&end=soon", "end"),
    ],
)
def test_what_is_no_window_is_refused(query: str, param: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        window_of(asked(query))
    assert refused.value.param == param
