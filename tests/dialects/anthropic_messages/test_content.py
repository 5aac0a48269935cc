"""Content blocks read into parts: what the full request does not show."""

from __future__ import annotations

from typing import Any

import pytest

from entrepot.conversation import Document, Image, Part, Reasoning, Text, ToolCall, ToolResult
from entrepot.dialects.anthropic_messages.content import read_content
from entrepot.dialects.foreign import Foreign
from entrepot.dialects.shapes import Value
from entrepot.errors import InvalidRequest


def read(*blocks: dict[str, Any]) -> tuple[list[Part], dict[str, Any]]:
    foreign = Foreign()
    return read_content(Value(list(blocks), "content"), foreign), foreign.fields


def document(source: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "document", "source": source, **more}


@pytest.mark.parametrize(
    ("block", "parts"),
    [
        ({"type": "text", "text": ""}, [Text(text="")]),
        ({"type": "text", "text": "a", "cache_control": None}, [Text(text="a")]),
        ({"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}}, [Text(text="a", cache="5m")]),
        (document({"type": "file", "file_id": "file_1"}), [Document(file_id="file_1")]),
        (
            document({"type": "content", "content": "plain"}, title="T", context="C"),
            [Text(text="T"), Text(text="C"), Text(text="plain")],
        ),
        (
            document({"type": "content", "content": [{"type": "image", "source": {"type": "url", "url": "u"}}]}),
            [Image(url="u")],
        ),
        ({"type": "tool_use", "id": "1", "name": "f"}, [ToolCall(id="1", name="f", arguments="{}")]),
        (
            {"type": "tool_use", "id": "1", "name": "f", "input": {"n": 2**64, "x": "é"}, "caller": {"type": "direct"}},
            [ToolCall(id="1", name="f", arguments='{"n":18446744073709551616,"x":"é"}')],
        ),
        ({"type": "tool_result", "tool_use_id": "1"}, [ToolResult(call_id="1", parts=())]),
        (
            {"type": "tool_result", "tool_use_id": "1", "content": [document({"type": "url", "url": "u"})]},
            [ToolResult(call_id="1", parts=(Document(url="u"),))],
        ),
        ({"type": "thinking", "thinking": "hm", "signature": ""}, [Reasoning(text="hm")]),
        ({"type": "thinking", "thinking": "hm", "signature": "s"}, [Reasoning(text="hm", signature="s")]),
        (
            {"type": "thinking", "thinking": "hm", "signature": "entrepot:rs_1:gAAA:A"},
            [Reasoning(text="hm", id="rs_1", encrypted="gAAA:A")],
        ),
        ({"type": "thinking", "thinking": "hm", "signature": "entrepot::"}, [Reasoning(text="hm")]),
        (
            {"type": "web_search_tool_result", "content": {"error_code": "max_uses_exceeded"}},
            [Text(text="[search failed: max_uses_exceeded]")],
        ),
    ],
)  # fmt: skip
def test_blocks(block: dict[str, Any], parts: list[Part]) -> None:
    assert read(block) == (parts, {})


@pytest.mark.parametrize(
    ("block", "place"),
    [
        ({"type": "container_upload", "file_id": "f"}, "content[0]"),
        ({"type": "code_execution_tool_result", "tool_use_id": "1", "content": {}}, "content[0]"),
        ({"type": "image", "source": {"type": "file", "file_id": "f"}}, "content[0].source"),
        (document({"type": "hologram"}), "content[0].source"),
        (document({"type": "url", "url": "u"}, citations={"enabled": True}), "content[0].citations"),
        (
            {"type": "search_result", "title": "t", "source": "s", "content": [], "citations": {"enabled": True}},
            "content[0].citations",
        ),
        ({"type": "tool_use", "id": "1", "name": "f", "caller": {"type": "code_2026"}}, "content[0].caller"),
        ({"type": "text", "text": "a", "cache_control": {"type": "eternal"}}, "content[0].cache_control"),
        (
            {"type": "tool_result", "tool_use_id": "1", "content": [{"type": "browser_state"}]},
            "content[0].content[0]",
        ),
    ],
)  # fmt: skip
def test_what_the_neutral_form_has_no_place_for_is_kept_by_its_place(block: dict[str, Any], place: str) -> None:
    assert list(read(block)[1]) == [place]


@pytest.mark.parametrize(
    ("block", "param"),
    [
        ({"type": "text"}, "content[0].text"),
        ({"type": "text", "text": 1}, "content[0].text"),
        ({"type": "image", "source": {"type": "base64", "data": "x"}}, "content[0].source.media_type"),
        ({"type": "image"}, "content[0].source.type"),
        ({"type": "tool_use", "id": "1", "name": "f", "input": "{}"}, "content[0].input"),
        ({"type": "tool_result"}, "content[0].tool_use_id"),
        ({"type": "tool_result", "tool_use_id": "1", "content": 1}, "content[0].content"),
        (
            {"type": "tool_result", "tool_use_id": "1", "content": [{"type": "thinking", "thinking": ""}]},
            "content[0].content",
        ),
        ({"type": "thinking", "signature": "s"}, "content[0].thinking"),
    ],
)
def test_a_wrong_shape_is_named(block: dict[str, Any], param: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read(block)
    assert caught.value.param == param
