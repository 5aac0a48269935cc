"""Amounts, price lists and the one rule that multiplies them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.conversation import Usage
from entrepot.money import (
    INPUT_METERS,
    METERS,
    NUSD_PER_USD,
    OUTPUT_METERS,
    Line,
    Meter,
    Price,
    Rate,
    Tier,
    UnknownPrice,
    breakdown,
    ceiling,
    cost,
    cut,
    metered,
    nusd,
    parse_price,
    usd,
)

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


@pytest.mark.parametrize(
    "text", ["", "-1", "-0.1", "NaN", "Infinity", "1,5", "$1", "0.0000000001", "0x10", "sNaN", "1e999999"]
)
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
        (Usage(input_tokens=1, cached_tokens=5), 100),
        (Usage(input_tokens=9, cached_tokens=5, audio_input_tokens=8), 5 * 100 + 4 * 400),
        (Usage(output_tokens=2, reasoning_tokens=5), 2 * 1600),
    ],
)
def test_cost_charges_each_token_once(usage: Usage, amount: int) -> None:
    assert cost(usage, BASIC) == amount


def test_cost_uses_a_meters_own_rate_where_there_is_one() -> None:
    own = {
        "input": "1", "output": "2", "reasoning": "3", "cache_write": "4", "audio_input": "5", "audio_output": "6",
        "cache_write_1h": "7", "image_input": "8",
    }  # fmt: skip
    usage = Usage(
        input_tokens=50,
        cache_write_tokens=20,
        cache_write_1h_tokens=10,
        audio_input_tokens=10,
        image_input_tokens=10,
        output_tokens=30,
        reasoning_tokens=10,
        audio_output_tokens=10,
    )
    assert cost(usage, Price(parse_price(own))) == 10 * 1000 * (1 + 2 + 3 + 4 + 5 + 6 + 7 + 8)


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
    assert LONG.in_force("standard", input_tokens)[meter] == nusd(rate)


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
        ({"input": "1"}, Usage(output_tokens=1, reasoning_tokens=1)),
        ({"output": "1"}, Usage(input_tokens=1, cached_tokens=1)),
    ],
)
def test_an_unknown_price_is_refused_and_never_zero(table: dict[str, str], usage: Usage) -> None:
    price = Price(parse_price(table))
    for refused in (cost, breakdown):
        with pytest.raises(UnknownPrice, match="no standard rate for"):
            refused(usage, price)
    with pytest.raises(UnknownPrice, match="no standard rate for"):
        ceiling(usage.input_tokens, usage.output_tokens, price)


def test_an_hours_cache_write_without_a_rate_costs_what_a_short_one_does() -> None:
    price = Price(parse_price({"input": "1", "cache_write": "2", "output": "1"}))
    assert cost(Usage(input_tokens=5, cache_write_tokens=5, cache_write_1h_tokens=5), price) == 5 * 2000


def test_the_steps_of_a_tier_are_told_from_the_highest() -> None:
    assert (LONG.steps(), LONG.steps("batch"), LONG.steps("priority")) == ((500_000, 200_000, 0), (0,), ())
    assert LONG.tiers == ("standard", "batch")


def test_a_ceiling_takes_the_dearest_meter_that_may_count() -> None:
    price = Price(
        parse_price({"input": "1", "cache_write": "1.25", "audio_input": "40", "output": "2", "request": "3"})
    )
    assert ceiling(1_000_000, 1_000_000, price) == nusd("1.25") + nusd("2") + 3_000
    assert ceiling(1_000_000, 0, price, meters={"audio_input"}) == nusd("40") + 3_000
    assert ceiling(0, 0, price) == 3_000


def test_a_breakdown_names_each_meter_once() -> None:
    price = Price(parse_price({"input": "0.4", "cached_input": "0.1", "output": "1.6", "request": "25"}))
    usage = Usage(input_tokens=1000, cached_tokens=400, output_tokens=50, reasoning_tokens=20)
    assert [(line.meter, line.units, line.nusd) for line in breakdown(usage, price)] == [
        ("cached_input", 400, 40_000),
        ("input", 600, 240_000),
        ("reasoning", 20, 32_000),
        ("output", 30, 48_000),
        ("request", 1, 25_000),
    ]


counts = st.integers(min_value=0, max_value=1 << 40)
usages = st.builds(
    Usage,
    input_tokens=counts,
    output_tokens=counts,
    cached_tokens=counts,
    cache_write_tokens=counts,
    cache_write_1h_tokens=counts,
    reasoning_tokens=counts,
    audio_input_tokens=counts,
    image_input_tokens=counts,
    audio_output_tokens=counts,
)
rates = st.integers(min_value=0, max_value=10**15)
base_rates: st.SearchStrategy[dict[Meter, int]] = st.fixed_dictionaries({"input": rates, "output": rates})


@st.composite
def prices(draw: st.DrawFn) -> Price:
    """A list with a base rate for both sides, any other meter, and dearer rates for long inputs."""
    own = draw(base_rates) | draw(st.dictionaries(st.sampled_from(METERS), rates))
    step, factor = draw(st.integers(min_value=1, max_value=1 << 20)), draw(st.integers(min_value=1, max_value=3))
    return Price(
        tuple(
            Rate(meter=meter, nusd_per_million=rate * times, above_input_tokens=above)
            for above, times in ((0, 1), (step, factor))
            for meter, rate in own.items()
        )
    )


@given(usages, prices())
def test_a_cost_is_a_whole_amount_below_the_ceiling_of_its_tokens(usage: Usage, price: Price) -> None:
    amount = cost(usage, price)
    assert type(amount) is int
    meters = {*INPUT_METERS, *OUTPUT_METERS}
    assert 0 <= amount <= ceiling(usage.input_tokens, usage.output_tokens, price, meters=meters)


@given(usages, prices())
def test_the_lines_of_a_breakdown_add_up_to_the_cost(usage: Usage, price: Price) -> None:
    lines = breakdown(usage, price)
    assert sum(line.nusd for line in lines) == cost(usage, price)
    in_force = price.in_force("standard", usage.input_tokens)
    for line in lines:
        assert type(line.nusd) is int
        assert abs(line.nusd * 1_000_000 - line.units * in_force[line.meter]) <= 1_000_000


@given(usages)
def test_every_token_is_counted_by_one_meter(usage: Usage) -> None:
    counted = metered(usage)
    assert sum(units for meter, units in counted if meter in INPUT_METERS) == usage.input_tokens
    assert sum(units for meter, units in counted if meter in OUTPUT_METERS) == usage.output_tokens
    assert all(units > 0 for _, units in counted)
    assert len({meter for meter, _ in counted}) == len(counted)


@given(counts, counts, counts, prices())
def test_more_tokens_never_cost_less(input_tokens: int, output_tokens: int, more: int, price: Price) -> None:
    def asked(more_input: int = 0, more_output: int = 0) -> tuple[int, int]:
        given, made = input_tokens + more_input, output_tokens + more_output
        return cost(Usage(input_tokens=given, output_tokens=made), price), ceiling(given, made, price)

    for dearer in (asked(more_input=more), asked(more_output=more)):
        assert all(amount >= least for amount, least in zip(dearer, asked(), strict=True))


@given(prices(), st.sampled_from(["batch", "priority"]), counts)
def test_what_is_not_for_sale_has_no_cost(price: Price, tier: Tier, input_tokens: int) -> None:
    assert price.in_force(tier, input_tokens) == {}
    with pytest.raises(UnknownPrice):
        cost(Usage(input_tokens=1 + input_tokens), price, tier)


@given(st.lists(st.integers(0, 1000), max_size=5), st.integers(0, 4000))
def test_lines_are_cut_to_what_there_is(shares: list[int], most_nusd: int) -> None:
    lines = [Line("input", 1, nusd) for nusd in shares]
    found = cut(lines, most_nusd)
    assert sum(line.nusd for line in found) == min(sum(shares), most_nusd)
    assert all(0 <= after.nusd <= before.nusd for after, before in zip(found, lines, strict=True))
    assert [line.units for line in found] == [line.units for line in lines]


# Found by `make mutate` ---------------------------------------------------------------------------


def test_an_unknown_meter_is_told_those_there_are() -> None:
    with pytest.raises(ValueError, match="one of input, cached_input, "):
        parse_price({"outputs": "1"})


def test_a_parsed_price_keeps_its_tier_and_step() -> None:
    (rate,) = parse_price({"input": "1"}, tier="batch", above_input_tokens=7)
    assert (rate.tier, rate.above_input_tokens) == ("batch", 7)


def test_a_call_without_a_price_of_its_own_adds_nothing_to_its_tokens() -> None:
    price = Price(parse_price({"input": "0.000499999", "output": "0"}))
    assert cost(Usage(input_tokens=1), price) == ceiling(1, 0, price) == 0


def test_a_ceiling_needs_the_rate_of_the_side_itself() -> None:
    only_audio = Price(parse_price({"audio_input": "1", "cached_input": "1", "output": "1"}))
    with pytest.raises(UnknownPrice, match="standard rate for input"):
        ceiling(1, 0, only_audio)
    dear_cache = Price(parse_price({"input": "1", "cached_input": "9", "output": "1"}))
    assert ceiling(1_000_000, 0, dear_cache, meters=()) == nusd("1")


def test_rates_of_other_tiers_and_of_higher_steps_do_not_count() -> None:
    rates = parse_price({"input": "1"}) + parse_price({"input": "5"}, tier="batch")
    price = Price(rates + parse_price({"input": "3"}, above_input_tokens=10))
    assert price.in_force()["input"] == nusd("1")
    assert price.in_force("standard", 10)["input"] == nusd("1")
    assert price.in_force("standard", 11)["input"] == nusd("3")
    assert price.in_force("batch", 11)["input"] == nusd("5")
