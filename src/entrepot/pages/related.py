"""Which other models a page points to: the successor, the family, and those alike in price and abilities."""

from __future__ import annotations

from collections.abc import Callable

from entrepot.catalog import Catalogue, Model
from entrepot.money import Price

MOST = 6
ALIKE_IN_PRICE = 4.0  # times as dear or as cheap

PriceOf = Callable[[Model], Price | None]


def related(catalogue: Catalogue, model: Model, price_of: PriceOf) -> list[tuple[Model, str]]:
    """Other models of the same kind with the reason for each, the nearest first. None that is shut down."""
    others = [
        other
        for other in catalogue.models.values()
        if other.id != model.id and other.kind == model.kind and other.lifecycle.status != "shut_down"
    ]
    found = [(other, relation) for other in others if (relation := _relation(model, other, price_of)) is not None]
    found.sort(key=lambda each: each[1][0])
    return [(other, reason) for other, (_, reason) in found[:MOST]]


def _relation(model: Model, other: Model, price_of: PriceOf) -> tuple[tuple[int, float], str] | None:
    """How near another model is, nearest lowest, and why; None where they have little in common."""
    ratio = _ratio(price_of(model), price_of(other))
    distance = len(set(model.features) - set(other.features)) + (ratio or ALIKE_IN_PRICE)
    if other.id == model.lifecycle.replaced_by:
        return (0, distance), "Its replacement"
    if other.family is not None and other.family == model.family:
        return (1, distance), "Same family"
    if "sandbox" in (model.family, other.family):
        return None
    if ratio is not None and ratio <= ALIKE_IN_PRICE and set(model.input_modalities) <= set(other.input_modalities):
        return (2, distance), "Similar price and abilities"
    return None


def _ratio(one: Price | None, other: Price | None) -> float | None:
    """How many times as dear the dearer is, by input and output together; None where a price is unknown or nothing."""
    sums = [sum(price.in_force().get(meter, 0) for meter in ("input", "output")) for price in (one, other) if price]
    return max(sums) / min(sums) if len(sums) == 2 and min(sums) > 0 else None
