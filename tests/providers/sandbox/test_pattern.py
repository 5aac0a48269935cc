"""Strings made from patterns are matched by a regular expression engine of its own."""

from __future__ import annotations

import itertools

import jsonschema_rs
import pytest

from entrepot.providers.sandbox import pattern


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "abc",
        "^abc$",
        "^[A-Z]{2}\\d{4}$",
        "^\\+?[0-9]{3,5}$",
        "foo|bar",
        "^(a|b)+c?$",
        "^(?:x|yz){2,}$",
        "^(?<year>\\d{4})-(0[1-9]|1[0-2])$",
        "^[^0-9]+$",
        "^[^a-z]$",
        "^[\\w.-]+@[\\w-]+\\.com$",
        "^\\S+\\s\\S+$",
        "^.{3,5}$",
        "^[\\]^]?$",
        "^[a-]$",
        "^a*?b+?$",
        "^\\x41\\u0042\\n\\.$",
        "^\\W\\D$",
    ],
)
def test_samples_match_their_pattern(expression: str) -> None:
    made = list(itertools.islice(pattern.samples(expression), 3))
    validator = jsonschema_rs.validator_for({"pattern": expression})
    assert made
    assert all(map(validator.is_valid, made))


def test_later_samples_are_longer_where_the_pattern_allows() -> None:
    assert list(itertools.islice(pattern.samples("^a+b{2}$"), 3)) == ["abb", "aabb", "aaabb"]


@pytest.mark.parametrize(
    "expression", ["(", ")", "[a", "\\", "(?=a)b", "(a)\\1", "\\p{Lu}", "\\u12", "((a{999}){999}){999}"]
)
def test_what_is_not_followed_has_no_samples(expression: str) -> None:
    assert list(pattern.samples(expression)) == []
