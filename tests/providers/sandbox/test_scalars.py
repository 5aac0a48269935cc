"""The scalars offered for a flat schema."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from entrepot.providers.sandbox import scalars
from entrepot.providers.sandbox.schemas import Impossible


@pytest.mark.parametrize(
    ("flat", "expected"),
    [
        ({"type": "integer"}, [0, 1, 2]),
        ({"type": "number"}, [0, 0.5, 1]),
        ({"type": "integer", "minimum": 5}, [5, 6, 7]),
        ({"type": "integer", "maximum": -5}, [-5, -6, -7]),
        ({"type": "integer", "maximum": 0}, [0, -1, -2]),
        ({"type": "integer", "minimum": 1, "multipleOf": 2.5}, [5, 10, 15]),
        ({"type": "number", "minimum": 0.3, "multipleOf": 0.25}, [0.5, 0.75, 1]),
        ({"type": "number", "minimum": 0, "maximum": 256}, [0, 1, 2]),
        ({"type": "integer", "default": 9, "examples": [8, "x"]}, [9, 8, 0]),
    ],
)
def test_numbers_start_at_zero_or_the_nearest_bound(flat: dict[str, Any], expected: list[float]) -> None:
    assert list(itertools.islice(scalars.numbers(flat), 3)) == expected


@pytest.mark.parametrize(
    ("flat", "expected"),
    [
        ({}, ["base", "text", "0", "", "base 2"]),
        ({"minLength": 6}, ["basexx", "text", "0", "", "base 2"]),
        ({"maxLength": 2}, ["ba", "text", "0", "", "b2"]),
        ({"pattern": "^a{1,3}$"}, ["a", "aa", "aaa", "aaa", "aaa"]),
        ({"default": "d", "examples": ["e", 3]}, ["d", "e", "base", "text", "0"]),
    ],
)
def test_strings_follow_suggestion_pattern_and_length(flat: dict[str, Any], expected: list[str]) -> None:
    assert list(itertools.islice(scalars.strings(flat, "base"), 5)) == expected


def test_nothing_is_offered_without_end() -> None:
    assert len(list(scalars.numbers({"type": "number"}))) == scalars.MAX_OFFERS
    assert len(set(scalars.strings({"maxLength": 5}, "base"))) > 200


def test_the_nth_value_may_be_missing() -> None:
    assert scalars.nth(iter("abc"), 2) == "c"
    with pytest.raises(Impossible):
        scalars.nth(iter("abc"), 3)
