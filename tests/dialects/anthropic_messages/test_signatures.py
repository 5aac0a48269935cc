"""Signatures that the hub makes for other vendors' reasoning."""

from __future__ import annotations

import pytest

from entrepot.conversation import Reasoning
from entrepot.dialects.anthropic_messages.signatures import is_foreign, read_signed, sign


@pytest.mark.parametrize(
    "reasoning",
    [
        Reasoning(text="a", signature="c2lnbmVk"),
        Reasoning(text="a", encrypted="gAAAA:B", id="rs_1"),
        Reasoning(text="a", encrypted="gAAAA"),
        Reasoning(text="a", id="rs_1"),
        Reasoning(text="a"),
    ],
)
def test_reasoning_comes_back_as_it_was(reasoning: Reasoning) -> None:
    signature = sign(signature=reasoning.signature, encrypted=reasoning.encrypted, id=reasoning.id)
    assert signature
    assert read_signed("a", signature) == reasoning
    block = {"type": "thinking", "thinking": "a", "signature": signature}
    assert is_foreign(block) == (reasoning.signature is None)


@pytest.mark.parametrize("block", [None, "x", {}, {"type": "text", "signature": "entrepot:"}, {"type": "thinking"}])
def test_only_thinking_is_foreign(block: object) -> None:
    assert not is_foreign(block)
