"""The neutral form: what its records say of themselves."""

from __future__ import annotations

from entrepot.conversation import Image, Message, Reasoning, Refusal, Text, ToolResult, Usage


def test_text_of_a_message_joins_text_refusals_and_tool_results() -> None:
    parts = (
        Text(text="one"),
        Image(url="https://example.test/i.png"),
        Refusal(text="two"),
        ToolResult(call_id="c", parts=(Text(text="three"), Image(url="data:,"))),
        Reasoning(text="silent"),
    )
    assert Message(role="user", parts=parts).text == "one\ntwo\nthree"


def test_usage_totals_input_and_output() -> None:
    assert Usage(input_tokens=3, output_tokens=2, cached_tokens=1, reasoning_tokens=1).total_tokens == 5
