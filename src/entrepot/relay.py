"""From an answer that has begun to the client: whole, or event by event as it arrives.

Both kinds first `begin`, which may raise and so allow another attempt, and then `deliver`.
"""

from __future__ import annotations

import asyncio

from entrepot import tokens
from entrepot.collector import Collector
from entrepot.conversation import Usage
from entrepot.dialects import openai_chat
from entrepot.dialects.openai_chat import StreamReader, StreamTap
from entrepot.errors import UpstreamBroken
from entrepot.exchange import Exchange
from entrepot.providers.http import Answer

JSON = b"application/json"
EVENTS = b"text/event-stream; charset=utf-8"
# nginx and its kin buffer a stream unless told not to.
_STREAM_HEADERS = [(b"cache-control", b"no-cache"), (b"x-accel-buffering", b"no")]


class PlainReply:
    def __init__(self, exchange: Exchange, answer: Answer) -> None:
        self._exchange = exchange
        self._answer = answer
        self._body = b""

    async def begin(self) -> None:
        """Read the answer and see that it is one. Raises UpstreamError."""
        self._body = await self._answer.body()
        tapped = openai_chat.tap_response(self._body)
        exchange = self._exchange
        exchange.answered, exchange.finish = tapped.answered, tapped.finish
        exchange.usage, exchange.text = tapped.usage, tapped.text

    async def deliver(self) -> None:
        exchange = self._exchange
        if exchange.usage is None:
            exchange.usage = await asyncio.to_thread(estimate, exchange)
        exchange.delivering()
        await exchange.client.send(200, exchange.head(JSON), self._body)

    async def close(self) -> None:
        await self._answer.close()


class GatheredReply(PlainReply):
    """A plain answer gathered from a stream, for llama.cpp: only streams stop there when a client leaves.

    What is gathered also has every field of OpenAI's document, and the usage of all choices.
    """

    async def begin(self) -> None:
        exchange, collector = self._exchange, Collector()
        limit_bytes = exchange.configuration.settings.upstream.max_response_bytes
        reader = StreamReader(limit_bytes=limit_bytes, per_choice=True)
        more = True
        while more:
            piece = await self._answer.piece()
            more = piece is not None
            for event in reader.close() if piece is None else reader.feed(piece):
                collector.add(event)
        response = collector.response()
        self._body = openai_chat.emit_response(response)
        exchange.answered, exchange.finish = response.model, response.choices[0].finish
        exchange.usage = response.usage if reader.usage_known else None


class StreamReply:
    def __init__(self, exchange: Exchange, answer: Answer) -> None:
        options = exchange.body.get("stream_options") or {}
        self._exchange = exchange
        self._answer = answer
        self._tap = StreamTap(
            include_usage=bool(options.get("include_usage")),
            limit_bytes=exchange.configuration.settings.upstream.max_response_bytes,
            is_llama=exchange.by_own_engine,
        )
        self._ready = b""

    async def begin(self) -> None:
        """Read up to the first event. Raises UpstreamError."""
        if self._answer.content_type != "text/event-stream":
            openai_chat.tap_response(await self._answer.body())  # tells an error apart from an answer
            raise UpstreamBroken("The upstream did not answer with a stream.")
        tap = self._tap
        while not (tap.started or tap.done):
            data = await self._answer.piece()
            self._ready += tap.close() if data is None else tap.feed(data)
            if tap.failure is not None and not tap.started:
                raise tap.failure

    async def deliver(self) -> None:
        """Relay events until the last. Raises UpstreamError when the stream breaks."""
        exchange, tap, client = self._exchange, self._tap, self._exchange.client
        exchange.delivering()
        try:
            await client.start(200, exchange.head(EVENTS) + _STREAM_HEADERS)
            if self._ready:
                await client.write(self._ready)
            piece, feed, write = self._answer.piece, tap.feed, client.write
            while not tap.done and tap.failure is None:
                data = await piece()
                ready = tap.close() if data is None else feed(data)
                if ready:
                    await write(ready)
        finally:
            exchange.answered, exchange.finish = tap.answered, tap.finish
            exchange.usage, exchange.text = tap.usage, tap.text
        if tap.failure is not None:
            raise tap.failure
        if exchange.usage is None:
            exchange.usage = await asyncio.to_thread(estimate, exchange)
        await client.end(tap.end(exchange.usage))
        await self._answer.finish()

    async def close(self) -> None:
        await self._answer.close()


Reply = PlainReply | StreamReply


def estimate(exchange: Exchange) -> Usage:
    """The hub's own count, for answers whose upstream reported none. Slow: runs on another thread."""
    return Usage(
        input_tokens=tokens.count_request(openai_chat.parse_request(exchange.body)),
        output_tokens=tokens.count(exchange.text),
        estimated=True,
    )
