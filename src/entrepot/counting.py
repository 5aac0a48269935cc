"""How many input tokens a request has: counted by an upstream where one can, else by the hub.

An upstream that serves the model knows its tokenizer and its template. Where none answers, the hub's own tokenizer
comes close; an answer without `x-entrepot-provider` is such a count.
"""

from __future__ import annotations

import asyncio
import logging

from entrepot.dialects.table import MESSAGES, Dialect
from entrepot.edge import JSON
from entrepot.errors import UpstreamError
from entrepot.exchange import Exchange
from entrepot.forward import ask, prepare
from entrepot.hub import Hub
from entrepot.providers.registry import Upstream

log = logging.getLogger(__name__)


async def count(hub: Hub, exchange: Exchange) -> None:
    """Answer with the count. Raises InvalidRequest, and UpstreamRefusal when the upstream finds the request wrong."""
    counting = exchange.dialect.counting
    assert counting is not None
    input_tokens = None if exchange.simulated else await _counted_upstream(hub, exchange)
    if input_tokens is None:
        input_tokens = await asyncio.to_thread(exchange.count_input)
    await exchange.client.send(200, exchange.head(JSON), counting.emit_response(input_tokens))


async def _counted_upstream(hub: Hub, exchange: Exchange) -> int | None:
    """The count of the first upstream that is well and has one to give; its failures leave the count to the hub."""
    assert exchange.model is not None
    for upstream in exchange.configuration.registry.upstreams(exchange.model):
        counter = _counter(upstream)
        if counter is None or hub.health.wait_s(upstream) > 0:
            continue
        try:
            input_tokens = await _asked(exchange, counter)
        except UpstreamError as error:
            log.warning("%s: %r did not count: %s", exchange.client.request_id, counter, error.message)
        else:
            exchange.attempts, exchange.upstream = 1, upstream
            return input_tokens
    return None


def _counter(upstream: Upstream) -> Upstream | None:
    """Where the upstream counts. llama.cpp does for every dialect, but has no path of Chat Completions' own."""
    form = MESSAGES if upstream.own else upstream.form
    if not isinstance(form, Dialect) or form.counting is None:
        return None
    return upstream.at(form.counting.path, form)


async def _asked(exchange: Exchange, counter: Upstream) -> int:
    """Raises UpstreamError, and InvalidRequest for what its dialect cannot carry."""
    assert isinstance(counter.form, Dialect)
    counting = counter.form.counting
    assert counting is not None
    answer = await ask(exchange, counter, counting.emit_request(prepare(exchange, counter)))
    try:
        return counting.parse_response(await answer.body())
    finally:
        await answer.close()
