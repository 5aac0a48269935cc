"""The operator's price tables: what they may say, and where a mistake in them is."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from tests.tariff.conftest import MakeTariff

from entrepot import tariff
from entrepot.catalog import Catalogue
from entrepot.errors import ConfigurationError
from entrepot.money import nusd

PRICE = {"input": "1", "output": "2"}


def refusal(tables: dict[str, Any], catalogue: Catalogue) -> tuple[str, tuple[str | int, ...]]:
    with pytest.raises(ConfigurationError) as refused:
        tariff.load(tables, catalogue)
    return refused.value.message, refused.value.path


@pytest.mark.parametrize(
    ("row", "message", "place"),
    [
        ({"model": "harbor", "price": PRICE}, "unknown model 'harbor'", ("model",)),
        ({"model": "harbour"}, "needs a price", ()),
        ({"model": "harbour", "price": {}}, "needs a price", ()),
        ({"model": "harbour", "plan": "gone", "price": PRICE}, "unknown plan 'gone'; known: team", ("plan",)),
        ({"model": "harbour", "plan": "team", "provider": "near", "price": PRICE}, "not both", ("plan",)),
        ({"model": "at-cost", "provider": "far", "price": PRICE}, "'far' does not offer at-cost", ("provider",)),
        ({"model": "harbour", "price": {"input": 1}}, "a price is a decimal string", ("price", "input")),
        ({"model": "harbour", "price": {"input": "-1"}}, "non-negative", ("price", "input")),
        ({"model": "harbour", "prise": PRICE}, "unknown field 'prise'; allowed: ", ("prise",)),
        ({"model": "harbour", "from": "soon", "price": PRICE}, "Invalid RFC3339", ("from",)),
    ],
)  # fmt: skip
def test_a_mistake_in_a_price_is_told_with_its_place(
    catalogue: Catalogue, row: dict[str, Any], message: str, place: tuple[str, ...]
) -> None:
    good = {"model": "harbour", "price": PRICE}
    told, path = refusal({"prices": [good, row], "plans": {"team": {}}}, catalogue)
    assert message in told
    assert path == ("prices", 1, *place)


@pytest.mark.parametrize(
    ("plan", "message", "place"),
    [
        ({"rules": [{}]}, "missing required field `percent`", ("rules", 0)),
        ({"rules": [{"percent": "a lot"}]}, "must be above -100 with at most two decimals", ("rules", 0, "percent")),
        ({"rules": [{"percent": -100}]}, "must be above -100", ("rules", 0, "percent")),
        ({"rules": [{"percent": "0.001"}]}, "at most two decimals", ("rules", 0, "percent")),
        ({"rules": [{"percent": "NaN"}]}, "must be above -100", ("rules", 0, "percent")),
        ({"rules": [{"percent": 1.5}]}, "Expected `int | str`", ("rules", 0, "percent")),
        ({"rules": [{"percent": 1, "minimum": {"input": "x"}}]}, "not a decimal", ("rules", 0, "minimum", "input")),
        ({"rules": [{"percent": 1, "over": "cost"}]}, "allowed: buy, list", ("rules", 0, "over")),
        ({"free_tier": {}}, "missing required field `models`", ("free_tier",)),
        ({"free_tier": {"models": ["x"], "requests_per_day": 0}}, ">= 1", ("free_tier", "requests_per_day")),
        ({"fre": ["x"]}, "unknown field 'fre'; allowed: description, free, free_tier, rules", ("fre",)),
    ],
)
def test_a_mistake_in_a_plan_is_told_with_its_place(
    catalogue: Catalogue, plan: dict[str, Any], message: str, place: tuple[str | int, ...]
) -> None:
    told, path = refusal({"plans": {"team": plan}}, catalogue)
    assert message in told
    assert path == ("plans", "team", *place)


def test_tables_of_another_form_are_refused(catalogue: Catalogue) -> None:
    assert refusal({"prices": {}}, catalogue) == (
        "must be an array of tables, each opened by [[prices]]",
        ("prices",),
    )
    assert refusal({"plans": []}, catalogue)[1] == ("plans",)


def test_a_price_may_wait_for_a_local_model(make_tariff: MakeTariff) -> None:
    assert "local/tiny" not in make_tariff({"model": "local/tiny", "price": PRICE}).models


def test_an_acceptance_needs_no_price(make_tariff: MakeTariff) -> None:
    found = make_tariff(
        {"model": "port/harbour", "accepted": date(2026, 11, 20)},
        {"model": "harbour", "accepted": date(2026, 11, 21), "price": PRICE},
    )
    assert found.accepted == {"harbour": {date(2026, 11, 20), date(2026, 11, 21)}}


def test_a_rule_knows_percents_to_two_decimals(make_tariff: MakeTariff) -> None:
    rules = [{"percent": "12.25", "minimum": {"request": "5"}}, {"percent": -99}]
    first, second = make_tariff(team={"rules": rules}).plans["team"].rules
    assert (first.basis_points, second.basis_points) == (1225, -9900)
    assert first.minimum == {"request": nusd("5")}
