"""The sandbox as an upstream: it answers in a dialect's own bytes, so that nothing behind it differs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import msgspec

from entrepot.catalog import ImageTokens
from entrepot.collector import Collector
from entrepot.conversation import Event, Request
from entrepot.dialects.table import Body, Dialect
from entrepot.errors import UpstreamTimeout
from entrepot.providers.sandbox.faults import Steering
from entrepot.providers.sandbox.player import play
from entrepot.providers.sandbox.script import plan


class SandboxAnswer:
    """An answer as `providers.http.Answer` describes one, to be read once."""

    def __init__(
        self,
        request: Request,
        steering: Steering,
        *,
        dialect: Dialect,
        body: Body,
        image_tokens: ImageTokens | None = None,
        created_s: int,
        idle_timeout_s: float,
    ) -> None:
        self.content_type = "text/event-stream" if request.stream else "application/json"
        self._request = request
        self._steering = steering
        self._image_tokens = image_tokens
        self._created_s = created_s
        self._idle_timeout_s = idle_timeout_s
        self._dialect = dialect
        self._client_body = body
        told = msgspec.structs.replace(request, include_usage=True)  # the hub always wants to know
        self._writer = dialect.writer(told, body, "")
        self._events: AsyncGenerator[Event] | None = None

    async def body(self) -> bytes:
        collector = Collector()
        while (event := await self._next()) is not None:
            collector.add(event)
        return self._dialect.emit_response(collector.response(), self._request, self._client_body)

    async def piece(self) -> bytes | None:
        event = await self._next()
        return None if event is None else self._writer.write(event)

    async def finish(self) -> None:
        await self.close()

    async def close(self) -> None:
        if self._events is not None:
            await self._events.aclose()

    async def _next(self) -> Event | None:
        """The next event, None after the last. Raises UpstreamTimeout when the sandbox falls silent."""
        if self._events is None:
            # Planning counts tokens, and the first count loads the tokenizer: not on the event loop.
            script = await asyncio.to_thread(
                plan, self._request, steer=self._steering, created_s=self._created_s, image_tokens=self._image_tokens
            )
            self._events = play(script)
        try:
            async with asyncio.timeout(self._idle_timeout_s):
                return await anext(self._events)
        except StopAsyncIteration:
            return None
        except TimeoutError:
            raise UpstreamTimeout(f"The sandbox sent nothing for {self._idle_timeout_s:g} s.") from None
