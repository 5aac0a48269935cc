from __future__ import annotations

from typing import Any

import pytest
from openai.types.responses import Response as SdkResponse

from entrepot.conversation import FinishReason, Usage
from entrepot.dialects.openai_responses.envelope import Envelope, response_id


def envelope(**echo: Any) -> Envelope:
    return Envelope({"model": "asked", "input": "hi", **echo}, id="resp_1", model="answered", created_s=5)


def test_every_field_of_a_response_is_there() -> None:
    """All that OpenAI's SDK knows, but for what belongs to features that no request here can ask for."""
    of_features = {
        "access_programs", "image", "input_transformations", "prompt_cache_diagnostics", "prompt_cache_options",
        "tool_usage",
    }  # fmt: skip
    assert envelope().begun().keys() >= SdkResponse.model_fields.keys() - of_features


def test_defaults_are_those_of_openai() -> None:
    begun = envelope(temperature=None, metadata=None, text=None, tools=None, reasoning=None).begun()
    assert begun == envelope().begun()
    expected = {
        "id": "resp_1", "object": "response", "created_at": 5, "model": "answered", "status": "in_progress",
        "temperature": 1.0, "top_p": 1.0, "tool_choice": "auto", "tools": [], "parallel_tool_calls": True,
        "truncation": "disabled", "metadata": {}, "store": True, "background": False, "usage": None, "output": [],
        "text": {"format": {"type": "text"}, "verbosity": "medium"}, "reasoning": {"effort": None, "summary": None},
    }  # fmt: skip
    assert {name: begun[name] for name in expected} == expected


def test_what_the_request_says_is_repeated() -> None:
    echo: dict[str, Any] = {
        "temperature": 0, "top_p": 0.5, "instructions": "Be brief.", "max_output_tokens": 20, "store": False,
        "previous_response_id": "resp_0", "parallel_tool_calls": False, "tool_choice": "none", "truncation": "auto",
        "metadata": {"a": "b"}, "user": "u", "safety_identifier": "s", "prompt_cache_key": "k", "top_logprobs": 2,
    }  # fmt: skip
    begun = envelope(**echo, reasoning={"effort": "low"}).begun()
    assert {name: begun[name] for name in echo} == echo
    assert begun["reasoning"] == {"effort": "low", "summary": None}


def test_a_schema_is_repeated_without_nulls() -> None:
    form: dict[str, Any] = {"type": "json_schema", "name": "a", "schema": {}, "strict": None, "description": None}
    text = envelope(text={"format": form}).begun()["text"]
    assert text["format"] == {"type": "json_schema", "name": "a", "schema": {}, "strict": False}


@pytest.mark.parametrize(
    ("finish", "status", "reason"),
    [
        ("stop", "completed", None),
        ("tool_calls", "completed", None),
        ("length", "incomplete", {"reason": "max_output_tokens"}),
        ("content_filter", "incomplete", {"reason": "content_filter"}),
        ("error", "failed", None),
    ],
)
def test_how_an_answer_ends(finish: FinishReason, status: str, reason: Any) -> None:
    ended = envelope().ended(finish, [], Usage(input_tokens=1, output_tokens=2))
    assert (ended["status"], ended["incomplete_details"], ended["usage"]["total_tokens"]) == (status, reason, 3)
    assert (ended["error"] is not None) == (status == "failed")


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("upstream_rate_limited", "rate_limit_exceeded"),
        ("upstream_stream_broken", "server_error"),
        ("x", "server_error"),
    ],
)
def test_errors_of_failed_responses_have_one_of_openais_codes(code: str, told: str) -> None:
    assert envelope().failed(code, "It broke.", [])["error"] == {"code": told, "message": "It broke."}


def test_ids_are_of_this_dialects_form_and_always_the_same() -> None:
    assert response_id("resp_1") == "resp_1"
    assert response_id("chatcmpl-1") == response_id("chatcmpl-1") != response_id("chatcmpl-2")
    assert response_id("chatcmpl-1").startswith("resp_")
