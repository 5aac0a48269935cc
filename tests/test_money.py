"""Amounts, price lists and the one rule that multiplies them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.conversation import Usage
from entrepot.money import NUSD_PER_USD, Meter, Price, Rate, UnknownPrice, cost, nusd, parse_price, usd

BASIC = Price(parse_price({"input": "0.4", "cached_input": "0.1", "output": "1.6"}))


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("0", 0),
        ("1", NUSD_PER_USD),
        ("0.025", 25_000_000),
        ("0.000000001", 1),
        ("1e-9", 1),
        ("12345678901234567890", 12345678901234567890 * NUSD_PER_USD),
    ],
)
def test_nusd_reads_decimal_dollars_exactly(text: str, amount: int) -> None:
    assert nusd(text) == amount


@pytest.mark.parametrize("text", ["", "-1", "-0.1", "NaN", "Infinity", "1,5", "$1", "0.0000000001", "0x10"])
def test_nusd_refuses_what_is_no_exact_amount(text: str) -> None:
    with pytest.raises(ValueError, match=r"decimal"):
        nusd(text)


@pytest.mark.parametrize(
    ("amount", "text"),
    [(0, "0"), (1, "0.000000001"), (400_000_000, "0.4"), (100 * NUSD_PER_USD, "100"), (-25_000_000, "-0.025")],
)
def test_usd_writes_plain_decimals(amount: int, text: str) -> None:
    assert usd(amount) == text


@given(st.integers(min_value=0, max_value=10**24))
def test_what_usd_writes_nusd_reads(amount: int) -> None:
    assert nusd(usd(amount)) == amount


@pytest.mark.parametrize(
    ("table", "message"),
    [({"inptu": "1"}, "unknown meter 'inptu'"), ({"input": "cheap"}, "input: 'cheap' is not a decimal number")],
)
def test_a_price_table_names_the_meter_at_fault(table: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_price(table)


@pytest.mark.parametrize(
    ("usage", "amount"),
    [
        (Usage(), 0),
        (Usage(input_tokens=1_000_000), nusd("0.4")),
        (Usage(output_tokens=1_000_000), nusd("1.6")),
        (Usage(input_tokens=1_000_000, cached_tokens=1_000_000), nusd("0.1")),
        (Usage(input_tokens=1000, cached_tokens=400, output_tokens=50), 600 * 400 + 400 * 100 + 50 * 1600),
        (Usage(input_tokens=10, cached_tokens=2, cache_write_tokens=3), 5 * 400 + 2 * 100 + 3 * 400),
        (Usage(output_tokens=10, reasoning_tokens=4), 10 * 1600),
        (Usage(input_tokens=5, audio_input_tokens=5, output_tokens=5, audio_output_tokens=5), 5 * 400 + 5 * 1600),
        (Usage(input_tokens=1, cached_tokens=5), 5 * 100),
    ],
)
def test_cost_charges_each_token_once(usage: Usage, amount: int) -> None:
    assert cost(usage, BASIC) == amount


def test_cost_uses_a_meters_own_rate_where_there_is_one() -> None:
    own = {"input": "1", "output": "2", "reasoning": "3", "cache_write": "4", "audio_input": "5", "audio_output": "6"}
    usage = Usage(
        input_tokens=30,
        cache_write_tokens=10,
        audio_input_tokens=10,
        output_tokens=30,
        reasoning_tokens=10,
        audio_output_tokens=10,
    )
    assert cost(usage, Price(parse_price(own))) == 10 * 1000 * (1 + 4 + 5 + 2 + 3 + 6)


def test_cost_counts_the_request_itself() -> None:
    price = Price(parse_price({"input": "1", "output": "1", "request": "25"}))
    assert cost(Usage(), price) == 25_000
    assert cost(Usage(input_tokens=1), price) == 26_000


@pytest.mark.parametrize(("tokens", "amount"), [(1, 0), (4, 0), (5, 1), (14, 1), (15, 2)])
def test_cost_rounds_half_up_once_on_the_sum(tokens: int, amount: int) -> None:
    price = Price((Rate(meter="input", nusd_per_million=100_000), Rate(meter="output", nusd_per_million=0)))
    assert cost(Usage(input_tokens=tokens), price) == amount


def test_two_halves_of_a_nano_dollar_make_one() -> None:
    price = Price((Rate(meter="input", nusd_per_million=400_000), Rate(meter="output", nusd_per_million=400_000)))
    assert cost(Usage(input_tokens=1, output_tokens=1), price) == 1


LONG = Price(
    (
        *parse_price({"input": "1", "output": "2"}),
        *parse_price({"input": "2", "output": "3"}, above_input_tokens=200_000),
        *parse_price({"input": "4"}, above_input_tokens=500_000),
        *parse_price({"input": "0.5", "output": "1"}, tier="batch"),
    )
)


@pytest.mark.parametrize(
    ("meter", "input_tokens", "rate"),
    [
        ("input", 0, "1"),
        ("input", 200_000, "1"),
        ("input", 200_001, "2"),
        ("input", 500_001, "4"),
        ("output", 500_001, "3"),
    ],
)
def test_a_long_input_takes_the_highest_rate_it_reaches(meter: Meter, input_tokens: int, rate: str) -> None:
    assert LONG.rate(meter, input_tokens=input_tokens) == nusd(rate)


def test_tiers_do_not_lend_each_other_rates() -> None:
    usage = Usage(input_tokens=1_000_000, output_tokens=1_000_000)
    assert cost(usage, LONG, "batch") == nusd("1.5")
    with pytest.raises(UnknownPrice, match="no priority rate for input"):
        cost(usage, LONG, "priority")


@pytest.mark.parametrize(
    ("table", "usage"),
    [
        ({"output": "1"}, Usage(input_tokens=1)),
        ({"input": "1"}, Usage(output_tokens=1)),
        ({"input": "1"}, Usage(reasoning_tokens=1)),
        ({"output": "1"}, Usage(cached_tokens=1)),
    ],
)
def test_an_unknown_price_is_refused_and_never_zero(table: dict[str, str], usage: Usage) -> None:
    with pytest.raises(UnknownPrice):
        cost(usage, Price(parse_price(table)))


counts = st.integers(min_value=0, max_value=1 << 40)


@given(st.builds(Usage, input_tokens=counts, output_tokens=counts, cached_tokens=counts, reasoning_tokens=counts))
def test_a_cost_is_a_whole_non_negative_number(usage: Usage) -> None:
    amount = cost(usage, BASIC)
    assert isinstance(amount, int)
    assert amount >= 0
