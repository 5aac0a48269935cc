"""Free text: dictated words, easy facts, and honest general answers."""

from __future__ import annotations

import base64
import struct

import pytest
from tests.providers.sandbox.asking import request, say, text

from entrepot.conversation import Audio, Document, Image

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 640, 480)).decode()


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("Say hello", "hello"),
        ("Please say hello!", "hello!"),
        ("Repeat after me: I like 3.5 cats. And dogs.", "I like 3.5 cats. And dogs."),
        ("Reply with the word pong", "pong"),
        ("Reply with exactly 'OK'.", "OK"),
        ("Respond with just OK.", "OK"),
        ('Say "one two three" and nothing else', "one two three"),
        ("Count to 5", "1, 2, 3, 4, 5"),
        ("count down from 3 to 1 please", "3, 2, 1"),
        ("What is 2+2?", "2 + 2 = 4"),
        ("3 * 7", "3 * 7 = 21"),
        ("what's 7 divided by 2?", "7 / 2 = 3.5"),
        ("Calculate 1 / 0", "1 / 0 is undefined."),
    ],
)
def test_instructions_are_followed_to_the_letter(prompt: str, expected: str) -> None:
    assert text(request(prompt)) == expected


@pytest.mark.parametrize("prompt", ["What is the capital of France?", "Say something nice", "Is 2024-01-02 a Tuesday?"])
def test_a_general_answer_names_what_was_asked_and_that_it_is_simulated(prompt: str) -> None:
    answer = text(request(prompt))
    assert prompt in answer
    assert "simulate" in answer


def test_counting_without_end_ends() -> None:
    assert text(request("count to 999999999")).endswith(", 1000")


@pytest.mark.parametrize(
    ("told", "asked", "expected"),
    [
        ("Hi, my name is Bob and I am 5.", "What is my name?", "Your name is Bob."),
        ("I'm Marie Curie, by the way", "what's my name", "Your name is Marie Curie."),
        ("My favorite color is teal.", "Do you recall my favorite color?", "Your favorite color is teal."),
    ],
)
def test_earlier_turns_are_recalled(told: str, asked: str, expected: str) -> None:
    assert text(request(told, say("Noted.", role="assistant"), asked)) == expected


def test_the_newest_telling_wins() -> None:
    turns = ("my name is Ann", say("ok", role="assistant"), "my name is Eve", say("ok", role="assistant"))
    assert text(request(*turns, "what is my name?")) == "Your name is Eve."


def test_attachments_are_counted_with_what_is_known_of_them() -> None:
    parts = (
        Image(url=f"data:image/png;base64,{PNG}"),
        Image(url="https://x.y/z.png"),
        Document(file_id="file-1", filename="plan.pdf"),
        Audio(data="", format="wav"),
    )
    answer = text(request(say("What do you see?", *parts)))
    assert "2 images and 1 file and 1 audio recording (640 × 480, plan.pdf, wav)." in answer


def test_a_seed_alters_the_wording_and_nothing_else_does() -> None:
    answers = [text(request("Tell me a joke", seed=seed)) for seed in (1, 2, 2)]
    assert answers[0] != answers[1]
    assert answers[1] == answers[2]


def test_a_long_prompt_is_quoted_in_short() -> None:
    answer = text(request("why? " * 10_000))
    assert len(answer) < 400
    assert "…" in answer


def test_an_empty_prompt_has_an_answer() -> None:
    assert "no text" in text(request(""))


@pytest.mark.parametrize("asked", ["Summarise our conversation.", "Replace the conversation by a summary of it."])
def test_a_conversation_is_summed_up_by_how_its_turns_began(asked: str) -> None:
    summary = text(request("We launch on Tuesday.", say("Noted.", role="assistant"), asked))
    assert summary == "This summary is simulated. The user said “We launch on Tuesday.”. The assistant said “Noted.”."
    assert "simulated" in text(request(asked))  # there is nothing before it to sum up
