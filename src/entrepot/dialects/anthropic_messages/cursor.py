"""A JSON value together with its place, so that whoever meets a wrong shape can name it.

A missing field reads as null, and null as absent, as lenient servers take it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from entrepot.errors import InvalidRequest


class Cursor:
    """One value of a request body. `path` is its place, such as `messages[0].content[1].source`.

    Every reading method raises InvalidRequest naming `path` when the value has another shape.
    """

    __slots__ = ("path", "value")

    def __init__(self, value: Any, path: str = "") -> None:
        self.value = value
        self.path = path

    def child(self, name: str) -> Cursor:
        return Cursor(self.mapping().get(name), f"{self.path}.{name}" if self.path else name)

    def items(self) -> Iterator[Cursor]:
        """The elements of an array; none when it is absent."""
        if self.value is None:
            return
        if not isinstance(self.value, list):
            raise self.wrong("an array")
        for place, value in enumerate(self.value):
            yield Cursor(value, f"{self.path}[{place}]")

    def others(self, *known: str) -> Iterator[Cursor]:
        """The fields of an object but those named."""
        return (self.child(name) for name in self.mapping() if name not in known)

    def mapping(self) -> dict[str, Any]:
        """The fields of an object; none when it is absent."""
        if self.value is None:
            return {}
        if not isinstance(self.value, dict):
            raise self.wrong("an object")
        return self.value

    def text(self) -> str:
        if not isinstance(self.value, str):
            raise self.wrong("a string")
        return self.value

    def text_or_none(self) -> str | None:
        return None if self.value is None else self.text()

    def flag(self) -> bool | None:
        if self.value is not None and not isinstance(self.value, bool):
            raise self.wrong("true or false")
        return self.value

    def count(self) -> int | None:
        """A whole number that is not negative."""
        if self.value is None:
            return None
        if isinstance(self.value, bool) or not isinstance(self.value, int) or self.value < 0:
            raise self.wrong("a whole number that is not negative")
        return self.value

    def fraction(self) -> float | None:
        """A number from 0 to 1."""
        if self.value is None:
            return None
        if isinstance(self.value, bool) or not isinstance(self.value, int | float) or not 0 <= self.value <= 1:
            raise self.wrong("a number from 0 to 1")
        return self.value

    def wrong(self, expected: str) -> InvalidRequest:
        where = f"'{self.path}'" if self.path else "The request body"
        return InvalidRequest(f"{where} must be {expected}.", param=self.path or None)


class Leftovers:
    """What a request has and the neutral form has not, under its place; hints among it may be lost."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.hints: set[str] = set()

    def keep(self, cursor: Cursor) -> None:
        if cursor.value is not None:
            self.values[cursor.path] = cursor.value

    def keep_hint(self, cursor: Cursor) -> None:
        if cursor.value is not None:
            self.keep(cursor)
            self.hints.add(cursor.path)
