"""Errors: written for clients, as bodies and in streams, and read from upstreams."""

from __future__ import annotations

import json
from typing import Any

import pytest
from anthropic.types.shared import ErrorResponse

from entrepot.dialects.anthropic_messages import emit_error, emit_stream_error, read_error
from entrepot.dialects.anthropic_messages.failures import emit_failure, upstream_failure
from entrepot.dialects.openai_chat.failures import ErrorBody
from entrepot.errors import (
    ContextTooLong,
    EntrepotError,
    Forbidden,
    Internal,
    InvalidRequest,
    NotFound,
    RequestTooLarge,
    StoreUnavailable,
    Unauthenticated,
    UpstreamBroken,
    UpstreamError,
    UpstreamOverloaded,
    UpstreamRateLimited,
    UpstreamRefusal,
    UpstreamTimeout,
)


@pytest.mark.parametrize(
    ("error", "type"),
    [
        (InvalidRequest("m"), "invalid_request_error"),
        (Unauthenticated("m"), "authentication_error"),
        (UpstreamRefusal("m", status=402), "billing_error"),
        (Forbidden("m"), "permission_error"),
        (NotFound("m"), "not_found_error"),
        (UpstreamRefusal("m", status=409), "conflict_error"),
        (RequestTooLarge("m"), "request_too_large"),
        (UpstreamRefusal("m", status=422), "invalid_request_error"),
        (UpstreamRateLimited("m"), "rate_limit_error"),
        (Internal("m"), "api_error"),
        (UpstreamBroken("m"), "api_error"),
        (StoreUnavailable("m"), "overloaded_error"),
        (UpstreamOverloaded("m"), "overloaded_error"),
        (UpstreamTimeout("m"), "timeout_error"),
    ],
)
def test_the_type_follows_from_the_status(error: EntrepotError, type: str) -> None:
    body = emit_error(error, "req_1")
    assert json.loads(body) == {"type": "error", "error": {"type": type, "message": "m"}, "request_id": "req_1"}
    if type not in ("conflict_error", "request_too_large"):  # documented, but not among the SDK's types
        ErrorResponse.model_validate_json(body, strict=True)
    assert emit_stream_error(error, "req_1") == b"event: error\ndata: " + body + b"\n\n"


def test_a_context_too_long_is_said_in_the_words_that_agents_know() -> None:
    assert b'"prompt is too long: 9 tokens."' in emit_error(ContextTooLong("9 tokens."), "r")
    assert b'"Prompt is too long."' in emit_error(ContextTooLong("Prompt is too long."), "r")


@pytest.mark.parametrize(
    ("code", "type"),
    [
        ("upstream_overloaded", "overloaded_error"),
        ("upstream_rate_limited", "rate_limit_error"),
        ("upstream_timeout", "timeout_error"),
        ("upstream_stream_broken", "api_error"),
    ],
)
def test_the_failure_of_a_stream(code: str, type: str) -> None:
    assert json.loads(emit_failure(code, "m", None).removeprefix(b"event: error\ndata: ")) == {
        "type": "error",
        "error": {"type": type, "message": "m"},
        "request_id": None,
    }


@pytest.mark.parametrize(
    ("body", "read"),
    [
        ({"type": "error", "error": {"type": "not_found_error", "message": "m"}}, ErrorBody("m", "not_found_error")),
        (
            {"error": {"type": "invalid_request_error", "message": "prompt is too long: 9 > 8"}},
            ErrorBody("prompt is too long: 9 > 8", "context_length_exceeded"),
        ),
        ({"error": "m"}, ErrorBody("m")),
        ({"message": "m"}, ErrorBody("m")),
        ({"detail": "m"}, ErrorBody("m")),
        ({"error": {}}, ErrorBody("no message was given")),
        ({"error": {"message": 7, "type": []}}, ErrorBody("no message was given")),
        ({"error": None}, ErrorBody("no readable error was given")),
        ([], ErrorBody("no readable error was given")),
        ({"error": {"message": "x" * 5000}}, ErrorBody("x" * 2000)),
    ],
)
def test_errors_of_upstreams(body: Any, read: ErrorBody) -> None:
    assert read_error(json.dumps(body).encode()) == read


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff", b"[" * 5000])
def test_an_unreadable_error_is_one_too(body: bytes) -> None:
    assert read_error(body) == ErrorBody("no readable error was given")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("overloaded_error", UpstreamOverloaded),
        ("rate_limit_error", UpstreamRateLimited),
        ("timeout_error", UpstreamTimeout),
        ("api_error", UpstreamBroken),
        (None, UpstreamBroken),
    ],
)
def test_what_an_error_in_place_of_an_answer_means(code: str | None, kind: type[UpstreamError]) -> None:
    failure = upstream_failure(ErrorBody("m", code))
    assert type(failure) is kind
    assert failure.message.endswith(": m")
