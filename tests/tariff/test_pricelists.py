"""Price lists of others, read exactly or not at all."""

from __future__ import annotations

import json
from typing import Any

import pytest

from entrepot import catalog
from entrepot.errors import ConfigurationError
from entrepot.money import Meter, Price, Tier, usd
from entrepot.tariff.pricelists import parse


def told(price: Price, tier: Tier = "standard", input_tokens: int = 0) -> dict[Meter, str]:
    """The rates that a list names, in USD per million."""
    named = {rate.meter for rate in price.rates if rate.tier == tier}
    return {meter: usd(rate) for meter, rate in price.in_force(tier, input_tokens).items() if meter in named}


def model_list(**pricing: Any) -> str:
    return json.dumps({"data": [{"id": "quay/harbour-1", "pricing": pricing}]})


def test_a_model_list_has_dollars_for_one_token() -> None:
    text = model_list(
        prompt="0.000003", completion="0.000015", input_cache_read="0.0000003", input_cache_write_1h="0.000006",
        request="0.01", image="0.0048", internal_reasoning="0", web_search="0.01", discount=0,
    )  # fmt: skip
    (price,) = parse(text).values()
    assert told(price) == {
        "input": "3", "cached_input": "0.3", "cache_write_1h": "6", "output": "15", "request": "10000",
    }  # fmt: skip


def test_a_zero_beside_a_price_is_a_meter_that_is_not_charged_apart() -> None:
    (price,) = parse(
        model_list(prompt="0.000001", completion="0", internal_reasoning="0", input_cache_read="0")
    ).values()
    assert told(price) == {"input": "1", "output": "0"}
    assert price.in_force()["cached_input"] == price.in_force()["input"]


def test_overrides_are_rates_of_long_inputs() -> None:
    overrides = [{"min_prompt_tokens": 200_000, "prompt": "0.000006"}, "junk", {"min_prompt_tokens": "x"}]
    (price,) = parse(model_list(prompt="0.000003", completion="0.000015", overrides=overrides)).values()
    assert told(price, input_tokens=200_000) == {"input": "3", "output": "15"}
    assert told(price, input_tokens=200_001) == {"input": "6", "output": "15"}


def test_the_hubs_own_model_list_can_be_read_back() -> None:
    model = catalog.load().models["gpt-6-luna"]
    assert model.price is not None
    (price,) = parse(json.dumps({"data": [catalog.model_object(model)]})).values()
    for input_tokens in (0, 272_001):
        assert price.in_force("standard", input_tokens) == model.price.in_force("standard", input_tokens)


def test_a_cost_map_has_numbers_and_tiers_and_steps_in_its_names() -> None:
    entry = """{
        "sample_spec": {"input_cost_per_token": "the price", "mode": "one of …"},
        "quay/harbour-1": {
            "input_cost_per_token": 3e-06, "output_cost_per_token": 1.5e-05, "cache_read_input_token_cost": 2.5e-08,
            "cache_creation_input_token_cost": 3.75e-06, "cache_creation_input_token_cost_above_1hr": 6e-06,
            "input_cost_per_token_batches": 1.5e-06, "output_cost_per_token_batches": 7.5e-06,
            "input_cost_per_token_priority": 6e-06, "output_cost_per_token_priority": 3e-05,
            "input_cost_per_token_above_200k_tokens": 6e-06, "output_cost_per_reasoning_token": 2e-05,
            "max_tokens": 8192, "litellm_provider": "quay", "supports_vision": true
        }
    }"""
    (price,) = parse(entry).values()
    assert told(price) == {
        "input": "3", "cached_input": "0.025", "cache_write": "3.75", "cache_write_1h": "6", "output": "15",
        "reasoning": "20",
    }  # fmt: skip
    assert told(price, "batch") == {"input": "1.5", "output": "7.5"}
    assert told(price, "priority") == {"input": "6", "output": "30"}
    assert told(price, input_tokens=200_001)["input"] == "6"


def test_numbers_are_read_from_their_text_and_not_through_floats() -> None:
    (price,) = parse(
        '{"x": {"input_cost_per_token": 0.1000000000000000055511151231257827, "output_cost_per_token": 1e-7}}'
    ).values()
    assert told(price) == {"input": "100000", "output": "0.1"}


def test_own_toml_has_rows_of_prices() -> None:
    text = '[[prices]]\nmodel = "harbour"\nprice = { input = "1", output = "2" }\nprice_batch = { input = "0.5" }\n'
    (price,) = parse(text).values()
    assert (told(price), told(price, "batch")) == ({"input": "1", "output": "2"}, {"input": "0.5"})


@pytest.mark.parametrize("value", ["-1", "-0.000001", "NaN", "Infinity", "cheap", "", None, True, [], "2000000"])
def test_what_is_no_price_is_left_out(value: Any) -> None:
    both = {
        "data": [{"id": "bad", "pricing": {"prompt": value}}, {"id": "good", "pricing": {"prompt": "0.000001"}}, {}, 3]
    }
    assert list(parse(json.dumps(both))) == ["good"]


@pytest.mark.parametrize(
    "text",
    ["", "{", "{}", "[]", '{"data": []}', '{"data": [{"id": "x", "pricing": {}}]}', '{"a": 1}', "x = 1", "[" * 100_000,
     '{"x": {"output_cost_per_token": 1e-06}}', '{"x": {"input_cost_per_token": NaN}}'],
)  # fmt: skip
def test_a_text_without_any_price_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="the list "):
        parse(text)


def test_a_mistake_in_own_toml_is_told() -> None:
    with pytest.raises(ConfigurationError, match="unknown field 'cost'"):
        parse('[[prices]]\nmodel = "harbour"\ncost = "1"\n')
