"""The record of a call in OpenRouter's shape is what is shown, field by field."""

from __future__ import annotations

import msgspec
import pytest
from tests.api.test_latency import row

from entrepot.api import openrouter
from entrepot.api.answers.openrouter import Generation


@pytest.mark.parametrize("dialect", ["openai_chat", "openai_responses", "anthropic_messages", "openai_embeddings"])
@pytest.mark.parametrize("charge_nusd", [None, 0, 5])
def test_a_call_is_what_is_shown(dialect: str, charge_nusd: int | None) -> None:
    shown = openrouter._generation(row(1, dialect=dialect, charge_nusd=charge_nusd, answer_id="gen_1"))
    written = msgspec.json.decode(msgspec.json.encode(shown))
    assert msgspec.json.decode(msgspec.json.encode(msgspec.convert(written, Generation))) == written
