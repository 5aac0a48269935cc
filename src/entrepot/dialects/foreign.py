"""What a request has and the neutral form has not. Other dialects refuse it, or drop it, by its name."""

from __future__ import annotations

from typing import Any

from entrepot.dialects.shapes import Value


class Foreign:
    """Fields under their names or places; the hints among them may be lost on the way."""

    def __init__(self) -> None:
        self.fields: dict[str, Any] = {}
        self.hints: set[str] = set()

    def keep(self, name: str, value: Any, *, hint: bool = False) -> None:
        self.fields[name] = value
        if hint:
            self.hints.add(name)

    def keep_value(self, value: Value, *, hint: bool = False) -> None:
        """A value under its path; null says nothing."""
        if value.raw is not None:
            self.keep(value.path, value.raw, hint=hint)
