"""The `usage` object of Responses, read with suspicion and written in full."""

from __future__ import annotations

from typing import Any

from entrepot.conversation import Usage
from entrepot.dialects.tiers import read_tier

# Larger counts are garbage: no context is this long, and sums of them stay inside 64 bits.
MOST_TOKENS = 1 << 40


def emit_usage(usage: Usage) -> dict[str, Any]:
    return {
        "input_tokens": usage.input_tokens,
        "input_tokens_details": {
            "cached_tokens": usage.cached_tokens,
            "cache_write_tokens": usage.cache_write_tokens,
        },
        "output_tokens": usage.output_tokens,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
        "total_tokens": usage.total_tokens,
        **({"estimated": True} if usage.estimated else {}),
    }


def parse_usage(value: Any, tier: Any = None) -> Usage | None:
    """What an upstream reported, or None when it reported nothing that can be believed. `tier` stands beside it."""
    if not isinstance(value, dict):
        return None
    input_tokens, output_tokens = _count(value, "input_tokens"), _count(value, "output_tokens")
    if input_tokens is None or output_tokens is None:
        return None
    cached = min(_detail(value, "input_tokens_details", "cached_tokens"), input_tokens)
    written = _detail(value, "input_tokens_details", "cache_write_tokens")
    return Usage(
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        cached_tokens=cached,
        cache_write_tokens=min(written, input_tokens - cached),
        reasoning_tokens=min(_detail(value, "output_tokens_details", "reasoning_tokens"), output_tokens),
        tier=read_tier(tier),
    )


def _detail(value: dict[str, Any], table: str, name: str) -> int:
    details = value.get(table)
    return (_count(details, name) or 0) if isinstance(details, dict) else 0


def _count(value: dict[str, Any], name: str) -> int | None:
    number = value.get(name)
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= MOST_TOKENS:
        return None
    return number
