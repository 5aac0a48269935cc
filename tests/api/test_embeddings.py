"""Embeddings through the real app: relayed to an upstream, made up in test mode, refused and recorded."""

from __future__ import annotations

import base64
import json
import struct
from typing import Any

import pytest
from tests.conftest import MakeHub
from tests.support.running import MODEL, UPSTREAM_KEY, RunningHub, question, tables
from tests.support.upstream import FaultUpstream, dump, failure, respond

PATHS = ("/v1/embeddings", "/embeddings", "/api/v7/llm/v1/embeddings")
ANSWER = {
    "object": "list",
    "data": [{"object": "embedding", "index": 0, "embedding": [0.6, 0.8]}],
    "model": "up1-model",
    "usage": {"prompt_tokens": 3, "total_tokens": 3},
}


def asked(given: Any = "ahoy", **fields: Any) -> dict[str, Any]:
    return {"model": MODEL, "input": given, **fields}


def embedding_tables(*base_urls: str) -> dict[str, Any]:
    return tables(*base_urls, kind="embedding", context_tokens=16, dimensions=4, output_modalities=["embeddings"])


@pytest.fixture
async def offline(make_hub: MakeHub) -> RunningHub:
    """A hub whose only upstream is never to be reached."""
    return make_hub(embedding_tables("http://127.0.0.1:1/v1"))


async def test_the_clients_bytes_go_to_the_upstream_and_its_bytes_come_back(make_hub: MakeHub) -> None:
    body = b'{"input":["a", [1,2]], "model":"%b", "encoding_format":"base64", "unknown": 1.50}' % MODEL.encode()
    async with FaultUpstream(respond(dump(ANSWER))) as upstream:
        hub = make_hub(embedding_tables(upstream.base_url))
        call = await hub.post("/v1/embeddings", body)
        (sent,) = upstream.requests
    assert call.body == dump(ANSWER)
    assert sent.path == "/v1/embeddings"
    assert sent.headers["authorization"] == f"Bearer {UPSTREAM_KEY}-1"
    assert sent.body == (b'{"input":["a", [1,2]],"model":"up1-model","encoding_format":"base64","unknown":1.50}')
    row = await hub.row()
    assert (row.dialect, row.answered, row.usage.input_tokens, row.usage.output_tokens, row.usage.estimated) == (
        "openai_embeddings", "up1-model", 3, 0, False,
    )  # fmt: skip


async def test_an_answer_without_usage_is_counted(make_hub: MakeHub) -> None:
    async with FaultUpstream(respond(dump({**ANSWER, "usage": None}))) as upstream:
        hub = make_hub(embedding_tables(upstream.base_url))
        assert (await hub.post("/v1/embeddings", asked(["ahoy there", [7, 8, 9]]))).status == 200
    usage = (await hub.row()).usage
    assert (usage.input_tokens > 3, usage.estimated) == (True, True)


async def test_another_offer_is_tried_when_the_first_fails(make_hub: MakeHub) -> None:
    async with FaultUpstream(failure(500)) as broken, FaultUpstream(respond(dump(ANSWER))) as well:
        hub = make_hub(embedding_tables(broken.base_url, well.base_url))
        call = await hub.post("/v1/embeddings", asked())
    assert (call.status, call.headers["x-entrepot-provider"], call.headers["x-entrepot-attempts"]) == (200, "up2", "2")


@pytest.mark.parametrize("path", PATHS)
async def test_test_mode_makes_the_same_unit_vectors_in_both_encodings(offline: RunningHub, path: str) -> None:
    plain = (await offline.post(path, asked(["ahoy", "there"]), token=offline.test)).json
    packed = (await offline.post(path, asked(["ahoy", "there"], encoding_format="base64"), token=offline.test)).json
    vectors = [each["embedding"] for each in plain["data"]]
    assert [list(struct.unpack("<4f", base64.b64decode(each["embedding"]))) for each in packed["data"]] == vectors
    assert [each["index"] for each in plain["data"]] == [0, 1]
    assert plain["usage"] == {
        "prompt_tokens": 3, "total_tokens": 3, "cost": 0, "cost_details": {}, "estimated": False,
    }  # fmt: skip


async def test_the_catalogues_own_embedding_models_answer_in_test_mode(offline: RunningHub) -> None:
    for model, dimensions in (("text-embedding-3-small", 1536), ("openai/text-embedding-3-large", 3072)):
        call = await offline.post("/v1/embeddings", asked(model=model), token=offline.test)
        assert len(call.json["data"][0]["embedding"]) == dimensions


@pytest.mark.parametrize(
    ("body", "param", "code"),
    [
        ({"model": MODEL}, "input", "missing_required_parameter"),
        (asked([]), "input", "empty_array"),
        (asked(""), "input", "empty_string"),
        (asked([""]), "input[0]", "empty_string"),
        (asked(dimensions=5), "dimensions", "integer_above_max_value"),
        (asked(encoding_format="hex"), "encoding_format", "invalid_value"),
        (asked("word " * 40), "input", "context_length_exceeded"),
        (asked(["short", list(range(17))]), "input", "context_length_exceeded"),
        (asked(model="gpt-4.1"), "model", "unsupported_value"),
        (asked(model="none-such"), "model", "model_not_found"),
    ],
)
async def test_what_cannot_be_embedded_is_refused_by_name(
    offline: RunningHub, body: dict[str, Any], param: str, code: str
) -> None:
    call = await offline.post("/v1/embeddings", body, token=offline.test)
    assert call.status in (400, 404)
    assert (call.error["param"], call.error["code"]) == (param, code)


async def test_many_short_inputs_are_each_within_the_context(offline: RunningHub) -> None:
    call = await offline.post("/v1/embeddings", asked(["a short text"] * 50), token=offline.test)
    assert len(call.json["data"]) == 50


async def test_an_embedding_model_holds_no_conversation(offline: RunningHub) -> None:
    call = await offline.post("/v1/chat/completions", question(), token=offline.test)
    assert (call.status, call.error["code"]) == (400, "unsupported_value")


async def test_an_upstreams_error_is_told(make_hub: MakeHub) -> None:
    async with FaultUpstream(failure(400, "too many inputs")) as upstream:
        hub = make_hub(embedding_tables(upstream.base_url))
        call = await hub.post("/v1/embeddings", asked())
    assert (call.status, json.loads(call.body)["error"]["message"]) == (400, "too many inputs")
