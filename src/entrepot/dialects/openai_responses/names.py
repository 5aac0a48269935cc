"""Tools inside a namespace, which other dialects do not have: one flat name for each, and back again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

LONGEST_NAME = 64  # OpenAI's and most others' limit for the name of a function
_NOT_IN_NAMES = re.compile(r"[^a-zA-Z0-9_-]")


def flat_name(namespace: str | None, name: str) -> str:
    """`namespace__name`, cut and made unique by a digest where it would be too long for a function's name."""
    if not namespace:
        return name
    flat = _NOT_IN_NAMES.sub("_", f"{namespace.rstrip('_')}__{name}")
    if len(flat) <= LONGEST_NAME:
        return flat
    digest = hashlib.sha256(f"{namespace}\0{name}".encode()).hexdigest()[:8]
    return f"{flat[: LONGEST_NAME - 9]}_{digest}"


class Names:
    """The tools of a request by the names that the model sees: their namespaces, and which are custom tools."""

    def __init__(self, tools: Any) -> None:
        self._homes: dict[str, tuple[str, str]] = {}
        self._custom: set[str] = set()
        for tool in _tables(tools):
            if tool.get("type") == "namespace":
                for inner in _tables(tool.get("tools")):
                    self._add(inner, tool.get("name"))
            else:
                self._add(tool, None)

    def home(self, flat: str) -> tuple[str | None, str]:
        """The namespace and the name in it that the client gave the tool; None outside any."""
        return self._homes.get(flat, (None, flat))

    def is_custom(self, flat: str) -> bool:
        return flat in self._custom

    def _add(self, tool: Mapping[str, Any], namespace: Any) -> None:
        name = tool.get("name")
        if not isinstance(name, str):
            return
        if isinstance(namespace, str):
            self._homes[flat_name(namespace, name)] = namespace, name
            name = flat_name(namespace, name)
        if tool.get("type") == "custom":
            self._custom.add(name)


def _tables(value: Any) -> Iterator[Mapping[str, Any]]:
    return (item for item in (value if isinstance(value, list) else ()) if isinstance(item, dict))
