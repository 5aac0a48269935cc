"""What is left between buying and selling."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from entrepot.money import METERS, Meter, Price, Tier
from entrepot.tariff.markup import named_in, sheet_at

PERMILLE = 1000


class Margin(msgspec.Struct, frozen=True, kw_only=True):
    """`least_permille` is the lowest share of a standard rate that stays with the house; None where none has one.

    `dearer` names the rates at which the provider charges more than the caller pays.
    """

    least_permille: int | None
    dearer: tuple[str, ...]


def margin(sell: Price, buy: Price) -> Margin:
    """Every rate that both lists know, in every tier that both have."""
    shares, dearer = [], []
    for tier, step, meter in _rates(sell, buy):
        sold, bought = sheet_at(sell, tier, step)[meter], sheet_at(buy, tier, step)[meter]
        if tier == "standard" and sold:
            shares.append((sold - bought) * PERMILLE // sold)
        if bought > sold:
            words = ("" if tier == "standard" else tier, meter, f"above {step}" if step else "")
            dearer.append(" ".join(filter(None, words)))
    return Margin(least_permille=min(shares, default=None), dearer=tuple(dearer))


def _rates(sell: Price, buy: Price) -> Iterator[tuple[Tier, int, Meter]]:
    for tier in sell.tiers:
        named = named_in([sell, buy], tier)
        for step in sorted({*sell.steps(tier), *buy.steps(tier)}) if tier in buy.tiers else ():
            sold, bought = sheet_at(sell, tier, step), sheet_at(buy, tier, step)
            yield from ((tier, step, meter) for meter in METERS if meter in named & sold.keys() & bought.keys())
