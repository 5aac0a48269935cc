"""Anthropic's error object: `{"type": "error", "error": {"type", "message"}, "request_id"}`."""

from __future__ import annotations

from typing import Any

import msgspec

from entrepot.dialects import sse
from entrepot.dialects.openai_chat.failures import ErrorBody
from entrepot.errors import (
    CallerError,
    ContextTooLong,
    EntrepotError,
    UpstreamBroken,
    UpstreamError,
    UpstreamOverloaded,
    UpstreamRateLimited,
    UpstreamTimeout,
)

# https://platform.claude.com/docs/en/api/errors; any other 4xx is an invalid request there.
_TYPES = {
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    408: "timeout_error",
    409: "conflict_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
    504: "timeout_error",
    529: "overloaded_error",
}
_TYPES_BY_CODE = {
    UpstreamOverloaded.code: "overloaded_error",
    UpstreamRateLimited.code: "rate_limit_error",
    UpstreamTimeout.code: "timeout_error",
}
_UPSTREAM_ERRORS: dict[str | None, type[UpstreamError]] = {
    "overloaded_error": UpstreamOverloaded,
    "rate_limit_error": UpstreamRateLimited,
    "timeout_error": UpstreamTimeout,
}
# The words by which agents recognise that they must compact the conversation.
_TOO_LONG = "prompt is too long"


def emit_error(error: EntrepotError, request_id: str) -> bytes:
    """The error as a body."""
    default = "invalid_request_error" if isinstance(error, CallerError) else "api_error"
    message = error.message
    if error.code == ContextTooLong.code and _TOO_LONG not in message.lower():
        message = f"{_TOO_LONG}: {message}"
    return _body(_TYPES.get(error.status, default), message, request_id)


def emit_stream_error(error: EntrepotError, request_id: str) -> bytes:
    """The event that ends a broken stream."""
    return sse.event(emit_error(error, request_id), b"error")


def emit_failure(code: str, message: str, request_id: str | None) -> bytes:
    """The same event for a stream that another dialect's reader found broken."""
    return sse.event(_body(_TYPES_BY_CODE.get(code, "api_error"), message, request_id), b"error")


def read_error(body: bytes) -> ErrorBody:
    """The error an upstream sent. `code` is Anthropic's type, but for a prompt that is too long."""
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ErrorBody("no readable error was given")
    return read_error_value(value)


def read_error_value(value: Any) -> ErrorBody:
    error = value.get("error", value) if isinstance(value, dict) else value
    if isinstance(error, str):
        return ErrorBody(error[:2000])
    if not isinstance(error, dict):
        return ErrorBody("no readable error was given")
    message = _text(error.get("message")) or _text(error.get("detail")) or "no message was given"
    code = ContextTooLong.code if _TOO_LONG in message.lower() else _text(error.get("type"))
    return ErrorBody(message, code)


def upstream_failure(error: ErrorBody) -> UpstreamError:
    """What an upstream's error in place of an answer, or within one, means for the hub."""
    kind = _UPSTREAM_ERRORS.get(error.code, UpstreamBroken)
    return kind(f"The upstream broke off with an error: {error.message}")


def _body(type: str, message: str, request_id: str | None) -> bytes:
    return msgspec.json.encode({"type": "error", "error": {"type": type, "message": message}, "request_id": request_id})


def _text(value: Any) -> str | None:
    return value[:2000] or None if isinstance(value, str) else None
