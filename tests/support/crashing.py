"""`entrepot`, killed at a named point: `CRASH_AT=after-settle-commit python -m tests.support.crashing serve …`.

The points are put around the hub's own functions from outside, so that nothing in the hub knows of them.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

from entrepot import books
from entrepot.cli import main
from entrepot.edge import Client
from entrepot.store import posts
from entrepot.store.journal import Journal

OCCASION = 4  # of the point: what came before has left its traces


def die_at(point: str) -> Callable[[], None]:
    seen = 0

    def reached() -> None:
        nonlocal seen
        seen += 1
        if seen == (1 if point == "within-recovery" else OCCASION):
            os.kill(os.getpid(), signal.SIGKILL)

    return reached


def around(owner: Any, name: str, reached: Callable[[], None], *, when: str, of: Callable[..., bool]) -> None:
    """Reach the point before or after that function, in the calls that `of` picks."""
    original = getattr(owner, name)

    def wrapped(*arguments: Any, **options: Any) -> Any:
        if when == "before" and of(*arguments):
            reached()
        result = original(*arguments, **options)
        if when == "after" and of(*arguments):
            reached()
        return result

    setattr(owner, name, wrapped)


def begins(connection: Any, group: Any) -> bool:
    return any(post.reservation is not None for post in group)


def ends(connection: Any, group: Any) -> bool:
    return any(post.reservation is None for post in group)


def always(*_: Any) -> bool:
    return True


POINTS: dict[str, tuple[Any, str, str, Callable[..., bool]]] = {
    "before-reserve-commit": (posts, "_write", "before", begins),
    "within-reserve-commit": (posts, "_insert_posts", "after", begins),
    "after-reserve-commit": (posts, "_write", "after", begins),
    "before-settle-commit": (posts, "_write", "before", ends),
    "within-settle-commit": (posts, "_insert_posts", "after", ends),
    "after-settle-commit": (posts, "_write", "after", ends),
    "before-first-byte": (Client, "start", "before", always),
    "before-last-byte": (Client, "end", "before", always),
    "before-progress": (Journal, "progress", "before", always),
    "after-progress": (Journal, "progress", "after", always),
    "within-recovery": (posts, "_write", "after", always),
}

if __name__ == "__main__":
    books.PROGRESS_S = 0.02
    point = os.environ.get("CRASH_AT")
    if point:
        owner, name, when, of = POINTS[point]
        around(owner, name, die_at(point), when=when, of=of)
    main()
