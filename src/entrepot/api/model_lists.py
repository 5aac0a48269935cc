"""Which models of a list are asked for, and in which order: the query of `GET /v1/models`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from starlette.datastructures import QueryParams

from entrepot.catalog import Model
from entrepot.errors import InvalidRequest
from entrepot.money import Meter, Price
from entrepot.pages.related import PriceOf

FILTERS: Mapping[str, Callable[[Model], Iterable[str]]] = {
    "id": lambda model: model.names,
    "kind": lambda model: (model.kind,),
    "developer": lambda model: (model.developer or "",),
    "family": lambda model: (model.family or "",),
    "provider": lambda model: (offer.provider for offer in model.offers),
    "status": lambda model: (model.lifecycle.status,),
    "input_modalities": lambda model: model.input_modalities,
    "output_modalities": lambda model: model.output_modalities,
    "modalities": lambda model: (*model.input_modalities, *model.output_modalities),
    "capabilities": lambda model: model.features,
}
"""What a parameter is compared with. Values of one parameter are alternatives, parameters are conditions."""

SYNONYMS = {"type": "kind", "developer_name": "developer", "provider_name": "provider", "features": "capabilities"}
SORTS: Mapping[str, Callable[[Model, PriceOf], Any]] = {
    "id": lambda model, _: model.id.casefold(),
    "name": lambda model, _: model.name.casefold(),
    "released": lambda model, _: model.released,
    "context": lambda model, _: model.context_tokens,
    "input_price": lambda model, price_of: _rate(price_of(model), "input"),
    "output_price": lambda model, price_of: _rate(price_of(model), "output"),
}
WITH_SCHEMA = frozenset({"json_request_schema", "request_schema", "all"})


def chosen(models: Iterable[Model], query: QueryParams, price_of: PriceOf) -> list[Model]:
    """Those that pass every filter and hold every word of `search`, sorted when asked. Raises InvalidRequest."""
    wanted = {name: values for name in FILTERS if (values := _values(query, name))}
    words = query.get("search", "").casefold().split()
    found = [model for model in models if _passes(model, wanted) and _holds(model, words)]
    return _sorted(found, query.get("sort"), price_of)


def with_schema(query: QueryParams) -> bool:
    """Whether `include` asks for the request schemas; all else it could name is there anyway."""
    return not WITH_SCHEMA.isdisjoint(_values(query, "include")) or query.get("details") == "true"


def _values(query: QueryParams, name: str) -> list[str]:
    """Repeated or separated by commas, in any case."""
    names = [name, *(synonym for synonym, meant in SYNONYMS.items() if meant == name)]
    texts = [text for each in names for text in query.getlist(each)]
    return [value.strip().casefold() for text in texts for value in text.split(",") if value.strip()]


def _passes(model: Model, wanted: Mapping[str, list[str]]) -> bool:
    return all(any(value.casefold() in values for value in FILTERS[name](model)) for name, values in wanted.items())


def _holds(model: Model, words: list[str]) -> bool:
    texts = (*model.names, model.name, model.summary, model.description, model.developer or "", model.family or "")
    text = "\n".join(texts).casefold()
    return all(word in text for word in words)


def _sorted(models: list[Model], sort: str | None, price_of: PriceOf) -> list[Model]:
    """By one fact, `-` before it for the other way around; unknown ones come last either way."""
    if not sort:
        return models
    name = sort.removeprefix("-")
    if name not in SORTS:
        raise InvalidRequest(f"'sort' must be one of {', '.join(SORTS)}, or one of them after a '-'.", param="sort")
    facts = {model.id: SORTS[name](model, price_of) for model in models}
    known = [model for model in models if facts[model.id] is not None]
    unknown = [model for model in models if facts[model.id] is None]
    return sorted(known, key=lambda model: facts[model.id], reverse=sort.startswith("-")) + unknown


def _rate(price: Price | None, meter: Meter) -> int | None:
    return price.in_force().get(meter) if price is not None else None
