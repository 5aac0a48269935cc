"""Errors in OpenAI's shape, and errors as its imitators write them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from entrepot import errors
from entrepot.dialects.openai_chat.failures import ErrorBody, emit_error, read_error
from entrepot.errors import EntrepotError


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (errors.InvalidRequest("x", param="n"), "invalid_request_error"),
        (errors.Unauthenticated("x"), "authentication_error"),
        (errors.Forbidden("x"), "permission_error"),
        (errors.NotFound("x"), "invalid_request_error"),
        (errors.UpstreamRefusal("x", status=422), "invalid_request_error"),
        (errors.UpstreamRateLimited("x"), "rate_limit_error"),
        (errors.UpstreamError("x"), "server_error"),
        (errors.UpstreamCredentialRefused("x"), "server_error"),
        (errors.Internal("x"), "server_error"),
    ],
)
def test_an_error_has_all_its_fields_and_the_type_of_its_status(error: EntrepotError, kind: str) -> None:
    assert json.loads(emit_error(error, "req_1")) == {
        "error": {"message": "x", "type": kind, "param": error.param, "code": error.code, "request_id": "req_1"}
    }


def test_what_is_written_is_read() -> None:
    error = errors.InvalidRequest('two\n"lines" é', code="invalid_value", param="messages[0]")
    assert read_error(emit_error(error, "req_1")) == ErrorBody('two\n"lines" é', "invalid_value", "messages[0]")


UNREADABLE = ErrorBody("no readable error was given")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"error": {"message": "m", "code": "c", "param": "p"}}, ErrorBody("m", "c", "p")),
        ({"error": {"message": "m", "code": None, "param": None}}, ErrorBody("m")),
        ({"error": {"message": "m", "code": 400}}, ErrorBody("m", "400")),  # OpenRouter, vLLM
        ({"error": "m"}, ErrorBody("m")),  # Ollama
        ([{"error": {"message": "m", "code": 400}}], ErrorBody("m", "400")),  # Gemini
        ({"object": "error", "message": "m", "code": 40303, "param": None}, ErrorBody("m", "40303")),  # older vLLM
        ({"detail": "m"}, ErrorBody("m")),  # FastAPI
        ({"detail": [{"msg": "m"}]}, ErrorBody("no message was given")),
        ({"error": {"message": ""}}, ErrorBody("no message was given")),
        ({"error": {"message": {"a": 1}, "code": True}}, ErrorBody("no message was given")),
        ({"error": {"message": "x" * 5000}}, ErrorBody("x" * 2000)),
        ({"error": None}, UNREADABLE),
        ({}, ErrorBody("no message was given")),
        ([], UNREADABLE),
        ([[]], UNREADABLE),
        (None, UNREADABLE),
        (7, UNREADABLE),
    ],
)
def test_the_shapes_that_are_in_use(body: Any, said: ErrorBody) -> None:
    assert read_error(json.dumps(body).encode()) == said


@pytest.mark.parametrize("body", [b"", b"<html>502</html>", b"\xff", b"[" * 100_000, b'{"error":'])
def test_what_is_no_json_has_no_readable_error(body: bytes) -> None:
    assert read_error(body) == UNREADABLE
