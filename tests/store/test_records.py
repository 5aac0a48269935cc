"""What the store writes for each exchange has a column for everything it says."""

from __future__ import annotations

import re

import apsw
from tests.support.rows import row

from entrepot.conversation import Usage
from entrepot.store.queries import queries, schema
from entrepot.store.records import ExchangeRow, UsageRow, exchange_values


def columns(table: str) -> set[str]:
    connection = apsw.Connection(":memory:")
    connection.execute(schema()).fetchall()
    return {str(row[1]) for row in connection.execute(f"PRAGMA table_info({table})").fetchall()}


def test_a_row_and_its_table_hold_the_same() -> None:
    counted = set(Usage.__struct_fields__) - {"tier"}  # decides over the price and is not kept
    assert columns("exchanges") == set(ExchangeRow.__struct_fields__) - {"usage"} | counted


def test_values_come_in_the_order_of_the_statement() -> None:
    fields = [*ExchangeRow.__struct_fields__[:-1], *Usage.__struct_fields__[:-1]]
    (named,) = re.findall(r"\((request_id, .*?)\)", queries()["insert_exchange"], re.DOTALL)
    assert re.split(r",\s+", named) == fields
    assert len(exchange_values(row("req_1"))) == len(fields)


def test_sums_are_of_stored_counts() -> None:
    sums = {name for name in UsageRow.__struct_fields__ if name.endswith("_tokens")}
    assert sums == {name for name in columns("exchanges") if name.endswith("_tokens")}
