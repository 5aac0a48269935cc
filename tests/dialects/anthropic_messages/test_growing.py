"""Blocks that grow: what each kind sends, and when it is complete."""

from __future__ import annotations

import pytest

from entrepot.conversation import ReasoningDelta, ToolCallStarted
from entrepot.dialects.anthropic_messages.growing import CallBlock, RedactedBlock, TextBlock, ThinkingBlock


def call(*arguments: str, custom: bool = False) -> CallBlock:
    block = CallBlock(ToolCallStarted(id="1", name="f", call=0, custom=custom))
    for text in arguments:
        block.add(text)
    return block


def test_text_is_complete_when_another_block_follows() -> None:
    block = TextBlock()
    assert not block.is_complete(is_followed=False)
    assert block.is_complete(is_followed=True)
    assert RedactedBlock("r").is_complete(is_followed=False)


@pytest.mark.parametrize(
    ("event", "signature", "sealed"),
    [
        (ReasoningDelta(text="hm"), "entrepot::", False),
        (ReasoningDelta(signature="s"), "s", True),
        (ReasoningDelta(encrypted="e", id="rs_1"), "entrepot:rs_1:e", True),
    ],
)
def test_thinking_ends_in_a_signature(event: ReasoningDelta, signature: str, sealed: bool) -> None:
    block = ThinkingBlock()
    block.add(event)
    assert block.is_complete(is_followed=False) == sealed
    block.close()
    assert block.waiting[-1] == {"type": "signature_delta", "signature": signature}


@pytest.mark.parametrize(
    ("arguments", "complete"),
    [
        ((), False),
        (("{}",), True),
        (('{"x":{}',), False),
        (('{"x":{}', "} "), True),
        (('{"x":"}',), False),
        (("{" * 5000, "}"), False),
    ],
)
def test_a_call_is_complete_when_its_arguments_are_whole(arguments: tuple[str, ...], complete: bool) -> None:
    assert call(*arguments).is_complete(is_followed=True) == complete
    assert not call(*arguments).is_complete(is_followed=False)


def test_the_free_text_of_a_custom_call_is_sent_at_its_end() -> None:
    block = call('say "', '}"', custom=True)
    assert not block.is_complete(is_followed=True)
    assert block.waiting == []
    block.close()
    assert block.waiting == [{"type": "input_json_delta", "partial_json": '{"input":"say \\"}\\""}'}]
