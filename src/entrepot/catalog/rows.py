"""The TOML form of the catalogue: row types, and one row at a time from a table to a record.

The built-in data and the operator's tables are read by the same types. Nothing here merges or looks up.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import TypeVar

import msgspec

from entrepot.catalog.records import (
    Count,
    DialectName,
    Fact,
    Feature,
    Model,
    ModelFacts,
    Name,
    Offer,
    OutputLimit,
    Provider,
    ProviderFacts,
)
from entrepot.errors import ConfigurationError
from entrepot.money import Price, Rate, Tier, parse_price

Path = tuple[str | int, ...]
Row = TypeVar("Row", bound=Fact)


class PriceRow(Fact, frozen=True, kw_only=True):
    """USD per million units of each meter (per million calls for `request`), as decimal strings."""

    input: str | None = None
    cached_input: str | None = None
    cache_write: str | None = None
    cache_write_1h: str | None = None
    output: str | None = None
    reasoning: str | None = None
    audio_input: str | None = None
    audio_output: str | None = None
    image_input: str | None = None
    request: str | None = None


class LongContextPriceRow(Fact, frozen=True, kw_only=True):
    """Rates for calls whose input is larger than `input_tokens`."""

    input_tokens: Count
    price: PriceRow | None = None
    price_batch: PriceRow | None = None
    price_priority: PriceRow | None = None


class PricedRow(Fact, frozen=True, kw_only=True):
    """The price tables that rows of several kinds have."""

    price: PriceRow | None = None
    price_batch: PriceRow | None = None
    price_priority: PriceRow | None = None
    price_above: tuple[LongContextPriceRow, ...] = ()


class OfferRow(PricedRow, frozen=True, kw_only=True):
    provider: str
    upstream_model: Name
    dialect: DialectName | None = None
    output_limit: OutputLimit | None = None


class ExtraOfferRow(OfferRow, frozen=True, kw_only=True):
    """A further offer for the model that `model` names by id or alias."""

    model: str


class ProviderRow(ProviderFacts, frozen=True, kw_only=True):
    pass


class ModelRow(ModelFacts, frozen=True, kw_only=True):
    price: PriceRow | None = None
    price_batch: PriceRow | None = None
    price_priority: PriceRow | None = None
    price_above: tuple[LongContextPriceRow, ...] = ()
    offers: tuple[OfferRow, ...] = ()


def read(table: object, row: type[Row], path: Path) -> Row:
    """Convert one table to its row. Raises ConfigurationError naming the field and what is allowed there."""
    try:
        return msgspec.convert(table, row)
    except msgspec.ValidationError as error:
        problem, _, place = str(error).partition(" - at ")
        inner = _path(place)
        unknown = re.fullmatch(r"Object contains unknown field `(.*)`", problem)
        if unknown:
            problem = f"unknown field {unknown[1]!r}; allowed: {', '.join(_fields(row, inner))}"
            inner = (*inner, unknown[1])
        raise ConfigurationError(_explain(problem, row, inner), path=(*path, *inner)) from None


def provider(provider_id: str, row: ProviderRow, *, declared: bool) -> Provider:
    base_url = row.base_url.rstrip("/") if row.base_url else None
    facts = msgspec.structs.asdict(row) | {"name": row.name or provider_id, "base_url": base_url}
    return Provider(id=provider_id, declared=declared, **facts)


def model(row: ModelRow, offers: tuple[Offer, ...], path: Path) -> Model:
    facts = {name: getattr(row, name) for name in ModelFacts.__struct_fields__}
    return Model(**facts | {"name": row.name or row.id}, price=price(row, path), offers=offers)


def offer(row: OfferRow, features: Collection[Feature], providers: Mapping[str, Provider], path: Path) -> Offer:
    """The offer, in its provider's dialect unless it names its own. `features` are those of the model."""
    known = providers.get(row.provider)
    if known is None:
        raise ConfigurationError(
            f"unknown provider {row.provider!r}; known: {', '.join(sorted(providers))}", path=(*path, "provider")
        )
    return Offer(
        provider=row.provider,
        upstream_model=row.upstream_model,
        dialect=row.dialect or known.dialect,
        output_limit=row.output_limit or known.output_limit or _output_limit(features),
        price=price(row, path),
    )


def _output_limit(features: Collection[Feature]) -> OutputLimit:
    """OpenAI's newer name, unless the model's features are known and leave it out."""
    return "max_tokens" if features and "max_completion_tokens" not in features else "max_completion_tokens"


def price(row: ModelRow | PricedRow, path: Path) -> Price | None:
    """The rates of all price tables of a row, or None when it has none."""
    rates = _rates(row, 0, path)
    for index, above in enumerate(row.price_above):
        place = (*path, "price_above", index)
        rates += _rates(above, above.input_tokens, place)
    return Price(rates) if rates else None


def _rates(row: ModelRow | PricedRow | LongContextPriceRow, above_input_tokens: int, path: Path) -> tuple[Rate, ...]:
    return (
        *_tier(row.price, "standard", above_input_tokens, (*path, "price")),
        *_tier(row.price_batch, "batch", above_input_tokens, (*path, "price_batch")),
        *_tier(row.price_priority, "priority", above_input_tokens, (*path, "price_priority")),
    )


def _tier(row: PriceRow | None, tier: Tier, above_input_tokens: int, path: Path) -> tuple[Rate, ...]:
    rates: tuple[Rate, ...] = ()
    for meter, text in msgspec.structs.asdict(row).items() if row else ():
        if text is None:
            continue
        try:
            rates += parse_price({meter: text}, tier=tier, above_input_tokens=above_input_tokens)
        except ValueError as error:
            raise ConfigurationError(str(error).removeprefix(f"{meter}: "), path=(*path, meter)) from None
    return rates


def _path(place: str) -> Path:
    """msgspec's "`$.models[0].price`" as keys and indexes; it ends before a table key msgspec hides."""
    keys: list[str | int] = []
    for key, index in re.findall(r"\.(\w+)|\[(\d+|\.\.\.)\]", place.rpartition("$")[2]):
        if index == "...":
            break
        keys.append(int(index) if index else key)
    return tuple(keys)


def _explain(problem: str, row: type[Fact], inner: Path) -> str:
    if "price" in str(inner) and problem.startswith("Expected `str"):
        return 'a price is a decimal string of US dollars per million units, such as "0.40"'
    if "matching regex" in problem:
        return "must be a name without spaces"
    if problem.startswith("Invalid enum value"):
        return f"{problem}; allowed: {', '.join(_choices(row, inner))}"
    return problem


def _fields(row: type[Fact], inner: Path) -> list[str]:
    """Field names of the struct, or of all the alternative structs, at `inner` below `row`."""
    structs = (kind for kind in _at(row, inner) if isinstance(kind, msgspec.inspect.StructType))
    return list(dict.fromkeys(field.encode_name for kind in structs for field in kind.fields))


def _choices(row: type[Fact], inner: Path) -> list[str]:
    literals = (kind for kind in _at(row, inner) if isinstance(kind, msgspec.inspect.LiteralType))
    return [str(value) for kind in literals for value in kind.values]


def _at(row: type[Fact], inner: Path) -> list[msgspec.inspect.Type]:
    """The types that are allowed at `inner` below `row`."""
    kinds = [msgspec.inspect.type_info(row)]
    for key in inner:
        kinds = [found for kind in kinds for found in _below(kind, key)]
    return kinds


def _below(kind: msgspec.inspect.Type, key: str | int) -> list[msgspec.inspect.Type]:
    found: list[msgspec.inspect.Type] = []
    if isinstance(kind, msgspec.inspect.VarTupleType):
        found = [kind.item_type]
    elif isinstance(kind, msgspec.inspect.StructType):
        found = [field.type for field in kind.fields if field.encode_name == key]
    return [part for type_ in found for part in _alternatives(type_)]


def _alternatives(kind: msgspec.inspect.Type) -> list[msgspec.inspect.Type]:
    return list(kind.types) if isinstance(kind, msgspec.inspect.UnionType) else [kind]
