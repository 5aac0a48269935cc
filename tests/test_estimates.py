"""What a call may use and cost before it is made."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.catalog import Model
from entrepot.conversation import Audio, Image, Message, Request, Text, Tool, ToolResult, Usage
from entrepot.estimates import (
    LIKELY_OUTPUT_TOKENS,
    UNKNOWN_OUTPUT_TOKENS,
    Estimate,
    Output,
    charged_tier,
    estimate,
    meters_of,
    output,
    owed_tier,
    sells,
    tier_of,
)
from entrepot.money import INPUT_METERS, TEXT_METERS, Price, Tier, ceiling, cost, parse_price

PLAIN = Model(id="plain", context_tokens=100_000, max_output_tokens=10_000)
EMBEDDER = Model(id="embedder", kind="embedding", context_tokens=500)
PRICE = Price(
    (
        *parse_price({"input": "1", "cache_write": "1.25", "cache_write_1h": "2", "audio_input": "30", "output": "4"}),
        *parse_price({"input": "2", "output": "8"}, tier="priority"),
        *parse_price({"input": "0.5", "output": "2"}, tier="batch"),
    )
)


def request(*parts: Any, **fields: Any) -> Request:
    return Request(model="plain", messages=(Message(role="user", parts=parts or (Text(text="Hi"),)),), **fields)


@pytest.mark.parametrize(
    ("asked", "choices", "model", "likely", "most"),
    [
        (100, 1, PLAIN, 100, 100),
        (100, 3, PLAIN, 300, 300),
        (0, 1, PLAIN, 0, 0),
        (50_000, 1, PLAIN, 10_000, 10_000),
        (None, 1, PLAIN, LIKELY_OUTPUT_TOKENS, 10_000),
        (None, 2, PLAIN, 2 * LIKELY_OUTPUT_TOKENS, 20_000),
        (None, 1, Model(id="x", max_output_tokens=500), 500, 500),
        (None, 1, Model(id="x"), LIKELY_OUTPUT_TOKENS, UNKNOWN_OUTPUT_TOKENS),
        (7, 1, Model(id="x"), 7, 7),
        (None, 1, EMBEDDER, 0, 0),
    ],
)
def test_output_is_what_was_asked_or_a_default_within_the_models_limits(
    asked: int | None, choices: int, model: Model, likely: int, most: int
) -> None:
    found = output(model, asked_tokens=asked, choices=choices)
    assert (found.likely_tokens, found.most_tokens) == (likely, most)


def estimated(asked: Any, price: Price | None = PRICE, *, tier: Tier = "standard", model: Model = PLAIN) -> Estimate:
    return estimate(asked, model, 1000, price, tier)


def test_an_estimate_has_the_likely_and_the_highest_cost() -> None:
    assert estimated(request(n=2)) == Estimate(
        input_tokens=1000,
        output=Output(likely_tokens=2 * LIKELY_OUTPUT_TOKENS, most_tokens=20_000),
        likely_nusd=1000 * 1000 + 2 * LIKELY_OUTPUT_TOKENS * 4000,
        most_nusd=1000 * 1250 + 20_000 * 4000,
    )
    assert estimated(request(max_output_tokens=5), tier="priority").likely_nusd == 1000 * 2000 + 5 * 8000


def test_without_a_price_the_cost_is_unknown_and_the_tokens_are_not() -> None:
    found = estimated(request(max_output_tokens=5), None)
    assert (found.input_tokens, found.output.most_tokens) == (1000, 5)
    assert found.likely_nusd is found.most_nusd is None


@pytest.mark.parametrize(
    ("rates", "tier", "model", "is_sold"),
    [
        ({"input": "1", "output": "1"}, "standard", PLAIN, True),
        ({"input": "1", "output": "1"}, "priority", PLAIN, False),
        ({"input": "1"}, "standard", PLAIN, False),
        ({"output": "1"}, "standard", PLAIN, False),
        ({"input": "1"}, "standard", EMBEDDER, True),
    ],
)
def test_what_is_not_sold_has_no_cost(rates: dict[str, str], tier: Tier, model: Model, is_sold: bool) -> None:
    price = Price(parse_price(rates))
    found = estimated(request(), price, tier=tier, model=model)
    assert sells(price, tier, model) is is_sold
    assert (found.likely_nusd is not None) is (found.most_nusd is not None) is is_sold


def test_embeddings_cost_their_input() -> None:
    found = estimated(object(), Price(parse_price({"input": "0.02"})), model=EMBEDDER)
    assert found.likely_nusd == found.most_nusd == 20_000


@pytest.mark.parametrize(
    ("asked", "tier"),
    [
        (None, "standard"),
        ("auto", "standard"),
        ("default", "standard"),
        (["priority"], "standard"),
        ("priority", "priority"),
        ("fast", "priority"),
        ("flex", "standard"),
    ],
)
def test_the_tier_is_the_one_asked_for(asked: object, tier: Tier) -> None:
    assert tier_of(asked) == tier


@pytest.mark.parametrize(
    ("asked", "further"),
    [
        (request(), set()),
        (request(Text(text="x", cache="5m")), set()),
        (request(Text(text="x", cache="1h")), {"cache_write_1h"}),
        (request(tools=(Tool(name="t", cache="1h"),)), {"cache_write_1h"}),
        (request(foreign={"cache_control": {"type": "ephemeral", "ttl": "1h"}}), {"cache_write_1h"}),
        (request(foreign={"cache_control": "1h"}), set()),
        (request(Audio(data="", format="wav")), {"audio_input"}),
        (request(ToolResult(call_id="c", parts=(Image(url="https://x/y.png"),))), {"image_input"}),
        (request(foreign={"audio": {"voice": "ash"}}), {"audio_output"}),
        (object(), set()),
    ],
)
def test_a_request_can_only_meet_the_meters_of_what_is_in_it(asked: Any, further: set[str]) -> None:
    assert meters_of(asked) == TEXT_METERS | further


def test_a_meter_that_may_count_makes_the_highest_cost_higher() -> None:
    plain, loud = request(max_output_tokens=1), request(Audio(data="", format="wav"), max_output_tokens=1)
    assert estimated(loud).most_nusd == 1000 * 30_000 + 4000
    assert estimated(plain).most_nusd == 1000 * 1250 + 4000


counts = st.integers(min_value=0, max_value=1 << 20)


@given(counts, counts, counts, st.integers(min_value=0, max_value=10_000))
def test_no_usage_within_the_limits_costs_more_than_the_most(cached: int, written: int, fresh: int, made: int) -> None:
    given_tokens = cached + written + fresh
    found = estimate(request(), PLAIN, given_tokens, PRICE, "standard")
    usage = Usage(
        input_tokens=given_tokens,
        cached_tokens=cached,
        cache_write_tokens=written,
        output_tokens=made,
        reasoning_tokens=made,
    )
    assert found.most_nusd is not None
    assert cost(usage, PRICE) <= found.most_nusd
    assert found.most_nusd <= ceiling(given_tokens, 10_000, PRICE, meters={*INPUT_METERS})


@pytest.mark.parametrize(
    ("asked", "served", "charged", "owed"),
    [
        ("standard", None, "standard", "standard"),
        ("priority", None, "priority", None),  # the provider has no price for it
        ("priority", "priority", "priority", None),
        ("priority", "standard", "standard", "standard"),
        ("standard", "priority", "standard", None),
        ("standard", "batch", "batch", "standard"),
    ],
)
def test_charged_and_owed_is_what_was_served(
    asked: Tier, served: Tier | None, charged: Tier, owed: Tier | None
) -> None:
    bought = Price(parse_price({"input": "1", "output": "2"}))
    assert charged_tier(PRICE, asked, served, PLAIN) == charged
    assert owed_tier(bought, asked, served, PLAIN) == owed
    dearest = Price(parse_price({"input": "1", "output": "2"}, tier="priority"))
    assert charged_tier(dearest, "priority", served, PLAIN) == "priority"  # there is no other
