from __future__ import annotations

from typing import Any

import pytest

from entrepot.conversation import Audio, Document, Image, Part, Refusal, Text, ToolReference
from entrepot.dialects.carrying import NotCarried
from entrepot.dialects.foreign import Foreign
from entrepot.dialects.openai_responses.content import emit_content, parse_content
from entrepot.dialects.shapes import Value
from entrepot.errors import InvalidRequest


def parsed(content: Any) -> tuple[tuple[Part, ...], dict[str, Any]]:
    foreign = Foreign()
    return parse_content(Value(content, "input[0].content"), foreign), foreign.fields


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ({"type": "input_text", "text": "a"}, Text(text="a")),
        ({"type": "output_text", "text": "a", "annotations": [], "logprobs": []}, Text(text="a")),
        ({"type": "input_text", "text": "a", "prompt_cache_breakpoint": {"mode": "x"}}, Text(text="a", cache="5m")),
        ({"type": "refusal", "refusal": "no"}, Refusal(text="no")),
        ({"type": "input_image", "image_url": "data:x", "file_id": None}, Image(url="data:x")),
        (
            {"type": "input_file", "file_data": "QQ==", "filename": "a.csv"},
            Document(url="data:text/csv;base64,QQ==", filename="a.csv"),
        ),
        ({"type": "input_file", "file_data": "QQ=="}, Document(url="data:application/pdf;base64,QQ==")),
        ({"type": "input_file", "file_url": "https://x/a.pdf"}, Document(url="https://x/a.pdf")),
        ({"type": "input_file", "file_id": "f"}, Document(file_id="f")),
        ({"type": "input_audio", "input_audio": {"data": "QQ==", "format": "wav"}}, Audio(data="QQ==", format="wav")),
    ],
)  # fmt: skip
def test_each_part(part: dict[str, Any], expected: Part) -> None:
    assert parsed([part]) == ((expected,), {})


@pytest.mark.parametrize("part", [{"type": "input_image", "file_id": "f"}, {"type": "input_video", "url": "x"}])
def test_what_has_no_place_is_kept_as_foreign(part: dict[str, Any]) -> None:
    assert parsed([{"type": "input_text", "text": "a"}, part]) == ((Text(text="a"),), {"input[0].content[1]": part})


@pytest.mark.parametrize(
    ("content", "param"),
    [
        (None, "input[0].content"),
        (7, "input[0].content"),
        ([7], "input[0].content[0]"),
        ([{}], "input[0].content[0].type"),
        ([{"type": "input_text"}], "input[0].content[0].text"),
        ([{"type": "input_image"}], "input[0].content[0]"),
        ([{"type": "input_image", "image_url": {"url": "x"}}], "input[0].content[0].image_url"),
        ([{"type": "input_file"}], "input[0].content[0]"),
        ([{"type": "input_audio", "input_audio": "x"}], "input[0].content[0].input_audio"),
    ],
)
def test_wrong_shapes_are_named(content: Any, param: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        parsed(content)
    assert caught.value.param == param


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (Text(text="a", cache="1h"), {"type": "input_text", "text": "a"}),
        (Image(url="u"), {"type": "input_image", "image_url": "u", "detail": "auto"}),
        (Document(url="https://x"), {"type": "input_file", "file_url": "https://x"}),
        (Document(url="data:x", filename="a"), {"type": "input_file", "filename": "a", "file_data": "data:x"}),
        (
            Document(url="data:application/pdf;base64,QQ=="),
            {"type": "input_file", "filename": "document.pdf", "file_data": "data:application/pdf;base64,QQ=="},
        ),
        (
            Document(url="data:text/plain;base64,QQ=="),
            {"type": "input_file", "filename": "document.txt", "file_data": "data:text/plain;base64,QQ=="},
        ),
        (Document(file_id="f"), {"type": "input_file", "file_id": "f"}),
        (ToolReference(name="tide"), {"type": "input_text", "text": "Found the tool 'tide'."}),
    ],
)
def test_each_part_written(part: Part, expected: dict[str, Any]) -> None:
    assert emit_content([part]) == [expected]


def test_audio_is_refused_by_name() -> None:
    with pytest.raises(NotCarried) as caught:
        emit_content([Audio(data="QQ==", format="wav")])
    assert caught.value.field == "messages[].content[type=audio]"
