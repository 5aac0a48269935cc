"""The operator's price tables as a Tariff: `[[prices]]` and `[plans.NAME]`.

Every problem is a ConfigurationError with its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation, Overflow
from typing import Any

import msgspec

from entrepot.catalog import Catalogue, Model
from entrepot.catalog import rows as catalogue_rows
from entrepot.catalog.records import Count, Fact
from entrepot.catalog.rows import Path, PricedRow, PriceRow
from entrepot.errors import ConfigurationError
from entrepot.money import Meter, nusd
from entrepot.tariff.records import ALWAYS, Base, FreeTier, Plan, PriceEntry, Rule
from entrepot.tariff.tariff import Tariff

Table = Mapping[str, Any]

TABLES = ("prices", "plans")
COMING = "local/"
"""Models below it come when their engine has loaded: until then nothing is known of them."""


class PriceEntryRow(PricedRow, frozen=True, kw_only=True):
    """One row of `[[prices]]`: a price from a day on, or an acceptance, or both."""

    model: str
    plan: str | None = None
    provider: str | None = None
    since: date | None = msgspec.field(name="from", default=None)
    accepted: date | None = None


class RuleRow(Fact, frozen=True, kw_only=True):
    percent: int | str
    over: Base = "list"
    model: str | None = None
    family: str | None = None
    provider: str | None = None
    minimum: PriceRow | None = None
    since: date | None = msgspec.field(name="from", default=None)


class FreeTierRow(Fact, frozen=True, kw_only=True):
    models: tuple[str, ...]
    requests_per_day: Count | None = None
    tokens_per_day: Count | None = None


class PlanRow(Fact, frozen=True, kw_only=True):
    description: str = ""
    free: tuple[str, ...] = ()
    free_tier: FreeTierRow | None = None
    rules: tuple[RuleRow, ...] = ()


def load(operator: Table, catalogue: Catalogue) -> Tariff:
    """The tariff of a catalogue with the operator's tables. Raises ConfigurationError."""
    given = operator.get("plans", {})
    if not isinstance(given, Mapping):
        raise ConfigurationError("must be tables such as [plans.team]", path=("plans",))
    plans = {name: _plan(table, name) for name, table in given.items()}
    entries: list[PriceEntry] = []
    accepted: dict[str, frozenset[date]] = {}
    for path, row in _rows(operator.get("prices", [])):
        model = _model(row, catalogue, plans, path)
        if model is None:
            continue
        if row.accepted is not None:
            accepted[model.id] = accepted.get(model.id, frozenset()) | {row.accepted}
        entries += _entry(row, model, path)
    return Tariff(catalogue, plans.values(), entries, accepted)


# Prices -------------------------------------------------------------------------------------------


def _rows(tables: object) -> list[tuple[Path, PriceEntryRow]]:
    if not isinstance(tables, list):
        raise ConfigurationError("must be an array of tables, each opened by [[prices]]", path=("prices",))
    paths: list[Path] = [("prices", index) for index in range(len(tables))]
    return [(path, catalogue_rows.read(table, PriceEntryRow, path)) for path, table in zip(paths, tables, strict=True)]


def _model(row: PriceEntryRow, catalogue: Catalogue, plans: Mapping[str, Plan], path: Path) -> Model | None:
    """The model that a row is about; None while it is still to come."""
    if row.plan is not None and row.provider is not None:
        raise ConfigurationError("give plan (a sell price) or provider (a buy price), not both", path=(*path, "plan"))
    if row.plan is not None and row.plan not in plans:
        known = ", ".join(sorted(plans)) or "none"
        raise ConfigurationError(f"unknown plan {row.plan!r}; known: {known}", path=(*path, "plan"))
    model = catalogue.find(row.model)
    if model is None and not row.model.startswith(COMING):
        raise ConfigurationError(f"unknown model {row.model!r}; give its id or an alias", path=(*path, "model"))
    providers = [offer.provider for offer in model.offers] if model else []
    if model and row.provider is not None and row.provider not in providers:
        known = ", ".join(dict.fromkeys(providers)) or "none"
        raise ConfigurationError(
            f"{row.provider!r} does not offer {model.id}; known: {known}", path=(*path, "provider")
        )
    return model


def _entry(row: PriceEntryRow, model: Model, path: Path) -> list[PriceEntry]:
    price = catalogue_rows.price(row, path)
    if price is not None:
        return [
            PriceEntry(model_id=model.id, price=price, plan=row.plan, provider=row.provider, since=_midnight(row.since))
        ]
    if row.accepted is None:
        raise ConfigurationError('needs a price, such as price = { input = "0.40", output = "1.60" }', path=path)
    return []


# Plans --------------------------------------------------------------------------------------------


def _plan(table: object, name: str) -> Plan:
    path: Path = ("plans", name)
    row = catalogue_rows.read(table, PlanRow, path)
    tier = row.free_tier
    return Plan(
        name=name,
        description=row.description,
        free=row.free,
        free_tier=FreeTier(**msgspec.structs.asdict(tier)) if tier else None,
        rules=tuple(_rule(rule, (*path, "rules", index)) for index, rule in enumerate(row.rules)),
    )


def _rule(row: RuleRow, path: Path) -> Rule:
    return Rule(
        basis_points=_basis_points(row.percent, (*path, "percent")),
        over=row.over,
        model=row.model,
        family=row.family,
        provider=row.provider,
        minimum=_minimum(row.minimum, (*path, "minimum")),
        since=_midnight(row.since),
    )


def _basis_points(percent: int | str, path: Path) -> int:
    try:
        amount = Decimal(percent) * 100
    except (InvalidOperation, Overflow):
        amount = Decimal("NaN")
    if not amount.is_finite() or amount != amount.to_integral_value() or amount <= -10_000:
        message = f'must be above -100 with at most two decimals, such as 20 or "12.5", got {percent!r}'
        raise ConfigurationError(message, path=path)
    return int(amount)


def _minimum(row: PriceRow | None, path: Path) -> dict[Meter, int]:
    amounts: dict[Meter, int] = {}
    for meter, text in msgspec.structs.asdict(row).items() if row else ():
        if text is None:
            continue
        try:
            amounts[meter] = nusd(text)  # type: ignore[index]  # PriceRow's fields are the meters
        except ValueError as error:
            raise ConfigurationError(str(error), path=(*path, meter)) from None
    return amounts


def _midnight(day: date | None) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) if day else ALWAYS
