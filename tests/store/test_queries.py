"""Statements by name, and that schema.sql is what the migrations leave."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import apsw

from entrepot.store.queries import migrations, queries, schema


def objects(scripts: Iterable[str]) -> list[tuple[Any, ...]]:
    connection = apsw.Connection(":memory:")
    for script in scripts:
        connection.execute(script).fetchall()
    found = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name").fetchall()
    return [(*names, _spaced(str(sql))) for *names, sql in found]


def _spaced(sql: str) -> str:
    """Spaces as they do not matter: SQLite adds a column in a line of its own."""
    return re.sub(r" ?([,()]) ?", r"\1", re.sub(r"\s+", " ", sql))


def test_the_schema_is_what_the_migrations_leave() -> None:
    assert objects(migrations()) == objects([schema()])


def test_every_statement_compiles_against_the_schema() -> None:
    connection = apsw.Connection(":memory:")
    connection.execute(schema()).fetchall()
    for name, text in queries().items():
        assert text.count(";") == 1, name
        assert text.endswith(";"), name
        # Executing an EXPLAIN compiles the statement and touches nothing; every parameter is NULL.
        connection.execute("EXPLAIN " + re.sub(r":\w+|\?", "NULL", text)).fetchall()
