"""The form of a body that came by no route of its own."""

from __future__ import annotations

from typing import Any

import pytest

from entrepot.dialects.shape import FORMS, form_of
from entrepot.errors import InvalidRequest

HELLO = [{"role": "user", "content": "Say hello"}]


def blocks(*found: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": list(found)}]}


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"messages": HELLO}, "openai_chat"),
        ({"messages": HELLO, "max_tokens": 5, "stop": ["x"], "tools": [{"type": "function"}]}, "openai_chat"),
        (blocks({"type": "text", "text": "x"}, {"type": "image_url"}), "openai_chat"),
        ({"messages": "nonsense"}, "openai_chat"),
        ({"messages": [None, {"content": [None]}], "tools": [7]}, "openai_chat"),
        ({"messages": HELLO, "system": "Be brief."}, "anthropic_messages"),
        ({"messages": HELLO, "stop_sequences": []}, "anthropic_messages"),
        ({"messages": HELLO, "thinking": {"type": "adaptive"}}, "anthropic_messages"),
        ({"messages": HELLO, "tools": [{"name": "t", "input_schema": {}}]}, "anthropic_messages"),
        (blocks({"type": "image", "source": {}}), "anthropic_messages"),
        (blocks({"type": "tool_result"}), "anthropic_messages"),
        ({"input": "Say hello"}, "openai_responses"),
    ],
)
def test_the_form_is_told_by_the_fields(body: dict[str, Any], name: str) -> None:
    assert form_of(body, "chat") is FORMS[name]


def test_a_body_for_an_embedding_model_is_of_embeddings() -> None:
    assert form_of({"input": "x"}, "embedding") is FORMS["openai_embeddings"]


def test_a_body_of_no_form_is_refused() -> None:
    with pytest.raises(InvalidRequest) as refused:
        form_of({"prompt": "x"}, "chat")
    assert (refused.value.param, refused.value.code) == ("request", "invalid_value")
