from __future__ import annotations

import json

import pytest

from entrepot.catalog import Model, load, model_object
from entrepot.catalog.objects import pricing
from entrepot.money import Price, parse_price

CATALOGUE = load()


def test_openais_fields_come_first_and_are_true() -> None:
    listed = model_object(CATALOGUE.models["gpt-4.1-mini"])
    assert list(listed)[:5] == ["id", "object", "created", "owned_by", "shutdown_date"]
    assert (listed["object"], listed["created"], listed["owned_by"]) == ("model", 1_744_588_800, "OpenAI")
    assert listed["shutdown_date"] == listed["expiration_date"] == "2027-01-14"


def test_openrouters_fields_hold_what_its_clients_read() -> None:
    listed = model_object(CATALOGUE.models["gpt-4.1-mini"])
    assert listed["pricing"] == {"prompt": "0.0000004", "completion": "0.0000016", "input_cache_read": "0.0000001"}
    assert listed["architecture"] == {
        "modality": "text+image+file->text",
        "input_modalities": ["text", "image", "file"],
        "output_modalities": ["text"],
        "tokenizer": "o200k_base",
        "instruct_type": None,
    }
    assert listed["top_provider"]["max_completion_tokens"] == 32_768
    assert listed["canonical_slug"] == "openai/gpt-4.1-mini-2025-04-14"
    assert listed["knowledge_cutoff"] == "2024-06-01"


def test_the_hubs_own_fields_tell_lifecycle_and_offers() -> None:
    listed = model_object(CATALOGUE.models["gpt-4.1-nano"], available={"openrouter"})
    assert listed["lifecycle"]["status"] == "shut_down"
    assert listed["lifecycle"]["replaced_by"] == "gpt-6-luna"
    assert (listed["providers"], listed["available"]) == (["openai", "openrouter"], True)
    assert not model_object(CATALOGUE.models["gpt-4.1-nano"])["available"]


def test_what_is_unknown_is_null_and_created_is_zero() -> None:
    listed = model_object(Model(id="m", name="m"))
    assert (listed["created"], listed["context_length"], listed["pricing"]) == (0, None, {})
    assert listed["canonical_slug"] == "m"


def test_the_request_schema_comes_only_when_asked_for() -> None:
    model = CATALOGUE.models["gpt-4.1"]
    assert "json_request_schema" not in model_object(model)
    assert model_object(model, with_schema=True)["json_request_schema"]["required"] == ["model", "messages"]


def test_long_context_rates_are_overrides() -> None:
    price = Price(
        (*parse_price({"input": "0.10", "output": "0.50"}), *parse_price({"input": "0.50"}, above_input_tokens=100_000))
    )
    assert pricing(price)["overrides"] == [{"min_prompt_tokens": 100_000, "prompt": "0.0000005"}]


@pytest.mark.parametrize("model", CATALOGUE.models.values(), ids=lambda model: model.id)
def test_every_object_is_plain_json(model: Model) -> None:
    listed = model_object(model, with_schema=True)
    assert json.loads(json.dumps(listed)) == listed
