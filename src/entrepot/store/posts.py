"""What is written of exchanges under way and their money: in groups, each with few statements and one commit.

Every statement is a turn at the interpreter lock, taken from the event loop, and every commit a wait for the disk:
the fewer there are for each exchange, the less it costs.
"""

from __future__ import annotations

import asyncio
import functools
import itertools
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

import apsw
import msgspec

from entrepot.errors import StoreUnavailable
from entrepot.ledger import Entry, Reservation
from entrepot.store.connections import locked
from entrepot.store.queries import queries
from entrepot.store.records import ExchangeRow, exchange_values

_FEW_ROWS = 64  # so many and fewer are written by a statement of their own
_MANY_ROWS = 256
# What is wrong with a row and not with the disk: to wait and try again would hold up all others for ever.
ROWS_OWN_FAULT = (apsw.ConstraintError, apsw.MismatchError, apsw.TooBigError, OverflowError, TypeError, UnicodeError)


class Refused(StoreUnavailable):
    """The store is well, and this will never be written: to try again would be in vain."""


class Post(msgspec.Struct, eq=False):
    """The beginning of an exchange, which holds money, its end, or the whole: all of it is written or nothing.

    At the beginning there is a `reservation`, and `row` is what is known of the exchange by then. An end may be posted
    while its `beginning` is under way: it is written after that, and never without.

    Await it on its `loop`, which may be done more than once and given up; without one, ask for its `result`.
    """

    entries: Sequence[Entry]
    row: ExchangeRow
    reservation: Reservation | None = None
    beginning: Post | None = None
    is_whole: bool = False
    loop: asyncio.AbstractEventLoop | None = None
    is_over: bool = False
    error: StoreUnavailable | None = None
    on_failure: Callable[[Post], None] | None = None
    _waiting: list[Any] = []

    def __await__(self) -> Generator[Any, None, None]:
        """Raises StoreUnavailable when it is not written."""
        if not self.is_over:
            assert self.loop is not None
            waiter = self.loop.create_future()
            self._waiting.append(waiter)
            yield from waiter
        self.check()

    def result(self) -> None:
        """Wait on a thread. Raises StoreUnavailable when it is not written."""
        waiter: Future[None] = Future()
        self._waiting.append(waiter)
        if not self.is_over:
            waiter.result()
        self.check()

    def check(self) -> None:
        """Once it is over: raises StoreUnavailable when it was not written."""
        if self.error is not None:
            raise self.error

    def tell(self) -> None:
        """Its outcome is known."""
        self.is_over = True
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)
        if self.error is not None and self.on_failure is not None:
            self.on_failure(self)


def write_posts(connection: apsw.Connection, posts: Sequence[Post]) -> None:
    """Write a group with one commit; of one with a row at fault, all that can be. Who waits is told the outcome."""
    _write(connection, posts)
    loops: dict[asyncio.AbstractEventLoop | None, list[Post]] = {}
    for post in posts:
        loops.setdefault(post.loop, []).append(post)
    for loop, told in loops.items():
        if loop is None:
            _tell(told)
            continue
        with suppress(RuntimeError):  # the loop has ended, and nobody waits any more
            loop.call_soon_threadsafe(_tell, told)


def _tell(posts: Sequence[Post]) -> None:
    for post in posts:
        post.tell()


def _write(connection: apsw.Connection, posts: Sequence[Post]) -> None:
    posts = [post for post in posts if not _lacks_beginning(post)]
    if not posts:
        return
    try:
        with locked(connection):
            _insert_posts(connection, posts)
    except ROWS_OWN_FAULT as error:
        if len(posts) == 1:
            posts[0].error = Refused(f"The store refuses what it was given: {type(error).__name__}: {error}.")
        else:
            _write(connection, posts[: len(posts) // 2])
            _write(connection, posts[len(posts) // 2 :])
    except apsw.Error as error:
        for post in posts:
            post.error = _unavailable(error)


def _lacks_beginning(post: Post) -> bool:
    """Whether it is an end without a beginning; it fails with that."""
    if post.beginning is not None:
        post.error = post.beginning.error
    return post.error is not None


def _unavailable(cause: Exception) -> StoreUnavailable:
    error = StoreUnavailable(f"The store cannot be written: {type(cause).__name__}.")
    error.__cause__ = cause
    return error


def _insert_posts(connection: apsw.Connection, posts: Sequence[Post]) -> None:
    insert(connection, "insert_entry", [msgspec.structs.astuple(entry) for post in posts for entry in post.entries])
    began = [_reservation_values(post.reservation, post.row) for post in posts if post.reservation is not None]
    insert(connection, "insert_reservation", began)
    ended = [post for post in posts if post.reservation is None]
    held = [post.row.request_id for post in ended if not post.is_whole]
    if held:
        references = msgspec.json.encode(held).decode()
        connection.execute(queries()["delete_reservations"], {"references": references})
    insert(connection, "insert_exchange", [exchange_values(post.row) for post in ended])


def _reservation_values(reservation: Reservation, row: ExchangeRow) -> tuple[Any, ...]:
    return (*msgspec.structs.astuple(reservation), msgspec.json.encode(row).decode())


def insert(connection: apsw.Connection, name: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Many rows by few statements, in a transaction that a row at fault ends."""
    rows, begin = list(rows), 0
    while begin < len(rows):
        left = len(rows) - begin
        size = _MANY_ROWS if left >= _MANY_ROWS else min(left, _FEW_ROWS)
        connection.execute(_statement(name, size), tuple(itertools.chain.from_iterable(rows[begin : begin + size])))
        begin += size


@functools.cache
def _statement(name: str, rows: int) -> str:
    """The statement for so many rows. SQLite copies no page for the case that it must undo this one alone."""
    statement = queries()[name].removesuffix(";").replace("INSERT", "INSERT OR ROLLBACK", 1)
    return statement + ("," + statement[statement.rindex("(") :]) * (rows - 1)
