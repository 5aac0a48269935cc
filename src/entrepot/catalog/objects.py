"""One model as the object that `/v1/models` lists: OpenAI's fields, OpenRouter's fields and the hub's own."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec

from entrepot.catalog.records import Model
from entrepot.catalog.schemas import json_request_schema, supported_parameters
from entrepot.money import NUSD_PER_USD, TOKENS_PER_PRICE, Meter, Price, Tier

PRICING: dict[str, Meter] = {
    "prompt": "input",
    "completion": "output",
    "input_cache_read": "cached_input",
    "input_cache_write": "cache_write",
    "input_cache_write_1h": "cache_write_1h",
    "internal_reasoning": "reasoning",
    "audio": "audio_input",
    "audio_output": "audio_output",
    "image_token": "image_input",
    "request": "request",
}
"""OpenRouter's names for the meters: USD per single unit, as decimal strings."""

FACTS = (
    "family",
    "developer",
    "features",
    "parameter_count",
    "mixture_of_experts",
    "multilingual",
    "quantization",
    "quantization_note",
    "image_tokens",
    "benchmarks",
    "links",
    "sources",
)


def model_object(model: Model, *, available: Collection[str] = (), with_schema: bool = False) -> dict[str, Any]:
    """The model as plain JSON values. `available` holds the ids of the providers that can be called now.

    `created` is the release day at 00:00 UTC, or 0 when it is unknown.
    """
    return {
        "id": model.id,
        "object": "model",
        "created": _unix_s(model.released),
        "owned_by": model.developer or "unknown",
        "shutdown_date": _day(model.lifecycle.shutdown_at),
        "name": model.name,
        "kind": model.kind,
        "canonical_slug": model.canonical_slug or model.id,
        "hugging_face_id": model.hugging_face_id,
        "aliases": list(model.aliases),
        "summary": model.summary,
        "description": model.description,
        "released": _day(model.released),
        "context_length": model.context_tokens,
        "context_window": model.context_tokens,
        "max_output_tokens": model.max_output_tokens,
        "max_completion_tokens": model.max_output_tokens,
        "architecture": _architecture(model),
        "pricing": pricing(model.price) if model.price else {},
        "top_provider": {
            "context_length": model.context_tokens,
            "max_completion_tokens": model.max_output_tokens,
            "is_moderated": False,
        },
        "per_request_limits": None,
        "supported_parameters": list(supported_parameters(model)),
        "knowledge_cutoff": _day(model.knowledge_cutoff.date) if model.knowledge_cutoff else None,
        "knowledge_cutoff_label": model.knowledge_cutoff.label if model.knowledge_cutoff else None,
        "lifecycle": _plain(model.lifecycle),
        "expiration_date": _day(model.lifecycle.shutdown_at),
        **{name: _plain(getattr(model, name)) for name in FACTS},
        "providers": list(dict.fromkeys(offer.provider for offer in model.offers)),
        "available": any(offer.provider in available for offer in model.offers),
        **({"json_request_schema": json_request_schema(model)} if with_schema else {}),
    }


def pricing(price: Price, tier: Tier = "standard") -> dict[str, Any]:
    """One tier of a price list in OpenRouter's form; what has no rate is absent. Long-context rates are `overrides`."""
    table: dict[str, Any] = _rates(price, tier, 0)
    steps = sorted({*price.steps(tier)} - {0})
    if steps:
        table["overrides"] = [{"min_prompt_tokens": step, **_rates(price, tier, step)} for step in steps]
    return table


def _rates(price: Price, tier: Tier, above_input_tokens: int) -> dict[str, str]:
    own = {
        rate.meter: rate.nusd_per_million
        for rate in price.rates
        if rate.tier == tier and rate.above_input_tokens == above_input_tokens
    }
    return {name: _usd_per_unit(own[meter]) for name, meter in PRICING.items() if meter in own}


def _usd_per_unit(nusd_per_million: int) -> str:
    text = format(Decimal(nusd_per_million) / (NUSD_PER_USD * TOKENS_PER_PRICE), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _architecture(model: Model) -> dict[str, Any]:
    return {
        "modality": f"{'+'.join(model.input_modalities)}->{'+'.join(model.output_modalities)}",
        "input_modalities": list(model.input_modalities),
        "output_modalities": list(model.output_modalities),
        "tokenizer": model.tokenizer,
        "instruct_type": model.instruct_type,
    }


def _plain(value: object) -> Any:
    plain = msgspec.to_builtins(value)
    return list(plain) if isinstance(plain, tuple) else plain


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _unix_s(day: date | None) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) if day else 0
