"""A conversation made short: the request for its summary before the answer, and the compaction made of that."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from entrepot import turns
from entrepot.dialects.fields import encode, raw
from entrepot.dialects.openai_responses import compaction, history
from entrepot.edge import Headers
from entrepot.exchange import Exchange
from entrepot.hub import Hub
from entrepot.receipts import receipt
from entrepot.turns import Passage


async def begin(hub: Hub, exchange: Exchange, body: bytes) -> bytes:
    """Turn a request for a compaction into one for a summary of the same conversation."""
    continues = await turns.continue_(hub, exchange) is not None
    return await asyncio.to_thread(_begin, exchange, continues=continues)


def _begin(exchange: Exchange, *, continues: bool) -> bytes:
    if not continues:
        exchange.dialect.parse_request(exchange.body)
    items = history.input_items(exchange.body["input"])
    exchange.body = compaction.summary_request(exchange.body, items)
    exchange.fields = {name: raw(value) for name, value in exchange.body.items()}
    exchange.answer_id = turns.answer_id(exchange)
    exchange.outlet = CompactionOutlet(exchange, items)
    return encode(exchange.fields)


class CompactionOutlet(Passage):
    """Makes a compaction of the summary that a plain answer holds."""

    def __init__(self, exchange: Exchange, items: list[Any]) -> None:
        super().__init__(exchange)
        self._items = items

    async def send(self, status: int, headers: Headers, body: bytes) -> None:
        await super().send(status, headers, await asyncio.to_thread(self._compacted, body))

    def _compacted(self, answer: bytes) -> bytes:
        exchange = self._exchange
        assert exchange.usage is not None
        output, id = msgspec.json.decode(answer)["output"], turns.answer_id(exchange)
        created_s = exchange.started_at_ms // 1000
        usage = exchange.form.emit_usage(exchange.usage) | receipt(exchange).usage
        return msgspec.json.encode(compaction.compacted(output, self._items, usage, id=id, created_s=created_s))
