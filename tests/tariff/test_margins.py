"""What is left between buying and selling."""

from __future__ import annotations

import pytest

from entrepot.money import Price, parse_price
from entrepot.tariff.margins import Margin, margin

SELL = Price(
    (*parse_price({"input": "1", "output": "4"}), *parse_price({"input": "2", "output": "8"}, tier="priority"))
)


@pytest.mark.parametrize(
    ("buy", "least", "dearer"),
    [
        ({"input": "0.8", "output": "3"}, 200, ()),
        ({"input": "0.5", "output": "4"}, 0, ()),
        ({"input": "0.5", "output": "5"}, -250, ("output",)),
        ({"input": "1.5"}, -500, ("input",)),
        ({"input": "0.5", "output": "1", "reasoning": "6"}, -500, ("reasoning",)),
        ({"request": "5"}, None, ()),
    ],
)
def test_the_least_margin_and_what_is_dearer(buy: dict[str, str], least: int | None, dearer: tuple[str, ...]) -> None:
    assert margin(SELL, Price(parse_price(buy))) == Margin(least_permille=least, dearer=dearer)


def test_tiers_and_long_inputs_are_looked_at_too() -> None:
    buy = Price(
        (
            *parse_price({"input": "1", "output": "4"}),
            *parse_price({"input": "3"}, above_input_tokens=1000),
            *parse_price({"input": "3", "output": "8"}, tier="priority"),
        )
    )
    assert margin(SELL, buy) == Margin(least_permille=-2000, dearer=("input above 1000", "priority input"))


def test_what_is_sold_for_nothing_has_no_margin() -> None:
    free = Price(parse_price({"input": "0", "output": "0"}))
    assert margin(free, free) == Margin(least_permille=None, dearer=())
    assert margin(free, SELL).dearer == ("input", "output")
