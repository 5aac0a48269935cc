"""The query of the list of models."""

from __future__ import annotations

from typing import Any

import pytest
from tests.conftest import MakeHub
from tests.support.running import RunningHub

PORTS: dict[str, Any] = {
    "models": [
        {"id": "a", "aliases": ["port/a"], "developer": "Quay", "family": "ports", "summary": "Deep water",
         "price": {"input": "3", "output": "1"}, "context_tokens": 300, "released": "2026-01-01"},
        {"id": "b", "developer": "quay", "family": "ports", "features": ["tools"], "summary": "Shallow water",
         "price": {"input": "1", "output": "2"}, "input_modalities": ["text", "image"], "context_tokens": 100},
        {"id": "c", "developer": "Pier", "family": "ports", "kind": "embedding",
         "output_modalities": ["embeddings"], "lifecycle": {"status": "deprecated"}},
    ]
}  # fmt: skip


@pytest.fixture
async def hub(make_hub: MakeHub) -> RunningHub:
    return make_hub(PORTS)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("family=ports", "abc"),
        ("family=ports&developer=QUAY", "ab"),
        ("family=ports&developer_name=quay,pier", "abc"),
        ("family=ports&developer=quay&developer=pier&type=chat", "ab"),
        ("id=port/a", "a"),
        ("id=PORT/A,c", "ac"),
        ("family=ports&kind=embedding", "c"),
        ("family=ports&input_modalities=image", "b"),
        ("family=ports&output_modalities=embeddings", "c"),
        ("family=ports&modalities=image,embeddings", "bc"),
        ("family=ports&capabilities=tools", "b"),
        ("family=ports&features=tools", "b"),
        ("family=ports&status=deprecated", "c"),
        ("family=ports&search=WATER", "ab"),
        ("search=water%20deep", "a"),
        ("search=port/a", "a"),
        ("family=none", ""),
        ("family=ports&sort=id", "abc"),
        ("family=ports&sort=-id", "cba"),
        ("family=ports&sort=input_price", "bac"),
        ("family=ports&sort=-input_price", "abc"),
        ("family=ports&sort=output_price", "abc"),
        ("family=ports&sort=context", "bac"),
        ("family=ports&sort=-name", "cba"),
        ("family=ports&sort=released", "abc"),
        ("family=ports&unknown=1&family=", "abc"),
    ],
)
async def test_filters_search_and_sort(hub: RunningHub, query: str, found: str) -> None:
    answer = await hub.get(f"/v1/models?{query}", token=hub.test)
    assert "".join(model["id"] for model in answer.json["data"]) == found


async def test_an_unknown_order_is_refused(hub: RunningHub) -> None:
    answer = await hub.get("/v1/models?sort=beauty", token=hub.test)
    assert (answer.status, answer.error["param"]) == (400, "sort")


@pytest.mark.parametrize(
    ("query", "expected"),
    [("", False), ("include=pricing", False), ("include=pricing,json_request_schema", True), ("include=all", True),
     ("details=true", True)],
)  # fmt: skip
async def test_schemas_come_when_asked_for(hub: RunningHub, query: str, expected: bool) -> None:
    for model in (await hub.get(f"/v1/models?family=ports&{query}", token=hub.test)).json["data"]:
        assert ("json_request_schema" in model) is expected


async def test_search_has_an_address_of_its_own(hub: RunningHub) -> None:
    answer = await hub.get("/api/ai/models/search?search=shallow", token=hub.test)
    assert (answer.json["object"], [model["id"] for model in answer.json["data"]]) == ("list", ["b"])


async def test_providers_are_found(make_hub: MakeHub) -> None:
    hub = make_hub()
    listed = (await hub.get("/v1/models?provider=anthropic", token=hub.test)).json["data"]
    assert [model["id"] for model in listed] == ["claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5"]
