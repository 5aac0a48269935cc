"""Counting as an upstream is asked for it and as a client is told."""

from __future__ import annotations

import json

import pytest
from anthropic.types import MessageTokensCount
from openai.types.responses import InputTokenCountResponse

from entrepot.dialects.anthropic_messages import COUNTING as MESSAGES
from entrepot.dialects.openai_responses import COUNTING as RESPONSES
from entrepot.errors import UpstreamBroken


def test_an_upstream_is_asked_with_the_fields_that_count() -> None:
    body = b'{"model":"m","max_tokens":5,"stream":true,"messages":[ 1 ],"tools":[],"store":false,"input":"x"}'
    assert MESSAGES.emit_request(body) == b'{"model":"m","messages":[ 1 ],"tools":[]}'
    assert RESPONSES.emit_request(body) == b'{"model":"m","tools":[],"input":"x"}'


def test_clients_are_told_in_their_dialects_shape() -> None:
    assert MessageTokensCount.model_validate_json(MESSAGES.emit_response(7)).input_tokens == 7
    told = InputTokenCountResponse.model_validate_json(RESPONSES.emit_response(7))
    assert (told.object, told.input_tokens) == ("response.input_tokens", 7)


def test_an_upstreams_count_is_read() -> None:
    assert MESSAGES.parse_response(b'{"input_tokens": 12, "context_management": null}') == 12


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"input_tokens": "12"}', b'{"input_tokens": -1}', b"\xff", b"[" * 100_000]
)
def test_an_answer_without_a_count_is_refused(body: bytes) -> None:
    with pytest.raises(UpstreamBroken):
        RESPONSES.parse_response(body)
    assert json.loads(RESPONSES.emit_response(0))["input_tokens"] == 0
