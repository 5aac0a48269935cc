"""The embedded store: one SQLite file, one writing connection on one thread, commits in groups.

Callers on the event loop never wait for the disk: `record` only queues, `write` is awaited beside it.
SQLite before 3.51.3 can corrupt a WAL that two connections reset at once (sqlite.org/wal.html#walresetbug);
apsw brings its own, newer one.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

import apsw
import msgspec

from entrepot.accounts import Member, Organisation
from entrepot.errors import ConfigurationError, StoreUnavailable
from entrepot.keys import Key
from entrepot.ledger import Entry
from entrepot.settings import Durability
from entrepot.store import answers
from entrepot.store.connections import connect, execute, locked, migrate, runner
from entrepot.store.journal import Journal
from entrepot.store.keys import key_of, key_parameters
from entrepot.store.posts import ROWS_OWN_FAULT, Post, insert, write_posts
from entrepot.store.queries import Parameters, Run
from entrepot.store.records import (
    GROUPED_BY,
    ExchangeRow,
    Grouping,
    SpentRow,
    UsageRow,
    exchange_row,
    exchange_values,
    json_array,
)
from entrepot.store.responses import Responses

T = TypeVar("T")
_Ending = tuple[ExchangeRow, Sequence[Entry]]
log = logging.getLogger(__name__)

# See sqlite.org/pragma.html#pragma_synchronous: either outlives the process, only FULL the machine.
_SYNCHRONOUS: Mapping[Durability, str] = {"power-cut": "FULL", "process-crash": "NORMAL"}
_JOIN_S = 0.004  # how long it waits at most for as many posts as came together last: a commit is the dearest of each
_GROUP_S = 0.05  # how long the writer gathers rows before it commits them together
_RETRY_S = 1.0  # how long it waits after the disk refused a group
_PRUNE_S = 60.0  # how often it removes what is kept no longer
_BACKLOG_ROWS = 100_000  # rows kept while the disk refuses; the oldest give way


class Store:
    """One open store. Safe to use from any thread; several processes may open the same file."""

    def __init__(self, path: Path, durability: Durability = "power-cut") -> None:
        """Open or create the file and migrate it. Raises ConfigurationError when it cannot be used."""
        self.path = path
        try:
            self._reader = connect(path)
            self._writer = connect(path, _SYNCHRONOUS[durability])
            migrate(self._writer)
        except (apsw.Error, OSError) as error:
            raise ConfigurationError(f"the store {path} cannot be opened: {error}") from error
        self._rows: list[_Ending] = []  # appended to by callers, emptied by the writer
        self._jobs: list[_Job] = []
        self._posts: list[Post] = []
        self._work_waits = threading.Event()
        self._job_waits = threading.Event()
        self._post_count = 0  # in the last group
        self._as_many_wait = threading.Event()
        self._closing = False
        self._prune_at = time.monotonic() + _PRUNE_S
        self._reading = threading.Lock()
        self.responses = Responses(self.write, self._read)
        self.journal = Journal(self.write, self._post, self._read)
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

    def record(self, row: ExchangeRow, owed: Sequence[Entry] = ()) -> None:
        """Queue one exchange, and what is owed for it, for the next group commit. Never waits, never fails."""
        self._rows.append((row, owed))
        if not self._work_waits.is_set():
            self._work_waits.set()

    def exchanges(
        self, *, from_ms: int = 0, until_ms: int = 1 << 62, key_id: str | None = None, limit: int = 100
    ) -> list[ExchangeRow]:
        """Newest first."""
        rows = self._read("exchanges", {"from_ms": from_ms, "until_ms": until_ms, "key_id": key_id, "limit": limit})
        return [exchange_row(row) for row in rows]

    def exchange(
        self,
        id: str,
        organisation_id: str,
        *,
        member_id: str | None = None,
        key_id: str | None = None,
        from_ms: int = 0,
    ) -> ExchangeRow | None:
        """One of an organisation, a member or a key: by the request's id, or by the answer's since that time."""
        whose = {"organisation_id": organisation_id, "member_id": member_id, "key_id": key_id}
        rows = self._read("exchange", {"id": id, "from_ms": from_ms} | whose)
        return exchange_row(rows[0]) if rows else None

    def spent(self, key_id: str, *, day_ms: int, week_ms: int, month_ms: int) -> SpentRow:
        """What a key has cost; the others are the beginnings of the sums."""
        window = {"key_id": key_id, "day_ms": day_ms, "week_ms": week_ms, "month_ms": month_ms}
        return msgspec.convert(self._read("spent", window)[0], SpentRow)

    def usage(
        self,
        *,
        from_ms: int = 0,
        until_ms: int = 1 << 62,
        organisation_id: str | None = None,
        member_id: str | None = None,
        key_id: str | None = None,
        mode: str | None = None,
        project: str | None = None,
        models: Collection[str] = (),
        by: Collection[Grouping] = ("model", "key", "mode"),
    ) -> list[UsageRow]:
        """Sums over [from_ms, until_ms)."""
        who = {"organisation_id": organisation_id, "member_id": member_id, "key_id": key_id}
        what = {"mode": mode, "project": project, "models": json_array(models)}
        how = {f"by_{grouping}": grouping in by for grouping in GROUPED_BY}
        rows = self.report(lambda run: run("usage", {"from_ms": from_ms, "until_ms": until_ms, **who, **what, **how}))
        return [msgspec.convert(row, UsageRow) for row in rows]

    # Keys and accounts ----------------------------------------------------------------------------

    def all_keys(self) -> list[Key]:
        return [key_of(row) for row in self._read("keys")]

    def keys_generation(self) -> int:
        """Rises with every change of any key, by whichever process."""
        return int(self._read("keys_generation")[0]["value"])

    def owner(self) -> Member | None:
        """The house's first owner."""
        rows = self._read("owner")
        return msgspec.convert(rows[0], Member, strict=False) if rows else None

    def plans(self) -> dict[str, str]:
        """The plans of those organisations that have one of their own."""
        return {row["id"]: row["plan"] for row in self._read("plans")}

    def found(self, organisation: Organisation, owner: Member, keys: list[Key]) -> None:
        """The first organisation, its owner and its first keys, all or nothing."""

        def work(run: Run) -> None:
            run("insert_organisation", msgspec.structs.asdict(organisation))
            run("insert_member", msgspec.structs.asdict(owner))
            for key in keys:
                run("insert_key", key_parameters(key))

        self.write(work).result()

    # The two connections --------------------------------------------------------------------------

    def write(self, work: Callable[[Run], T]) -> Future[T]:
        """Run `work` on the writer thread, all of it or nothing. The future is done once it is committed.

        Raises StoreUnavailable once the store is closed: nobody would do it any more.
        """
        self._require_open()
        job = _Job(work)
        self._jobs.append(job)
        self._job_waits.set()
        self._work_waits.set()
        return job.future

    def _require_open(self) -> None:
        if self._closing:
            raise StoreUnavailable("The store is closed.")

    def _post(self, post: Post) -> Post:
        self._require_open()
        self._posts.append(post)
        if len(self._posts) >= self._post_count and not self._as_many_wait.is_set():
            self._as_many_wait.set()
        if not self._job_waits.is_set():
            self._job_waits.set()
        if not self._work_waits.is_set():
            self._work_waits.set()
        return post

    @property
    def read(self) -> Run:
        """Runs statements that change nothing, outside of transactions. Raises StoreUnavailable."""
        return self._read

    def report(self, work: Callable[[Run], T]) -> T:
        """Read much, from one moment and a connection of its own: nobody waits for it. Raises StoreUnavailable."""
        try:
            connection = connect(self.path)
            try:
                with connection:
                    found = work(runner(connection))
                return found
            finally:
                connection.close()
        except apsw.Error as error:
            raise StoreUnavailable(f"The store cannot be read: {type(error).__name__}.") from error

    def _read(self, name: str, parameters: Parameters | None = None) -> list[dict[str, Any]]:
        with self._reading:
            try:
                return execute(self._reader, name, parameters or {})
            except apsw.Error as error:
                raise StoreUnavailable(f"The store cannot be read: {type(error).__name__}.") from error

    def _work(self) -> None:
        closing = False
        while not closing:
            self._work_waits.wait(_RETRY_S if self.failing else _PRUNE_S)
            self._gather()
            self._work_waits.clear()
            closing = self._closing  # read after the clear: whoever sets it later wakes this thread again
            self._serve()
            self._write_rows(_taken(self._rows))
            self._prune()

    def _gather(self) -> None:
        """Let rows come together for a while, and do meanwhile what somebody waits for."""
        until = time.monotonic() + _GROUP_S
        while not self._closing and (left_s := until - time.monotonic()) > 0 and self._job_waits.wait(left_s):
            self._job_waits.clear()
            self._serve()

    def _serve(self) -> None:
        """Do all that somebody waits for by now."""
        if self._post_count > 1:
            self._as_many_wait.wait(_JOIN_S)
        posts = _taken(self._posts)
        self._post_count = len(posts)
        self._as_many_wait.clear()
        if posts:
            write_posts(self._writer, posts)
        _run_together(_taken(self._jobs), self._writer)

    def _prune(self) -> None:
        if time.monotonic() < self._prune_at:
            return
        self._prune_at = time.monotonic() + _PRUNE_S
        try:
            with locked(self._writer):
                now_ms = time.time_ns() // 1_000_000
                more = self.responses.prune(runner(self._writer), now_ms)
                answers.prune(runner(self._writer), now_ms)
            if more:
                self._prune_at = time.monotonic()
                self._work_waits.set()
        except apsw.Error as error:
            log.error("old responses are not being removed: %s: %s", type(error).__name__, error)

    def _write_rows(self, rows: list[_Ending]) -> None:
        if not rows:
            return
        try:
            with locked(self._writer):
                insert(self._writer, "insert_exchange", (exchange_values(row) for row, _ in rows))
                entries = (msgspec.structs.astuple(entry) for _, owed in rows for entry in owed)
                insert(self._writer, "insert_entry", entries)
        except ROWS_OWN_FAULT as error:
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

    def _write_in_halves(self, rows: list[_Ending], error: Exception) -> None:
        """Write all but the rows at fault, which are found by bisection and given up."""
        if len(rows) == 1:
            self.dropped_rows += 1
            log.error("exchange %s cannot be stored: %s", rows[0][0].request_id, error)
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
                self._result = self._work(runner(connection))
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
        with locked(connection):
            for job in jobs:
                job.run(connection)
    except apsw.Error as error:
        for job in jobs:
            job.fail(error)
    for job in jobs:
        job.tell()
