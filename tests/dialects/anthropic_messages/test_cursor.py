"""Places in a request body, and what is said of a wrong shape there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from entrepot.dialects.anthropic_messages.cursor import Cursor, Leftovers
from entrepot.errors import InvalidRequest


def test_a_path_is_spelled_as_one_would_write_it() -> None:
    root = Cursor({"a": [{"b": {"c": "d"}}]})
    assert next(root.child("a").items()).child("b").child("c").path == "a[0].b.c"
    assert [other.path for other in Cursor({"a": 1, "b": 2}, "x").others("a")] == ["x.b"]


def test_absent_values_read_as_nothing() -> None:
    absent = Cursor({}).child("a").child("b")
    assert (list(absent.items()), absent.mapping(), absent.text_or_none()) == ([], {}, None)
    assert (absent.flag(), absent.count(), absent.fraction()) == (None, None, None)


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (Cursor.text, None),
        (Cursor.text, 1),
        (Cursor.text_or_none, []),
        (Cursor.flag, 0),
        (Cursor.count, -1),
        (Cursor.count, 1.0),
        (Cursor.count, True),
        (Cursor.fraction, 1.5),
        (Cursor.fraction, False),
        (Cursor.mapping, []),
        (lambda cursor: list(cursor.items()), {}),
        (lambda cursor: cursor.child("x"), "text"),
    ],
)
def test_a_wrong_shape_names_its_place(read: Callable[[Cursor], Any], value: Any) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read(Cursor(value, "a[0].b"))
    assert caught.value.param == "a[0].b"
    assert caught.value.message.startswith("'a[0].b' must be ")


def test_a_body_without_a_place_is_called_what_it_is() -> None:
    assert Cursor([]).wrong("an object").message == "The request body must be an object."


def test_leftovers_keep_what_is_there_and_know_hints() -> None:
    left = Leftovers()
    left.keep(Cursor(0, "a"))
    left.keep_hint(Cursor("x", "b"))
    left.keep_hint(Cursor(None, "c"))
    assert (left.values, left.hints) == ({"a": 0, "b": "x"}, {"b"})
