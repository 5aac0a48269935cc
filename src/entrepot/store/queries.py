"""Named statements from queries.sql, and the migrations in order."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from importlib import resources
from typing import Any

Parameters = Mapping[str, Any] | tuple[Any, ...]
Run = Callable[[str, Parameters], list[dict[str, Any]]]
"""Runs a statement by its name, with its parameters, and gives the rows."""

_NAME = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)


@functools.cache
def queries() -> dict[str, str]:
    """Statement texts by name."""
    pieces = _NAME.split(_text("queries.sql"))
    return {name: text.strip() for name, text in zip(pieces[1::2], pieces[2::2], strict=True)}


def schema() -> str:
    return _text("schema.sql")


def migrations() -> list[str]:
    """Migration scripts; the first brings an empty file to version 1, and so on."""
    folder = resources.files("entrepot.store") / "migrations"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return [(folder / name).read_text("utf-8") for name in names]


def _text(name: str) -> str:
    return (resources.files("entrepot.store") / name).read_text("utf-8")
