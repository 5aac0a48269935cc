"""Vectors made up in test mode."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from entrepot.dialects.openai_embeddings import parse_request
from entrepot.errors import UpstreamOverloaded
from entrepot.providers.sandbox import SandboxVectors, Steering
from entrepot.providers.sandbox.vectors import DIMENSIONS


async def answered(*, steer: str | None = None, known: int | None = 8, **fields: Any) -> dict[str, Any]:
    request = parse_request({"model": "m", "input": "ahoy", **fields})
    answer = SandboxVectors(request, Steering.parse(steer, "m"), dimensions=known)
    try:
        body: dict[str, Any] = json.loads(await answer.body())
        assert await answer.piece() is None
        await answer.finish()
        return body
    finally:
        await answer.close()


async def test_each_input_has_its_own_vector_of_length_one_and_the_same_next_time() -> None:
    body = await answered(input=["ahoy", "there", [1, 2]])
    vectors = [each["embedding"] for each in body["data"]]
    assert [len(vector) for vector in vectors] == [8, 8, 8]
    assert len({tuple(vector) for vector in vectors}) == 3
    assert all(math.isclose(math.hypot(*vector), 1, abs_tol=1e-6) for vector in vectors)
    assert await answered(input=["ahoy", "there", [1, 2]]) == body
    assert (await answered())["data"][0]["embedding"] == vectors[0]


@pytest.mark.parametrize(("asked", "known", "length"), [(5, 8, 5), (None, 8, 8), (None, None, DIMENSIONS)])
async def test_the_length_is_the_one_asked_for_or_the_models(asked: int | None, known: int | None, length: int) -> None:
    body = await answered(dimensions=asked, known=known)
    assert len(body["data"][0]["embedding"]) == length


async def test_it_fails_as_asked() -> None:
    with pytest.raises(UpstreamOverloaded):
        await answered(steer="latency_ms=1, fault=error-503")
