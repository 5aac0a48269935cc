"""What server and application say to each other: ASGI's terms, and a refusal where there is no request to speak of."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol

from entrepot.errors import EntrepotError

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]


class Application(Protocol):
    """An ASGI application that also has words for what is no valid request."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None: ...

    async def refuse(self, scope: Scope, receive: Receive, send: Send, error: EntrepotError) -> None:
        """Answer with the error; of the request, `scope` tells what could be read."""
