"""A price list against the prices in force: what it changes, what of that a person must accept, and the rows to write.

What a list does not name stays as it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime

import msgspec

from entrepot.catalog import Catalogue, Model
from entrepot.money import METERS, TIERS, Meter, Price, Rate, Tier, usd
from entrepot.tariff.guard import Move, moves
from entrepot.tariff.markup import named_in, sheet_at
from entrepot.tariff.tariff import Tariff


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """Which prices a list is for: the list prices, those of a plan, or what a provider charges."""

    plan: str | None = None
    provider: str | None = None

    def price(self, tariff: Tariff, model: Model, at: datetime) -> Price | None:
        """What is in force there."""
        if self.provider is not None:
            offers = [offer for offer in model.offers if offer.provider == self.provider]
            return tariff.buy_price(model, offers[0], at) if offers else None
        return tariff.price(model, self.plan, at) if self.plan is not None else tariff.list_price(model, at)

    def takes(self, model: Model) -> bool:
        return self.provider is None or any(offer.provider == self.provider for offer in model.offers)


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A model whose price a list changes; `held` are the moves that a person must accept first."""

    model_id: str
    was: Price | None
    now: Price
    held: tuple[Move, ...]


def changes(
    prices: Mapping[str, Price], catalogue: Catalogue, tariff: Tariff, target: Target, at: datetime
) -> list[Change]:
    """What a list would change, in the catalogue's order."""
    found = []
    for model, listed in matched(prices, catalogue):
        was = target.price(tariff, model, at)
        now = _merged(was, listed)
        if target.takes(model) and (was is None or _sheets(was) != _sheets(now)):
            held = (*moves(was, now), *_new_zeros(was, now))
            found.append(Change(model_id=model.id, was=was, now=now, held=held))
    return found


def matched(prices: Mapping[str, Price], catalogue: Catalogue) -> Iterator[tuple[Model, Price]]:
    """The catalogue's models with the list's prices; an id goes before a slug, a slug before an alias."""
    for model in catalogue.models.values():
        names = (model.id, model.canonical_slug or "", *model.aliases)
        listed = next((prices[name] for name in names if name in prices), None)
        if listed is not None:
            yield model, listed


class Line(msgspec.Struct, frozen=True):
    """One rate that changes, in USD per million units; empty where there is none. `far` says that it moves too far."""

    rate: str
    was: str
    now: str
    far: bool


def lines(change: Change) -> Iterator[Line]:
    far = {(move.tier, move.step, move.meter) for move in change.held}
    for tier in TIERS:
        named = named_in([change.now], tier)
        steps = {*change.now.steps(tier), *(change.was.steps(tier) if change.was else ())}
        for step in sorted(steps):
            was, now = sheet_at(change.was, tier, step) if change.was else {}, sheet_at(change.now, tier, step)
            for meter in METERS:
                if meter in named and was.get(meter) != now.get(meter):
                    words = ("" if tier == "standard" else tier, meter, f"above {step}" if step else "")
                    amounts = _amount(was, meter), _amount(now, meter)
                    yield Line(" ".join(filter(None, words)), *amounts, (tier, step, meter) in far)


def _amount(sheet: Mapping[Meter, int], meter: Meter) -> str:
    return usd(sheet[meter]) if meter in sheet else ""


def _merged(was: Price | None, listed: Price) -> Price:
    """The new rates over the old ones."""

    def key(rate: Rate) -> tuple[Meter, Tier, int]:
        return rate.meter, rate.tier, rate.above_input_tokens

    rates = {key(rate): rate for rate in (*(was.rates if was else ()), *listed.rates)}
    return Price(tuple(rates.values()))


def _new_zeros(was: Price | None, now: Price) -> Iterator[Move]:
    """A list that calls a model free which had no price yet is not taken at its word either."""
    sides: tuple[Meter, ...] = ("input", "output")
    for meter in sides if was is None else ():
        if now.in_force().get(meter) == 0:
            yield Move(meter=meter, tier="standard", step=0, was_nusd=None, now_nusd=0)


def _sheets(price: Price) -> list[Mapping[Meter, int]]:
    return [sheet_at(price, tier, step) for tier in price.tiers for step in price.steps(tier)]


# Writing ------------------------------------------------------------------------------------------


def emit(changes: Iterable[Change], target: Target, since: date, accepted: Mapping[str, date]) -> str:
    """The changes as rows that can be appended to any settings file. `accepted` are days by model."""
    return "".join("\n" + _row(change, target, since, accepted.get(change.model_id)) for change in changes)


def _row(change: Change, target: Target, since: date, accepted: date | None) -> str:
    fields = {
        "model": _text(change.model_id),
        "plan": target.plan and _text(target.plan),
        "provider": target.provider and _text(target.provider),
        "from": str(since),
        "accepted": accepted and str(accepted),
        **_tables(change.now, 0),
    }
    text = "[[prices]]\n" + "".join(f"{name} = {value}\n" for name, value in fields.items() if value)
    for step in sorted({step for tier in change.now.tiers for step in change.now.steps(tier)} - {0}):
        tables = _tables(change.now, step)
        text += f"[[prices.price_above]]\ninput_tokens = {step}\n"
        text += "".join(f"{name} = {value}\n" for name, value in tables.items())
    return text


def _tables(price: Price, step: int) -> dict[str, str]:
    tables = {}
    for tier in TIERS:
        rates = {rate.meter: rate for rate in price.rates if (rate.tier, rate.above_input_tokens) == (tier, step)}
        inner = ", ".join(f'{meter} = "{usd(rates[meter].nusd_per_million)}"' for meter in METERS if meter in rates)
        if inner:
            tables["price" if tier == "standard" else f"price_{tier}"] = f"{{ {inner} }}"
    return tables


def _text(value: str) -> str:
    """A TOML basic string: JSON's escapes are among its own."""
    return json.dumps(value, ensure_ascii=False)
