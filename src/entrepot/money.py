"""Money as integers of 10⁻⁹ US dollar ("nusd"), prices as rows, and the one rule that multiplies them.

No floats, no clock, no store.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Literal, get_args

import msgspec

from entrepot.conversation import Usage

NUSD_PER_USD = 1_000_000_000
TOKENS_PER_PRICE = 1_000_000

Meter = Literal[
    "input",
    "cached_input",
    "cache_write",
    "cache_write_1h",
    "output",
    "reasoning",
    "audio_input",
    "audio_output",
    "image_input",
    "request",
]
Tier = Literal["standard", "batch", "priority"]
METERS: tuple[str, ...] = get_args(Meter)
TIERS: tuple[str, ...] = get_args(Tier)


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """Price of one meter in one tier, in nano-USD per million units.

    `above_input_tokens` makes it a long-context rate: it applies when the input is larger than that.
    """

    meter: Meter
    nusd_per_million: int
    tier: Tier = "standard"
    above_input_tokens: int = 0


class Price(msgspec.Struct, frozen=True):
    """A price list: at most one rate for each (meter, tier, above_input_tokens)."""

    rates: tuple[Rate, ...]

    def rate(self, meter: Meter, tier: Tier = "standard", input_tokens: int = 0) -> int | None:
        """Nano-USD per million of `meter`, or None when the list does not name it in that tier."""
        best: Rate | None = None
        for row in self.rates:
            if row.meter != meter or row.tier != tier:
                continue
            applies = row.above_input_tokens == 0 or input_tokens > row.above_input_tokens
            if applies and (best is None or row.above_input_tokens > best.above_input_tokens):
                best = row
        return None if best is None else best.nusd_per_million


class UnknownPrice(ValueError):
    """A meter was used for which the price list has no rate: refuse, never charge 0."""


def nusd(text: str) -> int:
    """Parse a decimal USD amount such as "0.025". Raises ValueError for signs, floats' dust or NaN."""
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{text!r} is not a decimal number") from None
    scaled = amount * NUSD_PER_USD
    if not amount.is_finite() or amount < 0 or scaled != scaled.to_integral_value():
        raise ValueError(f"{text!r} is not a non-negative amount with at most nine decimals")
    return int(scaled)


def usd(amount_nusd: int) -> str:
    """Plain decimal USD of an amount, without trailing zeros: 400_000_000 → "0.4"."""
    text = format(Decimal(amount_nusd) / NUSD_PER_USD, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def parse_price(table: Mapping[str, str], *, tier: Tier = "standard", above_input_tokens: int = 0) -> tuple[Rate, ...]:
    """Rates of one table of USD-per-million strings keyed by meter. Raises ValueError naming the meter."""
    rates = []
    for meter, text in table.items():
        if meter not in METERS:
            raise ValueError(f"unknown meter {meter!r}; one of {', '.join(METERS)}")
        try:
            amount = nusd(text)
        except ValueError as error:
            raise ValueError(f"{meter}: {error}") from None
        rates.append(
            Rate(
                meter=meter,  # type: ignore[arg-type]  # checked against METERS above
                nusd_per_million=amount,
                tier=tier,
                above_input_tokens=above_input_tokens,
            )
        )
    return tuple(rates)


def cost(usage: Usage, price: Price, tier: Tier = "standard") -> int:
    """Nano-USD for `usage` at `price`, rounded half up once on the whole sum.

    Cached and cache-write tokens are inside the input count and reasoning inside the output; a meter
    without a rate of its own is charged at the input's or output's rate. Raises UnknownPrice when
    input or output itself is unpriced.
    """
    total = 0
    for meter, tokens in _metered(usage):
        if tokens == 0:
            continue
        rate = price.rate(meter, tier, usage.input_tokens)
        if rate is None:
            base: Meter = "output" if meter in ("output", "reasoning", "audio_output") else "input"
            rate = price.rate(base, tier, usage.input_tokens)
        if rate is None:
            raise UnknownPrice(f"no {tier} rate for {meter}")
        total += tokens * rate
    total += price.rate("request", tier) or 0
    return (total + TOKENS_PER_PRICE // 2) // TOKENS_PER_PRICE


def _metered(usage: Usage) -> Iterable[tuple[Meter, int]]:
    carved_in = usage.cached_tokens + usage.cache_write_tokens + usage.audio_input_tokens
    carved_out = usage.reasoning_tokens + usage.audio_output_tokens
    yield "input", max(usage.input_tokens - carved_in, 0)
    yield "cached_input", usage.cached_tokens
    yield "cache_write", usage.cache_write_tokens
    yield "audio_input", usage.audio_input_tokens
    yield "output", max(usage.output_tokens - carved_out, 0)
    yield "reasoning", usage.reasoning_tokens
    yield "audio_output", usage.audio_output_tokens
