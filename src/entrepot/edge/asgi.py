"""What server and application say to each other: ASGI's terms, and plainer ones where ASGI would cost too much."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from typing import Any, Protocol

from entrepot.errors import EntrepotError

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Headers = list[tuple[bytes, bytes]]


class Line(Protocol):
    """One request and the way to its client. `scope`, `receive` and `send` are ASGI's; the rest is without waiting.

    `is_complete` tells whether all of the request has come. `on_leave` is called once when the client leaves.
    """

    scope: Scope
    is_complete: bool
    on_leave: Callable[[], None] | None

    @property
    def is_lost(self) -> bool:
        """Whether the client has left."""

    @property
    def is_congested(self) -> bool:
        """Whether the client does not read as fast as it is written to: then await `drained`."""

    async def drained(self) -> None: ...

    async def receive(self) -> Message: ...

    async def send(self, message: Message) -> None: ...

    def start(self, status: int, headers: Headers) -> None:
        """The head of the response. Its length is told to the client where the headers do not: see `write`."""

    def write(self, data: bytes, *, more: bool) -> None:
        """The next of its body; `more` is to come."""


class Application(Protocol):
    """Whoever answers requests."""

    async def __call__(self, line: Line) -> None: ...

    async def refuse(self, line: Line, error: EntrepotError) -> None:
        """Answer with the error what is no valid request; of it, `scope` tells what could be read."""
