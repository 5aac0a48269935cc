"""A statement as a page to read and print: one file, no script, nothing loaded from anywhere."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from html import escape

from entrepot.keys import iso
from entrepot.money import usd
from entrepot.statements.records import Statement

STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.45 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
table { border-collapse: collapse; width: 100%; }
th, td { padding: .3rem .5rem; text-align: left; border-bottom: 1px solid #8886; vertical-align: top; }
td { overflow-wrap: anywhere; }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
tfoot td, tfoot th { border-top: 2px solid; border-bottom: 0; font-weight: 600; }
tr.part td { border-bottom: 0; color: #777; padding-top: 0; }
p.note { color: #777; }
@page { margin: 18mm 15mm; }
@media print {
  :root { color-scheme: light; }
  body { font-size: 10pt; margin: 0; max-width: none; padding: 0; }
  thead { display: table-header-group; }
  tr { break-inside: avoid; }
  h2 { break-after: avoid; }
}
"""

POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    f"style-src 'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'"
)
"""The Content-Security-Policy that the page is sent with."""


def write(statement: Statement) -> str:
    period = statement.period
    title = f"Statement {period.month}"
    as_of = f"The month is not over: as of {iso(statement.made_at_ms)}."
    open_note = "" if statement.closed else f'<p class="note">{as_of}</p>'
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title} · {escape(statement.organisation)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f"<header><h1>{title}</h1>\n"
        f"<p>{escape(statement.organisation)} · {escape(statement.organisation_id)}<br>"
        f"{iso(period.from_ms)} until {iso(period.until_ms)} · amounts in USD</p>{open_note}</header>\n<main>\n"
        f"{_balances(statement)}{_movements(statement)}{_usage(statement)}</main>\n</body>\n</html>\n"
    )


def _balances(statement: Statement) -> str:
    rows = (
        ("Opening balance", statement.opening_nusd),
        ("Movements", statement.moved_nusd),
        ("Usage", -statement.charged_nusd),
    )
    body = "".join(_row((name,), (usd(amount_nusd),)) for name, amount_nusd in rows)
    foot = f'<tr><th scope="row">Closing balance</th><td class="n">{usd(statement.closing_nusd)}</td></tr>'
    return f"<h2>Balance</h2>\n<table>\n<tbody>{body}</tbody>\n<tfoot>{foot}</tfoot>\n</table>\n"


def _movements(statement: Statement) -> str:
    rows = (
        _row((iso(each.at_ms), each.kind, each.reference, each.note), (usd(each.amount_nusd),))
        for each in statement.movements
    )
    return _table("Movements", ("Time (UTC)", "Type", "Reference", "Note"), ("Amount",), rows, statement.moved_nusd)


def _usage(statement: Statement) -> str:
    def rows() -> Iterable[str]:
        for use in statement.usage:
            key = use.key_name or use.key_id
            numbers = (f"{use.requests:,}", f"{use.input_tokens:,}", f"{use.output_tokens:,}", usd(use.charge_nusd))
            yield _row((use.model, key), numbers)
            for line in use.lines:
                units = "" if line.units is None else f"{line.units:,}"
                yield _row((line.meter.replace("_", " "), ""), ("", units, "", usd(line.nusd)), kind="part")

    numbers = ("Calls", "Input tokens / units", "Output tokens", "Cost")
    return _table("Usage", ("Model and meters", "Key"), numbers, rows(), statement.charged_nusd)


def _table(name: str, words: Sequence[str], numbers: Sequence[str], rows: Iterable[str], sum_nusd: int) -> str:
    body = "".join(rows)
    if not body:
        return f'<h2>{name}</h2>\n<p class="note">None.</p>\n'
    head = "".join(f'<th scope="col">{each}</th>' for each in words)
    head += "".join(f'<th scope="col" class="n">{each}</th>' for each in numbers)
    span = len(words) + len(numbers) - 1
    foot = f'<tr><th scope="row" colspan="{span}">Sum</th><td class="n">{usd(sum_nusd)}</td></tr>'
    return (
        f"<h2>{name}</h2>\n<table>\n<thead><tr>{head}</tr></thead>\n"
        f"<tbody>{body}</tbody>\n<tfoot>{foot}</tfoot>\n</table>\n"
    )


def _row(words: Sequence[str | None], numbers: Sequence[str], *, kind: str = "") -> str:
    cells = "".join(f"<td>{escape(each or '')}</td>" for each in words)
    cells += "".join(f'<td class="n">{each}</td>' for each in numbers)
    return f'<tr class="{kind}">{cells}</tr>\n' if kind else f"<tr>{cells}</tr>\n"
