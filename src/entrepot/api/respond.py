"""What the handlers share: whom they serve and in which dialect, reading a JSON body, writing JSON and errors."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from entrepot.accounts.callers import Caller
from entrepot.administration.desk import Desk
from entrepot.dialects.table import CHAT, MESSAGES, Dialect
from entrepot.edge import Client
from entrepot.errors import EntrepotError, InvalidJSON, InvalidRequest
from entrepot.hub import Hub
from entrepot.keys import Key
from entrepot.pipeline import LARGE_BODY_BYTES, error_headers

T = TypeVar("T")

MANAGEMENT_BODY_BYTES = 256 * 1024
SCOPE_KEY = "entrepot"
CALLER_KEY = "entrepot.caller"
ANTHROPIC_VERSION = b"anthropic-version"

_INFERENCE = re.compile(
    r"(?:/v1|/api/v1|/api/ai|/api/v7/llm(?:/v1)?)?/(messages|responses|embeddings|chat/completions)(?:/.*)?", re.DOTALL
)


def spoken(scope: Mapping[str, Any]) -> Dialect:
    """The dialect in which a request is answered that never came to an inference route, or needs none.

    It is that of the path; elsewhere Messages where `anthropic-version` is sent, else OpenAI's.
    """
    path = _INFERENCE.fullmatch(scope["path"])
    if path is not None:
        return MESSAGES if path[1] == "messages" else CHAT
    return MESSAGES if any(name == ANTHROPIC_VERSION for name, _ in scope["headers"]) else CHAT


def hub_of(request: Request) -> Hub:
    hub: Hub = request.scope[SCOPE_KEY][0]
    return hub


def client_of(request: Request) -> Client:
    client: Client = request.scope[SCOPE_KEY][1]
    return client


def caller_of(request: Request) -> Caller:
    """Who calls. An open route has nobody."""
    caller: Caller = request.scope[CALLER_KEY]
    return caller


def key_of(request: Request) -> Key:
    """The key that calls a route on which nothing but a key will do."""
    key = caller_of(request).key
    assert key is not None  # the table of routes has let it in
    return key


def desk_of(request: Request) -> Desk:
    """What administration needs to serve this request."""
    hub = hub_of(request)
    return Desk(
        store=hub.store,
        pepper=hub.pepper,
        settings=hub.configuration.settings.accounts,
        request_id=client_of(request).request_id,
    )


async def read_json(request: Request, type_: type[T], limit_bytes: int = MANAGEMENT_BODY_BYTES) -> T:
    """The body as `type_`. Raises InvalidJSON or InvalidRequest naming the field."""
    body = await read_body(request, limit_bytes)
    if len(body) > LARGE_BODY_BYTES:
        return await asyncio.to_thread(decoded, body, type_)
    return decoded(body, type_)


async def read_body(request: Request, limit_bytes: int = MANAGEMENT_BODY_BYTES) -> bytes:
    """The body as it came. Raises RequestTooLarge or RequestTimeout."""
    server = hub_of(request).configuration.settings.server
    return await client_of(request).read_body(limit_bytes, server.body_timeout_s)


def decoded(body: bytes, type_: type[T]) -> T:
    """JSON as `type_`. Raises InvalidJSON or InvalidRequest naming the field."""
    try:
        return msgspec.json.decode(body or b"{}", type=type_)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at `$")
        param = path.rstrip("`").lstrip(".") or None
        raise InvalidRequest(f"{message}{f' in {param}' if param else ''}.", param=param) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidJSON(f"The request body is not valid JSON: {str(error)[:200]}.") from None


def json_response(value: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json")


def tagged(request: Request, response: Response, *, of: bytes | None = None, max_age_s: int = 60) -> Response:
    """The response with a weak ETag, or a 304 when the client has it already. The tag is made `of` part of the body."""
    shared = "private" if CALLER_KEY in request.scope else "public"
    headers = {"cache-control": f"{shared}, max-age={max_age_s}", "vary": "accept, authorization, x-api-key, cookie"}
    return unless_known(request, response, headers, of=of)


def unless_known(
    request: Request, response: Response, headers: Mapping[str, str], *, of: bytes | None = None
) -> Response:
    """The response with these headers and a weak ETag, or a 304 with them when the client has it already."""
    digest = hashlib.blake2b(response.body if of is None else of, digest_size=12).hexdigest()
    lines = {**headers, "etag": f'W/"{digest}"'}
    known = [each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")]
    if response.status_code == 200 and (f'"{digest}"' in known or "*" in known):
        return Response(status_code=304, headers=lines)
    response.headers.update(lines)
    return response


def error_response(error: EntrepotError, request: Request) -> Response:
    """The error in the dialect of the request."""
    body = spoken(request.scope).emit_error(error, client_of(request).request_id)
    headers = {name.decode(): value.decode() for name, value in error_headers(error)}
    return Response(body, error.status, headers, media_type="application/json")
