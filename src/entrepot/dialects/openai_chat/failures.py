"""OpenAI's error object: `{"error": {"message", "type", "param", "code"}}`, all four always present."""

from __future__ import annotations

from typing import Any

import msgspec

from entrepot.dialects import sse
from entrepot.errors import CallerError, EntrepotError

_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    429: "rate_limit_error",
}


class ErrorBody(msgspec.Struct, frozen=True):
    """What an upstream says went wrong."""

    message: str
    code: str | None = None
    param: str | None = None


def emit_error(error: EntrepotError, request_id: str) -> bytes:
    """The error as a body. `request_id` stands inside the object too, for clients that show nothing else."""
    default = "invalid_request_error" if isinstance(error, CallerError) else "server_error"
    return msgspec.json.encode(
        {
            "error": {
                "message": error.message,
                "type": _TYPES.get(error.status, default),
                "param": error.param,
                "code": error.code,
                "request_id": request_id,
            }
        }
    )


def emit_stream_error(error: EntrepotError, request_id: str) -> bytes:
    """The last event of a stream that broke: OpenAI's SDKs raise on a top-level `error`. No [DONE] follows it."""
    return sse.event(emit_error(error, request_id))


def read_error(body: bytes) -> ErrorBody:
    """The error an upstream sent, in OpenAI's shape or one of those its imitators use."""
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ErrorBody("no readable error was given")
    if isinstance(value, list) and value:  # Gemini's endpoint wraps the object in an array
        value = value[0]
    error = value.get("error", value) if isinstance(value, dict) else value
    if isinstance(error, str):
        return ErrorBody(error)
    if not isinstance(error, dict):
        return ErrorBody("no readable error was given")
    message = _text(error.get("message")) or _text(error.get("detail")) or "no message was given"
    return ErrorBody(message, _text(error.get("code")), _text(error.get("param")))


def _text(value: Any) -> str | None:
    if isinstance(value, str):
        return value[:2000] or None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None
