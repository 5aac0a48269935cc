from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest

from entrepot.catalog import Model, json_request_schema, load, supported_parameters

MODELS = tuple(load().models.values())


def properties(model: Model) -> dict[str, Any]:
    found: dict[str, Any] = json_request_schema(model)["properties"]
    return found


def built_in(name: str) -> Model:
    found = load().find(name)
    assert found is not None
    return found


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
def test_every_schema_is_valid_and_so_are_its_defaults(model: Model) -> None:
    schema = json_request_schema(model)
    jsonschema_rs.meta.validate(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    for name, field in schema["properties"].items():
        assert field["title"], name
        assert field["description"], name
        if "default" in field:
            assert jsonschema_rs.is_valid(field, field["default"]), name


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
def test_every_form_has_an_order_and_a_first_page(model: Model) -> None:
    schema = json_request_schema(model)
    order = [field["x-order"] for field in schema["properties"].values()]
    assert order == list(range(len(order)))
    assert set(schema["required"]) <= set(schema["basic"]) <= set(schema["properties"])


def test_a_reasoning_model_has_effort_and_no_temperature() -> None:
    assert "temperature" not in properties(built_in("gpt-6.1-sol"))
    fields = properties(built_in("gpt-6-luna"))
    assert "temperature" in fields  # at effort none
    assert fields["reasoning_effort"]["enum"] == ["none", "low", "medium", "high", "xhigh", "max", None]
    assert fields["reasoning_effort"]["default"] == "medium"
    assert "reasoning_effort" not in properties(built_in("gpt-4.1"))


def test_a_model_takes_max_tokens_under_one_name_in_its_form() -> None:
    assert "max_completion_tokens" in json_request_schema(built_in("gpt-4.1"))["basic"]
    assert properties(built_in("gpt-4.1"))["max_tokens"]["deprecated"] is True
    assert "max_tokens" in json_request_schema(built_in("deepseek-flash"))["basic"]
    assert "max_completion_tokens" not in properties(built_in("deepseek-flash"))


def test_a_model_of_unknown_features_takes_what_nearly_every_server_takes() -> None:
    fields = properties(Model(id="m", name="m"))
    assert {"temperature", "top_p", "stop", "tools", "response_format", "max_tokens"} <= set(fields)
    assert not {"reasoning_effort", "logit_bias", "prediction"} & set(fields)
    assert "maximum" not in fields["max_tokens"]


def test_parameters_of_a_row_narrow_fields_and_add_new_ones() -> None:
    extra: dict[str, dict[str, Any]] = {
        "temperature": {"maximum": 1},
        "mirostat": {"type": "integer", "title": "Mirostat"},
    }
    model = Model(id="m", name="m", parameters=extra)
    fields = properties(model)
    assert (fields["temperature"]["minimum"], fields["temperature"]["maximum"]) == (0, 1)
    assert fields["mirostat"]["x-order"] == len(fields) - 1
    assert "mirostat" in supported_parameters(model)


def test_the_credentials_of_other_hubs_are_no_fields() -> None:
    assert not {"key", "model_id"} & set(properties(built_in("gpt-4.1")))


def test_changing_a_schema_changes_no_other() -> None:
    model = built_in("gpt-4.1")
    json_request_schema(model)["$defs"]["message"]["properties"].clear()
    json_request_schema(model)["properties"]["temperature"].clear()
    assert json_request_schema(model)["$defs"]["message"]["properties"]["role"]
    assert properties(model)["temperature"]["maximum"] == 2


def test_supported_parameters_use_openrouters_words() -> None:
    mini, luna = supported_parameters(built_in("gpt-4.1-mini")), supported_parameters(built_in("gpt-6-luna"))
    assert {"temperature", "tools", "tool_choice", "structured_outputs", "logit_bias", "seed"} <= set(mini)
    assert {"reasoning", "include_reasoning", "reasoning_effort"} <= set(luna)
    assert not {"model", "messages"} & {*mini, *luna}
