"""Embeddings and token counts by OpenAI's own Python SDK against a hub with a test key."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from tests.support.hub import Hub

MODEL = "text-embedding-3-small"
TEXTS = ["a ship in the harbour", "salt"]


@pytest.fixture
def strict(hub: Hub) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(
        base_url=hub.api, api_key=hub.tokens.test, max_retries=0, _strict_response_validation=True
    ) as made:
        yield made


@pytest.fixture
def lax(hub: Hub) -> Iterator[openai.OpenAI]:
    """The SDK asks for base64 by itself, and unpacks it only after the strict check."""
    with openai.OpenAI(base_url=hub.api, api_key=hub.tokens.test, max_retries=0) as made:
        yield made


def vectors(answer: openai.types.CreateEmbeddingResponse) -> list[list[float]]:
    assert [each.index for each in answer.data] == list(range(len(answer.data)))
    return [each.embedding for each in answer.data]


def test_floats_are_the_sdks_base64_unpacked(strict: openai.OpenAI, lax: openai.OpenAI) -> None:
    plain = strict.embeddings.create(model=MODEL, input=TEXTS, encoding_format="float")
    packed = lax.embeddings.create(model=MODEL, input=TEXTS)
    assert vectors(packed) == [pytest.approx(vector) for vector in vectors(plain)]
    assert {len(vector) for vector in vectors(plain)} == {1536}
    assert [math.hypot(*vector) for vector in vectors(plain)] == pytest.approx([1, 1])
    assert plain.model == MODEL
    assert plain.usage == packed.usage
    assert plain.usage.prompt_tokens == plain.usage.total_tokens > 0


def test_dimensions(lax: openai.OpenAI) -> None:
    (vector,) = vectors(lax.embeddings.create(model=MODEL, input="salt", dimensions=256))
    assert len(vector) == 256
    assert math.hypot(*vector) == pytest.approx(1, abs=1e-5)
    with pytest.raises(openai.BadRequestError) as caught:
        lax.embeddings.create(model=MODEL, input="salt", dimensions=4096)
    assert caught.value.param == "dimensions"


@pytest.mark.parametrize(
    ("given", "number", "tokens"), [("salt", 1, 1), ([1, 2, 3], 1, 3), ([[1, 2, 3], [4]], 2, 4), (TEXTS, 2, 6)]
)
def test_every_form_of_input(lax: openai.OpenAI, given: Any, number: int, tokens: int) -> None:
    answer = lax.embeddings.create(model=MODEL, input=given)
    assert (len(vectors(answer)), answer.usage.prompt_tokens) == (number, tokens)


async def test_asynchronous_client(hub: Hub) -> None:
    async with openai.AsyncOpenAI(base_url=hub.api, api_key=hub.tokens.test, max_retries=0) as client:
        answer = await client.embeddings.create(model="text-embedding-3-large", input="salt")
    assert len(answer.data[0].embedding) == 3072


def test_errors(hub: Hub, lax: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError):
        lax.embeddings.create(model="text-embedding-0", input="salt")
    with pytest.raises(openai.BadRequestError) as caught:
        lax.embeddings.create(model="gpt-4.1-mini", input="salt")
    assert caught.value.param == "model"
    assert (caught.value.request_id or "").startswith("req_")
    with pytest.raises(openai.RateLimitError):
        lax.embeddings.create(model=MODEL, input="x", extra_headers={"x-entrepot-sandbox": "fault=error-429"})


def test_the_exchange_is_recorded(hub: Hub, lax: openai.OpenAI) -> None:
    raw = lax.embeddings.with_raw_response.create(model=MODEL, input=TEXTS)
    row = hub.exchange(raw.request_id or "")
    assert (row["dialect"], row["asked"], row["mode"]) == ("openai_embeddings", MODEL, "test")
    assert (row["input_tokens"], row["output_tokens"]) == (raw.parse().usage.prompt_tokens, 0)


def test_input_tokens_are_those_the_answer_counts(strict: openai.OpenAI) -> None:
    request: Any = {"model": "gpt-4.1-mini", "input": "Say hello", "instructions": "Be brief."}
    answer = strict.responses.create(**request)
    assert answer.usage is not None
    assert strict.responses.input_tokens.count(**request).input_tokens == answer.usage.input_tokens
