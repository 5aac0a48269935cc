"""On which line of a TOML text a table or a value stands. Nothing of what they mean."""

from __future__ import annotations

import tomllib
from typing import Any


def line_of(text: str, path: tuple[str | int, ...]) -> int:
    """The line (from 1) on which the statement that brings `path` into a TOML text begins.

    Reads ever longer prefixes: the first that holds the path ends with the statement. Falls back to
    the nearest enclosing table when the path itself is absent (a missing field).
    """
    lines = text.splitlines()
    begin, table = 1, 1
    for end in range(1, len(lines) + 1):
        if not lines[begin - 1].strip() or lines[begin - 1].lstrip().startswith("#"):
            begin = end
        try:
            document = tomllib.loads("\n".join(lines[:end]))
        except tomllib.TOMLDecodeError:
            continue
        if _holds(document, path):
            return begin
        if len(path) > 1 and table == 1 and _holds(document, path[:-1]):
            table = begin
        begin = end + 1
    return table


def _holds(document: Any, path: tuple[str | int, ...]) -> bool:
    for step in path:
        if isinstance(step, int):
            if not isinstance(document, list) or len(document) <= step:
                return False
        elif not isinstance(document, dict) or step not in document:
            return False
        document = document[step]
    return True
