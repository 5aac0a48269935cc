"""The `usage` object: cached input stands beside `input_tokens` on the wire, inside it in the neutral form."""

from __future__ import annotations

from typing import Any

from entrepot.conversation import Tier, Usage
from entrepot.dialects.tiers import read_tier

# Larger counts are garbage: no context is this long, and sums of them stay inside 64 bits.
MOST_TOKENS = 1 << 40
_INPUTS = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")


def emit_usage(usage: Usage) -> dict[str, Any]:
    """The usage of a whole message."""
    written_1h = usage.cache_write_1h_tokens
    kept = {
        "ephemeral_5m_input_tokens": usage.cache_write_tokens - written_1h,
        "ephemeral_1h_input_tokens": written_1h,
    }
    return {
        "cache_creation": kept if usage.cache_write_tokens else None,
        **emit_final_usage(usage),
        "inference_geo": None,
        "service_tier": usage.tier or "standard",
        "speed": None,
    }


def emit_final_usage(usage: Usage) -> dict[str, Any]:
    """The usage of a `message_delta`: cumulative counts only."""
    beside = usage.cached_tokens + usage.cache_write_tokens
    return {
        "input_tokens": max(usage.input_tokens - beside, 0),
        "cache_creation_input_tokens": usage.cache_write_tokens,
        "cache_read_input_tokens": usage.cached_tokens,
        "output_tokens": usage.output_tokens,
        "output_tokens_details": {"thinking_tokens": usage.reasoning_tokens},
        "server_tool_use": None,
        **({"estimated": True} if usage.estimated else {}),
    }


class Tally:
    """Usage as it comes in: some with `message_start`, the rest with each `message_delta`.

    Later counts replace earlier ones, but zeros do not: some servers count the input only once.
    `final` becomes what can be charged, once a `message_delta` has counted the output.
    """

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._counted = False
        self._tier: Tier | None = None

    def start(self, value: Any) -> None:
        self._add(value)

    def update(self, value: Any) -> None:
        self._add(value)
        self._counted = self._counted or (isinstance(value, dict) and _is_count(value.get("output_tokens")))

    @property
    def known(self) -> Usage | None:
        """What is known so far: None when not even the input is."""
        counts = self._counts
        cached, written = counts.get("cache_read_input_tokens", 0), counts.get("cache_creation_input_tokens", 0)
        total = counts.get("input_tokens", 0) + cached + written
        if total == 0:  # no request is empty: such servers do not count at all
            return None
        output = counts.get("output_tokens", 0)
        return Usage(
            input_tokens=total,
            output_tokens=output,
            cached_tokens=cached,
            cache_write_tokens=written,
            cache_write_1h_tokens=min(counts.get("ephemeral_1h_input_tokens", 0), written),
            reasoning_tokens=min(counts.get("thinking_tokens", 0), output),
            tier=self._tier,
        )

    @property
    def final(self) -> Usage | None:
        return self.known if self._counted else None

    def _add(self, value: Any) -> None:
        if not isinstance(value, dict):
            return
        self._tier = read_tier(value.get("service_tier")) or self._tier
        inputs = _counts(value, _INPUTS)
        if any(inputs.values()):
            self._counts |= inputs
        kept = value.get("cache_creation")
        if isinstance(kept, dict):
            self._counts |= _counts(kept, ("ephemeral_1h_input_tokens",))
        details = value.get("output_tokens_details")
        outputs = _counts(value, ("output_tokens",))
        outputs |= _counts(details, ("thinking_tokens",)) if isinstance(details, dict) else {}
        self._counts |= {name: max(count, self._counts.get(name, 0)) for name, count in outputs.items()}


def parse_usage(value: Any) -> Usage | None:
    """What an upstream reported of a whole message, or None when it reported nothing that can be believed."""
    tally = Tally()
    tally.update(value)
    return tally.final


def _counts(value: dict[str, Any], names: tuple[str, ...]) -> dict[str, int]:
    """Those of the named counts that can be believed."""
    return {name: value[name] for name in names if _is_count(value.get(name))}


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_TOKENS
