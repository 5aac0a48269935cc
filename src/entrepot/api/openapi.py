"""GET /openapi.json: every route of the running hub with who may call it, what it takes, gives and refuses with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route as ServedRoute

from entrepot.api import inference
from entrepot.api.health import VERSION
from entrepot.api.operations import BODY_TYPES, FORMS, OPERATIONS, TEXT, Operation, Schema
from entrepot.api.permissions import APPLICATION, PERMISSIONS, Access
from entrepot.api.respond import hub_of, json_response, tagged

COMPONENTS = "#/components/schemas/{name}"
ERROR: Schema = {"$ref": COMPONENTS.format(name="Error")}
ERRORS: Schema = {
    "OpenAIError": {
        "type": "object",
        "required": ["error"],
        "properties": {
            "error": {
                "type": "object",
                "required": ["message", "type", "param", "code", "request_id"],
                "properties": {
                    "message": TEXT,
                    "type": TEXT,
                    "param": {"type": ["string", "null"]},
                    "code": {"type": ["string", "integer"]},
                    "request_id": TEXT,
                },
            }
        },
    },
    "AnthropicError": {
        "type": "object",
        "required": ["type", "error", "request_id"],
        "properties": {
            "type": {"const": "error"},
            "error": {"type": "object", "required": ["type", "message"], "properties": {"type": TEXT, "message": TEXT}},
            "request_id": TEXT,
        },
    },
    "OpenRouterError": {
        "type": "object",
        "required": ["error"],
        "properties": {"error": {"type": "object", "required": ["message", "code"], "properties": {"message": TEXT}}},
    },
    "Error": {
        "anyOf": [
            {"$ref": COMPONENTS.format(name=f"{vendor}Error")} for vendor in ("OpenAI", "Anthropic", "OpenRouter")
        ]
    },
}
SECURITY: Schema = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "A key of the hub."},
    "x-api-key": {"type": "apiKey", "in": "header", "name": "x-api-key"},
    "api-key": {"type": "apiKey", "in": "header", "name": "api-key"},
    "session": {"type": "apiKey", "in": "cookie", "name": "entrepot_session"},
}
BODY_REFUSALS = {
    400: "The request is not valid.",
    408: "The body did not arrive in time.",
    413: "The body is too large.",
    415: "The body is not plain JSON.",
}
KEY_REFUSALS = {401: "There is no valid credential.", 403: "The credential does not allow it."}
ID_REFUSALS = {404: "There is no such thing."}
CALL_REFUSALS = {
    402: "There is no money for the call.",
    404: "There is no such model.",
    429: "A limit is reached.",
    502: "The provider failed.",
    503: "Nobody can answer now.",
    504: "The provider did not answer in time.",
}

Described = tuple[str, str, str]
"""Method, path and what the handler's docstring says."""


async def show_document(request: Request) -> Response:
    """This document."""
    url = hub_of(request).configuration.settings.url
    return tagged(request, json_response(document(url, served(request.app.routes))))


def served(routes: list[ServedRoute]) -> Iterator[Described]:
    """Every route of the API, the hot ones first."""
    for path, hot in inference.ROUTES.items():
        yield "POST", path, hot.__doc__ or ""
    for route in routes:
        if route.path in APPLICATION:
            continue
        for method in sorted((route.methods or set()) - {"HEAD"}):
            yield method, route.path, route.endpoint.__doc__ or ""


def document(url: str, routes: Iterator[Described]) -> Schema:
    """OpenAPI 3.1 of the routes."""
    kinds = [each for operation in OPERATIONS.values() for each in (operation.request, operation.answer)]
    records = dict.fromkeys(each for each in kinds if isinstance(each, type))
    _, schemas = msgspec.json.schema_components(records, ref_template=COMPONENTS)
    paths: dict[str, Schema] = {}
    for method, path, said in routes:
        paths.setdefault(path.replace(":path}", "}"), {})[method.lower()] = _operation(method, path, said)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Entrepôt", "version": VERSION},
        "servers": [{"url": url}],
        "paths": paths,
        "components": {"schemas": {**ERRORS, **schemas}, "securitySchemes": SECURITY},
    }


def _operation(method: str, path: str, said: str) -> Schema:
    access, operation = PERMISSIONS[method, path], OPERATIONS.get((method, path), Operation())
    summary, _, rest = said.strip().partition("\n\n")
    told: Schema = {
        "operationId": _id(method, path),
        "summary": " ".join(summary.split()),
        "parameters": [*_in_path(path), *({"name": name, "in": "query", "schema": TEXT} for name in operation.query)],
        "security": _security(access),
        "responses": {str(operation.status): _answer(path, operation)} | _refusals(method, path, operation),
    }
    if rest:
        told["description"] = " ".join(rest.split())
    if access.key not in (None, "any"):
        told["x-scope"] = access.key
    if operation.request is not None:
        told["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": _schema(operation.request)}},
        }
    return told


def _id(method: str, path: str) -> str:
    return "_".join([method.lower(), *re.findall(r"\w+", path.replace(":path}", "}"))]) or method.lower()


def _in_path(path: str) -> list[Schema]:
    names = re.findall(r"{(\w+)(?::path)?}", path)
    return [{"name": name, "in": "path", "required": True, "schema": TEXT} for name in names]


def _security(access: Access) -> list[Schema]:
    """Any one of them; an empty one stands for no credential."""
    keys: list[Schema] = [{name: []} for name in ("bearer", "x-api-key", "api-key")] if access.key else []
    return [*([{}] if access.open else []), *keys, *([{"session": []}] if access.roles else [])]


def _answer(path: str, operation: Operation) -> Schema:
    """What a call that succeeds brings. Calls of models may ask for a stream of events instead."""
    for end, (kind, schema) in BODY_TYPES.items():
        if path.endswith(end):
            return {"description": "It is done.", "content": {kind: {"schema": schema}}}
    content = {"application/json": {"schema": _schema(operation.answer)}}
    if path in inference.ROUTES and path.endswith(("/completions", "/messages", "/responses")):
        content["text/event-stream"] = {"schema": TEXT}
    content |= {media: {"schema": TEXT} for media in (*operation.media, *FORMS.get(path, ()))}
    return {"description": "It is done.", "content": content}


def _refusals(method: str, path: str, operation: Operation) -> Schema:
    access = PERMISSIONS[method, path]
    found = {400: "The request is not valid.", 500: "The hub failed.", 503: "The hub cannot serve this now."}
    if not access.open or access.page:
        found |= KEY_REFUSALS
    if method in ("POST", "PATCH", "PUT"):
        found |= BODY_REFUSALS | KEY_REFUSALS | {409: "As things stand, it cannot be.", 429: "A limit is reached."}
    if "{" in path or operation.by_id or method in ("POST", "PATCH", "PUT"):
        found |= ID_REFUSALS
    if path in inference.ROUTES:
        found |= CALL_REFUSALS
    refused = {
        str(status): {"description": text, "content": {"application/json": {"schema": ERROR}}}
        for status, text in sorted(found.items())
    }
    return refused | ({"304": {"description": "It has not changed."}} if method == "GET" else {})


def _schema(kind: type | Schema) -> Schema:
    if isinstance(kind, dict):
        return dict(_inlined(kind, kind.get("$defs", {})))
    (schema,), _ = msgspec.json.schema_components([kind], ref_template=COMPONENTS)
    return dict(schema)


def _inlined(schema: Any, definitions: Schema) -> Any:
    """Without references to definitions of its own, which in this document would lead nowhere."""
    if isinstance(schema, dict):
        name = str(schema.get("$ref", "")).removeprefix("#/$defs/")
        if name in definitions:
            return _inlined(definitions[name] | {key: schema[key] for key in schema if key != "$ref"}, definitions)
        return {key: _inlined(value, definitions) for key, value in schema.items() if key != "$defs"}
    return [_inlined(each, definitions) for each in schema] if isinstance(schema, list) else schema
