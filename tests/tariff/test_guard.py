"""Price moves that only a person lets through."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from tests.tariff.conftest import MakeTariff

from entrepot.errors import ConfigurationError
from entrepot.money import Price, parse_price
from entrepot.tariff import guard

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
TODAY = NOON.date()


def price(**amounts: str) -> Price:
    return Price(parse_price(amounts))


def listed(output: str = "4", **fields: Any) -> dict[str, Any]:
    return {"model": "harbour", "price": {"input": "1", "output": output}, **fields}


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        (price(input="1", output="1"), price(input="10", output="0.1"), []),
        (price(input="1", output="1"), price(input="10.000000001", output="1"), ["input from 1 to 10.000000001"]),
        (price(input="1", output="1"), price(input="1", output="0.09"), ["output from 1 to 0.09"]),
        (price(input="1", output="1"), price(input="1", output="0"), ["output from 1 to 0"]),
        (price(input="0", output="0"), price(input="0", output="1"), ["output from 0 to 1"]),
        (price(input="0", output="0"), price(input="0", output="0"), []),
        (price(input="1", output="1"), price(input="1"), ["output from 1 to nothing"]),
        (price(input="1", output="1"), None, ["input from 1 to nothing", "output from 1 to nothing"]),
        (None, price(input="1", output="1"), []),
        (None, None, []),
        (price(input="1", cached_input="0.05"), price(input="1"), ["cached_input from 0.05 to 1"]),
        (price(input="1"), price(input="1", cached_input="0.05"), ["cached_input from 1 to 0.05"]),
        (price(input="1"), price(input="1", request="5"), []),
    ],
)
def test_a_rate_may_move_tenfold_and_not_to_or_from_nothing(
    was: Price | None, now: Price | None, told: list[str]
) -> None:
    assert [str(move) for move in guard.moves(was, now)] == told


def test_tiers_and_long_inputs_are_compared_as_well() -> None:
    was = Price(
        (
            *price(input="1").rates,
            *parse_price({"input": "2"}, above_input_tokens=1000),
            *parse_price({"input": "0.5"}, tier="batch"),
        )
    )
    now = Price((*price(input="1").rates, *parse_price({"input": "30"}, above_input_tokens=2000)))
    assert [str(move) for move in guard.moves(was, now)] == [
        "input above 2000 tokens from 2 to 30",
        "batch input from 0.5 to nothing",
    ]


@pytest.mark.parametrize(
    "after",
    [
        listed("40.1"),
        listed("0"),
        listed("0.39"),
        listed("41", **{"from": date(2027, 1, 1)}),
        listed("41", accepted=date(2026, 11, 19)),
    ],
)
def test_what_moves_too_far_is_held(make_tariff: MakeTariff, after: dict[str, Any]) -> None:
    with pytest.raises(
        ConfigurationError, match=r'harbour: output from 4 to .*model = "harbour", accepted = 2026-11-20'
    ):
        guard.check(make_tariff(), make_tariff(after), NOON)


@pytest.mark.parametrize(
    "after",
    [
        listed("40"),
        listed("0.4"),
        listed("41", accepted=TODAY),
        listed("41", **{"from": date(2027, 1, 1)}, accepted=TODAY),
        {"model": "unknown", "price": {"input": "900"}},
    ],
)
def test_what_moves_less_or_was_accepted_today_is_let_through(make_tariff: MakeTariff, after: dict[str, Any]) -> None:
    guard.check(make_tariff(), make_tariff(after), NOON)


def test_what_has_been_accepted_needs_no_acceptance_again(make_tariff: MakeTariff) -> None:
    dear = listed("400", **{"from": date(2027, 1, 1)})
    guard.check(make_tariff(dear), make_tariff(dear), NOON)


def test_the_prices_of_plans_are_compared_too(make_tariff: MakeTariff) -> None:
    with pytest.raises(ConfigurationError, match="harbour: input from 1 to 0"):
        guard.check(make_tariff(team={}), make_tariff(team={"free": ["harbour"]}), NOON)
    guard.check(make_tariff(), make_tariff(team={"free": ["harbour"]}), NOON)
    guard.check(make_tariff(team={"free": ["harbour"]}), make_tariff(), NOON)


def test_of_many_moves_a_few_are_told(make_tariff: MakeTariff, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "MOST_SHOWN", 1)
    with pytest.raises(ConfigurationError, match=r"claude-\S+: input from 4 to 0 and \d+ more"):
        guard.check(make_tariff(default={}), make_tariff(default={"free": ["*"]}), NOON)
