"""/openapi.json against the running hub: every route is in it, and answers are as it says."""

from __future__ import annotations

import re
from typing import Any

import jsonschema_rs
import pytest
from tests.conftest import MakeHub
from tests.support.contract import contract_of
from tests.support.running import MODEL, question, tables

from entrepot.api import inference
from entrepot.api.routes import FRAMED, HOT

ROUTES = [*HOT, *FRAMED]

DIALECTS: list[dict[str, str]] = [{}, {"anthropic_version": "2023-06-01"}]


def target(path: str, id: str) -> str:
    return path.replace("{id}", id).replace("{id:path}", id).replace("{month}", "2026-11")


async def test_every_route_is_in_it_and_no_other(make_hub: MakeHub) -> None:
    contract = await contract_of(make_hub())
    found = {(method.upper(), path) for path, each in contract.document["paths"].items() for method in each}
    assert found == {(method, path.replace(":path}", "}")) for method, path in ROUTES}
    operations = list(contract.operations())
    assert len({each["operationId"] for each in operations}) == len(operations)
    assert all(re.fullmatch("[a-z][A-Za-z0-9]+", each["operationId"]) for each in operations)
    assert all(each["summary"] and each["tags"] for each in operations)


async def test_it_is_a_document_without_loose_ends(make_hub: MakeHub) -> None:
    hub = make_hub(server={"public_url": "https://hub.example"})
    contract = await contract_of(hub)
    document = contract.document
    assert document["servers"] == [{"url": "https://hub.example"}]
    references = {each for each in _references(document) if each.startswith("#")}
    assert all(contract.resolved({"$ref": each}) for each in references)
    used = {each.removeprefix("#/components/schemas/") for each in references}
    assert set(document["components"]["schemas"]) <= used
    for schema in _schemas(document):
        jsonschema_rs.meta.validate(schema | {"$schema": "https://json-schema.org/draft/2020-12/schema"})


@pytest.mark.parametrize("headers", DIALECTS, ids=["openai", "anthropic"])
async def test_refusals_are_as_declared(make_hub: MakeHub, headers: dict[str, str]) -> None:
    hub = make_hub()
    contract = await contract_of(hub)
    for method, path in ROUTES:
        where = target(path, "unknown")
        for body in (b"", b"{", {"no-such-field": 1}):
            for token in (None, "wrong", hub.test, hub.key(scopes=("management",))):
                answer = await hub.call(method, where, body=body, token=token, **headers).run()
                contract.check(method, path, answer, anthropic=bool(headers))
    plain = await hub.call("POST", "/v1/keys", body=b"x", token=hub.test, content_type="text/plain").run()
    contract.check("POST", "/v1/keys", plain)


@pytest.mark.parametrize("headers", DIALECTS, ids=["openai", "anthropic"])
async def test_answers_are_as_declared(make_hub: MakeHub, headers: dict[str, str]) -> None:
    hub = make_hub(tables("http://127.0.0.1:1/v1"))
    contract = await contract_of(hub)
    token = hub.key(scopes=("inference", "usage", "management"), mode="test")
    reached = set()
    for method, path in ROUTES:
        if method == "GET":
            answer = await hub.get(target(path, MODEL), token=token, **headers)
            contract.check(method, path, answer, anthropic=bool(headers))
            reached |= {path} if answer.status == 200 else set()
    assert len(reached) > 30
    for path in inference.ROUTES:
        body = question(input="Hello", max_tokens=5) | {"model": "sandbox/echo"}
        if path.endswith("/embeddings"):
            body["model"] = "text-embedding-3-small"
        contract.check("POST", path, await hub.post(path, body, token=token, **headers))


async def test_ids_that_nobody_knows_are_as_declared(make_hub: MakeHub) -> None:
    hub = make_hub()
    contract = await contract_of(hub)
    token = hub.key(scopes=("inference", "usage", "management"), mode="test")
    for path in ("/v1/generation?id=x", "/v1/wallet?organisation_id=x", "/v1/billing/transactions?organisation_id=x"):
        answer = await hub.get(path, token=token)
        assert answer.status == 404
        contract.check("GET", path.partition("?")[0], answer)


async def test_what_is_made_is_as_declared(make_hub: MakeHub) -> None:
    hub = make_hub()
    contract = await contract_of(hub)
    token = hub.key(scopes=("inference", "usage", "management"), mode="test")
    made = await hub.post("/v1/keys", {"name": "ci"}, token=token)
    assert made.status == 201
    contract.check("POST", "/v1/keys", made)
    id = made.json["id"]
    for method, path, body in (
        ("GET", "/v1/keys/{id}", b""),
        ("PATCH", "/v1/keys/{id}", {"name": "new"}),
        ("POST", "/v1/keys/{id}/rotate", {}),
        ("DELETE", "/v1/keys/{id}", b""),
    ):
        answer = await hub.call(method, target(path, id), body=body, token=token).run()
        assert answer.status == 200
        contract.check(method, path, answer)
    estimate = await hub.post("/v1/estimate", {"request": question() | {"model": "gpt-4.1"}}, token=hub.test)
    assert estimate.status == 200
    contract.check("POST", "/v1/estimate", estimate)


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [each for inner in value.values() for each in _references(inner)]
    return [each for inner in value for each in _references(inner)] if isinstance(value, list) else []


def _schemas(document: dict[str, Any]) -> list[dict[str, Any]]:
    operations = [each for path in document["paths"].values() for each in path.values()]
    bodies = [
        each["requestBody"]["content"]["application/json"]["schema"] for each in operations if "requestBody" in each
    ]
    return [*document["components"]["schemas"].values(), *bodies]
