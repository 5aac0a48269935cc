"""What is written of exchanges under way and their money: in groups, each with few statements and one commit.

Every statement is a turn at the interpreter lock, taken from the event loop, and every commit a wait for the disk:
the fewer there are for each exchange, the less it costs.
"""

from __future__ import annotations

import asyncio
import functools
import itertools
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, TypeVar

import apsw
import msgspec

from entrepot.errors import StoreUnavailable
from entrepot.ledger import Entry, Reservation
from entrepot.store.connections import locked
from entrepot.store.queries import queries
from entrepot.store.records import ExchangeRow, exchange_values

_STATEMENT_ROWS = (256, *range(64, 0, -1))
# What is wrong with a row and not with the disk: to wait and try again would hold up all others for ever.
ROWS_OWN_FAULT = (apsw.ConstraintError, apsw.MismatchError, apsw.TooBigError, OverflowError, TypeError, UnicodeError)

Waiting = TypeVar("Waiting", "asyncio.Future[None]", "Future[None]")


class Refused(StoreUnavailable):
    """The store is well, and this will never be written: to try again would be in vain."""


class Post:
    """The beginning of an exchange, which holds money, or its end: all of it is written or nothing.

    At the beginning there is a `reservation`, and `row` is what is known of the exchange by then.
    """

    __slots__ = ("entries", "error", "future", "reservation", "row")

    def __init__(
        self, entries: Sequence[Entry], row: ExchangeRow, reservation: Reservation | None, future: Any
    ) -> None:
        self.entries = entries
        self.row = row
        self.reservation = reservation
        self.future = future
        self.error: Exception | None = None


def write_posts(connection: apsw.Connection, posts: Sequence[Post]) -> None:
    """Write a group with one commit; of one with a row at fault, all that can be. Who waits is told the outcome."""
    _write(connection, posts)
    loops: dict[asyncio.AbstractEventLoop, list[Post]] = {}
    for post in posts:
        if isinstance(post.future, asyncio.Future):
            loops.setdefault(post.future.get_loop(), []).append(post)
        else:
            _tell([post])
    for loop, told in loops.items():
        with suppress(RuntimeError):  # the loop has ended, and nobody waits any more
            loop.call_soon_threadsafe(_tell, told)


def _write(connection: apsw.Connection, posts: Sequence[Post]) -> None:
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


def _unavailable(cause: Exception) -> StoreUnavailable:
    error = StoreUnavailable(f"The store cannot be written: {type(cause).__name__}.")
    error.__cause__ = cause
    return error


def _tell(posts: Sequence[Post]) -> None:
    for post in posts:
        if post.future.done():
            continue  # cancelled: nobody waits for it
        if post.error is None:
            post.future.set_result(None)
        else:
            post.future.set_exception(post.error)


def _insert_posts(connection: apsw.Connection, posts: Sequence[Post]) -> None:
    entries = [msgspec.structs.astuple(entry) for post in posts for entry in post.entries]
    insert(connection, "insert_entry", entries)
    began = [_reservation_values(post.reservation, post.row) for post in posts if post.reservation is not None]
    insert(connection, "insert_reservation", began)
    ended = [post.row for post in posts if post.reservation is None]
    if ended:
        references = msgspec.json.encode([row.request_id for row in ended]).decode()
        connection.execute(queries()["delete_reservations"], {"references": references})
        insert(connection, "insert_exchange", map(exchange_values, ended))


def _reservation_values(reservation: Reservation, row: ExchangeRow) -> tuple[Any, ...]:
    return (*msgspec.structs.astuple(reservation), msgspec.json.encode(row).decode())


def insert(connection: apsw.Connection, name: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Many rows by few statements."""
    rows, begin = list(rows), 0
    while begin < len(rows):
        size = next(size for size in _STATEMENT_ROWS if size <= len(rows) - begin)
        connection.execute(_statement(name, size), tuple(itertools.chain.from_iterable(rows[begin : begin + size])))
        begin += size


@functools.cache
def _statement(name: str, rows: int) -> str:
    statement = queries()[name].removesuffix(";")
    return statement + ("," + statement[statement.rindex("(") :]) * (rows - 1)
