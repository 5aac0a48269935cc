"""The OpenAPI document of a hub as the judge of its answers: what it does not declare is wrong."""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import msgspec
from tests.support.asgi import Call
from tests.support.running import RunningHub


class Contract:
    """`reached` are the operations that have succeeded, by their ids."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.reached: set[str] = set()
        self._validators: dict[bytes, jsonschema_rs.Draft202012Validator] = {}
        self._components = {"schemas": dict(_closed(document["components"]["schemas"]))}

    def check(self, method: str, path: str, answer: Call, *, anthropic: bool = False) -> None:
        """That status, headers, type and content are as declared, and hold nothing more but for vendors' records."""
        operation = self.operation(method, path)
        declared = self.resolved(operation["responses"].get(str(answer.status)))
        assert declared, (method, path, answer.status, answer.body[:300])
        assert set(declared.get("headers", {})) - OPTIONAL <= set(answer.headers), (method, path, answer.headers)
        if answer.status < 300:
            self.reached.add(operation["operationId"])
        if not answer.body:
            assert answer.status == 304
            return
        kind = answer.headers["content-type"].partition(";")[0]
        content = declared["content"][kind]
        schema = content.get("x-anthropic-schema", content["schema"]) if anthropic else content["schema"]
        value = answer.json if kind.endswith("json") else answer.body.decode()
        errors = self._validator(schema).iter_errors(value)
        problems = [f"{'/'.join(map(str, each.instance_path))}: {each.message}" for each in errors]
        assert not problems, (method, path, problems[:5])

    def _validator(self, schema: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
        """Made once for each schema: it takes the components in."""
        name = msgspec.json.encode(schema)
        if name not in self._validators:
            whole = schema | {"components": self._components}
            self._validators[name] = jsonschema_rs.Draft202012Validator(whole)
        return self._validators[name]

    def operation(self, method: str, path: str) -> dict[str, Any]:
        found: dict[str, Any] = self.document["paths"][path.replace(":path}", "}")][method.lower()]
        return found

    def resolved(self, value: Any) -> Any:
        """What a reference within the document leads to."""
        if not isinstance(value, dict) or "$ref" not in value:
            return value
        return functools.reduce(operator.getitem, value["$ref"].removeprefix("#/").split("/"), self.document)

    def operations(self) -> Iterator[dict[str, Any]]:
        for path in self.document["paths"].values():
            yield from path.values()


OPTIONAL = {"retry-after", "idempotent-replayed", "x-entrepot-cost-usd", "etag"}
"""Headers that come with some answers only."""


async def contract_of(hub: RunningHub) -> Contract:
    return Contract((await hub.get("/openapi.json")).json)


def _closed(schemas: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, schema in schemas.items():
        closes = "properties" in schema and "additionalProperties" not in schema
        yield name, schema | {"additionalProperties": False} if closes else schema


def require_all(contract: Contract, tag: str) -> None:
    """That every operation of an area has succeeded that ever does."""
    declared = {
        each["operationId"]
        for each in contract.operations()
        if tag in each["tags"] and any(status < "300" for status in each["responses"])
    }
    assert declared - contract.reached == set()
