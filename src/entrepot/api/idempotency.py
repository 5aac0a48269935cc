"""Idempotency-Key: the same request under the same key is done once and answered the same."""

from __future__ import annotations

import re
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response

from entrepot.administration.once import Answer, Ask, fingerprint
from entrepot.api.respond import decoded, read_body
from entrepot.errors import InvalidRequest

T = TypeVar("T")

HEADER = "idempotency-key"
REPLAYED = "idempotent-replayed"

_KEY = re.compile(r"[!-~]{1,255}")


async def read_ask(request: Request, type_: type[T]) -> tuple[T, Ask]:
    """The body as `type_`, and what tells the request from others. Raises InvalidJSON, InvalidRequest."""
    body = await read_body(request)
    key = request.headers.get(HEADER)
    if key is not None and not _KEY.fullmatch(key):
        message = "An Idempotency-Key has 1 to 255 visible ASCII characters."
        raise InvalidRequest(message, param=HEADER, code="invalid_idempotency_key")
    parts = (request.method, request.url.path, request.url.query)
    return decoded(body, type_), Ask(key, fingerprint(*(part.encode() for part in parts), body))


def answered(answer: Answer) -> Response:
    """As it was answered first, with the header REPLAYED when that was before."""
    headers = {REPLAYED: "true"} if answer.replayed else {}
    return Response(answer.body, answer.status, headers, media_type="application/json")
