"""Facts of the built-in catalogue: `data/*.toml` as `load()` reads it."""

from __future__ import annotations

import tomllib
from collections import Counter
from datetime import date
from importlib.resources import files

import pytest

from entrepot.catalog import ImagePatches, ImageTiles, Model, load
from entrepot.money import Meter

FAMILY = ("gpt-4.1", "gpt-4.1-mini", "gpt-4.1-nano")
METERS: tuple[Meter, ...] = ("input", "cached_input", "output")


def model(name: str) -> Model:
    found = load().find(name)
    assert found is not None
    return found


def rates(name: str) -> tuple[int | None, ...]:
    price = model(name).price
    assert price is not None
    return tuple(price.in_force().get(meter) for meter in METERS)


def test_every_id_and_alias_stands_once_in_the_files() -> None:
    documents = (
        tomllib.loads(file.read_text("utf-8"))
        for file in files("entrepot.catalog").joinpath("data").iterdir()
        if file.name.endswith(".toml")
    )
    rows = [row for document in documents for row in document.get("models", [])]
    names = Counter(name.casefold() for row in rows for name in (row["id"], *row.get("aliases", [])))
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize(
    "alias",
    [
        "gpt-4.1-mini",
        "gpt-4.1-mini-2025-04-14",
        "gpt-4-1-mini-2025-04-14",
        "openai/gpt-4.1-mini-2025-04-14",
        "openai/gpt-4.1-mini",
        "openai-gpt-4.1-mini",
        "gpt-4-1-mini",
    ],
)
def test_the_names_that_other_hubs_use_for_mini_all_work(alias: str) -> None:
    assert model(alias).id == "gpt-4.1-mini"


def test_the_gpt_4_1_prices_are_openais() -> None:
    assert rates("gpt-4.1") == (2_000_000_000, 500_000_000, 8_000_000_000)
    assert rates("gpt-4.1-mini") == (400_000_000, 100_000_000, 1_600_000_000)
    assert rates("gpt-4.1-nano") == (100_000_000, 25_000_000, 400_000_000)


@pytest.mark.parametrize("name", FAMILY)
def test_batch_costs_half(name: str) -> None:
    price = model(name).price
    assert price is not None
    for meter in METERS:
        assert price.in_force("batch")[meter] * 2 == price.in_force()[meter]


@pytest.mark.parametrize("name", FAMILY)
def test_the_gpt_4_1_family_shares_limits_and_training(name: str) -> None:
    found = model(name)
    assert (found.context_tokens, found.max_output_tokens) == (1_047_576, 32_768)
    assert found.knowledge_cutoff is not None
    assert found.knowledge_cutoff.date == date(2024, 6, 1)
    assert (found.released, found.tokenizer, found.multilingual) == (date(2025, 4, 14), "o200k_base", True)
    assert (found.parameter_count, found.quantization) == (None, None)
    assert [offer.provider for offer in found.offers] == ["openai", "openrouter"]


def test_the_gpt_4_1_family_ends_when_openai_says() -> None:
    ends = {name: (model(name).lifecycle.status, model(name).lifecycle.shutdown_at) for name in FAMILY}
    assert ends == {
        "gpt-4.1": ("deprecated", date(2027, 1, 14)),
        "gpt-4.1-mini": ("deprecated", date(2027, 1, 14)),
        "gpt-4.1-nano": ("shut_down", date(2026, 10, 23)),
    }
    assert "gpt-6.1-sol" in (model("gpt-4.1").lifecycle.note or "")


def test_a_replacement_is_a_model_of_the_catalogue() -> None:
    catalogue = load()
    replacements = [found.lifecycle.replaced_by for found in catalogue.models.values() if found.lifecycle.replaced_by]
    assert replacements
    assert [name for name in replacements if catalogue.find(name) is None] == []


def test_image_rules_differ_within_the_family() -> None:
    assert isinstance(model("gpt-4.1").image_tokens, ImageTiles)
    mini = model("gpt-4.1-mini").image_tokens
    assert isinstance(mini, ImagePatches)
    assert (mini.max_patches, mini.multiplier) == (1536, 1.62)


def test_every_benchmark_says_where_and_when_it_was_read() -> None:
    scores = [score for found in load().models.values() for score in found.benchmarks]
    assert len(scores) == 15
    assert all(score.source and score.retrieved_at >= date(2026, 11, 1) for score in scores)


def test_every_model_can_be_billed_and_called() -> None:
    for found in load().models.values():
        assert found.price is not None, found.id
        assert "input" in found.price.in_force(), found.id
        assert found.kind == "embedding" or "output" in found.price.in_force(), found.id
        assert found.offers, found.id
        assert found.summary, found.id
        assert found.description, found.id
        assert found.family == "sandbox" or found.sources, found.id


def test_a_maker_charges_its_list_price() -> None:
    makers = {"OpenAI": "openai", "Anthropic": "anthropic", "Google": "gemini", "DeepSeek": "deepseek"}
    checked = 0
    for found in load().models.values():
        for offer in found.offers:
            if makers.get(found.developer or "") == offer.provider:
                assert offer.price == found.price, found.id
                checked += 1
    assert checked > 10


def test_sandbox_models_are_free() -> None:
    sandbox = [found for found in load().models.values() if found.id.startswith("sandbox/")]
    assert {"sandbox/echo", "sandbox/error-429", "sandbox/bad-tool-json"} <= {found.id for found in sandbox}
    for found in sandbox:
        assert found.price is not None
        assert {rate.nusd_per_million for rate in found.price.rates} == {0}


def test_local_servers_need_no_key() -> None:
    providers = load().providers
    for name in ("ollama", "vllm", "llamacpp", "lmstudio", "sandbox"):
        assert (providers[name].api_key_env, providers[name].api_key_file) == (None, None)


def test_no_built_in_offer_bounds_answers_by_a_name_its_provider_ignores() -> None:
    limits = {(offer.provider, offer.output_limit) for each in load().models.values() for offer in each.offers}
    assert {limit for provider, limit in limits if provider == "deepseek"} == {"max_tokens"}
    assert {limit for provider, limit in limits if provider in ("openai", "groq")} == {"max_completion_tokens"}
