"""Model pages as data and as Markdown, and llms.txt. Where pages are public, prices are those of the default plan."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from entrepot.accounts.callers import Caller
from entrepot.api.latency import latency
from entrepot.api.models import find_model, may_call
from entrepot.api.respond import CALLER_KEY, hub_of, json_response, tagged
from entrepot.catalog import Model
from entrepot.pages import llms
from entrepot.pages.markdown import page_markdown
from entrepot.pages.page import Shelf, make_page
from entrepot.pages.records import ModelPage

MARKDOWN, TEXT = "text/markdown; charset=utf-8", "text/plain; charset=utf-8"


async def model_page(request: Request) -> Response:
    """The data of a model's page, with the prices of the caller's organisation."""
    return tagged(request, json_response(await _page(request)))


async def model_markdown(request: Request) -> Response:
    """The page of a model as Markdown."""
    page = await _page(request)
    response = Response(page_markdown(page), media_type=MARKDOWN)
    response.headers["link"] = f'<{page.addresses.page}>; rel="canonical"'
    return tagged(request, response)


async def model_llms(request: Request) -> Response:
    """Where everything about one model is found."""
    page = await _page(request)
    return tagged(request, Response(llms.of_model(_shelf(request), page), media_type=TEXT))


async def llms_index(request: Request) -> Response:
    """The hub and its models, for agents."""
    return await _of_all(request, llms.index, TEXT)


async def llms_full(request: Request) -> Response:
    """The facts of every model in one text."""
    return await _of_all(request, llms.full, TEXT)


async def models_markdown(request: Request) -> Response:
    """The index as Markdown."""
    return await _of_all(request, llms.index, MARKDOWN)


def wants_markdown(request: Request) -> bool:
    """Whether `accept` names Markdown; a wildcard does not."""
    kinds = [each.partition(";")[0].strip().lower() for each in request.headers.get("accept", "").split(",")]
    return "text/markdown" in kinds


async def _of_all(request: Request, write: Callable[[Shelf, list[Model]], str], media_type: str) -> Response:
    shelf = _shelf(request)
    models = [model for model in shelf.catalogue.models.values() if _may_see(request, model)]
    return tagged(request, Response(await asyncio.to_thread(write, shelf, models), media_type=media_type))


async def _page(request: Request) -> ModelPage:
    """Raises NotFound or Forbidden."""
    hub, caller = hub_of(request), _caller(request)
    model = find_model(hub.configuration.catalogue, request.path_params["id"], caller.key if caller else None)
    measured = await asyncio.to_thread(latency, hub.store.read, model.id) if caller else None
    return await asyncio.to_thread(make_page, _shelf(request), model, measured)


def _shelf(request: Request) -> Shelf:
    hub, caller = hub_of(request), _caller(request)
    return Shelf(
        catalogue=hub.configuration.catalogue,
        tariff=hub.configuration.tariff,
        url=hub.configuration.settings.url,
        at=datetime.now(UTC),
        plan=hub.books.plans.get(caller.organisation_id) if caller else None,
    )


def _may_see(request: Request, model: Model) -> bool:
    caller = _caller(request)
    return may_call(caller.key if caller else None, model)


def _caller(request: Request) -> Caller | None:
    """Nobody, where pages are public."""
    caller: Caller | None = request.scope.get(CALLER_KEY)
    return caller
