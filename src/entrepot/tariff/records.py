"""Price entries, plans and their rules, as frozen records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Literal

import msgspec

from entrepot.catalog import Model
from entrepot.money import Meter, Price

DEFAULT_PLAN = "default"
"""The plan of organisations that have no other. It need not be declared."""

ALWAYS = datetime.min.replace(tzinfo=UTC)

Source = Literal["plan", "free", "rule", "list", "cost"]
"""Where a sell price comes from, in the order in which they are looked for."""

Base = Literal["list", "buy"]


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """Base of the records here."""


class Quote(msgspec.Struct, frozen=True):
    """A sell price, and where it comes from."""

    source: Source
    price: Price


class PriceEntry(Record, frozen=True):
    """A price from a moment on: the list price, with `plan` what its organisations pay, with `provider` a buy price."""

    model_id: str
    price: Price
    plan: str | None = None
    provider: str | None = None
    since: datetime = ALWAYS


class Rule(Record, frozen=True):
    """A markup for the models that all its patterns match; absent patterns match any.

    `provider` also narrows the offers over whose buy price it goes. `minimum` is nano-USD per million by meter.
    """

    basis_points: int
    over: Base = "list"
    model: str | None = None
    family: str | None = None
    provider: str | None = None
    minimum: Mapping[Meter, int] = {}
    since: datetime = ALWAYS

    def matches(self, model: Model) -> bool:
        return (
            (self.model is None or _any_fits((self.model,), model.names))
            and (self.family is None or _any_fits((self.family,), (model.family or "",)))
            and (self.provider is None or any(self.covers(offer.provider) for offer in model.offers))
        )

    def covers(self, provider: str) -> bool:
        return self.provider is None or _any_fits((self.provider,), (provider,))


class FreeTier(Record, frozen=True):
    """What an organisation may use of some models in a UTC day before it pays; None is no bound."""

    models: tuple[str, ...]
    requests_per_day: int | None = None
    tokens_per_day: int | None = None

    def covers(self, model: Model) -> bool:
        return _any_fits(self.models, model.names)


class Plan(Record, frozen=True):
    """What its organisations pay. `free` are patterns of models that cost nothing; the first rule that fits holds."""

    name: str
    description: str = ""
    free: tuple[str, ...] = ()
    free_tier: FreeTier | None = None
    rules: tuple[Rule, ...] = ()

    def is_free(self, model: Model) -> bool:
        return _any_fits(self.free, model.names)


def _any_fits(patterns: Iterable[str], names: Iterable[str]) -> bool:
    return any(fnmatchcase(name.casefold(), pattern.casefold()) for pattern in patterns for name in names)
