"""From an answer that has begun to the client: whole, or event by event as it arrives.

Where client and upstream speak one dialect the upstream's bytes pass; else the answer is read into the
neutral form and written from it. Every kind first may `begin`, which can raise and so allow another attempt,
and then `deliver`.
"""

from __future__ import annotations

import asyncio

import msgspec

from entrepot.billing import reserved, settle
from entrepot.collector import Collector
from entrepot.conversation import ChoiceEvent, Ended, Event, Failed, Part, Response, Started, Usage
from entrepot.dialects.openai_chat import StreamReader, StreamTap
from entrepot.dialects.receipts import in_answer, in_events
from entrepot.dialects.table import CHAT, MESSAGES, Dialect
from entrepot.dialects.taps import Tap
from entrepot.edge import JSON
from entrepot.errors import UpstreamBroken, upstream_error
from entrepot.exchange import Exchange
from entrepot.providers.http import Answer
from entrepot.receipts import receipt

EVENTS = b"text/event-stream; charset=utf-8"
# nginx and its kin buffer a stream unless told not to.
_STREAM_HEADERS = [(b"cache-control", b"no-cache"), (b"x-accel-buffering", b"no")]


class PlainReply:
    """A plain answer that passes through."""

    def __init__(self, exchange: Exchange, answer: Answer) -> None:
        self._exchange = exchange
        self._answer = answer
        self._body = b""

    async def begin(self) -> None:
        """Read the answer and see that it is one. Raises UpstreamError."""
        exchange = self._exchange
        self._body = await self._answer.body()
        tapped = exchange.form.tap_response(self._body)
        exchange.given_id, exchange.answered, exchange.finish = tapped.id, tapped.answered, tapped.finish
        exchange.usage, exchange.texts = tapped.usage, [tapped.text]

    async def deliver(self) -> None:
        exchange = self._exchange
        if exchange.usage is None:
            exchange.usage = await asyncio.to_thread(exchange.estimate)
        await settle(exchange)
        exchange.delivering()
        await exchange.outlet.send(200, exchange.head(JSON), in_answer(self._body, receipt(exchange)))

    async def close(self) -> None:
        await self._answer.close()


class TranslatedReply(PlainReply):
    """A plain answer from an upstream of another dialect."""

    def __init__(self, exchange: Exchange, answer: Answer, source: Dialect) -> None:
        super().__init__(exchange, answer)
        self._source = source

    async def begin(self) -> None:
        await self._respond(self._source.parse_response(await self._answer.body()), usage_known=True)

    async def _respond(self, response: Response, *, usage_known: bool) -> None:
        exchange, usage = self._exchange, response.usage
        if usage.estimated or not usage_known:
            exchange.texts = [_text_of(part) for choice in response.choices for part in choice.parts]
            usage = await asyncio.to_thread(exchange.estimate)
        created_s = response.created_s or exchange.started_at_ms // 1000
        id = exchange.answer_id or response.id
        exchange.given_id = exchange.dialect.answer_id(id)
        response = msgspec.structs.replace(response, id=id, created_s=created_s, usage=usage)
        self._body = exchange.dialect.emit_response(response, exchange.request, exchange.body)
        exchange.answered, exchange.finish = response.model, response.choices[0].finish
        exchange.usage = usage


class GatheredReply(TranslatedReply):
    """A plain answer gathered from a stream, for llama.cpp: only streams stop there when a client leaves.

    What is gathered also has every field of OpenAI's document, and the usage of all choices.
    """

    def __init__(self, exchange: Exchange, answer: Answer) -> None:
        super().__init__(exchange, answer, CHAT)

    async def begin(self) -> None:
        collector = Collector()
        limit_bytes = self._exchange.configuration.settings.upstream.max_response_bytes
        reader = StreamReader(limit_bytes=limit_bytes, per_choice=True)
        more = True
        while more:
            piece = await self._answer.piece()
            more = piece is not None
            for event in reader.close() if piece is None else reader.feed(piece):
                collector.add(event)
        await self._respond(collector.response(), usage_known=reader.usage_known)


class StreamReply:
    """A stream that passes through, watched by a tap."""

    def __init__(self, exchange: Exchange, answer: Answer) -> None:
        limit_bytes = exchange.configuration.settings.upstream.max_response_bytes
        self._exchange = exchange
        self._answer = answer
        self._tap: Tap
        if exchange.by_own_engine:
            options = exchange.body.get("stream_options") or {}
            asked = bool(options.get("include_usage"))
            self._tap = StreamTap(include_usage=asked, limit_bytes=limit_bytes, is_llama=True)
        else:
            self._tap = exchange.dialect.tap(exchange.body, limit_bytes)
        exchange.written, exchange.texts = self._tap, self._tap.texts
        self._ready = b""

    async def begin(self) -> None:
        """Read up to the first event. Raises UpstreamError."""
        if self._answer.content_type != "text/event-stream":
            self._exchange.dialect.tap_response(await self._answer.body())  # tells an error apart from an answer
            raise UpstreamBroken("The upstream did not answer with a stream.")
        tap = self._tap
        while not (tap.started or tap.done):
            data = await self._answer.piece()
            self._ready += tap.close() if data is None else tap.feed(data)
            if tap.failure is not None and not tap.started:
                raise tap.failure

    async def deliver(self) -> None:
        """Relay events until the last. Raises UpstreamError when the stream breaks."""
        exchange, tap, client = self._exchange, self._tap, self._exchange.outlet
        await reserved(exchange)
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
            exchange.given_id, exchange.answered, exchange.finish = tap.id, tap.answered, tap.finish
            exchange.usage = tap.usage
        if tap.failure is not None:
            raise tap.failure
        if exchange.usage is None:
            exchange.usage = await asyncio.to_thread(exchange.estimate)
        await settle(exchange)
        await client.end(in_events(tap.end(exchange.usage), receipt(exchange)))
        await self._answer.finish()

    async def close(self) -> None:
        await self._answer.close()


class TranslatedStream:
    """A stream from an upstream of another dialect, event by event."""

    def __init__(self, exchange: Exchange, answer: Answer, source: Dialect) -> None:
        self._exchange = exchange
        self._answer = answer
        self._source = source
        self._reader = source.reader(exchange.configuration.settings.upstream.max_response_bytes)
        self._writer = exchange.dialect.writer(exchange.request, exchange.body, exchange.client.request_id)
        exchange.written = self._writer
        self._events: list[Event] = []
        self._texts = exchange.texts = []
        self._over = False

    async def begin(self) -> None:
        """Read up to the first event. Raises UpstreamError."""
        if self._answer.content_type != "text/event-stream":
            self._source.parse_response(await self._answer.body())  # tells an error apart from an answer
            raise UpstreamBroken("The upstream did not answer with a stream.")
        while not self._events:
            self._events = await self._next()
        _refuse_failed(self._events[0])

    async def deliver(self) -> None:
        """Write events until the last. Raises UpstreamError when the stream breaks."""
        exchange, client = self._exchange, self._exchange.outlet
        await reserved(exchange)
        exchange.delivering()
        await client.start(200, exchange.head(EVENTS) + _STREAM_HEADERS)
        while self._events:
            ready = b"".join([await self._written(event) for event in self._events])
            if self._over:
                await settle(exchange)
                ready = in_events(ready, receipt(exchange))
            if ready:
                await client.write(ready)
            _refuse_failed(self._events[-1])
            self._events = [] if self._over else await self._some()
        await client.end()
        await self._answer.finish()

    async def close(self) -> None:
        await self._answer.close()

    async def _some(self) -> list[Event]:
        events: list[Event] = []
        while not events:
            events = await self._next()
        return events

    async def _next(self) -> list[Event]:
        data = await self._answer.piece()
        return self._reader.close() if data is None else self._reader.feed(data)

    async def _written(self, event: Event) -> bytes:
        exchange = self._exchange
        if isinstance(event, Failed):
            return b""  # what came before it goes out first
        if isinstance(event, Started):
            exchange.answered = event.model
            event = await self._started(event)
        elif isinstance(event, Ended):
            self._over = True
            known = self._reader.usage_known
            exchange.usage = event.usage if known else await asyncio.to_thread(exchange.estimate)
            event = Ended(usage=exchange.usage)
        else:
            exchange.finish = getattr(event, "reason", exchange.finish)
            self._texts.append(_text_of(event))
        return self._writer.write(event)

    async def _started(self, event: Started) -> Started:
        """Messages tells the input's tokens with its first event: counted here when the upstream tells them last."""
        usage = event.usage
        if usage is None and self._exchange.dialect is MESSAGES:
            count = await asyncio.to_thread(self._exchange.count_input)
            usage = Usage(input_tokens=count, estimated=True)
        created_s = event.created_s or self._exchange.started_at_ms // 1000
        id = self._exchange.answer_id or event.id
        self._exchange.given_id = self._exchange.dialect.answer_id(id)
        return msgspec.structs.replace(event, id=id, usage=usage, created_s=created_s)


Reply = PlainReply | StreamReply | TranslatedStream


def _text_of(piece: Part | ChoiceEvent) -> str:
    """What the model wrote of a part or event: words, thoughts or arguments."""
    return getattr(piece, "text", "") or getattr(piece, "arguments", "") or ""


def _refuse_failed(event: Event) -> None:
    """Raises the UpstreamError of an event that says that the stream broke."""
    if isinstance(event, Failed):
        raise upstream_error(event.code, event.message)
