"""GET /v1/models and /v1/models/{id}: the catalogue as a key may see it, in the dialect of who asks."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from entrepot.api import model_lists, model_pages
from entrepot.api.respond import caller_of, hub_of, json_response, spoken, tagged
from entrepot.catalog import Catalogue, Model, model_info, model_object
from entrepot.dialects.table import MESSAGES
from entrepot.errors import Forbidden, NotFound
from entrepot.hub import Hub
from entrepot.keys import Key
from entrepot.money import Price

PREFIXES = ("/v1", "", "/api/v1", "/api/ai", "/api/v7/llm", "/api/v7/llm/v1")


async def list_models(request: Request) -> Response:
    """Every model the key may call, in OpenAI's list shape with the hub's fields beside OpenAI's.

    The query filters and sorts, see `entrepot.api.model_lists`. With `anthropic-version`: those that converse, newest
    first, a page at a time in Anthropic's list shape. Raises InvalidRequest for a list that cannot be given.
    """
    hub, caller, query = hub_of(request), caller_of(request), request.query_params
    models = [model for model in hub.configuration.catalogue.models.values() if may_call(caller.key, model)]
    if spoken(request.scope) is MESSAGES:
        return json_response(model_pages.page(models, query))
    plan, with_schema = hub.books.plans.get(caller.organisation_id), model_lists.with_schema(query)
    found = model_lists.chosen(models, query, lambda model: _price(hub, model, plan))
    data = [_object(hub, model, plan, with_schema=with_schema) for model in found]
    return tagged(request, json_response({"object": "list", "data": data}))


async def retrieve_model(request: Request) -> Response:
    """One model by id or any alias, its request schema included. The id in the answer is the catalogue's.

    With `anthropic-version`: as Anthropic's ModelInfo, without the schema.
    """
    hub, caller = hub_of(request), caller_of(request)
    model = find_model(hub.configuration.catalogue, request.path_params["id"], caller.key)
    if spoken(request.scope) is MESSAGES:
        return json_response(model_info(model))
    plan = hub.books.plans.get(caller.organisation_id)
    return tagged(request, json_response(_object(hub, model, plan, with_schema=True)))


def find_model(catalogue: Catalogue, name: str, key: Key | None) -> Model:
    """The model that is called by that name. Raises NotFound, or Forbidden when the key is not for it."""
    model = catalogue.find(name)
    if model is None:
        raise NotFound(f"The model '{name[:256]}' does not exist.", code="model_not_found", param="model")
    if not may_call(key, model):
        raise Forbidden(f"This key may not call the model '{model.id}'.", param="model")
    return model


def may_call(key: Key | None, model: Model) -> bool:
    """Whether the key is for this model, by any of its names. A member who has signed in has none and sees all."""
    return key is None or key.models is None or not set(model.names).isdisjoint(key.models)


def _price(hub: Hub, model: Model, plan: str | None) -> Price | None:
    """What applies now to an organisation of the plan."""
    return hub.configuration.tariff.price(model, plan, datetime.now(UTC))


def _object(hub: Hub, model: Model, plan: str | None, *, with_schema: bool = False) -> dict[str, object]:
    """The model with the price that applies now to the key's organisation."""
    registry = hub.configuration.registry
    model = msgspec.structs.replace(model, price=_price(hub, model, plan))
    available = frozenset(offer.provider for offer in model.offers if registry.is_available(offer.provider))
    return model_object(model, available=available, with_schema=with_schema)
