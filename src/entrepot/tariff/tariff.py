"""The tariff as one immutable value: which price applies to a model, for a plan, at a moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from types import MappingProxyType

from entrepot.catalog import Catalogue, Model, Offer
from entrepot.money import Price
from entrepot.tariff.markup import FREE, dearest, marked_up
from entrepot.tariff.records import ALWAYS, DEFAULT_PLAN, FreeTier, Plan, PriceEntry, Quote

Timeline = tuple[tuple[datetime, Quote | None], ...]


class Tariff:
    """Prices of one catalogue's models. Entries of the same moment: the later one holds.

    `accepted` are the days on which a person has agreed to whatever moves of a model's prices.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        plans: Iterable[Plan] = (),
        entries: Iterable[PriceEntry] = (),
        accepted: Mapping[str, frozenset[date]] = MappingProxyType({}),
    ) -> None:
        self.models = catalogue.models
        self.plans: Mapping[str, Plan] = MappingProxyType({plan.name: plan for plan in plans})
        self.accepted = accepted
        self._default = self.plans.get(DEFAULT_PLAN, Plan(name=DEFAULT_PLAN))
        self._entries: dict[str, list[PriceEntry]] = {}
        for entry in sorted(entries, key=lambda entry: entry.since):
            self._entries.setdefault(entry.model_id, []).append(entry)
        self._timelines: dict[tuple[str, str | None], Timeline] = {}

    def price(self, model: Model, plan: str | None, at: datetime) -> Price | None:
        """The sell price; None when it is unknown, as everything is to an unknown plan."""
        quote = self.quote(model, plan, at)
        return quote.price if quote is not None else None

    def quote(self, model: Model, plan: str | None, at: datetime) -> Quote | None:
        """The sell price with its source."""
        for since, quote in self._timeline(model, plan):
            if since <= at:
                return quote
        return None

    def list_price(self, model: Model, at: datetime) -> Price | None:
        """What the catalogue and the dated entries without a plan say."""
        return self._entry(model, at) or model.price

    def buy_price(self, model: Model, offer: Offer, at: datetime) -> Price | None:
        """What the provider of an offer charges the hub; None when it is unknown."""
        return self._entry(model, at, provider=offer.provider) or offer.price

    def free_tier(self, plan: str | None) -> FreeTier | None:
        found = self._plan(plan)
        return found.free_tier if found is not None else None

    def moments(self, model: Model, plan: str | None) -> tuple[datetime, ...]:
        """When the sell price may change, latest first."""
        return tuple(since for since, _ in self._timeline(model, plan))

    def _plan(self, plan: str | None) -> Plan | None:
        return self._default if plan is None else self.plans.get(plan)

    def _timeline(self, model: Model, plan: str | None) -> Timeline:
        """The quotes of a model and plan by the moment they begin, latest first; made at its first use."""
        known = self._timelines.get((model.id, plan))
        if known is None:
            found = self._plan(plan)
            known = self._timelines[model.id, plan] = self._made(model, found) if found else ()
        return known

    def _made(self, model: Model, plan: Plan) -> Timeline:
        moments = {ALWAYS, *(entry.since for entry in self._entries.get(model.id, ()))}
        moments |= {rule.since for rule in plan.rules}
        return tuple((moment, self._quoted(model, plan, moment)) for moment in sorted(moments, reverse=True))

    def _quoted(self, model: Model, plan: Plan, at: datetime) -> Quote | None:
        own = self._entry(model, at, plan=plan.name)
        if own is not None:
            return Quote("plan", own)
        if plan.is_free(model):
            return Quote("free", FREE)
        ruled = self._by_rule(model, plan, at)
        if ruled is not None:
            return Quote("rule", ruled)
        listed = self.list_price(model, at)
        if listed is not None:
            return Quote("list", listed)
        bought = self._bought(model, at, model.offers)
        return Quote("cost", bought) if bought is not None else None

    def _by_rule(self, model: Model, plan: Plan, at: datetime) -> Price | None:
        """By the first rule in force that fits and whose base is known."""
        for rule in plan.rules:
            if rule.since > at or not rule.matches(model):
                continue
            offers = [offer for offer in model.offers if rule.covers(offer.provider)]
            base = self.list_price(model, at) if rule.over == "list" else self._bought(model, at, offers)
            if base is not None:
                return marked_up(base, rule.basis_points, rule.minimum)
        return None

    def _bought(self, model: Model, at: datetime, offers: Iterable[Offer]) -> Price | None:
        """What the dearest of the offers costs, meter by meter, as far as their prices are known."""
        return dearest([price for offer in offers if (price := self.buy_price(model, offer, at)) is not None])

    def _entry(
        self, model: Model, at: datetime, *, plan: str | None = None, provider: str | None = None
    ) -> Price | None:
        found = [
            entry.price
            for entry in self._entries.get(model.id, ())
            if entry.since <= at and entry.plan == plan and entry.provider == provider
        ]
        return found[-1] if found else None
