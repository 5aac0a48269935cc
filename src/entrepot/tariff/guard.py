"""The brakes: price moves that nothing but a person's word lets through.

A rate may rise or fall tenfold. Beyond that, to or from zero, or to nothing, it is more likely a slip or a broken list.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec

from entrepot.errors import ConfigurationError
from entrepot.money import METERS, Meter, Price, Tier, usd
from entrepot.tariff.markup import named_in, sheet_at
from entrepot.tariff.tariff import Tariff

MOST_TIMES = 10
MOST_SHOWN = 5


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """One rate that moves too far, in nano-USD per million units; None is no price."""

    meter: Meter
    tier: Tier
    step: int
    was_nusd: int | None
    now_nusd: int | None

    def __str__(self) -> str:
        tier = "" if self.tier == "standard" else f"{self.tier} "
        step = f" above {self.step} tokens" if self.step else ""
        return f"{tier}{self.meter}{step} from {_shown(self.was_nusd)} to {_shown(self.now_nusd)}"


def moves(was: Price | None, now: Price | None) -> list[Move]:
    """Those moves from one price list to another that go too far. What had no price may get any."""
    if was is None:
        return []
    found = []
    for tier in was.tiers:
        named = named_in([was, *([now] if now else [])], tier)
        steps = {*was.steps(tier), *(now.steps(tier) if now else ())}
        for step in sorted(steps):
            before, after = sheet_at(was, tier, step), sheet_at(now, tier, step) if now else {}
            found += [
                Move(meter=meter, tier=tier, step=step, was_nusd=before[meter], now_nusd=after.get(meter))
                for meter in METERS
                if meter in named and meter in before and _is_too_far(before[meter], after.get(meter))
            ]
    return found


def check(before: Tariff, after: Tariff, at: datetime) -> None:
    """Compare what is in force with what would be, now and later, for models and plans that both have.

    Raises ConfigurationError for moves that go too far, unless they are accepted on this very day.
    """
    far = []
    for model_id in after.models:
        if model_id in before.models and at.date() not in after.accepted.get(model_id, ()):
            move = next(_moved(before, after, model_id, at), None)
            far += [(model_id, move)] if move is not None else []
    if far:
        told = "; ".join(f"{model_id}: {move}" for model_id, move in far[:MOST_SHOWN])
        more = f" and {len(far) - MOST_SHOWN} more" if len(far) > MOST_SHOWN else ""
        raise ConfigurationError(
            f"prices move too far, in USD per million: {told}{more}. To let them, add a row of [[prices]] for "
            f'each, such as: model = "{far[0][0]}", accepted = {at.date()}'
        )


def _moved(before: Tariff, after: Tariff, model_id: str, at: datetime) -> Iterator[Move]:
    was, now = before.models[model_id], after.models[model_id]
    for plan in (None, *(name for name in after.plans if name in before.plans)):
        for moment in {at, *(later for later in after.moments(now, plan) if later > at)}:
            yield from moves(before.price(was, plan, moment), after.price(now, plan, moment))


def _is_too_far(was_nusd: int, now_nusd: int | None) -> bool:
    return now_nusd is None or was_nusd > now_nusd * MOST_TIMES or now_nusd > was_nusd * MOST_TIMES


def _shown(amount_nusd: int | None) -> str:
    return "nothing" if amount_nusd is None else usd(amount_nusd)
