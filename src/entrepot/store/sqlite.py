"""The embedded store: one SQLite file, one writing connection on one thread, commits in groups.

Callers on the event loop never wait for the disk: `record` only queues, `write` is awaited beside it.
SQLite before 3.51.3 can corrupt a WAL that two connections reset at once (sqlite.org/wal.html#walresetbug);
apsw brings its own, newer one.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

import apsw
import msgspec

from entrepot.accounts import Member, Organisation
from entrepot.errors import ConfigurationError, StoreUnavailable
from entrepot.keys import Key
from entrepot.store.queries import migrations, queries
from entrepot.store.records import ExchangeRow, UsageRow

T = TypeVar("T")
log = logging.getLogger(__name__)

_GROUP_S = 0.02  # how long the writer gathers rows before it commits them together
_RETRY_S = 1.0  # how long it waits after the disk refused a group
_BACKLOG_ROWS = 100_000  # rows kept while the disk refuses; the oldest give way


class Store:
    """One open store. Safe to use from any thread; several processes may open the same file."""

    def __init__(self, path: Path) -> None:
        """Open or create the file and migrate it. Raises ConfigurationError when it cannot be used."""
        self.path = path
        try:
            self._reader = _connect(path)
            self._writer = _connect(path)
            _migrate(self._writer)
        except (apsw.Error, OSError) as error:
            raise ConfigurationError(f"the store {path} cannot be opened: {error}") from error
        self._jobs: queue.SimpleQueue[ExchangeRow | _Job | None] = queue.SimpleQueue()
        self._reading = threading.Lock()
        self._backlog: list[ExchangeRow] = []
        self.dropped_rows = 0
        self.failing: str | None = None
        self._thread = threading.Thread(target=self._work, name="store-writer", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Write what is queued and close the file."""
        self._jobs.put(None)
        self._thread.join()
        self._reader.close()
        self._writer.close()

    # Exchanges ------------------------------------------------------------------------------------

    def record(self, row: ExchangeRow) -> None:
        """Queue one exchange for the next group commit. Never waits, never fails."""
        self._jobs.put(row)

    def exchanges(
        self, *, from_ms: int = 0, until_ms: int = 1 << 62, key_id: str | None = None, limit: int = 100
    ) -> list[ExchangeRow]:
        """Newest first."""
        rows = self._read("exchanges", {"from_ms": from_ms, "until_ms": until_ms, "key_id": key_id, "limit": limit})
        return [msgspec.convert(row | {"usage": row}, ExchangeRow, strict=False) for row in rows]

    def usage(self, *, from_ms: int = 0, until_ms: int = 1 << 62, key_id: str | None = None) -> list[UsageRow]:
        """Sums by model, key and mode over [from_ms, until_ms)."""
        rows = self._read("usage", {"from_ms": from_ms, "until_ms": until_ms, "key_id": key_id})
        return [msgspec.convert(row, UsageRow) for row in rows]

    # Keys and accounts ----------------------------------------------------------------------------

    def all_keys(self) -> list[Key]:
        return [_key(row) for row in self._read("keys")]

    def keys_generation(self) -> int:
        """Rises with every change of any key, by whichever process."""
        return int(self._read("keys_generation")[0]["value"])

    def insert_key(self, key: Key) -> None:
        self.write(lambda run: run("insert_key", _key_parameters(key))).result()

    def update_key(self, key: Key) -> bool:
        """False when there is no such key."""
        return bool(self.write(lambda run: run("update_key", _key_parameters(key))).result())

    def delete_key(self, key_id: str) -> bool:
        """False when there is no such key."""
        return bool(self.write(lambda run: run("delete_key", {"id": key_id})).result())

    def owner(self) -> Member | None:
        rows = self._read("owner")
        return msgspec.convert(rows[0], Member) if rows else None

    def found(self, organisation: Organisation, owner: Member, keys: list[Key]) -> None:
        """The first organisation, its owner and its first keys, all or nothing."""

        def work(run: Run) -> None:
            run("insert_organisation", msgspec.structs.asdict(organisation))
            run("insert_member", msgspec.structs.asdict(owner))
            for key in keys:
                run("insert_key", _key_parameters(key))

        self.write(work).result()

    # The two connections --------------------------------------------------------------------------

    def write(self, work: Callable[[Run], T]) -> Future[T]:
        """Run `work` in a transaction of its own on the writer thread."""
        job = _Job(work)
        self._jobs.put(job)
        return job.future

    def _read(self, name: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        with self._reading:
            try:
                return _execute(self._reader, name, parameters or {})
            except apsw.Error as error:
                raise StoreUnavailable(f"The store cannot be read: {type(error).__name__}.") from error

    def _work(self) -> None:
        while True:
            item = self._jobs.get()
            if isinstance(item, ExchangeRow):
                time.sleep(_GROUP_S)
            jobs = [item, *_drain(self._jobs)]
            self._backlog += [row for row in jobs if isinstance(row, ExchangeRow)]
            self._write_rows()
            for job in jobs:
                if isinstance(job, _Job):
                    job.run(self._writer)
            if None in jobs:
                return
            if self.failing:
                time.sleep(_RETRY_S)

    def _write_rows(self) -> None:
        if not self._backlog:
            return
        try:
            with self._writer:
                self._writer.executemany(queries()["insert_exchange"], map(_exchange_parameters, self._backlog))
        except apsw.Error as error:
            overflow = max(len(self._backlog) - _BACKLOG_ROWS, 0)
            del self._backlog[:overflow]
            self.dropped_rows += overflow
            self.failing = f"{type(error).__name__}: {error}"
            log.error("exchanges are not being written: %s (%d waiting)", self.failing, len(self._backlog))
            self._jobs.put(_Job(lambda run: None))  # wake up again even if no request comes
        else:
            self._backlog.clear()
            self.failing = None


Run = Callable[[str, Mapping[str, Any]], list[dict[str, Any]]]


class _Job:
    def __init__(self, work: Callable[[Run], Any]) -> None:
        self._work = work
        self.future: Future[Any] = Future()

    def run(self, connection: apsw.Connection) -> None:
        try:
            with connection:
                result = self._work(lambda name, parameters: _execute(connection, name, parameters))
        except apsw.Error as error:
            failure = StoreUnavailable(f"The store cannot be written: {type(error).__name__}.")
            failure.__cause__ = error
            self.future.set_exception(failure)
        else:
            self.future.set_result(result)


def _connect(path: Path) -> apsw.Connection:
    connection = apsw.Connection(str(path))
    connection.set_busy_timeout(5000)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    return connection


def _migrate(connection: apsw.Connection) -> None:
    scripts = migrations()
    with connection:
        version = int(str(connection.execute("PRAGMA user_version").fetchall()[0][0]))
        if version > len(scripts):
            raise ConfigurationError(
                f"the store has schema {version}; this hub knows {len(scripts)} at most: update it"
            )
        for script in scripts[version:]:
            connection.execute(script).fetchall()
        connection.execute(f"PRAGMA user_version = {len(scripts)}")


def _execute(connection: apsw.Connection, name: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    cursor = connection.execute(queries()[name], parameters)
    columns: list[str] = []
    rows = []
    for row in cursor:
        columns = columns or [column[0] for column in cursor.get_description()]
        rows.append(dict(zip(columns, row, strict=True)))
    return rows


def _drain(jobs: queue.SimpleQueue[T]) -> Iterator[T]:
    while True:
        try:
            yield jobs.get_nowait()
        except queue.Empty:
            return


def _exchange_parameters(row: ExchangeRow) -> dict[str, Any]:
    fields = msgspec.structs.asdict(row)
    return fields | msgspec.structs.asdict(fields.pop("usage"))


def _key(row: dict[str, Any]) -> Key:
    scopes = tuple(row.pop("scopes").split())
    models = row.pop("models")
    allowed = None if models is None else tuple(msgspec.json.decode(models))
    return msgspec.convert(row | {"scopes": scopes, "models": allowed}, Key, strict=False)


def _key_parameters(key: Key) -> dict[str, Any]:
    models = None if key.models is None else msgspec.json.encode(key.models).decode()
    return msgspec.structs.asdict(key) | {"scopes": " ".join(key.scopes), "models": models}
