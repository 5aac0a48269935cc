"""Model pages as data and as Markdown, and llms.txt. Texts that are public have the prices of the default plan."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from entrepot.accounts.callers import Caller
from entrepot.api import model_lists
from entrepot.api.example_answers import example_answer
from entrepot.api.latency import latency
from entrepot.api.models import find_model, may_call
from entrepot.api.respond import CALLER_KEY, hub_of, json_response, tagged
from entrepot.catalog import Model
from entrepot.pages import llms
from entrepot.pages.cards import make_card
from entrepot.pages.markdown import page_markdown
from entrepot.pages.page import Shelf, make_page
from entrepot.pages.records import Cards, ModelPage

MARKDOWN, TEXT = "text/markdown; charset=utf-8", "text/plain; charset=utf-8"


async def model_page(request: Request) -> Response:
    """The data of a model's page, with the prices of the caller's organisation."""
    return tagged(request, json_response(await _page(request)))


async def list_cards(request: Request) -> Response:
    """What a catalogue shows of each model that the caller may see. The query filters and sorts as for `/v1/models`."""
    shelf, registry = _shelf(request), hub_of(request).configuration.registry
    found = model_lists.chosen(_seen(request, shelf), request.query_params, shelf.price)
    cards = tuple(make_card(shelf, model, is_callable=bool(registry.upstreams(model))) for model in found)
    return tagged(request, json_response(Cards(data=cards)))


async def model_schema(request: Request) -> Response:
    """The JSON Schema of the requests that a model takes."""
    schema = _shelf(request).catalogue.schema(_model(request))
    return tagged(request, Response(msgspec.json.encode(schema), media_type="application/schema+json"))


async def model_markdown(request: Request) -> Response:
    """The page of a model as Markdown."""
    page = await _page(request)
    response = Response(page_markdown(page), media_type=MARKDOWN)
    response.headers["link"] = f'<{page.addresses.page}>; rel="canonical"'
    return tagged(request, response)


async def model_llms(request: Request) -> Response:
    """Where everything about one model is found."""
    return tagged(request, Response(llms.of_model(await _page(request)), media_type=TEXT))


async def llms_index(request: Request) -> Response:
    """The hub and its models, for agents."""
    return await _of_all(request, llms.index, TEXT)


async def llms_full(request: Request) -> Response:
    """The facts of every model in one text."""
    return await _of_all(request, llms.full, TEXT)


async def models_markdown(request: Request) -> Response:
    """The index as Markdown."""
    return await _of_all(request, llms.index, MARKDOWN)


async def _of_all(request: Request, write: Callable[[Shelf, list[Model]], str], media_type: str) -> Response:
    shelf = _shelf(request)
    models = _seen(request, shelf)
    return tagged(request, Response(await asyncio.to_thread(write, shelf, models), media_type=media_type))


async def _page(request: Request) -> ModelPage:
    """Raises NotFound or Forbidden."""
    model, store = _model(request), hub_of(request).store
    measured = await asyncio.to_thread(latency, store.read, model.id) if _caller(request) else None
    shelf = _shelf(request)
    page = await asyncio.to_thread(make_page, shelf, model, measured)
    return msgspec.structs.replace(page, answer=await example_answer(shelf.catalogue, model, shelf.at))


def _model(request: Request) -> Model:
    """Raises NotFound or Forbidden."""
    caller = _caller(request)
    catalogue = hub_of(request).configuration.catalogue
    return find_model(catalogue, request.path_params["id"], caller.key if caller else None)


def _shelf(request: Request) -> Shelf:
    hub, caller = hub_of(request), _caller(request)
    return Shelf(
        catalogue=hub.configuration.catalogue,
        tariff=hub.configuration.tariff,
        url=hub.configuration.settings.url,
        at=datetime.now(UTC),
        plan=hub.books.plans.get(caller.organisation_id) if caller else None,
    )


def _seen(request: Request, shelf: Shelf) -> list[Model]:
    caller = _caller(request)
    return [model for model in shelf.catalogue.models.values() if may_call(caller.key if caller else None, model)]


def _caller(request: Request) -> Caller | None:
    """Nobody, where pages are public."""
    caller: Caller | None = request.scope.get(CALLER_KEY)
    return caller
