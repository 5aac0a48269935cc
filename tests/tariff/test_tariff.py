"""Which price applies to a model, for a plan, at a moment."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from tests.tariff.conftest import MakeTariff

from entrepot.money import usd
from entrepot.tariff import Tariff

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
DEAR = {"input": "7", "output": "7"}


def told(tariff: Tariff, model: str = "harbour", plan: str | None = None, at: datetime = NOON) -> str | None:
    """Source, input and output of the price in force."""
    quote = tariff.quote(tariff.models[model], plan, at)
    if quote is None:
        return None
    sheet = quote.price.in_force()
    return f"{quote.source} {usd(sheet['input'])} {usd(sheet['output'])}"


def test_without_any_tables_the_list_price_applies(make_tariff: MakeTariff) -> None:
    assert told(make_tariff()) == "list 1 4"


def test_a_model_without_a_list_price_is_sold_at_cost(make_tariff: MakeTariff) -> None:
    assert told(make_tariff(), "at-cost") == "cost 2 2"


def test_cost_is_that_of_the_dearest_offer_meter_by_meter(make_tariff: MakeTariff) -> None:
    plan = {"rules": [{"over": "buy", "percent": 0}]}
    assert told(make_tariff(team=plan), plan="team") == "rule 0.8 3.5"


def test_a_price_that_is_unknown_stays_unknown(make_tariff: MakeTariff) -> None:
    tariff = make_tariff(team={"rules": [{"over": "buy", "percent": 10}, {"percent": 10}]})
    assert told(tariff, "unknown") is None
    assert told(tariff, "unknown", "team") is None
    assert tariff.price(tariff.models["unknown"], "team", NOON) is None


def test_to_an_unknown_plan_every_price_is_unknown(make_tariff: MakeTariff) -> None:
    assert told(make_tariff(), plan="gone") is None
    assert make_tariff().free_tier("gone") is None


@pytest.mark.parametrize(
    ("rules", "price"),
    [
        ([{"percent": 25}], "rule 1.25 5"),
        ([{"percent": "12.5", "over": "list"}], "rule 1.125 4.5"),
        ([{"percent": -50}], "rule 0.5 2"),
        ([{"percent": 100, "over": "buy"}], "rule 1.6 7"),
        ([{"percent": 100, "over": "buy", "provider": "far"}], "rule 1 7"),
        ([{"percent": 0, "minimum": {"input": "3"}}], "rule 3 4"),
        ([{"percent": 50, "model": "other*"}, {"percent": 10, "family": "ports"}], "rule 1.1 4.4"),
        ([{"percent": 10}, {"percent": 50}], "rule 1.1 4.4"),
        ([{"percent": 50, "model": "other*"}], "list 1 4"),
        ([{"percent": 50, "from": date(2026, 11, 21)}, {"percent": 10}], "rule 1.1 4.4"),
        ([{"percent": 50, "from": date(2026, 11, 20)}, {"percent": 10}], "rule 1.5 6"),
    ],
)
def test_the_first_rule_in_force_that_fits_decides(make_tariff: MakeTariff, rules: list[Any], price: str) -> None:
    assert told(make_tariff(team={"rules": rules}), plan="team") == price


def test_a_rule_over_an_unknown_price_is_passed_over(make_tariff: MakeTariff) -> None:
    tariff = make_tariff(team={"rules": [{"over": "list", "percent": 10}, {"over": "buy", "percent": 50}]})
    assert told(tariff, "at-cost", "team") == "rule 3 3"


def test_a_plans_own_price_goes_before_its_free_models_and_those_before_its_rules(make_tariff: MakeTariff) -> None:
    plan = {"free": ["harbour", "at-*"], "rules": [{"percent": 50}]}
    tariff = make_tariff({"model": "port/harbour", "plan": "team", "price": DEAR}, team=plan)
    assert told(tariff, plan="team") == "plan 7 7"
    assert told(tariff, "at-cost", "team") == "free 0 0"
    assert told(tariff) == "list 1 4"


def test_the_plan_called_default_is_for_those_without_one(make_tariff: MakeTariff) -> None:
    tier = {"models": ["harbour"], "requests_per_day": 5}
    tariff = make_tariff(default={"rules": [{"percent": 50}], "free_tier": tier}, team={})
    assert told(tariff) == told(tariff, plan="default") == "rule 1.5 6"
    assert told(tariff, plan="team") == "list 1 4"
    found = tariff.free_tier(None)
    assert found is not None
    assert (found.requests_per_day, found.tokens_per_day) == (5, None)
    assert tariff.free_tier("team") is None


def test_a_price_holds_from_its_day_on_and_history_stays(make_tariff: MakeTariff) -> None:
    tariff = make_tariff(
        {"model": "harbour", "from": date(2026, 12, 1), "price": {"input": "3", "output": "3"}},
        {"model": "harbour", "from": date(2026, 6, 1), "price": {"input": "2", "output": "2"}},
        team={"rules": [{"percent": 100}]},
    )
    second = timedelta(seconds=1)
    june, december = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
    moments = (june - second, june, december - second, december, december + 1000 * second)
    assert [told(tariff, at=at) for at in moments] == ["list 1 4", "list 2 2", "list 2 2", "list 3 3", "list 3 3"]
    assert [told(tariff, plan="team", at=at) for at in moments[-2:]] == ["rule 6 6", "rule 6 6"]
    assert told(tariff, plan="team", at=june) == "rule 4 4"


def test_of_two_prices_from_the_same_day_the_later_row_holds(make_tariff: MakeTariff) -> None:
    day = date(2026, 6, 1)
    first = {"model": "harbour", "from": day, "price": DEAR}
    assert told(make_tariff(first, first | {"price": {"input": "2", "output": "2"}})) == "list 2 2"


def test_a_providers_price_is_what_the_hub_pays(make_tariff: MakeTariff) -> None:
    row = {"model": "harbour", "provider": "near", "from": date(2026, 11, 1), "price": DEAR}
    tariff = make_tariff(row, team={"rules": [{"over": "buy", "percent": 0}]})
    model = tariff.models["harbour"]
    near, far = model.offers
    before = NOON - timedelta(days=30)
    assert tariff.buy_price(model, near, before) == near.price
    assert tariff.buy_price(model, far, NOON) == far.price
    bought = tariff.buy_price(model, near, NOON)
    assert bought is not None
    assert usd(bought.in_force()["input"]) == "7"
    assert told(tariff) == "list 1 4"
    assert told(tariff, plan="team") == "rule 7 7"
    assert told(tariff, plan="team", at=before) == "rule 0.8 3.5"


def test_moments_are_told_latest_first(make_tariff: MakeTariff) -> None:
    tariff = make_tariff({"model": "harbour", "from": date(2026, 12, 1), "price": DEAR})
    later, always = tariff.moments(tariff.models["harbour"], None)
    assert later == datetime(2026, 12, 1, tzinfo=UTC) > always
