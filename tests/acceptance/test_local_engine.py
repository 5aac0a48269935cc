"""A live key, llama.cpp and OpenAI's SDK in its strict mode: real generation from end to end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import anthropic
import jsonschema_rs
import openai
import pydantic
import pytest
from tests.support.hub import Hub, eventually, run

MODEL = "local/tiny"
SCHEMA = {
    "type": "object",
    "properties": {
        "ship": {"type": "string"},
        "tons": {"type": "integer"},
        "cargo": {"type": "array", "items": {"type": "string"}, "maxItems": 3},
        "flag": {"enum": ["red", "white"]},
    },
    "required": ["ship", "tons", "cargo", "flag"],
    "additionalProperties": False,
}
ASK: Any = {"model": MODEL, "messages": [{"role": "user", "content": "What is in the harbour?"}], "temperature": 0}


class Flag(pydantic.BaseModel):
    ship: str
    tons: int


@pytest.fixture
def client(local_hub: Hub) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(
        base_url=local_hub.api, api_key=local_hub.tokens.live, max_retries=0, _strict_response_validation=True
    ) as made:
        yield made


def test_real_generation(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(**ASK)
    assert answer.model == MODEL
    assert answer.choices[0].finish_reason == "stop"
    assert len((answer.choices[0].message.content or "").split()) > 3
    assert answer.usage is not None
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens


def test_stream_is_the_plain_answer_in_pieces(client: openai.OpenAI) -> None:
    plain = client.chat.completions.create(**ASK)
    chunks = list(client.chat.completions.create(**ASK, stream=True, stream_options={"include_usage": True}))
    texts = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices and chunk.choices[0].delta.content]
    assert len(texts) > 3
    assert "".join(texts) == plain.choices[0].message.content
    assert chunks[-1].usage is not None
    assert plain.usage is not None
    assert chunks[-1].usage.completion_tokens == plain.usage.completion_tokens


def test_usage_stays_out_of_a_stream_that_did_not_ask(client: openai.OpenAI) -> None:
    assert all(chunk.choices for chunk in client.chat.completions.create(**ASK, stream=True))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_json_schema_output_is_valid(client: openai.OpenAI, seed: int) -> None:
    wanted: Any = {"type": "json_schema", "json_schema": {"name": "ship", "strict": True, "schema": SCHEMA}}
    request = ASK | {"temperature": 1}
    answer = client.chat.completions.create(**request, seed=seed, response_format=wanted)
    assert answer.choices[0].finish_reason == "stop"
    jsonschema_rs.validate(SCHEMA, json.loads(answer.choices[0].message.content or ""))


def test_parse_and_stream_helper(client: openai.OpenAI) -> None:
    assert isinstance(client.chat.completions.parse(**ASK, response_format=Flag).choices[0].message.parsed, Flag)
    with client.chat.completions.stream(**ASK, response_format=Flag) as stream:
        assert isinstance(stream.get_final_completion().choices[0].message.parsed, Flag)


def test_log_probabilities(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(**ASK, logprobs=True, top_logprobs=2, max_tokens=6)
    assert answer.choices[0].logprobs is not None
    tokens = answer.choices[0].logprobs.content or []
    assert len(tokens) == 6
    assert "".join(token.token for token in tokens) == answer.choices[0].message.content
    assert all(token.logprob <= 0 and len(token.top_logprobs) == 2 for token in tokens)


def test_stop_and_length(client: openai.OpenAI) -> None:
    whole = client.chat.completions.create(**ASK).choices[0].message.content or ""
    word = whole.split()[3]
    stopped = client.chat.completions.create(**ASK, stop=[word]).choices[0]
    assert (stopped.message.content, stopped.finish_reason) == (whole[: whole.index(word)], "stop")
    short = client.chat.completions.create(**ASK, max_tokens=2)
    assert short.choices[0].finish_reason == "length"
    assert short.usage is not None
    assert short.usage.completion_tokens == 2


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
def test_tool_call(client: openai.OpenAI, stream: bool) -> None:
    tool: Any = {"type": "function", "function": {"name": "register", "parameters": SCHEMA}}
    request = ASK | {"tools": [tool], "tool_choice": "required"}
    if stream:
        with client.chat.completions.stream(**request) as helper:
            choice: Any = helper.get_final_completion().choices[0]
    else:
        choice = client.chat.completions.create(**request).choices[0]
    assert choice.finish_reason == "tool_calls"
    (call,) = choice.message.tool_calls
    assert call.function.name == "register"
    jsonschema_rs.validate(SCHEMA, json.loads(call.function.arguments))


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
def test_tokens_of_every_choice_are_recorded(local_hub: Hub, client: openai.OpenAI, stream: bool) -> None:
    request = ASK | {"n": 2, "max_tokens": 8, "stream": stream}
    raw = client.chat.completions.with_raw_response.create(**request)
    raw.http_response.read()
    assert local_hub.exchange(raw.request_id or "")["output_tokens"] == 16


def test_the_engine_is_in_the_models(client: openai.OpenAI) -> None:
    listed = {model.id: model.model_extra or {} for model in client.models.list()}
    assert listed[MODEL]["available"] is True
    assert client.models.retrieve("local/tiny.gguf").id == MODEL


def test_test_key_gets_the_sandbox(local_hub: Hub) -> None:
    with openai.OpenAI(base_url=local_hub.api, api_key=local_hub.tokens.test) as client:
        answer = client.chat.completions.create(**ASK)
    assert answer.system_fingerprint == "fp_sandbox"


def test_usage_is_recorded(local_hub: Hub, client: openai.OpenAI) -> None:
    def used() -> dict[str, Any]:
        rows = json.loads(run(local_hub.home, "usage", "--json").stdout)
        return next((row for row in rows if (row["model"], row["mode"]) == (MODEL, "live")), {})

    before = used()
    plain = client.chat.completions.create(**ASK)
    streamed = list(client.chat.completions.create(**ASK, stream=True, stream_options={"include_usage": True}))
    assert plain.usage is not None
    assert streamed[-1].usage is not None
    eventually(lambda: used()["requests"] == before.get("requests", 0) + 2)
    after = used()
    given = plain.usage.prompt_tokens + streamed[-1].usage.prompt_tokens
    taken = plain.usage.completion_tokens + streamed[-1].usage.completion_tokens
    assert after["input_tokens"] - before.get("input_tokens", 0) == given
    assert after["output_tokens"] - before.get("output_tokens", 0) == taken
    assert after["estimated"] == 0


def test_embeddings_in_both_encodings(local_hub: Hub, client: openai.OpenAI) -> None:
    texts = ["a ship in the harbour", "a ship in the harbour", "salt"]
    plain = client.embeddings.create(model="local/vectors", input=texts, encoding_format="float")
    same, again, other = (each.embedding for each in plain.data)
    assert same == pytest.approx(again)
    assert same != pytest.approx(other)
    assert sum(number * number for number in same) == pytest.approx(1, abs=1e-3)
    assert plain.usage.prompt_tokens == plain.usage.total_tokens > 0
    # The SDK asks for base64 by itself, and unpacks it only after the strict check.
    with openai.OpenAI(base_url=local_hub.api, api_key=local_hub.tokens.live) as lax:
        packed = lax.embeddings.create(model="local/vectors", input=texts[2])
    assert packed.data[0].embedding == pytest.approx(other, abs=1e-5)


def test_tokens_are_counted_by_the_models_own_tokenizer(local_hub: Hub, client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(**ASK, max_tokens=1)
    counted = client.responses.input_tokens.with_raw_response.count(model=MODEL, input=ASK["messages"][0]["content"])
    assert counted.headers["x-entrepot-provider"] == "local-tiny"
    assert answer.usage is not None
    assert counted.parse().input_tokens == answer.usage.prompt_tokens
    with anthropic.Anthropic(base_url=local_hub.url, api_key=local_hub.tokens.live, max_retries=0) as messages:
        assert (
            messages.messages.count_tokens(model=MODEL, messages=ASK["messages"]).input_tokens
            == answer.usage.prompt_tokens
        )
