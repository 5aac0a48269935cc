"""Arithmetic on whole price lists. Integers only; a rate is rounded half up once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from entrepot.money import METERS, TIERS, Meter, Price, Rate, Tier

WHOLE = 10_000  # basis points
FREE = Price(tuple(Rate(meter=meter, nusd_per_million=0, tier=tier) for tier in TIERS for meter in ("input", "output")))


def marked_up(price: Price, basis_points: int, minimum: Mapping[Meter, int]) -> Price:
    """Every rate raised (or lowered) by the share, and then to the least that its meter may cost."""
    rates: list[Rate] = []
    for tier in price.tiers:
        for step in reversed(price.steps(tier)):
            sheet, named = sheet_at(price, tier, step), {*named_in([price], tier), *minimum}
            rates += [
                _rate(meter, max(_scaled(sheet.get(meter, 0), basis_points), minimum.get(meter, 0)), tier, step)
                for meter in METERS
                if meter in named
            ]
    return Price(tuple(rates))


def dearest(prices: Sequence[Price]) -> Price | None:
    """The highest rate of each meter, tier and step in any of the lists: what no one of them exceeds."""
    if len(prices) <= 1:
        return prices[0] if prices else None
    rates: list[Rate] = []
    for tier in TIERS:
        sold = [price for price in prices if tier in price.tiers]
        for step in sorted({step for price in sold for step in price.steps(tier)}):
            sheets, named = [sheet_at(price, tier, step) for price in sold], named_in(sold, tier)
            for meter in METERS:
                amounts = [sheet[meter] for sheet in sheets if meter in sheet]
                if meter in named and amounts:
                    rates.append(_rate(meter, max(amounts), tier, step))
    return Price(tuple(rates))


def sheet_at(price: Price, tier: Tier, step: int) -> Mapping[Meter, int]:
    """The rates just above a step; step 0 is where inputs begin."""
    return price.in_force(tier, step + 1 if step else 0)


def named_in(prices: Sequence[Price], tier: Tier) -> set[Meter]:
    """The meters that have a rate of their own in any of the lists; the others follow their bases."""
    return {rate.meter for price in prices for rate in price.rates if rate.tier == tier}


def _scaled(amount: int, basis_points: int) -> int:
    return (amount * (WHOLE + basis_points) + WHOLE // 2) // WHOLE


def _rate(meter: Meter, amount: int, tier: Tier, step: int) -> Rate:
    return Rate(meter=meter, nusd_per_million=amount, tier=tier, above_input_tokens=step)
