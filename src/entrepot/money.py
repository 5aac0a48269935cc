"""Money as integers of 10⁻⁹ US dollar ("nusd"), prices as rows, and the one rule that multiplies them.

No floats, no clock, no store.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal, InvalidOperation, Overflow
from functools import cache, cached_property
from typing import Literal, get_args, overload

import msgspec

from entrepot.conversation import Tier as Tier
from entrepot.conversation import Usage

NUSD_PER_USD = 1_000_000_000
TOKENS_PER_PRICE = 1_000_000
_HALF = TOKENS_PER_PRICE // 2

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
METERS: tuple[Meter, ...] = get_args(Meter)
TIERS: tuple[Tier, ...] = get_args(Tier)
Parts = Sequence[tuple[Meter, int]]
BASES: Mapping[Meter, Meter] = {
    "cached_input": "input",
    "cache_write": "input",
    "cache_write_1h": "cache_write",
    "audio_input": "input",
    "image_input": "input",
    "reasoning": "output",
    "audio_output": "output",
}
"""Whose rate a meter has that a list does not name."""

INPUT_METERS: tuple[Meter, ...] = (
    "input", "cached_input", "cache_write", "cache_write_1h", "audio_input", "image_input",
)  # fmt: skip
OUTPUT_METERS: tuple[Meter, ...] = ("output", "reasoning", "audio_output")
TEXT_METERS: frozenset[Meter] = frozenset({"input", "cached_input", "cache_write", "output", "reasoning"})
"""What may count the tokens of any call: some providers write to their caches unasked."""


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """Price of one meter in one tier, in nano-USD per million units.

    `above_input_tokens` makes it a long-context rate: it applies when the input is larger than that.
    """

    meter: Meter
    nusd_per_million: int
    tier: Tier = "standard"
    above_input_tokens: int = 0


class Price(msgspec.Struct, frozen=True, dict=True):
    """A price list: at most one rate for each (meter, tier, above_input_tokens)."""

    rates: tuple[Rate, ...]

    def in_force(self, tier: Tier = "standard", input_tokens: int = 0) -> Mapping[Meter, int]:
        """Nano-USD per million of every meter in a call of that tier with that much input.

        A meter without a rate of its own has its base's; one whose base has none either is absent.
        """
        for above_input_tokens, sheet in self._sheets.get(tier, ()):
            if not above_input_tokens or input_tokens > above_input_tokens:
                return sheet
        return {}

    @cached_property
    def costs(self) -> bool:
        """Whether anything in it costs more than nothing."""
        return any(rate.nusd_per_million for rate in self.rates)

    def steps(self, tier: Tier = "standard") -> tuple[int, ...]:
        """The `above_input_tokens` at which the rates of a tier change, highest first; 0 is the last."""
        return tuple(above_input_tokens for above_input_tokens, _ in self._sheets.get(tier, ()))

    @property
    def tiers(self) -> tuple[Tier, ...]:
        """The tiers that can be bought."""
        return tuple(self._sheets)

    @cached_property
    def _sheets(self) -> Mapping[Tier, tuple[tuple[int, Mapping[Meter, int]], ...]]:
        """The rates of each tier as they apply above each step, highest step first: costs are read from these."""
        steps: dict[Tier, set[int]] = {}
        for rate in self.rates:
            steps.setdefault(rate.tier, {0}).add(rate.above_input_tokens)
        return {
            tier: tuple((step, self._sheet(tier, step)) for step in sorted(steps[tier], reverse=True)) for tier in steps
        }

    def _sheet(self, tier: Tier, step: int) -> Mapping[Meter, int]:
        sheet: dict[Meter, int] = {}
        for rate in sorted(self.rates, key=lambda rate: rate.above_input_tokens):
            if rate.tier == tier and rate.above_input_tokens <= step:
                sheet[rate.meter] = rate.nusd_per_million
        for meter, base in BASES.items():
            if meter not in sheet and base in sheet:
                sheet[meter] = sheet[base]
        return sheet


class Line(msgspec.Struct, frozen=True):
    """What one meter counted of a call, and its share of the cost."""

    meter: Meter
    units: int
    nusd: int


class UnknownPrice(ValueError):
    """A meter was used for which the price list has no rate: refuse, never charge 0."""


def nusd(text: str) -> int:
    """Parse a decimal USD amount such as "0.025". Raises ValueError for signs, floats' dust or NaN."""
    try:
        amount = Decimal(text)
        scaled = amount * NUSD_PER_USD
    except (InvalidOperation, Overflow):
        raise ValueError(f"{text!r} is not a decimal number") from None
    if not amount.is_finite() or amount < 0 or scaled != scaled.to_integral_value():
        raise ValueError(f"{text!r} is not a non-negative amount with at most nine decimals")
    return int(scaled)


@overload
def usd(amount_nusd: int) -> str: ...
@overload
def usd(amount_nusd: int | None) -> str | None: ...
def usd(amount_nusd: int | None) -> str | None:
    """Plain decimal USD of an amount, without trailing zeros: 400_000_000 → "0.4". None for an unknown one."""
    if amount_nusd is None:
        return None
    return format(Decimal(amount_nusd) / NUSD_PER_USD, "f")


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
                meter=meter,
                nusd_per_million=amount,
                tier=tier,
                above_input_tokens=above_input_tokens,
            )
        )
    return tuple(rates)


def cost(usage: Usage, price: Price, tier: Tier = "standard") -> int:
    """Nano-USD for `usage` at `price`, rounded half up once on the whole sum.

    Raises UnknownPrice when tokens were used that neither their meter nor its base has a rate for.
    """
    rates = price.in_force(tier, usage.input_tokens)
    try:
        exact = sum([units * rates[meter] for meter, units in metered(usage)])
    except KeyError as error:
        raise UnknownPrice(f"no {tier} rate for {error.args[0]}") from None
    return _rounded(exact + rates.get("request", 0))


def breakdown(usage: Usage, price: Price, tier: Tier = "standard") -> tuple[Line, ...]:
    """The cost by meter. Each line is rounded so that the lines add up to `cost` exactly. Raises UnknownPrice."""
    rates = price.in_force(tier, usage.input_tokens)
    parts = metered(usage)
    if "request" in rates:
        parts.append(("request", 1))
    lines: list[Line] = []
    exact, told = _HALF, 0
    for meter, units in parts:
        if meter not in rates:
            raise UnknownPrice(f"no {tier} rate for {meter}")
        exact += units * rates[meter]
        so_far = exact // TOKENS_PER_PRICE
        lines.append(Line(meter, units, so_far - told))
        told = so_far
    return tuple(lines)


def cut(lines: Sequence[Line], most_nusd: int) -> tuple[Line, ...]:
    """The lines, with so much taken off the last ones that they add up to no more than `most_nusd`."""
    shares: list[Line] = []
    for line in lines:
        shares.append(Line(line.meter, line.units, min(line.nusd, most_nusd)))
        most_nusd -= shares[-1].nusd
    return tuple(shares)


def ceiling(
    input_tokens: int,
    output_tokens: int,
    price: Price,
    tier: Tier = "standard",
    *,
    meters: Collection[Meter] = TEXT_METERS,
) -> int:
    """The most nano-USD that a call can cost: every token at the dearest of the `meters` that may count it.

    No usage within these tokens and meters costs more. Raises UnknownPrice when one of the sides has no rate.
    """
    rates = price.in_force(tier, input_tokens)
    exact = rates.get("request", 0)
    for side, units in zip(_sides(frozenset(meters)), (input_tokens, output_tokens), strict=True):
        if units and side[0] not in rates:
            raise UnknownPrice(f"no {tier} rate for {side[0]}")
        if units:
            exact += units * max(map(rates.__getitem__, side))
    return _rounded(exact)


@cache
def _sides(meters: frozenset[Meter]) -> tuple[Sequence[Meter], Sequence[Meter]]:
    """The input and the output meters among these, each after the base that any token may count for."""
    return (
        [meter for meter in INPUT_METERS if meter in meters | {"input"}],
        [meter for meter in OUTPUT_METERS if meter in meters | {"output"}],
    )


def metered(usage: Usage) -> list[tuple[Meter, int]]:
    """What each meter counts of a usage, zeros left out: every token once, however the counts overlap."""
    if not usage.is_split:
        return _split("input", usage.input_tokens, ()) + _split("output", usage.output_tokens, ())
    written_1h = min(usage.cache_write_1h_tokens, usage.cache_write_tokens)
    parts_in: Parts = (
        ("cached_input", usage.cached_tokens),
        ("cache_write_1h", written_1h),
        ("cache_write", usage.cache_write_tokens - written_1h),
        ("audio_input", usage.audio_input_tokens),
        ("image_input", usage.image_input_tokens),
    )
    parts_out: Parts = (("audio_output", usage.audio_output_tokens), ("reasoning", usage.reasoning_tokens))
    return _split("input", usage.input_tokens, parts_in) + _split("output", usage.output_tokens, parts_out)


def _split(base: Meter, left: int, parts: Parts) -> list[tuple[Meter, int]]:
    """The parts of a count, none larger than what those before it left over, and the rest for the base."""
    counts: list[tuple[Meter, int]] = []
    for meter, tokens in parts:
        if tokens and left:
            tokens = min(tokens, left)
            counts.append((meter, tokens))
            left -= tokens
    if left:
        counts.append((base, left))
    return counts


def _rounded(millionths: int) -> int:
    return (millionths + _HALF) // TOKENS_PER_PRICE
