from __future__ import annotations

from typing import Any

import pytest

from entrepot.catalog import Catalogue, Model, load
from entrepot.errors import ConfigurationError
from entrepot.money import Price, parse_price

LAB = {"base_url": "http://127.0.0.1:9001/v1/", "api_key_env": "LAB_API_KEY"}
SMALL = {
    "id": "lab/small",
    "aliases": ["small"],
    "context_tokens": 32768,
    "max_output_tokens": 4096,
    "price": {"input": "0.40", "cached_input": "0.10", "output": "1.60"},
    "offers": [{"provider": "lab", "upstream_model": "small-v1"}],
}


def found(catalogue: Catalogue, name: str) -> Model:
    model = catalogue.find(name)
    assert model is not None
    return model


def test_an_operators_provider_model_and_offer_join_the_built_in_ones() -> None:
    extra = {"model": "openai/gpt-4.1-mini", "provider": "lab", "upstream_model": "gpt-4.1-mini"}
    catalogue = load({"providers": {"lab": LAB}, "models": [SMALL], "offers": [extra]})
    small = found(catalogue, "small")
    assert (small.id, small.name, small.offers[0].upstream_model) == ("lab/small", "lab/small", "small-v1")
    assert small.price == Price(parse_price({"input": "0.40", "cached_input": "0.10", "output": "1.60"}))
    assert catalogue.providers["lab"].base_url == "http://127.0.0.1:9001/v1"
    assert [offer.provider for offer in found(catalogue, "gpt-4.1-mini").offers] == ["lab", "openai", "openrouter"]


def test_offers_of_the_operator_keep_their_order_before_the_built_in_ones() -> None:
    offers = [
        {"model": "gpt-4.1", "provider": provider, "upstream_model": "gpt-4.1"} for provider in ("azure", "together")
    ]
    model = found(load({"offers": offers}), "gpt-4.1")
    assert [offer.provider for offer in model.offers] == ["azure", "together", "openai", "openrouter"]


def test_given_fields_win_and_the_others_stay() -> None:
    model = found(load({"models": [{"id": "gpt-4.1", "max_output_tokens": 100}]}), "gpt-4-1")
    assert (model.max_output_tokens, model.context_tokens, model.name) == (100, 1_047_576, "GPT-4.1")


def test_a_given_price_replaces_the_whole_price_list() -> None:
    model = found(load({"models": [{"id": "gpt-4.1", "price": {"input": "3", "output": "9"}}]}), "gpt-4.1")
    assert model.price is not None
    assert {rate.tier for rate in model.price.rates} == {"standard"}
    assert model.price.in_force()["input"] == 3_000_000_000


def test_a_built_in_provider_takes_the_operators_fields_and_counts_as_declared() -> None:
    catalogue = load({"providers": {"openai": {"api_key_file": "openai.key"}}})
    openai = catalogue.providers["openai"]
    assert (openai.declared, openai.api_key_env, openai.api_key_file) == (True, None, "openai.key")
    assert openai.base_url == "https://api.openai.com/v1"
    assert not catalogue.providers["groq"].declared


def test_azure_has_no_address_until_the_operator_gives_one() -> None:
    assert load().providers["azure"].base_url is None
    address = "https://res.openai.azure.com/openai/v1"
    azure = load({"providers": {"azure": {"base_url": address}}}).providers["azure"]
    assert (azure.base_url, azure.auth) == (address, "api-key")


def test_an_offer_speaks_its_providers_dialect_unless_it_names_its_own() -> None:
    model = {
        "id": "m",
        "offers": [
            {"provider": "lab", "upstream_model": "m"},
            {"provider": "lab", "upstream_model": "m", "dialect": "openai_chat"},
        ],
    }
    catalogue = load({"providers": {"lab": LAB | {"dialect": "anthropic_messages"}}, "models": [model]})
    assert [offer.dialect for offer in found(catalogue, "m").offers] == ["anthropic_messages", "openai_chat"]


@pytest.mark.parametrize(
    ("provider", "model", "offer", "expected"),
    [
        ({}, {}, {}, "max_completion_tokens"),
        ({}, {"features": ["streaming", "max_completion_tokens"]}, {}, "max_completion_tokens"),
        ({}, {"features": ["streaming"]}, {}, "max_tokens"),
        ({"output_limit": "max_tokens"}, {"features": ["max_completion_tokens"]}, {}, "max_tokens"),
        ({"output_limit": "max_completion_tokens"}, {"features": ["streaming"]}, {}, "max_completion_tokens"),
        ({"output_limit": "max_tokens"}, {}, {"output_limit": "max_completion_tokens"}, "max_completion_tokens"),
    ],
)
def test_the_bounds_name_is_the_offers_the_providers_or_the_models(
    provider: dict[str, Any], model: dict[str, Any], offer: dict[str, Any], expected: str
) -> None:
    row = {"provider": "lab", "upstream_model": "m", **offer}
    catalogue = load(
        {
            "providers": {"lab": LAB | provider},
            "models": [{"id": "m", "offers": [row], **model}],
            "offers": [{"model": "m", **row}],
        }
    )
    assert [made.output_limit for made in found(catalogue, "m").offers] == [expected, expected]


def test_batch_priority_and_long_context_prices_become_rates() -> None:
    offer = {
        "provider": "openai",
        "upstream_model": "m",
        "price": {"input": "1", "output": "2"},
        "price_batch": {"input": "0.5"},
        "price_priority": {"input": "2"},
        "price_above": [{"input_tokens": 1000, "price": {"input": "3"}, "price_batch": {"input": "1.5"}}],
    }
    price = found(load({"models": [{"id": "m", "offers": [offer]}]}), "m").offers[0].price
    assert price is not None
    assert price.in_force("standard", 1000)["input"] == 1_000_000_000
    assert price.in_force("standard", 1001)["input"] == 3_000_000_000
    assert price.in_force("batch", 1001)["input"] == 1_500_000_000
    assert price.in_force("priority")["input"] == 2_000_000_000


def test_names_are_found_without_regard_to_case() -> None:
    assert found(load(), "GPT-4.1-Mini").id == "gpt-4.1-mini"
    assert load().find("gpt-4.1-huge") is None


REFUSED: list[tuple[dict[str, Any], tuple[str | int, ...], str]] = [
    ({"other": 1}, ("other",), "unknown table 'other'; allowed: providers, models, offers"),
    ({"providers": []}, ("providers",), "[providers.lab]"),
    ({"models": {}}, ("models",), "[[models]]"),
    ({"offers": {}}, ("offers",), "[[offers]]"),
    ({"providers": {"lab": 3}}, ("providers", "lab"), "Expected `object`, got `int`"),
    ({"providers": {"lab": {}}}, ("providers", "lab"), "needs base_url"),
    ({"providers": {"lab": {"base_url": "ftp://x"}}}, ("providers", "lab", "base_url"), "http:// or https://"),
    ({"providers": {"lab": {"base_url": "http://"}}}, ("providers", "lab", "base_url"), "http:// or https://"),
    ({"providers": {"lab": {"base_url": "http://x:70000"}}}, ("providers", "lab", "base_url"), "perhaps a port"),
    ({"providers": {"lab": {"base_url": "http://u:p@x"}}}, ("providers", "lab", "base_url"), "perhaps a port"),
    ({"providers": {"lab": {"base_url": "http://x/v1?a=b"}}}, ("providers", "lab", "base_url"), "perhaps a port"),
    ({"providers": {"lab": {"base_url": "http://x/v1\r\n"}}}, ("providers", "lab", "base_url"), "perhaps a port"),
    ({"providers": {"lab": {"base_url": "http://a..b/v1"}}}, ("providers", "lab", "base_url"), "perhaps a port"),
    ({"providers": {"lab": LAB | {"headers": {"x": "a\r\nb: c"}}}}, ("providers", "lab", "headers", "x"), "no header"),
    ({"providers": {"lab": LAB | {"headers": {"a b": "c"}}}}, ("providers", "lab", "headers", "a b"), "no header"),
    ({"providers": {"lab": LAB | {"headers": {"Host": "c"}}}}, ("providers", "lab", "headers", "Host"), "no header"),
    ({"providers": {"lab": LAB | {"headers": {"x": "日"}}}}, ("providers", "lab", "headers", "x"), "no header"),
    ({"providers": {"openai": {"base_url": 1}}}, ("providers", "openai", "base_url"), "Expected `str"),
    ({"providers": {"lab": LAB | {"key": "x"}}}, ("providers", "lab", "key"), "allowed: name, base_url"),
    ({"providers": {"lab": LAB | {"auth": "basic"}}}, ("providers", "lab", "auth"), "allowed: api-key, bearer, none"),
    ({"providers": {"lab": LAB | {"api_key_file": "k"}}}, ("providers", "lab", "api_key_file"), "not both"),
    ({"models": [{}]}, ("models", 0), "missing required field `id`"),
    ({"models": [{"id": ""}]}, ("models", 0, "id"), "without spaces"),
    ({"models": [{"id": "a"}, {"id": "a"}]}, ("models", 1, "id"), "a second model with the id 'a'"),
    ({"models": [{"id": "a", "colour": 1}]}, ("models", 0, "colour"), "unknown field 'colour'; allowed: id, name"),
    ({"models": [{"id": "a", "context_tokens": 0}]}, ("models", 0, "context_tokens"), ">= 1"),
    ({"models": [{"id": "a", "price": {"input": 0.4}}]}, ("models", 0, "price", "input"), 'such as "0.40"'),
    ({"models": [{"id": "a", "price": {"input": "-1"}}]}, ("models", 0, "price", "input"), "'-1' is not"),
    ({"models": [{"id": "a", "price": {"inptu": "1"}}]}, ("models", 0, "price", "inptu"), "allowed: input,"),
    ({"models": [{"id": "a", "price": "1"}]}, ("models", 0, "price"), "Expected `object | null`, got `str`"),
    (
        {"models": [{"id": "a", "price_above": [{"input_tokens": 9, "price_batch": {"output": "x"}}]}]},
        ("models", 0, "price_above", 0, "price_batch", "output"),
        "'x' is not a decimal number",
    ),
    ({"models": [{"id": "a", "features": ["magic"]}]}, ("models", 0, "features", 0), "allowed: audio_output"),
    (
        {"models": [{"id": "a", "image_tokens": {"method": "tiles", "tile": 1}}]},
        ("models", 0, "image_tokens", "tile"),
        "unknown field 'tile'",
    ),
    (
        {"models": [{"id": "a", "parameters": {"temperature": {"maximum": "two"}}}]},
        ("models", 0, "parameters", "temperature", "maximum"),
        "not JSON Schema",
    ),
    (
        {"models": [{"id": "a", "offers": [{"provider": "nobody", "upstream_model": "m"}]}]},
        ("models", 0, "offers", 0, "provider"),
        "unknown provider 'nobody'; known: anthropic, azure",
    ),
    (
        {"models": [{"id": "a", "offers": [{"provider": "openai", "upstream_model": "m", "price": {"input": "x"}}]}]},
        ("models", 0, "offers", 0, "price", "input"),
        "'x' is not a decimal number",
    ),
    ({"models": [{"id": "GPT-4-1"}]}, ("models", 0, "id"), "already names the model 'gpt-4.1'"),
    ({"models": [{"id": "a", "aliases": ["b", "gpt-4.1"]}]}, ("models", 0, "aliases", 1), "already names"),
    (
        {"models": [{"id": "a", "aliases": ["c"]}, {"id": "b", "aliases": ["C"]}]},
        ("models", 1, "aliases", 0),
        "'C' already names the model 'a'",
    ),
    (
        {"offers": [{"model": "nope", "provider": "openai", "upstream_model": "m"}]},
        ("offers", 0, "model"),
        "unknown model 'nope'",
    ),
    (
        {"offers": [{"model": "gpt-4.1", "provider": "nobody", "upstream_model": "m"}]},
        ("offers", 0, "provider"),
        "unknown provider 'nobody'",
    ),
    ({"offers": [{"provider": "openai", "upstream_model": "m"}]}, ("offers", 0), "missing required field `model`"),
]


@pytest.mark.parametrize(("tables", "path", "message"), REFUSED)
def test_a_wrong_table_is_refused_with_its_place(
    tables: dict[str, Any], path: tuple[str | int, ...], message: str
) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        load(tables)
    assert refusal.value.path == path
    assert message in refusal.value.message
