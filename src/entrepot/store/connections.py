"""One connection to the store's file: how it is opened, brought up to date, locked and asked by name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

from entrepot.errors import ConfigurationError
from entrepot.store.queries import Parameters, Run, migrations, queries


def runner(connection: apsw.Connection) -> Run:
    """Runs statements by their names on the connection."""
    return lambda name, parameters: execute(connection, name, parameters)


def connect(path: Path, synchronous: str = "FULL") -> apsw.Connection:
    """A connection that waits up to 5 s for a lock. Raises apsw.Error."""
    connection = apsw.Connection(str(path), statementcachesize=300)
    connection.set_busy_timeout(5000)
    for pragma in ("journal_mode = WAL", f"synchronous = {synchronous}", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    return connection


@contextmanager
def locked(connection: apsw.Connection) -> Iterator[None]:
    """A transaction that may read before it writes: begun later, it would be refused where another process has written.

    The library's own context manager waits for lock and disk with the interpreter's lock in its hands, and so holds up
    the event loop.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # a full disk may have ended it already
            connection.execute("ROLLBACK")
        raise


def migrate(connection: apsw.Connection) -> None:
    """Run the migrations that the file has not seen. Raises ConfigurationError for a file of a newer hub."""
    scripts = migrations()
    if _version(connection) == len(scripts):
        return  # without a lock: commands come while a hub writes
    with locked(connection):
        version = _version(connection)
        if version > len(scripts):
            raise ConfigurationError(
                f"the store has schema {version}; this hub knows {len(scripts)} at most: update it"
            )
        for script in scripts[version:]:
            connection.execute(script).fetchall()
        connection.execute(f"PRAGMA user_version = {len(scripts)}")


def _version(connection: apsw.Connection) -> int:
    return int(str(connection.execute("PRAGMA user_version").fetchall()[0][0]))


def execute(connection: apsw.Connection, name: str, parameters: Parameters) -> list[dict[str, Any]]:
    cursor = connection.execute(queries()[name], parameters)
    columns: list[str] = []
    rows = []
    for row in cursor:
        columns = columns or [column[0] for column in cursor.get_description()]
        rows.append(dict(zip(columns, row, strict=True)))
    return rows
