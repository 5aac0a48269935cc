"""What a prompt offers, by label, kind and order."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from entrepot.providers.sandbox.clues import Clues, words_of


def anything(value: object) -> bool:
    return True


def all_of(take: Callable[[], object]) -> list[object]:
    return list(iter(take, None))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("add 2 and 2", [2, 2]),
        ("-3, 4.5, 1,000 and $12.50.", [-3, 4.5, 1000, 12.5]),
        ("5-3 f(7)", [5, 3, 7]),
        ("on 2024-05-06 ask gpt-4 at 10.0.0.1 for v2", []),
        ("25kg", [25]),
    ],
)
def test_numbers_come_once_in_their_order(text: str, expected: list[float]) -> None:
    clues = Clues(text)
    assert all_of(lambda: clues.number("", anything)) == expected
    assert clues.uses == len(expected)


def test_a_number_beside_its_label_comes_first() -> None:
    clues = Clues("3 bedrooms, 2 bathrooms, price: 900, and Ann is 40 years old")
    assert clues.number("price", anything) == 900
    assert clues.number("bathrooms", anything) == 2
    assert clues.number("age", anything) == 40
    assert clues.number("bedrooms", anything) == 3


def test_a_number_that_does_not_fit_stays() -> None:
    clues = Clues("25 and 15")
    assert clues.number("", lambda value: value < 20) == 15
    assert clues.number("", anything) == 25


@pytest.mark.parametrize(
    ("text", "label", "expected"),
    [
        ("Jason is 25 years old", "name", "Jason"),
        ("call it 'blue whale' today", "anything", "blue whale"),
        ("the color is deep blue, right?", "color", "deep blue"),
        ('user name: "Zoë K."', "userName", "Zoë K."),
        ("What is the weather in San Francisco, CA?", "location", "San Francisco, CA"),
        ("Read the file /tmp/a-b/notes.txt.", "file_path", "/tmp/a-b/notes.txt"),
        ("open main.py please", "path", "main.py"),
        ("Write to ann@example.org now", "email", "ann@example.org"),
        ("See https://example.org/a?b=1.", "website_url", "https://example.org/a?b=1"),
        ("Ask Marie Curie about it", "person", "Marie Curie"),
        ("Add a customer named '你好' (Hello Group)", "customer_name", "你好"),
        ("Generate something", "name", None),
    ],
)
def test_words_are_found_for_a_property(text: str, label: str, expected: str | None) -> None:
    assert Clues(text).string(label, anything) == expected


def test_a_stretch_of_the_prompt_is_offered_once() -> None:
    clues = Clues("'Ann Lee' and Bob Ray met")
    assert all_of(lambda: clues.string("name", anything)) == ["Ann Lee", "Bob Ray"]


def test_targeted_clues_offer_only_what_is_meant() -> None:
    clues = Clues("take 'this' 7 times, limit 5")
    clues.targeted = True
    assert clues.string("note", anything) is None
    assert clues.number("offset", anything) is None
    assert clues.number("limit", anything) == 5


@pytest.mark.parametrize(
    ("text", "label", "expected"),
    [
        ("is it so? no", "x", False),
        ("Yes.", "x", True),
        ("no, but active: true", "active", True),
        ("perhaps", "x", None),
    ],
)
def test_truth_is_read_beside_the_label_first(text: str, label: str, expected: bool | None) -> None:
    assert Clues(text).boolean(label) is expected


def test_a_member_is_mentioned_as_a_word_of_its_own() -> None:
    clues = Clues("a NEGATIVE review of the carpet")
    assert clues.mentioned(["car", "positive", "negative"]) == "negative"
    assert clues.mentioned(["negative"]) is None


def test_ignored_words_are_not_quoted() -> None:
    assert Clues("use 'add' on \"x\" and `y`", ignored=["add"]).quoted() == ["x", "y"]


@pytest.mark.parametrize("label", ["userName", "user_name", "user-name", "User name"])
def test_labels_are_read_as_words(label: str) -> None:
    assert words_of(label) == "user name"
