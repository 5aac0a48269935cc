"""A price list against the prices in force: what changes, what is held, and the rows that come of it."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.tariff.conftest import MakeTariff

from entrepot import tariff
from entrepot.catalog import Catalogue
from entrepot.money import Price, parse_price
from entrepot.tariff import Tariff, guard
from entrepot.tariff.changes import Change, Line, Target, changes, emit, lines

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
TODAY = NOON.date()


def price(**amounts: str) -> Price:
    return Price(parse_price(amounts))


def found(listed: Price, catalogue: Catalogue, known: Tariff, name: str = "harbour", **target: Any) -> list[Change]:
    return changes({name: listed}, catalogue, known, Target(**target), NOON)


@pytest.mark.parametrize("name", ["harbour", "port/harbour", "quay/harbour-1"])
def test_models_are_found_by_any_name(catalogue: Catalogue, make_tariff: MakeTariff, name: str) -> None:
    (change,) = found(price(input="2", output="4"), catalogue, make_tariff(), name)
    assert (change.model_id, change.held) == ("harbour", ())
    assert list(lines(change)) == [Line("input", "1", "2", False)]


def test_an_id_goes_before_other_names(catalogue: Catalogue, make_tariff: MakeTariff) -> None:
    listed = {"port/harbour": price(input="3"), "quay/harbour-1": price(input="4"), "harbour": price(input="2")}
    (change,) = changes(listed, catalogue, make_tariff(), Target(), NOON)
    assert change.now.in_force()["input"] == price(input="2").in_force()["input"]


def test_what_a_list_does_not_name_or_change_stays(catalogue: Catalogue, make_tariff: MakeTariff) -> None:
    assert found(price(input="1"), catalogue, make_tariff()) == []
    assert found(price(input="9"), catalogue, make_tariff(), "no-such") == []
    (change,) = found(price(input="2"), catalogue, make_tariff())
    assert change.now.in_force() == price(input="2", output="4").in_force()


@pytest.mark.parametrize(
    ("listed", "held"),
    [
        (price(input="11", output="4"), "input from 1 to 11"),
        (price(input="0.09", output="4"), "input from 1 to 0.09"),
        (price(input="1", output="0"), "output from 4 to 0"),
    ],
)
def test_what_moves_too_far_is_held(catalogue: Catalogue, make_tariff: MakeTariff, listed: Price, held: str) -> None:
    (change,) = found(listed, catalogue, make_tariff())
    assert [str(move) for move in change.held] == [held]
    assert [line.far for line in lines(change)] == [True]


def test_a_list_is_not_believed_that_a_model_without_a_price_is_free(
    catalogue: Catalogue, make_tariff: MakeTariff
) -> None:
    (change,) = found(price(input="0", output="0"), catalogue, make_tariff(), "unknown")
    assert [str(move) for move in change.held] == ["input from nothing to 0", "output from nothing to 0"]
    (change,) = found(price(input="1", output="1"), catalogue, make_tariff(), "unknown")
    assert (change.was, change.held) == (None, ())
    assert list(lines(change)) == [Line("input", "", "1", False), Line("output", "", "1", False)]


def test_a_list_may_be_a_providers_or_a_plans(catalogue: Catalogue, make_tariff: MakeTariff) -> None:
    known = make_tariff(team={"rules": [{"percent": 100}]})
    (bought,) = found(price(input="1", output="3.5"), catalogue, known, provider="far")
    assert list(lines(bought)) == [Line("input", "0.5", "1", False)]
    assert found(price(input="1"), catalogue, known, "at-cost", provider="far") == []
    (sold,) = found(price(input="3", output="8"), catalogue, known, plan="team")
    assert list(lines(sold)) == [Line("input", "2", "3", False)]


FULL = Price(
    (
        *parse_price({"input": "2", "cached_input": "0.000000001", "output": "5"}),
        *parse_price({"input": "1", "output": "2"}, tier="batch"),
        *parse_price({"input": "4"}, above_input_tokens=1000),
        *parse_price({"input": "8"}, tier="batch", above_input_tokens=2000),
        *parse_price({"input": "9"}, tier="priority"),
    )
)


@pytest.mark.parametrize("target", [Target(), Target(plan="team"), Target(provider="near")])
def test_what_is_written_is_what_is_then_in_force(
    catalogue: Catalogue, make_tariff: MakeTariff, target: Target
) -> None:
    known = make_tariff(team={})
    (change,) = changes({"harbour": FULL}, catalogue, known, target, NOON)
    document = tomllib.loads(emit([change, change], target, TODAY, {}))
    assert len(document["prices"]) == 2
    after = tariff.load({**document, "plans": {"team": {}}}, catalogue)
    written = target.price(after, catalogue.models["harbour"], NOON)
    assert written is not None
    for tier in ("standard", "batch", "priority"):
        for input_tokens in (0, 1001, 2001):
            assert written.in_force(tier, input_tokens) == FULL.in_force(tier, input_tokens)
    assert changes({"harbour": FULL}, catalogue, after, target, NOON) == []


def test_an_acceptance_is_written_with_its_row(catalogue: Catalogue, make_tariff: MakeTariff) -> None:
    (change,) = found(price(input="100"), catalogue, make_tariff())
    after = tariff.load(tomllib.loads(emit([change], Target(), TODAY, {"harbour": TODAY})), catalogue)
    assert after.accepted == {"harbour": {TODAY}}
    guard.check(make_tariff(), after, NOON)
