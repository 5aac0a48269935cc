"""The errors of each route: which statuses it refuses with, and in which of the vendors' forms."""

from __future__ import annotations

from collections.abc import Mapping

from entrepot.api import inference
from entrepot.api.operations.operation import COMPONENTS, TEXT, Operation, Schema
from entrepot.api.permissions import Access, Route

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
                    "code": TEXT,
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
        "properties": {
            "error": {
                "type": "object",
                "required": ["message", "code", "metadata"],
                "properties": {
                    "message": TEXT,
                    "code": {"type": "integer"},
                    "metadata": {
                        "type": "object",
                        "required": ["error_code", "param", "request_id"],
                        "properties": {
                            "error_code": TEXT,
                            "param": {"type": ["string", "null"]},
                            "request_id": TEXT,
                        },
                    },
                },
            }
        },
    },
}
FORMS: Mapping[str, tuple[str, ...]] = {
    "": ("OpenAIError", "AnthropicError"),
    "OpenAI": ("OpenAIError",),
    "Anthropic": ("AnthropicError",),
    "OpenRouter": ("OpenRouterError", "OpenAIError"),
}
"""By whose route it is: on the hub's own it goes by the caller. What is refused at the door knows no OpenRouter."""

STATUSES: Mapping[int, tuple[str, str]] = {
    400: ("BadRequest", "The request is not valid."),
    401: ("Unauthorized", "There is no valid credential."),
    402: ("PaymentRequired", "There is no money for the call."),
    403: ("Forbidden", "The credential does not allow it."),
    404: ("NotFound", "There is no such thing."),
    408: ("RequestTimeout", "The body did not arrive in time."),
    409: ("Conflict", "As things stand, it cannot be."),
    413: ("ContentTooLarge", "The body is too large."),
    415: ("UnsupportedMediaType", "The body is not plain JSON."),
    422: (
        "UnprocessableContent",
        "The Idempotency-Key stands for another request, or the provider cannot read this one.",
    ),
    429: ("TooManyRequests", "A limit is reached."),
    431: ("HeadersTooLarge", "The headers are too many or too large."),
    500: ("InternalError", "The hub failed."),
    502: ("BadGateway", "The provider failed."),
    503: ("Unavailable", "Nobody can serve this now."),
    504: ("GatewayTimeout", "The provider did not answer in time."),
}

ALWAYS = (400, 431, 500, 503)
KEYED = (401, 403)
CHANGING = (401, 403, 404, 408, 409, 413, 415, 429)
CALLING = (402, 404, 422, 429, 502, 503, 504)


def _response(form: str, status: int) -> Schema:
    schemas = [{"$ref": COMPONENTS.format(name=name)} for name in FORMS[form]]
    found: Schema = {
        "description": STATUSES[status][1],
        "content": {"application/json": {"schema": schemas[0] if len(schemas) == 1 else {"anyOf": schemas}}},
    }
    if status in (429, 503):
        found["headers"] = {"retry-after": {"description": "Seconds to wait.", "schema": TEXT}}
    return found


RESPONSES: Schema = {f"{form}{STATUSES[status][0]}": _response(form, status) for form in FORMS for status in STATUSES}


def refusals(route: Route, access: Access, operation: Operation) -> Schema:
    """The errors that a route may answer with, by status."""
    method, path = route
    statuses = {*ALWAYS}
    if not access.open or access.page:
        statuses |= {*KEYED}
    if method in ("POST", "PATCH", "PUT"):
        statuses |= {*CHANGING}
    if "{" in path or operation.by_id:
        statuses.add(404)
    if "idempotency-key" in operation.headers:
        statuses.add(422)
    if path in inference.ROUTES:
        statuses |= {*CALLING}
    form = _form(path)
    found = {str(each): {"$ref": f"#/components/responses/{form}{STATUSES[each][0]}"} for each in sorted(statuses)}
    return found | {str(status): _also(kind) for status, kind in operation.also.items()}


def _also(kind: type) -> Schema:
    schema = {"$ref": COMPONENTS.format(name=kind.__name__)}
    return {"description": kind.__doc__ or "", "content": {"application/json": {"schema": schema}}}


def _form(path: str) -> str:
    if path not in inference.ROUTES:
        return "OpenAI" if "/responses/{id}" in path else ""
    if inference.ROUTES[path] is inference.openrouter_completions:
        return "OpenRouter"
    return "Anthropic" if "/messages" in path else "OpenAI"
