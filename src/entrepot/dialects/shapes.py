"""One value of a JSON body with the path that leads to it, so that a wrong shape is refused by its name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from entrepot.errors import InvalidRequest


class Value(msgspec.Struct, frozen=True):
    """`raw` is the value, None where it is null or absent. All readers raise InvalidRequest for another type."""

    raw: Any
    path: str = ""

    def __getitem__(self, name: str) -> Value:
        """A field of an object; of null, null."""
        return Value(self.table_or_none().get(name), f"{self.path}.{name}" if self.path else name)

    def __iter__(self) -> Iterator[Value]:
        """The items of an array; of none where it is null."""
        if self.raw is not None and not isinstance(self.raw, list):
            raise self.wrong("an array")
        return (Value(item, f"{self.path}[{place}]") for place, item in enumerate(self.raw or ()))

    def table(self) -> Mapping[str, Any]:
        if self.raw is None:
            raise self.missing("an object")
        return self.table_or_none()

    def table_or_none(self) -> Mapping[str, Any]:
        """The object, empty where it is null."""
        if self.raw is not None and not isinstance(self.raw, dict):
            raise self.wrong("an object")
        return self.raw or {}

    def others(self, *known: str) -> Iterator[Value]:
        """The fields of an object but those named."""
        return (self[name] for name in self.table_or_none() if name not in known)

    def text(self) -> str:
        text = self.text_or_none()
        if text is None:
            raise self.missing("a string")
        return text

    def text_or_none(self) -> str | None:
        if self.raw is not None and not isinstance(self.raw, str):
            raise self.wrong("a string")
        return self.raw

    def flag_or_none(self) -> bool | None:
        if self.raw is not None and not isinstance(self.raw, bool):
            raise self.wrong("a boolean")
        return self.raw

    def number_or_none(self) -> float | None:
        if self.raw is not None and (isinstance(self.raw, bool) or not isinstance(self.raw, int | float)):
            raise self.wrong("a number")
        return self.raw

    def integer_or_none(self) -> int | None:
        """An integer; 5.0 is one, as in JSON Schema."""
        number = self.number_or_none()
        if isinstance(number, float) and not number.is_integer():
            raise self.wrong("an integer")
        return None if number is None else int(number)

    def count_or_none(self) -> int | None:
        number = self.integer_or_none()
        if number is not None and number < 0:
            raise self.wrong("a whole number that is not negative")
        return number

    def fraction_or_none(self) -> float | None:
        number = self.number_or_none()
        if number is not None and not 0 <= number <= 1:
            raise self.wrong("a number from 0 to 1")
        return number

    def wrong(self, kind: str) -> InvalidRequest:
        where = f"'{self.path}'" if self.path else "The request body"
        return InvalidRequest(f"{where} must be {kind}.", param=self.path or None, code="invalid_type")

    def unknown(self) -> InvalidRequest:
        """For a value of the right type that is none of those allowed."""
        return InvalidRequest(
            f"'{self.path}' has a value that is not supported.", param=self.path, code="invalid_value"
        )

    def missing(self, kind: str) -> InvalidRequest:
        message = f"'{self.path}' is required and must be {kind}."
        return InvalidRequest(message, param=self.path, code="missing_required_parameter")
