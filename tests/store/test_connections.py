"""Connections: what one does while another has the lock, and that opening needs none."""

from __future__ import annotations

import threading
from pathlib import Path

import apsw
import pytest

from entrepot.errors import ConfigurationError
from entrepot.store.connections import connect, execute, locked, migrate, runner


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "entrepot.db"
    migrate(connect(path))
    return path


def test_a_file_that_is_up_to_date_is_opened_while_another_writes(path: Path) -> None:
    with locked(connect(path)):
        migrate(connect(path))


def test_a_file_of_a_newer_hub_is_refused(path: Path) -> None:
    connection = connect(path)
    connection.execute("PRAGMA user_version = 99").fetchall()
    with pytest.raises(ConfigurationError, match="schema 99"):
        migrate(connection)


def test_who_reads_and_then_writes_waits_for_whoever_has_the_lock(path: Path) -> None:
    first, second = connect(path), connect(path)
    begun, done = threading.Event(), threading.Event()

    def later() -> None:
        begun.set()
        with locked(second):
            execute(second, "keys_generation", {})
            second.execute("UPDATE generations SET value = value + 1 WHERE name = 'keys'")
        done.set()

    with locked(first):
        thread = threading.Thread(target=later)
        thread.start()
        assert begun.wait(5)
        first.execute("UPDATE generations SET value = value + 1 WHERE name = 'keys'")
        assert not done.wait(0.1)
    thread.join(5)
    assert runner(first)("keys_generation", {}) == [{"value": 2}]


def test_what_fails_under_the_lock_is_undone(path: Path) -> None:
    connection = connect(path)
    with pytest.raises(apsw.ConstraintError):
        _change_and_fail(connection)
    assert execute(connection, "keys_generation", {}) == [{"value": 0}]
    assert not connection.in_transaction


def test_a_commit_that_fails_leaves_the_connection_fit_for_the_next(path: Path) -> None:
    connection = connect(path)
    connection.set_commit_hook(lambda: True)  # True is no
    with pytest.raises(apsw.ConstraintError), locked(connection):
        connection.execute("UPDATE generations SET value = 7 WHERE name = 'keys'")
    connection.set_commit_hook(None)
    with locked(connection):
        connection.execute("UPDATE generations SET value = value + 1 WHERE name = 'keys'")
    assert execute(connection, "keys_generation", {}) == [{"value": 1}]


def _change_and_fail(connection: apsw.Connection) -> None:
    with locked(connection):
        connection.execute("UPDATE generations SET value = value + 1 WHERE name = 'keys'")
        connection.execute("INSERT INTO generations (name, value) VALUES ('keys', 0)")
