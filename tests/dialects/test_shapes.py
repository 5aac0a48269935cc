"""Values with their paths: every wrong type is refused by the name of its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from entrepot.dialects.shapes import Value
from entrepot.errors import InvalidRequest

BODY = Value({"a": {"b": [{"c": "text", "n": 5, "f": 5.0, "yes": True, "none": None}]}})
FIRST = next(iter(BODY["a"]["b"]))


def test_values_know_their_paths() -> None:
    assert BODY["a"].path == "a"
    assert FIRST.path == "a.b[0]"
    assert FIRST["c"].path == "a.b[0].c"


def test_what_is_there_is_read() -> None:
    assert FIRST["c"].text() == "text"
    assert FIRST["n"].integer_or_none() == 5
    assert FIRST["n"].number_or_none() == 5
    assert FIRST["yes"].flag_or_none() is True
    assert FIRST.table()["n"] == 5
    assert (FIRST["n"].count_or_none(), Value(0.5).fraction_or_none()) == (5, 0.5)
    assert [other.path for other in FIRST.others("c", "n", "f", "yes")] == ["a.b[0].none"]


def test_a_whole_number_is_an_integer_however_it_is_written() -> None:
    found = FIRST["f"].integer_or_none()
    assert (found, type(found)) == (5, int)


@pytest.mark.parametrize("name", ["none", "absent"])
def test_null_and_absent_are_none_or_nothing(name: str) -> None:
    value = FIRST[name]
    assert (value.text_or_none(), value.integer_or_none(), value.number_or_none(), value.flag_or_none()) == (None,) * 4
    assert (value.count_or_none(), value.fraction_or_none(), list(value.others())) == (None, None, [])
    assert list(value) == []
    assert value.table_or_none() == {}
    assert value["deeper"].raw is None


@pytest.mark.parametrize("read", [Value.text, Value.table])
def test_what_is_required_is_missed_by_name(read: Callable[[Value], object]) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read(FIRST["none"])
    assert (caught.value.param, caught.value.code) == ("a.b[0].none", "missing_required_parameter")


READERS: dict[str, tuple[Callable[[Value], object], tuple[Any, ...]]] = {
    "a string": (Value.text_or_none, (1, 1.5, True, [], {})),
    "a boolean": (Value.flag_or_none, (0, 1, "true", [], {})),
    "a number": (Value.number_or_none, ("1", True, [], {})),
    "an integer": (Value.integer_or_none, (1.5, 1e-3)),
    "an array": (iter, ("x", 1, True, {})),
    "an object": (Value.table_or_none, ("x", 1, True, [])),
    "a whole number that is not negative": (Value.count_or_none, (-1, -1.0)),
    "a number from 0 to 1": (Value.fraction_or_none, (1.5, -0.1)),
}


@pytest.mark.parametrize("kind", READERS)
def test_another_type_is_refused_by_name(kind: str) -> None:
    read, wrong = READERS[kind]
    for raw in wrong:
        with pytest.raises(InvalidRequest) as caught:
            read(Value(raw, "x.y"))
        assert (caught.value.message, caught.value.param) == (f"'x.y' must be {kind}.", "x.y")


def test_a_field_of_what_is_no_object_is_refused_there() -> None:
    with pytest.raises(InvalidRequest) as caught:
        FIRST["c"]["deeper"]
    assert caught.value.param == "a.b[0].c"


def test_a_body_without_a_place_is_called_what_it_is() -> None:
    assert Value([]).wrong("an object").message == "The request body must be an object."
