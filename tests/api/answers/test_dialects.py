"""The records of vendors' answers read what the vendors send."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from entrepot.api.answers.dialects import ChatCompletion, Message, ModelResponse

GOLDENS = Path(__file__).parents[2] / "goldens"


@pytest.mark.parametrize(
    ("record", "golden"),
    [
        (ChatCompletion, "openai_chat/response.json"),
        (Message, "anthropic_messages/response.json"),
        (ModelResponse, "openai_responses/response.json"),
    ],
)
def test_what_a_vendor_sends_fits(record: type[msgspec.Struct], golden: str) -> None:
    text = (GOLDENS / golden).read_bytes()
    read = msgspec.json.decode(msgspec.json.encode(msgspec.json.decode(text, type=record)))
    assert is_within(read, msgspec.json.decode(text))


def is_within(part: Any, whole: Any) -> bool:
    """Whether everything that was read has been sent."""
    if isinstance(part, dict):
        return all(name in whole and is_within(value, whole[name]) for name, value in part.items())
    if isinstance(part, list):
        return len(part) == len(whole) and all(map(is_within, part, whole))
    return bool(part == whole)
