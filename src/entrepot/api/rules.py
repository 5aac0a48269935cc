"""/v1/rules: limits and budgets of organisations, members, keys and models, with how much of each is left."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from entrepot.administration import rules
from entrepot.api.respond import caller_of, desk_of, hub_of, json_response, read_json
from entrepot.books import now
from entrepot.errors import NotFound
from entrepot.hub import Hub
from entrepot.keys import Key, key_object
from entrepot.notices import standing
from entrepot.rules import Rule, RuleSpec, bounds_object, rule_object


async def list_rules(request: Request) -> Response:
    """Those that the caller may see."""
    found = await asyncio.to_thread(rules.listed, desk_of(request), caller_of(request))
    hub = hub_of(request)
    return json_response({"object": "list", "data": [_shown(hub, rule) for rule in found]})


async def put_rule(request: Request) -> Response:
    """A rule in the place of the one that its subject has for the same model. In force at once."""
    hub, spec = hub_of(request), await read_json(request, RuleSpec)
    spec = _with_ids(hub, spec)
    rule = await asyncio.to_thread(rules.put, desk_of(request), caller_of(request), spec)
    hub.books.refresh()
    return json_response(_shown(hub, rule))


async def delete_rule(request: Request) -> Response:
    """Take a rule away, at once."""
    hub, id = hub_of(request), request.path_params["id"]
    rule = await asyncio.to_thread(rules.delete, desk_of(request), caller_of(request), id)
    hub.books.refresh()
    return json_response({"id": rule.id, "object": "rule", "deleted": True})


def shown_key(hub: Hub, key: Key) -> dict[str, Any]:
    """A key with its limits and its budget, and how it stands with them."""
    gate = hub.books.limiter.gate("key", key.id)
    stands = standing(gate, now()) if gate is not None else {}
    return key_object(key) | bounds_object(gate.rule if gate is not None else None) | {"standing": stands}


def _shown(hub: Hub, rule: Rule) -> dict[str, Any]:
    gate = hub.books.limiter.gate(rule.subject, rule.subject_id, rule.model)
    return rule_object(rule) | {"standing": standing(gate, now()) if gate is not None else {}}


def _with_ids(hub: Hub, spec: RuleSpec) -> RuleSpec:
    """Models by their ids, by which calls are told apart. Raises NotFound for one that is in no catalogue."""
    catalogue = hub.configuration.catalogue
    names = {"model": spec.model}
    if spec.subject == "model":
        names["subject_id"] = spec.subject_id
    ids = {}
    for field, name in names.items():
        model = catalogue.find(name) if name is not None else None
        if name is not None and model is None:
            raise NotFound(f"The model '{name}' does not exist.", code="model_not_found", param=field)
        ids[field] = model.id if model is not None else None
    return msgspec.structs.replace(spec, **ids)
