"""`entrepot models`: the catalogue as configured here."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from entrepot.cli import output
from entrepot.cli.options import Config, Home, Json, catalogue_and_tariff, load
from entrepot.errors import NotFound

_COLUMNS = ("id", "developer", "context", "max output", "input $/M", "output $/M", "status", "available from")


def command(
    search: Annotated[str, typer.Argument(help="Show models whose id, alias, name or developer holds this.")] = "",
    available: Annotated[bool, typer.Option("--available", help="Only models that can be called now.")] = False,
    home: Home = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """List models with context, prices, lifecycle and the providers that can be called now."""
    from entrepot.catalog import model_object
    from entrepot.providers.registry import Registry

    settings = load(home, config)
    catalogue, tariff = catalogue_and_tariff(settings)
    directory = settings.config.parent if settings.config else Path.cwd()
    registry = Registry(catalogue, settings.environ, directory)
    now = datetime.now(UTC)
    rows: list[dict[str, Any]] = []
    for model in catalogue.models.values():
        providers = tuple(offer.provider for offer in model.offers if registry.is_available(offer.provider))
        words = " ".join((*model.names, model.name, model.developer or "")).casefold()
        if search.casefold() in words and (providers or not available):
            model = msgspec.structs.replace(model, price=tariff.price(model, None, now))
            rows.append(model_object(model, available=providers) | {"available from": providers})
    if search and not rows:
        raise NotFound(f"No model matches {search!r}.")
    output.table(rows if as_json else [_row(row) for row in rows], _COLUMNS, as_json)


def _row(row: dict[str, Any]) -> dict[str, Any]:
    pricing = row["pricing"]
    return {
        "id": row["id"],
        "developer": row["owned_by"],
        "context": row["context_length"],
        "max output": row["max_output_tokens"],
        "input $/M": _per_million(pricing.get("prompt")),
        "output $/M": _per_million(pricing.get("completion")),
        "status": row["lifecycle"]["status"],
        "available from": row["available from"],
    }


def _per_million(per_token: str | None) -> str | None:
    from decimal import Decimal

    return None if per_token is None else f"{Decimal(per_token) * 1_000_000:f}"
