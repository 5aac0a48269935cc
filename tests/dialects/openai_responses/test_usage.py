from __future__ import annotations

from typing import Any

import pytest

from entrepot.conversation import Usage
from entrepot.dialects.openai_responses.usage import MOST_TOKENS, emit_usage, parse_usage

FULL = Usage(input_tokens=30, output_tokens=20, cached_tokens=8, cache_write_tokens=4, reasoning_tokens=5)


def test_what_is_written_is_read() -> None:
    written = emit_usage(FULL)
    assert written["total_tokens"] == 50
    assert parse_usage(written) == FULL


@pytest.mark.parametrize(
    ("value", "usage"),
    [
        ({"input_tokens": 1, "output_tokens": 2}, Usage(input_tokens=1, output_tokens=2)),
        ({"input_tokens": 1, "output_tokens": 2, "input_tokens_details": None}, Usage(input_tokens=1, output_tokens=2)),
        (
            {
                "input_tokens": 5,
                "output_tokens": 2,
                "input_tokens_details": {"cached_tokens": 9, "cache_write_tokens": 9},
            },
            Usage(input_tokens=5, output_tokens=2, cached_tokens=5),
        ),
        (
            {"input_tokens": 5, "output_tokens": 2, "output_tokens_details": {"reasoning_tokens": 9}},
            Usage(input_tokens=5, output_tokens=2, reasoning_tokens=2),
        ),
        (
            {"input_tokens": 5, "output_tokens": 2, "input_tokens_details": {"cached_tokens": "3"}},
            Usage(input_tokens=5, output_tokens=2),
        ),
    ],
)
def test_incomplete_and_contradictory_counts(value: Any, usage: Usage) -> None:
    assert parse_usage(value) == usage


@pytest.mark.parametrize(
    "value",
    [
        None, [], 7, "x", {}, {"input_tokens": 1}, {"input_tokens": -1, "output_tokens": 1},
        {"input_tokens": True, "output_tokens": 1}, {"input_tokens": 1.5, "output_tokens": 1},
        {"input_tokens": MOST_TOKENS + 1, "output_tokens": 1}, {"prompt_tokens": 1, "completion_tokens": 1},
    ],
)  # fmt: skip
def test_what_cannot_be_believed_is_none(value: Any) -> None:
    assert parse_usage(value) is None
