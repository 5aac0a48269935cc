"""How commands print: tables for people, JSON when asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

PIPED_WIDTH = 1000


def table(rows: Sequence[dict[str, Any]], columns: Sequence[str], as_json: bool) -> None:
    """A table of some columns, or all of each row as a JSON array."""
    if as_json:
        print(json_text(rows))
        return
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    drawn = Table(box=box.SIMPLE)
    for column in columns:
        drawn.add_column(column.replace("_", " "), overflow="fold")
    for row in rows:
        drawn.add_row(*(escape(_shown(row.get(column))) for column in columns))
    console = Console()
    # Piped, a table keeps its lines whole instead of folding them at 80 columns.
    (console if console.is_terminal else Console(width=PIPED_WIDTH)).print(drawn)


def json_text(value: Any) -> str:
    """JSON for people to read as well."""
    return msgspec.json.format(msgspec.json.encode(value)).decode()


def record(row: dict[str, Any], as_json: bool) -> None:
    """One record, a field a line, or as a JSON object."""
    if as_json:
        print(json_text(row))
        return
    width = max(map(len, row))
    for name, value in row.items():
        print(f"{name.replace('_', ' '):<{width}}  {_shown(value)}")


def _shown(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "–"
    return f"{value:,}" if isinstance(value, int) else str(value)
