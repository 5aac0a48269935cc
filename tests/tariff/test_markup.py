"""Whole price lists raised, and the dearest of several."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from entrepot.conversation import Usage
from entrepot.money import TIERS, Meter, Price, Rate, cost, nusd, parse_price
from entrepot.tariff.markup import FREE, dearest, marked_up, sheet_at

LIST = Price(
    (
        *parse_price({"input": "1", "cached_input": "0.1", "output": "4"}),
        *parse_price({"input": "0.5", "output": "2"}, tier="batch"),
        *parse_price({"input": "2", "output": "6"}, above_input_tokens=1000),
    )
)

amounts = st.integers(min_value=0, max_value=10**12)
meters: st.SearchStrategy[Meter] = st.sampled_from(["input", "cached_input", "output", "request"])


@st.composite
def lists(draw: st.DrawFn) -> Price:
    own: dict[Meter, int] = {"input": draw(amounts), "output": draw(amounts)}
    own |= draw(st.dictionaries(meters, amounts))
    above = draw(st.dictionaries(meters, amounts))
    steps = [(0, own), (draw(st.integers(min_value=1, max_value=500)), above)]
    return Price(
        tuple(
            Rate(meter=meter, nusd_per_million=amount, above_input_tokens=step)
            for step, table in steps
            for meter, amount in table.items()
        )
    )


usages = st.builds(
    Usage,
    input_tokens=st.integers(min_value=0, max_value=1000),
    cached_tokens=st.integers(min_value=0, max_value=1000),
    output_tokens=st.integers(min_value=0, max_value=1000),
)


def test_every_rate_of_every_tier_and_step_is_marked_up() -> None:
    marked = marked_up(LIST, 2_500, {})
    assert marked.in_force() == {meter: amount * 5 // 4 for meter, amount in LIST.in_force().items()}
    assert marked.in_force("batch")["output"] == nusd("2.5")
    assert marked.in_force("standard", 1001)["input"] == nusd("2.5")
    assert marked.in_force("standard", 1000)["input"] == nusd("1.25")
    assert marked.in_force("priority") == {}


def test_a_markdown_lowers_and_a_rate_is_rounded_half_up() -> None:
    price = Price((Rate(meter="input", nusd_per_million=5), Rate(meter="output", nusd_per_million=1)))
    assert marked_up(price, -1_000, {}).in_force("standard")["input"] == 5
    assert marked_up(price, -1_001, {}).in_force("standard")["input"] == 4
    assert marked_up(price, -5_000, {}).in_force("standard")["output"] == 1


def test_a_minimum_holds_even_for_a_meter_that_the_list_does_not_name() -> None:
    least: dict[Meter, int] = {"input": nusd("1.5"), "cache_write": nusd("3"), "request": nusd("7")}
    sheet = marked_up(LIST, 0, least).in_force()
    assert (sheet["input"], sheet["cached_input"], sheet["output"]) == (nusd("1.5"), nusd("0.1"), nusd("4"))
    assert (sheet["cache_write"], sheet["request"]) == (nusd("3"), nusd("7"))


@given(lists(), st.integers(min_value=0, max_value=100_000), usages)
def test_a_markup_never_makes_a_call_cheaper(price: Price, basis_points: int, usage: Usage) -> None:
    assert cost(usage, marked_up(price, basis_points, {})) >= cost(usage, price)


@given(st.lists(lists(), min_size=1, max_size=4), usages)
def test_the_dearest_of_several_lists_is_at_least_each_of_them(prices: list[Price], usage: Usage) -> None:
    found = dearest(prices)
    assert found is not None
    assert cost(usage, found) >= max(cost(usage, price) for price in prices)


def test_the_dearest_of_none_is_unknown() -> None:
    assert dearest([]) is None
    assert dearest([LIST]) == LIST


def test_a_tier_that_only_one_of_them_sells_is_that_ones() -> None:
    other = Price(parse_price({"input": "9", "output": "1"}))
    found = dearest([LIST, other])
    assert found is not None
    assert found.in_force("batch") == LIST.in_force("batch")
    assert (found.in_force()["input"], found.in_force()["cached_input"], found.in_force()["output"]) == (
        nusd("9"),
        nusd("9"),
        nusd("4"),
    )


def test_free_is_zero_in_every_tier() -> None:
    assert all(set(sheet_at(FREE, tier, 0).values()) == {0} for tier in TIERS)
