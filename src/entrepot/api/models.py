"""GET /v1/models and /v1/models/{id}: the catalogue as a key may see it, in the dialect of who asks."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from entrepot.api import model_pages
from entrepot.api.respond import caller_of, hub_of, json_response, spoken
from entrepot.catalog import Model, model_info, model_object
from entrepot.dialects.table import MESSAGES
from entrepot.errors import Forbidden, NotFound
from entrepot.hub import Hub
from entrepot.keys import Key


async def list_models(request: Request) -> Response:
    """Every model the key may call, in OpenAI's list shape with the hub's fields beside OpenAI's.

    With `anthropic-version`: those that converse, newest first, a page at a time in Anthropic's list shape.
    Raises InvalidRequest for a page that cannot be given.
    """
    hub, caller = hub_of(request), caller_of(request)
    models = [model for model in hub.configuration.catalogue.models.values() if may_call(caller.key, model)]
    if spoken(request.scope) is MESSAGES:
        return json_response(model_pages.page(models, request.query_params))
    plan = hub.books.plans.get(caller.organisation_id)
    return json_response({"object": "list", "data": [_object(hub, model, plan) for model in models]})


async def retrieve_model(request: Request) -> Response:
    """One model by id or any alias, its request schema included. The id in the answer is the catalogue's.

    With `anthropic-version`: as Anthropic's ModelInfo, without the schema.
    """
    hub, caller = hub_of(request), caller_of(request)
    name = request.path_params["id"]
    model = hub.configuration.catalogue.find(name)
    if model is None:
        raise NotFound(f"The model '{name[:256]}' does not exist.", code="model_not_found", param="model")
    if not may_call(caller.key, model):
        raise Forbidden(f"This key may not call the model '{model.id}'.", param="model")
    if spoken(request.scope) is MESSAGES:
        return json_response(model_info(model))
    plan = hub.books.plans.get(caller.organisation_id)
    return json_response(_object(hub, model, plan, with_schema=True))


def may_call(key: Key | None, model: Model) -> bool:
    """Whether the key is for this model, by any of its names. A member who has signed in has none and sees all."""
    return key is None or key.models is None or not set(model.names).isdisjoint(key.models)


def _object(hub: Hub, model: Model, plan: str | None, *, with_schema: bool = False) -> dict[str, object]:
    """The model with the price that applies now to the key's organisation."""
    registry, tariff = hub.configuration.registry, hub.configuration.tariff
    model = msgspec.structs.replace(model, price=tariff.price(model, plan, datetime.now(UTC)))
    available = frozenset(offer.provider for offer in model.offers if registry.is_available(offer.provider))
    return model_object(model, available=available, with_schema=with_schema)
