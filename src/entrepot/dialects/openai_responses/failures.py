"""Failures within a stream, and what an upstream's mean. As bodies they are those of Chat Completions."""

from __future__ import annotations

from typing import Any

import msgspec

from entrepot.dialects import sse
from entrepot.dialects.openai_chat.failures import ErrorBody, read_error
from entrepot.errors import EntrepotError, UpstreamBroken, UpstreamError, UpstreamOverloaded, UpstreamRateLimited

_RATE_LIMITED = "rate_limit_exceeded"
_CODES = {UpstreamRateLimited.code: _RATE_LIMITED, UpstreamOverloaded.code: _RATE_LIMITED}
_UPSTREAM_ERRORS: dict[str | None, type[UpstreamError]] = {
    _RATE_LIMITED: UpstreamRateLimited,
    "server_is_overloaded": UpstreamOverloaded,
}


def emit_stream_error(error: EntrepotError, request_id: str, *, sequence_number: int = 0) -> bytes:
    """The event that ends a broken stream; `sequence_number` follows that of the last event sent."""
    event = error_event(error.code, error.message, error.param) | {"sequence_number": sequence_number}
    return sse.event(msgspec.json.encode(event | {"request_id": request_id}), b"error")


def error_event(code: str, message: str, param: str | None = None) -> dict[str, Any]:
    return {"type": "error", "code": code, "message": message, "param": param}


def failed_error(code: str, message: str) -> dict[str, Any]:
    """The `error` of a failed response, whose codes are a closed set."""
    return {"code": _CODES.get(code, "server_error"), "message": message}


def read_failure(error: Any) -> ErrorBody:
    """What an upstream's error object, or the fields of its error event, say."""
    return read_error(msgspec.json.encode({"error": error}))


def neutral_code(code: str | None) -> str | None:
    """The hub's own code for what an upstream's says, where it has one."""
    kind = _UPSTREAM_ERRORS.get(code)
    return kind.code if kind else code


def upstream_failure(error: Any) -> UpstreamError:
    """What an upstream's error in place of an answer, or within one, means for the hub."""
    read = read_failure(error)
    kind = _UPSTREAM_ERRORS.get(read.code, UpstreamBroken)
    return kind(f"The upstream broke off with an error: {read.message}")
