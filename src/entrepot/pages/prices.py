"""Price tables and what typical calls cost, from a price list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from entrepot.catalog import Model
from entrepot.catalog.records import Kind
from entrepot.conversation import Usage
from entrepot.money import BASES, METERS, TIERS, Meter, Price, Tier, UnknownPrice, cost, usd
from entrepot.pages.records import PriceLine, PriceTable, TypicalCall

LABELS: Mapping[Meter, str] = {
    "input": "Input",
    "cached_input": "Cached input",
    "cache_write": "Cache write",
    "cache_write_1h": "Cache write, kept an hour",
    "output": "Output",
    "reasoning": "Reasoning",
    "audio_input": "Audio input",
    "audio_output": "Audio output",
    "image_input": "Image input",
    "request": "Requests",
}
SHOWN: Mapping[Kind, tuple[Meter, ...]] = {
    "chat": ("input", "cached_input", "cache_write", "output"),
    "embedding": ("input",),
}
"""Meters that have a line even where the list has no rate of their own for them."""


class Size(NamedTuple):
    name: str
    input_tokens: int
    cached_tokens: int = 0
    output_tokens: int = 0


SIZES: Mapping[Kind, tuple[Size, ...]] = {
    "chat": (
        Size("A question and its answer", 200, 0, 400),
        Size("A summary of fifty pages", 30_000, 0, 1_000),
        Size("A step of a coding agent", 60_000, 55_000, 1_200),
    ),
    "embedding": (
        Size("A page of text", 600),
        Size("A book", 150_000),
        Size("A library of a thousand books", 150_000_000),
    ),
}


def price_tables(price: Price | None, kind: Kind) -> tuple[PriceTable, ...]:
    """One table for each step of input at which a rate changes, lowest first; none where the price is unknown."""
    if price is None:
        return ()
    steps = sorted({step for tier in TIERS for step in price.steps(tier)})
    return tuple(PriceTable(above_input_tokens=step, lines=_lines(price, kind, step)) for step in steps)


def _lines(price: Price, kind: Kind, step: int) -> tuple[PriceLine, ...]:
    own = {rate.meter for rate in price.rates}
    shown = [meter for meter in METERS if meter in own or meter in SHOWN[kind]]
    return tuple(_line(price, meter, step, own) for meter in shown)


def _line(price: Price, meter: Meter, step: int, own: set[Meter]) -> PriceLine:
    by_tier: dict[Tier, str] = {tier: usd(found[-1]) for tier in TIERS if (found := _rates(price, meter, tier, step))}
    return PriceLine(
        meter=meter,
        label=LABELS[meter],
        standard=by_tier.get("standard"),
        batch=by_tier.get("batch"),
        priority=by_tier.get("priority"),
        as_meter=None if meter in own else BASES.get(meter),
    )


def _rates(price: Price, meter: Meter, tier: Tier, step: int) -> list[int]:
    """A meter's own rates in force at that step, the last one of them the one that applies."""
    found = [
        (rate.above_input_tokens, rate.nusd_per_million)
        for rate in price.rates
        if rate.meter == meter and rate.tier == tier and rate.above_input_tokens <= step
    ]
    return [nusd for _, nusd in sorted(found)]


def typical_calls(model: Model, price: Price | None) -> tuple[TypicalCall, ...]:
    """Those that the model's context has room for, at a price that is known. A text to embed may be sent in pieces."""
    if price is None:
        return ()
    sizes = SIZES[model.kind]
    if model.kind == "chat" and model.context_tokens is not None:
        sizes = tuple(size for size in sizes if size.input_tokens + size.output_tokens <= model.context_tokens)
    return tuple(call for size in sizes if (call := _typical(size, price)) is not None)


def _typical(size: Size, price: Price) -> TypicalCall | None:
    usage = Usage(input_tokens=size.input_tokens, cached_tokens=size.cached_tokens, output_tokens=size.output_tokens)
    try:
        nusd = cost(usage, price)
    except UnknownPrice:
        return None
    return TypicalCall(**size._asdict(), cost_usd=usd(nusd), cost_nusd=nusd)


def rate_usd(tables: Sequence[PriceTable], meter: Meter) -> str | None:
    """The standard rate of a meter, where one is known."""
    return next((line.standard for table in tables for line in table.lines if line.meter == meter), None)
