from __future__ import annotations

import json

import pytest

from entrepot.dialects.openai_responses import emit_error, emit_stream_error, read_error
from entrepot.dialects.openai_responses.failures import upstream_failure
from entrepot.dialects.sse import data_of
from entrepot.errors import InvalidRequest, UpstreamBroken, UpstreamOverloaded, UpstreamRateLimited, UpstreamTimeout


def test_a_body_is_openais_error_object() -> None:
    error = json.loads(emit_error(InvalidRequest("Bad input.", param="input"), "req-1"))["error"]
    expected = {"message": "Bad input.", "type": "invalid_request_error", "param": "input", "code": "invalid_request"}
    assert error == expected | {"request_id": "req-1"}


def test_the_event_that_ends_a_broken_stream() -> None:
    event = emit_stream_error(UpstreamTimeout("It took too long."), "req-1", sequence_number=7)
    assert event.startswith(b"event: error\ndata: ")
    assert json.loads(data_of(event) or b"") == {
        "type": "error",
        "code": "upstream_timeout",
        "message": "It took too long.",
        "param": None,
        "sequence_number": 7,
        "request_id": "req-1",
    }


@pytest.mark.parametrize(
    ("error", "message"),
    [
        ({"code": "server_error", "message": "overheated"}, "overheated"),
        ("overheated", "overheated"),
        (None, "no readable error was given"),
        ({"message": None, "code": None}, "no message was given"),
    ],
)
def test_an_upstreams_error_in_a_stream(error: object, message: str) -> None:
    assert message in upstream_failure(error).message


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("rate_limit_exceeded", UpstreamRateLimited),
        ("server_is_overloaded", UpstreamOverloaded),
        ("server_error", UpstreamBroken),
        (None, UpstreamBroken),
    ],
)
def test_what_an_upstreams_error_means(code: str | None, kind: type[Exception]) -> None:
    assert type(upstream_failure({"code": code, "message": "no"})) is kind


def test_errors_of_upstreams_are_read_as_in_chat_completions() -> None:
    assert read_error(b'{"error": {"message": "no", "code": "bad", "param": "input"}}').code == "bad"
