"""Neutral parts as content blocks, and those that Anthropic has none for."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from entrepot.conversation import (
    Audio,
    Document,
    Image,
    Part,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    ToolReference,
    ToolResult,
)
from entrepot.dialects.anthropic_messages.blocks import emit_blocks, read_input
from entrepot.dialects.carrying import NotCarried

PNG = "data:image/png;base64,iVBORw0KGgo="
CACHE = {"cache_control": {"type": "ephemeral"}}


def data(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


BLOCKS: list[tuple[Part, dict[str, Any]]] = [
    (Text(text="a", cache="5m"), {"type": "text", "text": "a", **CACHE}),
    (Refusal(text="No."), {"type": "text", "text": "No."}),
    (
        Image(url=PNG, cache="5m"),
        {
            "type": "image",
            "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="},
            **CACHE,
        },
    ),
    (
        Image(url="https://example.test/i"),
        {"type": "image", "source": {"type": "url", "url": "https://example.test/i"}},
    ),
    (
        Document(url="data:application/pdf;base64,JVBERg==", filename="a.pdf", cache="1h"),
        {
            "type": "document",
            "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERg=="},
            "title": "a.pdf",
            "cache_control": {"type": "ephemeral", "ttl": "1h"},
        },
    ),
    (
        Document(url="https://example.test/a.pdf"),
        {"type": "document", "source": {"type": "url", "url": "https://example.test/a.pdf"}},
    ),
    (
        Document(url=f"data:text/markdown;charset=utf-8;base64,{data('# é')}"),
        {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "# é"}},
    ),
    (Reasoning(text="hm", signature="s"), {"type": "thinking", "thinking": "hm", "signature": "s"}),
    (Reasoning(redacted="r"), {"type": "redacted_thinking", "data": "r"}),
    (
        ToolCall(id="1", name="f", arguments='{"x":1}', cache="5m"),
        {"type": "tool_use", "id": "1", "name": "f", "input": {"x": 1}, **CACHE},
    ),
    (
        ToolCall(id="1", name="f", arguments="free text", custom=True),
        {"type": "tool_use", "id": "1", "name": "f", "input": {"input": "free text"}},
    ),
    (
        ToolResult(call_id="1", parts=(Text(text="a"), Image(url=PNG), ToolReference(name="g")), is_error=True),
        {
            "type": "tool_result",
            "tool_use_id": "1",
            "content": [
                {"type": "text", "text": "a"},
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}},
                {"type": "tool_reference", "tool_name": "g"},
            ],
            "is_error": True,
        },
    ),
    (ToolResult(call_id="1", parts=(Text(text=""),)), {"type": "tool_result", "tool_use_id": "1"}),
]


@pytest.mark.parametrize(("part", "block"), BLOCKS)
def test_blocks(part: Part, block: dict[str, Any]) -> None:
    dropped: set[str] = set()
    assert emit_blocks([part], dropped) == [block]
    assert dropped == set()


@pytest.mark.parametrize(
    ("part", "hint"),
    [
        (Reasoning(text="of another vendor"), "messages[].reasoning"),
        (Reasoning(encrypted="gAAAA", id="rs_1"), "messages[].reasoning"),
        (Image(url=PNG, detail="high"), "messages[].detail"),
    ],
)
def test_hints_are_named(part: Part, hint: str) -> None:
    dropped: set[str] = set()
    emit_blocks([part], dropped)
    assert dropped == {hint}


@pytest.mark.parametrize(
    "part",
    [
        Audio(data="x", format="wav"),
        Image(url="data:image/tiff;base64,AAAA"),
        Image(url="data:image/png,raw"),
        Document(file_id="file-1"),
        Document(url="data:application/zip;base64,AAAA"),
        Document(url="data:text/plain;base64,/w=="),
        Document(url="data:text/plain;base64,not base64"),
        ToolResult(call_id="1", parts=(Document(file_id="file-1"),)),
    ],
)
def test_parts_that_anthropic_does_not_take(part: Part) -> None:
    with pytest.raises(NotCarried) as caught:
        emit_blocks([part], set())
    assert caught.value.field == "messages"
    assert caught.value.why


@pytest.mark.parametrize(
    ("arguments", "value"),
    [
        ("", {}),
        ("{}", {}),
        ('{"x": [1]}', {"x": [1]}),
        ('{"x": ', {"invalid_json": '{"x": '}),
        ("[1]", {"invalid_json": "[1]"}),
        ("null", {"invalid_json": "null"}),
        ("[" * 5000, {"invalid_json": "[" * 5000}),
    ],
)
def test_arguments_become_an_object_whatever_the_model_wrote(arguments: str, value: dict[str, Any]) -> None:
    assert read_input(arguments, custom=False) == value
