"""Every example is a call that the hub and the model's providers take."""

from __future__ import annotations

from typing import Any

import pytest
from tests.conftest import MakeHub

from entrepot import catalog
from entrepot.catalog import Model
from entrepot.dialects.table import CHAT, DIALECTS
from entrepot.forward import fitted
from entrepot.pages.examples import APART, LEVELS, Level, as_messages, examples

CATALOGUE = catalog.load()
MODELS = list(CATALOGUE.models.values())
CHATS = [model for model in MODELS if model.kind == "chat"]
HARBOUR: dict[str, Any] = {"id": "harbour", "features": ["sampling"]}


def names(model: Model) -> str:
    return model.id


def read(**row: Any) -> tuple[catalog.Catalogue, Model]:
    catalogue = catalog.load({"models": [HARBOUR | row]})
    return catalogue, catalogue.models["harbour"]


@pytest.mark.parametrize("model", MODELS, ids=names)
def test_each_level_shows_more_of_what_the_schema_has(model: Model) -> None:
    minimal, basic, whole = (examples(CATALOGUE, model)[level] for level in LEVELS)
    schema = CATALOGUE.schema(model)
    assert set(minimal) == set(schema["required"])
    assert set(minimal) <= set(basic) <= set(whole) <= set(schema["properties"])
    deprecated = {name for name, field in schema["properties"].items() if field.get("deprecated")}
    left_out = set(schema["properties"]) - set(whole) - deprecated - APART
    assert left_out <= {"temperature", "top_p"}
    assert not left_out or not model.samples(thinking=True)


@pytest.mark.parametrize("model", CHATS, ids=names)
@pytest.mark.parametrize("level", LEVELS)
def test_every_provider_of_the_model_is_sent_the_example_whole(model: Model, level: Level) -> None:
    body = examples(CATALOGUE, model)[level]
    request = CHAT.parse_request(body)
    for offer in model.offers:
        DIALECTS[offer.dialect].emit_request(fitted(request, model)[0], offer)


async def test_the_hub_takes_every_example_in_its_protocols(make_hub: MakeHub) -> None:
    hub = make_hub()
    refused = {}
    for model in MODELS:
        if model.id.startswith("sandbox/") and model.id != "sandbox/echo":
            continue
        for level, body in examples(CATALOGUE, model).items():
            calls = {"/v1/embeddings": body}
            if model.kind == "chat":
                calls = {"/v1/chat/completions": body, "/v1/messages": as_messages(body, model)}
            for path, sent in calls.items():
                answer = await hub.post(path, sent, token=hub.test)
                if answer.status != 200:
                    refused[model.id, level, path] = answer.body
    assert refused == {}


def test_values_keep_within_the_operators_bounds() -> None:
    catalogue, model = read(
        max_output_tokens=100,
        parameters={"temperature": {"maximum": 0.5}, "speed": {"enum": ["slow", "fast"]}, "dial": {"minimum": 3}},
    )
    body = examples(catalogue, model)["all"]
    assert body["max_tokens"] == 100
    assert body["speed"] == "slow"
    assert "temperature" not in body
    assert "dial" not in body


def test_messages_bound_the_answer_and_rename_what_has_another_name() -> None:
    catalogue, model = read(features=["sampling", "stop", "tools"], suggested_prompts=["Say hello."])
    sent = as_messages(examples(catalogue, model)["all"] | {"temperature": 2}, model)
    assert (sent["max_tokens"], sent["temperature"], sent["stop_sequences"]) == (1024, 1, ["END"])
    assert sent["messages"] == [{"role": "user", "content": "Say hello."}]
    assert sent["tools"][0]["input_schema"]["required"] == ["city"]
