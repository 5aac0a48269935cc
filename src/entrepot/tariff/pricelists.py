"""Price lists from elsewhere, read in three shapes: OpenRouter's, LiteLLM's cost map, and the hub's own TOML.

Numbers are read from their text, never through floats.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from entrepot.catalog import rows as catalogue_rows
from entrepot.catalog.objects import PRICING
from entrepot.errors import ConfigurationError
from entrepot.money import NUSD_PER_USD, TOKENS_PER_PRICE, Meter, Price, Rate, Tier
from entrepot.tariff.loading import PriceEntryRow

MOST_USD_PER_UNIT = 1_000_000
# LiteLLM's cost map names a field for each meter; tier and step are endings of it.
_COST_MAP: dict[str, Meter] = {
    "input_cost_per_token": "input",
    "output_cost_per_token": "output",
    "cache_read_input_token_cost": "cached_input",
    "cache_creation_input_token_cost": "cache_write",
    "cache_creation_input_token_cost_above_1hr": "cache_write_1h",
    "output_cost_per_reasoning_token": "reasoning",
    "input_cost_per_audio_token": "audio_input",
    "output_cost_per_audio_token": "audio_output",
    "input_cost_per_image_token": "image_input",
    "input_cost_per_request": "request",
}
_COST_MAP_TIERS: dict[str, Tier] = {"": "standard", "_batches": "batch", "_priority": "priority"}
_COST_MAP_STEPS = {"": 0} | {f"_above_{thousands}k_tokens": thousands * 1000 for thousands in (128, 200, 256, 272, 512)}


def parse(text: str) -> dict[str, Price]:
    """Prices by the list's names for models; entries without a price that can be read are left out.

    Raises ConfigurationError for a text in none of the three shapes, or without any price.
    """
    found = dict(_entries(_document(text)))
    prices = {name: Price(rates) for name, rates in found.items() if any(rate.meter == "input" for rate in rates)}
    if not prices:
        raise ConfigurationError("the list holds no price that can be read")
    return prices


def _document(text: str) -> Any:
    try:
        if text.lstrip().startswith("{"):
            return json.loads(text, parse_float=Decimal, parse_constant=str)
        return tomllib.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(f"the list is neither JSON nor TOML: {error}") from None


def _entries(document: Any) -> Iterator[tuple[str, tuple[Rate, ...]]]:
    if isinstance(document, dict) and isinstance(document.get("prices"), list):
        for index, table in enumerate(document["prices"]):
            row = catalogue_rows.read(table, PriceEntryRow, ("prices", index))
            price = catalogue_rows.price(row, ("prices", index))
            yield row.model, price.rates if price else ()
    elif isinstance(document, dict) and isinstance(document.get("data"), list):
        for entry in document["data"]:
            if isinstance(entry, dict) and isinstance(entry.get("pricing"), dict):
                yield str(entry.get("id")), tuple(_model_list_rates(entry["pricing"]))
    elif isinstance(document, dict):
        for name, entry in document.items():
            if isinstance(entry, dict):
                yield name, tuple(_cost_map_rates(entry))


def _model_list_rates(pricing: Mapping[str, Any]) -> Iterator[Rate]:
    """OpenRouter's shape, which is this hub's own `/v1/models` too.

    It writes "0" for meters that a model does not charge apart, which does not make their tokens free.
    """
    overrides = pricing.get("overrides")
    for table in (pricing, *(overrides if isinstance(overrides, list) else ())):
        step = table.get("min_prompt_tokens", 0) if isinstance(table, dict) else None
        if not isinstance(step, int):
            continue
        for name, meter in PRICING.items():
            amount = _per_million(table.get(name))
            if amount or (amount == 0 and meter in ("input", "output")):
                yield Rate(meter=meter, nusd_per_million=amount, above_input_tokens=step)


def _cost_map_rates(entry: Mapping[str, Any]) -> Iterator[Rate]:
    for step_ending, step in _COST_MAP_STEPS.items():
        for tier_ending, tier in _COST_MAP_TIERS.items():
            for name, meter in _COST_MAP.items():
                amount = _per_million(entry.get(name + step_ending + tier_ending))
                if amount is not None:
                    yield Rate(meter=meter, nusd_per_million=amount, tier=tier, above_input_tokens=step)


def _per_million(value: Any) -> int | None:
    """Nano-USD per million of a price in dollars for one unit; None for what is none."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    try:
        amount = Decimal(value)
    except InvalidOperation:
        return None
    if not amount.is_finite() or not 0 <= amount <= MOST_USD_PER_UNIT:
        return None
    return int((amount * NUSD_PER_USD * TOKENS_PER_PRICE).to_integral_value(ROUND_HALF_UP))
