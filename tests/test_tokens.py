"""Counting: against the whole tokenizer, OpenAI's published example, and the limits of the fast check."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rs_bpe.bpe import openai

from entrepot import images, tokens
from entrepot.catalog import ImageTiles
from entrepot.conversation import (
    Audio,
    Document,
    Image,
    Message,
    OutputFormat,
    Reasoning,
    Request,
    Text,
    Tool,
    ToolCall,
    ToolResult,
)

PROSE = "The harbour master counts every crate twice, once when it lands and once when it leaves. "


def request(*messages: Message, tools: tuple[Tool, ...] = (), output_format: OutputFormat | None = None) -> Request:
    return Request(model="gpt-4.1-mini", messages=messages, tools=tools, output_format=output_format)


def user(*parts: Text | Image | Document | Audio) -> Message:
    return Message(role="user", parts=parts)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0),
        ("hello world", 2),
        ("tiktoken is great!", 6),
        ("antidisestablishmentarianism", 6),
        ("お誕生日おめでとう", 8),
    ],
)
def test_short_texts_count_as_published(text: str, expected: int) -> None:
    assert tokens.count(text) == expected


@given(st.text())
def test_split_pieces_rejoin_to_the_text(text: str) -> None:
    pieces = tokens.split(text)
    assert "".join(pieces) == text
    assert all(pieces)


def test_split_keeps_the_tokens_of_one_character_together() -> None:
    assert tokens.split("a𓀀 b") == ["a", "𓀀", " b"]
    assert len(tokens.encode("𓀀")) > 1


def test_pieces_drop_a_half_character_at_the_end() -> None:
    assert tokens.pieces(tokens.encode("a𓀀")[:-1]) == ["a"]


def test_a_long_text_counts_in_slices_as_it_does_whole() -> None:
    text = (PROSE * 50 + '¿Dónde está el café? 漢字 12,345 {"json": [1, 2]}\n\n\t') * 40
    assert len(text) > 4 * tokens.SLICE_CHARS
    assert tokens.count(text) == len(tokens.encode(text)) == openai.o200k_base().count(text)


def test_chat_messages_count_as_in_the_published_example() -> None:
    """OpenAI's cookbook, "How to count tokens", gives 124 for these messages with gpt-4o."""
    instruction = "You are a helpful, pattern-following assistant that translates corporate jargon into plain English."
    examples = [
        (None, instruction),
        ("example_user", "New synergies will help drive top-line growth."),
        ("example_assistant", "Things working well together will increase revenue."),
        (
            "example_user",
            "Let's circle back when we have more bandwidth to touch base on opportunities for increased leverage.",
        ),
        ("example_assistant", "Let's talk later when we're less busy about how to do better."),
    ]
    messages = [Message(role="system", parts=(Text(text=text),), name=name) for name, text in examples]
    late = "This late pivot means we don't have time to boil the ocean for the client deliverable."
    assert tokens.count_request(request(*messages, user(Text(text=late)))) == 124


def test_everything_the_model_reads_is_counted() -> None:
    bare = tokens.count_request(request(user(Text(text="hi"))))
    tool = Tool(name="add", description="Adds.", parameters={"type": "object"})
    tool_json = '{"name":"add","description":"Adds.","parameters":{"type":"object"}}'
    schema = OutputFormat(kind="json_schema", schema={"type": "object"})
    assert tokens.count_request(request(user(Text(text="hi")), tools=(tool,))) == bare + tokens.count(tool_json)
    assert tokens.count_request(request(user(Text(text="hi")), output_format=schema)) == bare + tokens.count(
        '{"type":"object"}'
    )
    turn = Message(role="assistant", parts=(Reasoning(text="hmm"), ToolCall(id="1", name="add", arguments='{"a":1}')))
    result = Message(
        role="tool", parts=(ToolResult(call_id="1", parts=(Text(text="one"), Image(url="https://x.y/z"))),)
    )
    counted = tokens.count_request(request(user(Text(text="hi")), turn, result)) - bare
    spoken = sum(map(tokens.count, ("assistant", "hmm", "add", '{"a":1}', "tool", "one")))
    assert counted == 2 * tokens.MESSAGE_TOKENS + spoken + images.image_tokens(Image(url="https://x.y/z"), None)


def test_media_beside_text_count_by_their_rules() -> None:
    bare = tokens.count_request(request(user(Text(text="hi"))))
    parts = (Document(file_id="file-1"), Audio(data="AAAA" * 4000, format="mp3"))
    counted = tokens.count_request(request(user(Text(text="hi"), *parts))) - bare
    assert counted == images.document_tokens(parts[0]) + images.audio_tokens(parts[1])


@pytest.mark.parametrize("repeats", [1, 100, 20_000])
def test_exceeds_gives_the_exact_count_above_the_limit_only(repeats: int) -> None:
    text = PROSE * repeats
    exact = tokens.count(text)
    assert tokens.exceeds([text], exact) is None
    assert tokens.exceeds([text], exact - 1) == exact


def test_images_count_by_the_rule_that_is_given() -> None:
    asked = request(user(Image(url="https://x.y/z")))
    rule = ImageTiles(base_tokens=1000, tile_tokens=10)
    cost = images.image_tokens(Image(url="https://x.y/z"), rule) - images.image_tokens(Image(url="https://x.y/z"), None)
    exact = tokens.count_request(asked, rule)
    assert exact == tokens.count_request(asked) + cost
    assert tokens.exceeds(asked, exact, rule) is None
    assert tokens.exceeds(asked, exact - 1, rule) == exact


def test_exceeds_counts_a_request_with_its_framing() -> None:
    asked = request(user(Text(text=PROSE)))
    exact = tokens.count_request(asked)
    assert tokens.exceeds(asked, exact) is None
    assert tokens.exceeds(asked, exact - 1) == exact


def test_exceeds_sees_a_dense_end_behind_a_sparse_beginning() -> None:
    text = " " * 2_000_000 + "漢字仮名" * 100_000
    exact = tokens.count(text)
    assert tokens.exceeds([text], exact - 1) == exact


def test_a_large_body_that_fits_is_cheap_to_check() -> None:
    text = PROSE * 60_000
    assert len(text) > 5_000_000
    tokens.load()
    fastest = min(_seconds(text) for _ in range(5))
    assert fastest < 0.05  # counting it whole takes three times as long


def _seconds(text: str) -> float:
    begun = time.perf_counter()
    assert tokens.exceeds([text], 2_000_000) is None
    return time.perf_counter() - begun
