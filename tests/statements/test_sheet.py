"""Statements as CSV: every amount, and no formula."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest
from tests.statements.test_records import made

from entrepot.statements import sheet


def test_the_amounts_add_up_to_the_last_line() -> None:
    *rows, closing = csv.DictReader(io.StringIO(sheet.write(made())))
    assert [row["type"] for row in rows] == ["opening", "grant", "usage", "usage"]
    assert sum(Decimal(row["amount_usd"]) for row in rows) == Decimal(closing["amount_usd"])
    assert rows[2]["amount_usd"] == "-0.25"


def test_what_others_have_written_is_text() -> None:
    rows = list(csv.DictReader(io.StringIO(sheet.write(made()))))
    assert (rows[1]["note"], rows[2]["key_name"]) == ('"@x", <img src=x>', "'=cmd()")


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx", "\rx", "\nx"])
def test_a_formula_is_quoted(text: str) -> None:
    assert sheet.cell(text) == f"'{text}"


@pytest.mark.parametrize(("value", "text"), [(None, ""), (5, "5"), ("a=b", "a=b"), ("", "")])
def test_anything_else_stays_as_it_is(value: object, text: str) -> None:
    assert sheet.cell(value) == text
