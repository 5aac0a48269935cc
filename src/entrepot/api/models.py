"""GET /v1/models and /v1/models/{id}: the catalogue as a key may see it, in the dialect of who asks."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from entrepot.api import model_pages
from entrepot.api.respond import caller, hub_of, json_response, spoken
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
    hub, key = hub_of(request), caller(request)
    models = [model for model in hub.configuration.catalogue.models.values() if _allowed(key, model)]
    if spoken(request.scope) is MESSAGES:
        return json_response(model_pages.page(models, request.query_params))
    return json_response({"object": "list", "data": [_object(hub, model) for model in models]})


async def retrieve_model(request: Request) -> Response:
    """One model by id or any alias, its request schema included. The id in the answer is the catalogue's.

    With `anthropic-version`: as Anthropic's ModelInfo, without the schema.
    """
    hub, key = hub_of(request), caller(request)
    name = request.path_params["id"]
    model = hub.configuration.catalogue.find(name)
    if model is None:
        raise NotFound(f"The model '{name[:256]}' does not exist.", code="model_not_found", param="model")
    if not _allowed(key, model):
        raise Forbidden(f"This key may not call the model '{model.id}'.", param="model")
    if spoken(request.scope) is MESSAGES:
        return json_response(model_info(model))
    return json_response(_object(hub, model, with_schema=True))


def _allowed(key: Key, model: Model) -> bool:
    return key.models is None or not set(model.names).isdisjoint(key.models)


def _object(hub: Hub, model: Model, *, with_schema: bool = False) -> dict[str, object]:
    registry = hub.configuration.registry
    available = frozenset(offer.provider for offer in model.offers if registry.is_available(offer.provider))
    return model_object(model, available=available, with_schema=with_schema)
