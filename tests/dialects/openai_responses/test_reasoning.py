from __future__ import annotations

from typing import Any

import pytest

from entrepot.conversation import Reasoning
from entrepot.dialects.openai_responses.reasoning import encrypted_content, is_sealed, parse_reasoning
from entrepot.dialects.shapes import Value


def item(**fields: Any) -> dict[str, Any]:
    return {"type": "reasoning", "id": "rs_1", "summary": [], **fields}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, Reasoning(id="rs_1")),
        ({"content": None, "encrypted_content": None, "summary": None}, Reasoning(id="rs_1")),
        ({"summary": [{"text": "a"}, {"text": "b"}]}, Reasoning(text="a\n\nb", id="rs_1")),
        ({"summary": [{"text": "a"}], "content": [{"text": "c"}]}, Reasoning(text="c", id="rs_1")),
        ({"encrypted_content": "gAAAA"}, Reasoning(encrypted="gAAAA", id="rs_1")),
    ],
)
def test_reading(fields: dict[str, Any], expected: Reasoning) -> None:
    assert parse_reasoning(Value(item(**fields))) == expected


@pytest.mark.parametrize(
    "reasoning",
    [Reasoning(text="hm é", signature="sig"), Reasoning(redacted="opaque"), Reasoning(text="open thought")],
)
def test_what_is_sealed_for_a_client_comes_back_whole(reasoning: Reasoning) -> None:
    sealed = encrypted_content(reasoning, asked=True)
    assert is_sealed(item(encrypted_content=sealed))
    assert parse_reasoning(Value(item(encrypted_content=sealed))) == reasoning


def test_open_reasoning_is_sealed_only_where_asked_for() -> None:
    assert encrypted_content(Reasoning(text="open"), asked=False) is None
    assert encrypted_content(Reasoning(), asked=True) is None


def test_what_a_vendor_encrypted_stays_as_it_is() -> None:
    encrypted = encrypted_content(Reasoning(text="hm", encrypted="gAAAA"), asked=True)
    assert encrypted == "gAAAA"
    assert not is_sealed(item(encrypted_content=encrypted))


@pytest.mark.parametrize("damaged", ["entrepot:", "entrepot:!!", "entrepot:AAAA", "entrepot:é", "entrepot:W10="])
def test_a_damaged_seal_holds_nothing(damaged: str) -> None:
    assert parse_reasoning(Value(item(encrypted_content=damaged))) == Reasoning()


@pytest.mark.parametrize("other", [None, "x", {}, {"type": "message"}, item(), item(encrypted_content=7)])
def test_other_items_are_not_sealed(other: Any) -> None:
    assert not is_sealed(other)
