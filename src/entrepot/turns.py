"""Responses that build on one another: the turns before a request, and the answer kept for the next.

A request that names nothing of the store and wants nothing kept is not touched, and its answer passes as it came.
"""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from entrepot.books import now_ms
from entrepot.dialects.fields import encode, raw
from entrepot.dialects.openai_responses import Retelling, history
from entrepot.dialects.openai_responses.requests import ENCRYPTED
from entrepot.dialects.shapes import Value
from entrepot.edge import Headers
from entrepot.errors import InvalidRequest
from entrepot.exchange import Exchange
from entrepot.hub import Hub
from entrepot.keys import Key
from entrepot.store import Store, StoredResponse

DAY_MS = 86_400_000


# Before the answer --------------------------------------------------------------------------------


async def begin(hub: Hub, exchange: Exchange, body: bytes) -> bytes:
    """Put earlier turns in front of the input and see to it that the answer is kept, as the request wants it."""
    given = Value(exchange.body)
    retention_days = exchange.configuration.settings.responses.retention_days
    keeps = given["store"].flag_or_none() is not False and retention_days > 0
    exchange.body |= {"store": keeps}  # what the answer says of itself
    own = await continue_(hub, exchange)
    included = [value.text() for value in given["include"]]
    if keeps:
        exchange.answer_id = answer_id(exchange)
        _want_reasoning(exchange, included)
    if keeps or own is not None:
        kept_input = given["input"].raw if own is None else own
        hides = keeps and ENCRYPTED not in included
        exchange.outlet = TurnOutlet(hub, exchange, kept_input if keeps else None, hides_reasoning=hides)
    return body if own is None else encode(exchange.fields)


async def put_in_front(hub: Hub, exchange: Exchange, body: bytes) -> bytes:
    """Put earlier turns in front of the input, and nothing else: as for counting its tokens."""
    return body if await continue_(hub, exchange) is None else encode(exchange.fields)


async def continue_(hub: Hub, exchange: Exchange) -> list[Any] | None:
    """Put the turns before this one in front of the input, and items in place of references to them.

    Gives the input without these turns, or None where the request names none: then the store is not read. Raises
    InvalidRequest where there is no such response, and for what is wrong in the input by its place in that.
    """
    given = exchange.body.get("input")
    previous_id = Value(exchange.body)["previous_response_id"].text_or_none()
    referred = [item["id"] for item in history.input_items(given) if history.is_reference(item)]
    if (previous_id is None and not referred) or not isinstance(given, str | list | None):
        return None
    return await asyncio.to_thread(_continue, hub.store, exchange, previous_id, referred)


def _continue(store: Store, exchange: Exchange, previous_id: str | None, referred: list[str]) -> list[Any]:
    given, key, model = exchange.body, exchange.key, exchange.model
    assert key is not None
    assert model is not None
    reasons = "reasoning" in model.features
    turns = _earlier(store, key, previous_id) if previous_id is not None else []
    known = _referred(store, key, referred) if referred else {}
    present = {str(item.get("id")) for _, output in turns for item in output}
    own = history.resolved(history.input_items(given.get("input")), known, present, reasons=reasons)
    exchange.dialect.parse_request(given | {"input": own})
    earlier = [item for asked, output in turns for item in (*asked, *history.replayed(output, reasons=reasons))]
    exchange.body = given | {"input": [*earlier, *own]}
    exchange.fields = exchange.fields | {"input": raw([*earlier, *own])}
    return own


def _earlier(store: Store, key: Key, previous_id: str) -> list[Turn]:
    chain = store.responses.chain(key.id, previous_id, now_ms())
    if not chain:
        message = f"Previous response with id '{previous_id[:256]}' not found."
        raise InvalidRequest(message, param="previous_response_id", code="previous_response_not_found")
    return [turn(stored) for stored in chain]


def _referred(store: Store, key: Key, ids: list[str]) -> dict[str, Any]:
    holding = store.responses.of_items(key.id, ids, now_ms())
    return {item["id"]: item for stored in holding for item in turn(stored)[1] if item.get("id") in ids}


Turn = tuple[list[Any], list[dict[str, Any]]]
"""What a stored response was made from beyond earlier ones, and its output."""


def turn(stored: StoredResponse) -> Turn:
    return history.input_items(msgspec.json.decode(stored.input)), msgspec.json.decode(stored.response)["output"]


def answer_id(exchange: Exchange) -> str:
    """An id that begins with its time, and that the logs know by its ending."""
    return f"resp_{exchange.client.request_id.removeprefix('req_')}"


def _want_reasoning(exchange: Exchange, included: list[str]) -> None:
    """Have an upstream of this dialect give what the next turn replays; models that do not reason refuse to."""
    assert exchange.model is not None
    if "reasoning" in exchange.model.features and ENCRYPTED not in included:
        exchange.fields = exchange.fields | {"include": raw([*included, ENCRYPTED])}


# The answer ---------------------------------------------------------------------------------------


class Passage:
    """An answer on its way to the client."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def send(self, status: int, headers: Headers, body: bytes) -> None:
        await self._exchange.client.send(status, headers, body)

    async def start(self, status: int, headers: Headers) -> None:
        await self._exchange.client.start(status, headers)

    async def write(self, data: bytes) -> None:
        await self._exchange.client.write(data)

    async def end(self, data: bytes = b"") -> None:
        await self._exchange.client.end(data)


class TurnOutlet(Passage):
    """Tells an answer as that of its turn, and keeps it before its last byte goes out."""

    def __init__(self, hub: Hub, exchange: Exchange, kept_input: Any, *, hides_reasoning: bool) -> None:
        """`kept_input` is the turn's own; None keeps nothing."""
        super().__init__(exchange)
        self._hub = hub
        self._input = kept_input
        fields = {name: exchange.body.get(name) for name in ("store", "previous_response_id")}
        if exchange.answer_id is not None:
            fields["id"] = exchange.answer_id
        self._retelling = Retelling(fields, hides_reasoning=hides_reasoning)

    async def send(self, status: int, headers: Headers, body: bytes) -> None:
        told = self._retelling.whole(body)
        await self._keep()
        await super().send(status, headers, told)

    async def write(self, data: bytes) -> None:
        told = self._retelling.feed(data)
        await self._keep()
        if told:
            await super().write(told)

    async def end(self, data: bytes = b"") -> None:
        told = self._retelling.feed(data) + self._retelling.end()
        await self._keep()
        await super().end(told)

    async def _keep(self) -> None:
        """Store the answer once it is whole. Raises StoreUnavailable."""
        response, given = self._retelling.response, self._input
        if response is None or given is None:
            return
        self._input = None
        limit_bytes = self._exchange.configuration.settings.responses.max_bytes_per_key
        item_ids = [item["id"] for item in response["output"] if isinstance(item.get("id"), str)]
        keeping = self._hub.store.responses.keep(self._stored(given, response), item_ids, limit_bytes=limit_bytes)
        await asyncio.wrap_future(keeping)

    def _stored(self, given: Any, response: dict[str, Any]) -> StoredResponse:
        exchange = self._exchange
        assert exchange.key is not None
        assert exchange.model is not None
        retention_days = exchange.configuration.settings.responses.retention_days
        return StoredResponse(
            key_id=exchange.key.id,
            id=response["id"],
            previous_id=response["previous_response_id"],
            model=exchange.model.id,
            created_at_ms=exchange.started_at_ms,
            expires_at_ms=exchange.started_at_ms + retention_days * DAY_MS,
            input=msgspec.json.encode(given).decode(),
            response=msgspec.json.encode(response).decode(),
        )
