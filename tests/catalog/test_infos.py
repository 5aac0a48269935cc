"""ModelInfo against Anthropic's own types, read strictly: every field there, each from a fact of the catalogue."""

from __future__ import annotations

from datetime import date
from typing import Any

import anthropic.types as sdk
import msgspec
import pydantic
import pytest

from entrepot.catalog import Lifecycle, Model, load, model_info

CATALOGUE = load()


def read(model: Model) -> sdk.ModelInfo:
    """The model as Anthropic's SDK reads it; fails for a field it does not know or misses."""
    body = msgspec.json.encode(model_info(model))
    info = pydantic.TypeAdapter(sdk.ModelInfo).validate_json(body, strict=True)
    assert set(msgspec.json.decode(body)) == set(sdk.ModelInfo.model_fields)
    return info


def supported(value: Any) -> Any:
    """Capabilities as a tree of booleans."""
    if set(value) == {"supported"}:
        return value["supported"]
    return {name: part if isinstance(part, bool | None) else supported(part) for name, part in value.items()}


@pytest.mark.parametrize("model", CATALOGUE.models.values(), ids=lambda model: model.id)
def test_every_model_is_one_to_anthropics_sdk(model: Model) -> None:
    info = read(model)
    assert (info.id, info.display_name, info.type) == (model.id, model.name, "model")
    assert (info.max_input_tokens, info.max_tokens) == (model.context_tokens, model.max_output_tokens)


def test_a_claude_says_what_it_can_do() -> None:
    info = read(CATALOGUE.models["claude-sonnet-5-5"])
    assert (info.line, info.lifecycle) == ("sonnet", "active")
    assert info.capabilities is not None
    said = supported(info.capabilities.model_dump())
    assert said["effort"] == dict.fromkeys(("supported", "low", "medium", "high", "xhigh", "max"), True)
    assert said["thinking"]["types"] == {
        "adaptive": True,
        "between_tools": True,
        "disabled": False,
        "enabled": False,
    }
    assert [said[name] for name in ("batch", "citations", "image_input", "pdf_input", "structured_outputs")] == [
        True
    ] * 5
    assert said["server_tools"]["web_search"]


def test_a_model_that_does_not_think_takes_no_effort() -> None:
    info = read(CATALOGUE.models["gpt-4.1"])
    assert info.capabilities is not None
    said = supported(info.capabilities.model_dump())
    assert set(said["effort"].values()) == {False}
    assert said["thinking"]["types"] == {
        "adaptive": False,
        "between_tools": False,
        "disabled": True,
        "enabled": False,
    }


def test_efforts_are_those_of_the_request_schema() -> None:
    info = read(CATALOGUE.models["gemini-3.8-flash"])
    assert info.capabilities is not None
    said = supported(info.capabilities.model_dump())
    assert said["effort"] == {
        "supported": True,
        "low": True,
        "medium": True,
        "high": True,
        "xhigh": False,
        "max": False,
    }
    assert not said["thinking"]["types"]["disabled"]


def test_what_is_unknown_is_null_and_the_epoch() -> None:
    info = read(Model(id="m", name="m"))
    assert (info.capabilities, info.max_input_tokens, info.max_tokens, info.line) == (None, None, None, None)
    assert info.created_at.timestamp() == 0


def test_a_model_on_its_way_out_has_its_days() -> None:
    info = read(CATALOGUE.models["gpt-4.1-mini"])
    assert (info.lifecycle, info.retires_at and info.retires_at.date()) == ("deprecated", date(2027, 1, 14))
    assert info.deprecated_at is not None
    assert read(CATALOGUE.models["gpt-4.1-nano"]).lifecycle == "retired"


def test_an_active_model_has_none_even_where_one_is_planned() -> None:
    planned = Lifecycle(status="preview", shutdown_at=date(2027, 1, 1))
    info = read(Model(id="m", name="m", lifecycle=planned))
    assert (info.lifecycle, info.retires_at) == ("active", None)
