"""POST /v1/estimate: what a request would use and cost, for one model or several."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from entrepot.api.models import may_call
from entrepot.api.respond import caller_of, hub_of, json_response, read_json
from entrepot.catalog import Catalogue, Model, pricing
from entrepot.dialects.shape import FORMS, form_of
from entrepot.dialects.table import Form
from entrepot.errors import Forbidden, InvalidRequest, NotFound
from entrepot.estimates import Estimate, estimate, tier_of
from entrepot.keys import Key
from entrepot.money import Tier, usd
from entrepot.tariff import Quote

MOST_MODELS = 64
Protocol = Literal["openai_chat", "anthropic_messages", "openai_responses", "openai_embeddings"]


class EstimateSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`request` is a body as its protocol's route takes it; without `protocol` its fields tell which that is."""

    request: dict[str, Any]
    models: Annotated[tuple[str, ...], msgspec.Meta(min_length=1, max_length=MOST_MODELS)] | None = None
    protocol: Protocol | None = None


async def estimate_call(request: Request) -> Response:
    """Tokens and cost of a request for each of the models, in the order asked. Nothing is called or recorded."""
    hub, caller = hub_of(request), caller_of(request)
    configuration = hub.configuration
    spec = await read_json(request, EstimateSpec, configuration.settings.server.body_limit_bytes)
    models = _models(spec, configuration.catalogue, caller.key)
    form = FORMS[spec.protocol] if spec.protocol else form_of(spec.request, models[0].kind)
    _require_kind(models, form)
    plan = hub.books.plans.get(caller.organisation_id)
    parsed, counts = await asyncio.to_thread(_counted, form, spec.request, models)
    now, tier = datetime.now(UTC), tier_of(spec.request.get("service_tier"))
    data = []
    for model, input_tokens in zip(models, counts, strict=True):
        quote = configuration.tariff.quote(model, plan, now)
        found = estimate(parsed, model, input_tokens, quote.price if quote else None, tier)
        data.append(_object(model, found) | {"price": _price(quote, plan, tier) if quote else None})
    return json_response({"object": "list", "protocol": form.name, "data": data})


def _models(spec: EstimateSpec, catalogue: Catalogue, key: Key | None) -> list[Model]:
    """The models asked for. Raises InvalidRequest, NotFound or Forbidden naming the place."""
    names: list[tuple[str, Any]] = [("request.model", spec.request.get("model", spec.request.get("model_id")))]
    if spec.models is not None:
        names = [(f"models[{index}]", name) for index, name in enumerate(spec.models)]
    return [_model(name, param, catalogue, key) for param, name in names]


def _model(name: Any, param: str, catalogue: Catalogue, key: Key | None) -> Model:
    if not isinstance(name, str):
        code = "missing_required_parameter" if name is None else "invalid_type"
        raise InvalidRequest("Name a model in 'models' or in the request's own 'model'.", param=param, code=code)
    model = catalogue.find(name)
    if model is None:
        raise NotFound(f"The model '{name[:256]}' does not exist.", code="model_not_found", param=param)
    if not may_call(key, model):
        raise Forbidden(f"This key may not call the model '{model.id}'.", param=param)
    return model


def _require_kind(models: Sequence[Model], form: Form) -> None:
    for model in models:
        if model.kind != form.kind:
            message = f"The model '{model.id}' does not take requests of the protocol {form.name}."
            raise InvalidRequest(message, param="models", code="unsupported_value")


def _counted(form: Form, body: dict[str, Any], models: Sequence[Model]) -> tuple[Any, list[int]]:
    """The request as its form reads it, and its input tokens for each model. Slow: for another thread."""
    try:
        parsed = form.parse_request({**body, "model": models[0].id})
    except InvalidRequest as error:
        raise InvalidRequest(error.message, code=error.code, param=f"request.{error.param or ''}") from None
    counts = {rule: form.count(parsed, rule) for rule in {model.image_tokens for model in models}}
    return parsed, [counts[model.image_tokens] for model in models]


def _object(model: Model, found: Estimate) -> dict[str, Any]:
    fits = None if model.context_tokens is None else found.input_tokens <= model.context_tokens
    return {
        "object": "estimate",
        "model": model.id,
        "input_tokens": found.input_tokens,
        "likely_output_tokens": found.output.likely_tokens,
        "most_output_tokens": found.output.most_tokens,
        "fits_context": fits,
        "likely_cost_nusd": found.likely_nusd,
        "likely_cost_usd": usd(found.likely_nusd),
        "most_cost_nusd": found.most_nusd,
        "most_cost_usd": usd(found.most_nusd),
    }


def _price(quote: Quote, plan: str | None, tier: Tier) -> dict[str, Any]:
    """Which price applied: where it comes from, its tier, and its rates in dollars for one unit."""
    return {"source": quote.source, "plan": plan, "tier": tier, "pricing": pricing(quote.price, tier)}
