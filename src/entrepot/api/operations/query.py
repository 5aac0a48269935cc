"""Parameters of query strings that routes of several areas take."""

from __future__ import annotations

from typing import get_args

from entrepot.api.operations.operation import TEXT, Query, Schema
from entrepot.keys import Mode


def choice(*values: str, **keywords: object) -> Schema:
    return {"type": "string", "enum": list(values), **keywords}


def several(item: Schema) -> Schema:
    """The parameter may be repeated."""
    return {"type": "array", "items": item}


def limit(most: int, default: int) -> Schema:
    """More than the most is taken for the most."""
    return {
        "type": "integer",
        "minimum": 1,
        "default": default,
        "description": f"How many at most; never more than {most}.",
    }


def cursor(description: str = "The `next_cursor` of the page before.") -> Schema:
    return TEXT | {"description": description}


TIME: Schema = TEXT | {"description": "A time such as 2026-11-01 or 2026-11-01T12:00:00Z, in UTC if it names no zone."}
BETWEEN: Query = {"from": TIME, "until": TIME}
WINDOW: Query = BETWEEN | {
    "start": TIME | {"description": "As `from`, together with `end`; at most 92 days before it."},
    "end": TIME | {"description": "As `until`, together with `start`."},
    "period": TEXT | {"description": "The last hours or days, such as 24h or 7d.", "pattern": "^[1-9][0-9]{0,3}[hd]$"},
}
CALLS: Query = {
    "model": several(TEXT) | {"description": "Only these models."},
    "key_id": TEXT,
    "member_id": TEXT,
    "project": TEXT,
    "mode": choice(*get_args(Mode)),
}
"""Which calls are meant."""
