"""A statement as CSV: one line for each amount, whose column `amount_usd` adds up to the closing balance."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from entrepot.keys import iso
from entrepot.money import usd
from entrepot.statements.records import Statement

COLUMNS = ("type", "at", "amount_usd", "model", "key_id", "key_name", "meter", "units", "reference", "actor", "note")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def write(statement: Statement) -> str:
    """The last line, `closing`, holds the sum of those before it, and is none of them."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    for row in _rows(statement):
        writer.writerow({name: value if name == "amount_usd" else cell(value) for name, value in row.items()})
    return text.getvalue()


def cell(value: object) -> str:
    """Text that no spreadsheet takes for a formula: parts of it were chosen by others."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _rows(statement: Statement) -> Iterator[dict[str, object]]:
    period = statement.period
    yield {"type": "opening", "at": iso(period.from_ms), "amount_usd": usd(statement.opening_nusd)}
    for movement in statement.movements:
        yield {
            "type": movement.kind,
            "at": iso(movement.at_ms),
            "amount_usd": usd(movement.amount_nusd),
            "reference": movement.reference,
            "actor": movement.actor,
            "note": movement.note,
        }
    for use in statement.usage:
        for line in use.lines:
            yield {
                "type": "usage",
                "amount_usd": usd(-line.nusd),
                "model": use.model,
                "key_id": use.key_id,
                "key_name": use.key_name,
                "meter": line.meter,
                "units": line.units,
            }
    yield {"type": "closing", "at": iso(period.until_ms), "amount_usd": usd(statement.closing_nusd)}
