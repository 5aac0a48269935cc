"""The embedded store: one SQLite file, one writing connection on one thread, commits in groups.

Callers on the event loop never wait for the disk: `record` only queues, `write` is awaited beside it.
SQLite before 3.51.3 can corrupt a WAL that two connections reset at once (sqlite.org/wal.html#walresetbug);
apsw brings its own, newer one.
"""

from __future__ import annotations

import functools
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

import apsw
import msgspec

from entrepot.accounts import Member, Organisation
from entrepot.errors import ConfigurationError, StoreUnavailable
from entrepot.keys import Key
from entrepot.store.queries import Run, migrations, queries
from entrepot.store.records import ExchangeRow, UsageRow
from entrepot.store.responses import Responses

T = TypeVar("T")
log = logging.getLogger(__name__)

_STATEMENT_ROWS = (256, 32, 4, 1)
_GROUP_S = 0.05  # how long the writer gathers rows before it commits them together
_RETRY_S = 1.0  # how long it waits after the disk refused a group
_PRUNE_S = 60.0  # how often it removes what is kept no longer
_BACKLOG_ROWS = 100_000  # rows kept while the disk refuses; the oldest give way
# What is wrong with a row and not with the disk: to wait and try again would hold up all others for ever.
_ROWS_OWN_FAULT = (apsw.ConstraintError, apsw.MismatchError, apsw.TooBigError, OverflowError, TypeError, UnicodeError)


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
        self._rows: list[ExchangeRow] = []  # appended to by callers, emptied by the writer
        self._jobs: list[_Job] = []
        self._work_waits = threading.Event()
        self._job_waits = threading.Event()
        self._closing = False
        self._prune_at = time.monotonic() + _PRUNE_S
        self._reading = threading.Lock()
        self.responses = Responses(self.write, self._read)
        self.dropped_rows = 0
        self.failing: str | None = None
        self._thread = threading.Thread(target=self._work, name="store-writer", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Write what is queued and close the file."""
        self._closing = True
        self._job_waits.set()
        self._work_waits.set()
        self._thread.join()
        self._reader.close()
        self._writer.close()

    # Exchanges ------------------------------------------------------------------------------------

    def record(self, row: ExchangeRow) -> None:
        """Queue one exchange for the next group commit. Never waits, never fails."""
        self._rows.append(row)
        if not self._work_waits.is_set():
            self._work_waits.set()

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
        """Run `work` on the writer thread, all of it or nothing. The future is done once it is committed."""
        job = _Job(work)
        self._jobs.append(job)
        self._job_waits.set()
        self._work_waits.set()
        return job.future

    def _read(self, name: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        with self._reading:
            try:
                return _execute(self._reader, name, parameters or {})
            except apsw.Error as error:
                raise StoreUnavailable(f"The store cannot be read: {type(error).__name__}.") from error

    def _work(self) -> None:
        closing = False
        while not closing:
            self._work_waits.wait(_RETRY_S if self.failing else _PRUNE_S)
            self._gather()
            self._work_waits.clear()
            closing = self._closing  # read after the clear: whoever sets it later wakes this thread again
            _run_together(_taken(self._jobs), self._writer)
            self._write_rows(_taken(self._rows))
            self._prune()

    def _gather(self) -> None:
        """Let rows come together for a while, and do meanwhile the jobs: those have somebody waiting."""
        until = time.monotonic() + _GROUP_S
        while not self._closing and (left_s := until - time.monotonic()) > 0 and self._job_waits.wait(left_s):
            self._job_waits.clear()
            _run_together(_taken(self._jobs), self._writer)

    def _prune(self) -> None:
        if time.monotonic() < self._prune_at:
            return
        self._prune_at = time.monotonic() + _PRUNE_S
        try:
            with self._writer:
                more = self.responses.prune(_runner(self._writer), time.time_ns() // 1_000_000)
            if more:
                self._prune_at = time.monotonic()
                self._work_waits.set()
        except apsw.Error as error:
            log.error("old responses are not being removed: %s: %s", type(error).__name__, error)

    def _write_rows(self, rows: list[ExchangeRow]) -> None:
        if not rows:
            return
        try:
            with self._writer:
                _insert(self._writer, rows)
        except _ROWS_OWN_FAULT as error:
            self._write_in_halves(rows, error)
        except apsw.Error as error:
            self.failing = f"{type(error).__name__}: {error}"
            self._rows[:0] = rows
            overflow = max(len(self._rows) - _BACKLOG_ROWS, 0)
            del self._rows[:overflow]
            self.dropped_rows += overflow
            log.error("exchanges are not being written: %s (%d waiting)", self.failing, len(self._rows))
        else:
            self.failing = None

    def _write_in_halves(self, rows: list[ExchangeRow], error: Exception) -> None:
        """Write all but the rows at fault, which are found by bisection and given up."""
        if len(rows) == 1:
            self.dropped_rows += 1
            log.error("exchange %s cannot be stored: %s", rows[0].request_id, error)
            return
        middle = len(rows) // 2
        self._write_rows(rows[:middle])
        self._write_rows(rows[middle:])


class _Job:
    def __init__(self, work: Callable[[Run], Any]) -> None:
        self._work = work
        self._result: Any = None
        self._failure: Exception | None = None
        self.future: Future[Any] = Future()
        self.future.set_running_or_notify_cancel()  # whoever waits may leave; the work is done all the same

    def run(self, connection: apsw.Connection) -> None:
        try:
            with connection:  # a savepoint, when a transaction is open already
                self._result = self._work(_runner(connection))
        except apsw.Error as error:
            self.fail(error)
        except Exception as error:  # noqa: BLE001  # whoever waits for the future gets it; the writer goes on
            self._failure = error

    def fail(self, error: apsw.Error) -> None:
        self._failure = StoreUnavailable(f"The store cannot be written: {type(error).__name__}.")
        self._failure.__cause__ = error

    def tell(self) -> None:
        """Give whoever waits the outcome; it is final now."""
        if self._failure is None:
            self.future.set_result(self._result)
        else:
            self.future.set_exception(self._failure)


def _taken(queue: list[T]) -> list[T]:
    """All that is queued by now. The queue stays the same list: callers may be about to append to it."""
    taken = queue[:]
    del queue[: len(taken)]
    return taken


def _run_together(jobs: list[_Job], connection: apsw.Connection) -> None:
    """Run jobs with one commit for all: its wait for the disk is the dearest part of each."""
    if not jobs:
        return
    try:
        with connection:
            for job in jobs:
                job.run(connection)
    except apsw.Error as error:
        for job in jobs:
            job.fail(error)
    for job in jobs:
        job.tell()


def _runner(connection: apsw.Connection) -> Run:
    return lambda name, parameters: _execute(connection, name, parameters)


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


def _insert(connection: apsw.Connection, rows: Sequence[ExchangeRow]) -> None:
    """Many rows by few statements: each costs a turn at the interpreter lock, which the event loop needs."""
    begin = 0
    while begin < len(rows):
        size = next(size for size in _STATEMENT_ROWS if size <= len(rows) - begin)
        values = [value for row in rows[begin : begin + size] for value in _values(row)]
        connection.execute(_insert_statement(size), values)
        begin += size


@functools.cache
def _insert_statement(size: int) -> str:
    statement = queries()["insert_exchange"].removesuffix(";")
    return statement + ("," + statement[statement.rindex("(") :]) * (size - 1)


def _values(row: ExchangeRow) -> tuple[Any, ...]:
    usage = row.usage
    return (
        row.request_id,
        row.started_at_ms,
        row.key_id,
        row.mode,
        row.dialect,
        row.asked,
        row.model,
        row.provider,
        row.offered,
        row.answered,
        row.stream,
        row.status,
        row.error_code,
        row.finish,
        row.attempts,
        usage.input_tokens,
        usage.cached_tokens,
        usage.cache_write_tokens,
        usage.output_tokens,
        usage.reasoning_tokens,
        usage.estimated,
        row.ttft_ms,
        row.duration_ms,
    )


def _key(row: dict[str, Any]) -> Key:
    scopes = tuple(row.pop("scopes").split())
    models = row.pop("models")
    allowed = None if models is None else tuple(msgspec.json.decode(models))
    return msgspec.convert(row | {"scopes": scopes, "models": allowed}, Key, strict=False)


def _key_parameters(key: Key) -> dict[str, Any]:
    models = None if key.models is None else msgspec.json.encode(key.models).decode()
    return msgspec.structs.asdict(key) | {"scopes": " ".join(key.scopes), "models": models}
