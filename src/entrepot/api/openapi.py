"""The OpenAPI document: every route with who may call it, what it takes, gives and refuses with."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec

from entrepot.api import inference
from entrepot.api.answers.dialects import Vendors
from entrepot.api.health import VERSION
from entrepot.api.operations import AREAS, OPERATIONS, TAGS
from entrepot.api.operations.bodies import BODIES
from entrepot.api.operations.operation import COMPONENTS, OBJECT, OPEN, TEXT, Operation, Schema
from entrepot.api.operations.refusals import ERRORS, RESPONSES, refusals
from entrepot.api.permissions import Access, Route

SECURITY: Schema = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "A key of the hub."},
    "x-api-key": {"type": "apiKey", "in": "header", "name": "x-api-key"},
    "api-key": {"type": "apiKey", "in": "header", "name": "api-key"},
    "session": {"type": "apiKey", "in": "cookie", "name": "entrepot_session"},
}
REQUEST_HEADERS: Mapping[str, Schema] = {
    "anthropic-version": TEXT | {"description": "Not looked at; Anthropic's clients send it."},
    "idempotency-key": TEXT
    | {
        "description": "The same request under the same key moves money once.",
        "pattern": "^[!-~]{1,255}$",
    },
    "if-none-match": TEXT | {"description": "The `etag` of an earlier answer."},
    "stripe-signature": TEXT,
    "x-entrepot-signature": TEXT | {"description": "`t=TIME,v1=MAC` by Stripe's scheme."},
    "x-client-request-id": TEXT | {"description": "The caller's own id, sent back."},
    "x-entrepot-meta": TEXT | {"description": "`usage`: the cost is told in `meta.usage`, too."},
    "x-entrepot-sandbox": TEXT | {"description": "Steers the sandbox in test mode."},
}
ANSWER_HEADERS: Mapping[str, Schema] = {
    "x-request-id": {"description": "The hub's id of the request.", "schema": TEXT},
    "etag": {"description": "A weak one.", "schema": TEXT},
    "idempotent-replayed": {
        "description": "Whether this was answered before.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "x-entrepot-cost-usd": {"description": "What a plain answer has cost.", "schema": TEXT},
}
PREFIXES: Mapping[str, str] = {
    "/api/v7/llm/v1": "ApiV7LlmV1",
    "/api/v7/llm": "ApiV7Llm",
    "/api/v1": "ApiV1",
    "/api/ai": "ApiAi",
}
"""What is added to the ids of operations that are the same below another prefix."""


def document(url: str, routes: Mapping[Route, tuple[Access, Callable[..., object]]]) -> Schema:
    """OpenAPI 3.1 of the routes, each with what serves it."""
    paths: dict[str, Schema] = {}
    for (method, path), (access, handler) in routes.items():
        told = _operation((method, path), access, handler)
        paths.setdefault(path.replace(":path}", "}"), {})[method.lower()] = told
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Entrepôt",
            "version": VERSION,
            "description": "Callers that send `anthropic-version` get Anthropic's errors, and `x-anthropic-schema`.",
        },
        "servers": [{"url": url}],
        "tags": [{"name": tag} for tag in AREAS],
        "paths": paths,
        "components": {
            "schemas": _spelled(dict(sorted({**ERRORS, **BODIES, **_asked(), **_answered()}.items()))),
            "responses": RESPONSES,
            "headers": ANSWER_HEADERS,
            "securitySchemes": SECURITY,
        },
    }


def _operation(route: Route, access: Access, handler: Callable[..., object]) -> Schema:
    operation = OPERATIONS[route]
    summary, _, rest = (handler.__doc__ or "").strip().partition("\n\n")
    told: Schema = {
        "operationId": operation_id(route, handler.__name__),
        "tags": [TAGS[route]],
        "summary": " ".join(summary.split()),
        "parameters": list(_parameters(route[1], operation)),
        "security": _security(access),
        "responses": _success(route, operation) | refusals(route, access, operation),
    }
    if rest:
        told["description"] = " ".join(rest.split())
    if access.key not in (None, "any"):
        told["x-scope"] = access.key
    if operation.request is not None:
        told["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": _reference(operation.request)}},
        }
    return told


def operation_id(route: Route, name: str) -> str:
    """The handler's name, and the prefix of the path where there are several."""
    method, path = route
    first, *others = name.split("_")
    id = OPERATIONS[route].id or first + "".join(word.capitalize() for word in others)
    prefix = next((prefix for prefix in PREFIXES if path.startswith(f"{prefix}/")), "")
    if prefix:
        return id if OPERATIONS[route].id == "searchModels" else id + PREFIXES[prefix]
    return f"{id}Bare" if (method, f"/v1{path}") in OPERATIONS else id


def _parameters(path: str, operation: Operation) -> Iterator[Schema]:
    for name in re.findall(r"{(\w+)(?::path)?}", path):
        yield {"name": name, "in": "path", "required": True, "schema": TEXT}
    for name, schema in operation.query.items():
        yield {"name": name, "in": "query", "schema": schema}
    for name in (*operation.headers, *(("if-none-match",) if operation.tagged else ())):
        yield {"name": name, "in": "header", "schema": REQUEST_HEADERS[name]}


def _security(access: Access) -> list[Schema]:
    """Any one of them; an empty one stands for no credential."""
    keys: list[Schema] = [{name: []} for name in ("bearer", "x-api-key", "api-key")] if access.key else []
    return [*([{}] if access.open else []), *keys, *([{"session": []}] if access.roles else [])]


def _success(route: Route, operation: Operation) -> Schema:
    """What a call brings that succeeds: JSON, and what else may be asked for."""
    content: Schema = {media: {"schema": OBJECT if media.endswith("json") else TEXT} for media in operation.media}
    if operation.answer is not None:
        content = {"application/json": {"schema": _reference(operation.answer)}} | content
    if operation.anthropic is not None:
        content["application/json"]["x-anthropic-schema"] = _reference(operation.anthropic)
    if not content:
        return {}
    names = ["x-request-id", *(["etag"] if operation.tagged else [])]
    names += ["idempotent-replayed"] if "idempotency-key" in operation.headers else []
    names += ["x-entrepot-cost-usd"] if route[1] in inference.ROUTES else []
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    found: Schema = {str(operation.status): {"description": "It is done.", "headers": headers, "content": content}}
    if operation.tagged:
        found["304"] = {"description": "It has not changed.", "headers": {"etag": headers["etag"]}}
    return found


# Schemas ------------------------------------------------------------------------------------------


def _reference(kind: type | str) -> Schema:
    return {"$ref": COMPONENTS.format(name=kind if isinstance(kind, str) else kind.__name__)}


def _asked() -> Schema:
    return _components(operation.request for operation in OPERATIONS.values())


def _answered() -> Schema:
    """Of records that are written whole: what has a default is there all the same, but for what is UNSET."""
    kinds = [each for one in OPERATIONS.values() for each in (one.answer, one.anthropic, *one.also.values())]
    open_ones = {each.__name__ for base in Vendors.__subclasses__() for each in (base, *base.__subclasses__())}
    written = {name: _written(schema) for name, schema in _components(kinds).items()}
    return {name: each | OPEN if name in open_ones else each for name, each in written.items()}


def _components(kinds: Iterable[type | str | None]) -> Schema:
    records = dict.fromkeys(each for each in kinds if isinstance(each, type))
    _, schemas = msgspec.json.schema_components(records, ref_template=COMPONENTS)
    return dict(schemas)


def _written(schema: Schema) -> Schema:
    if "properties" not in schema:
        return schema
    properties: dict[str, Any] = schema["properties"]
    required = [name for name, each in properties.items() if name in schema["required"] or "default" in each]
    shown = {name: {key: each[key] for key in each if key != "default"} for name, each in properties.items()}
    written = {key: value for key, value in schema.items() if key != "additionalProperties"}
    return written | {"properties": shown, "required": required}


def _spelled(schema: Any) -> Any:
    """With what is understood written out, since makers of types ask for it: that words are texts, and tables open."""
    if isinstance(schema, list):
        return [_spelled(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    spelled = {key: _spelled(value) for key, value in schema.items()}
    values, types = schema.get("enum"), schema.get("type")
    if types is None and isinstance(values, list) and all(isinstance(each, str) for each in values):
        spelled["type"] = "string"
    if (types == "object" or (isinstance(types, list) and "object" in types)) and "properties" not in schema:
        spelled.setdefault("additionalProperties", True)
    return spelled
