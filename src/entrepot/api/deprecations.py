"""GET /v1/models/deprecations: which models go, when, and what takes their place."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from entrepot.api.respond import hub_of, json_response, tagged
from entrepot.catalog import Model

MAX_AGE_S = 300
LEAVING = ("deprecated", "shut_down")


async def list_deprecations(request: Request) -> Response:
    """All that are leaving or gone, the next to go first. `status` and `since` narrow it; nonsense in them does not."""
    catalogue = hub_of(request).configuration.catalogue
    status, since = request.query_params.get("status"), _day(request.query_params.get("since"))
    found = [model for model in catalogue.models.values() if model.lifecycle.status in LEAVING]
    if status in LEAVING:
        found = [model for model in found if model.lifecycle.status == status]
    if since is not None:
        found = [model for model in found if (model.lifecycle.deprecated_at or date.max) >= since]
    found.sort(key=lambda model: model.lifecycle.shutdown_at or date.max)
    data = [_object(model) for model in found]
    generated_at = datetime.fromtimestamp(int(time.time()), UTC).isoformat().replace("+00:00", "Z")
    response = json_response({"object": "list", "generated_at": generated_at, "data": data})
    return tagged(request, response, of=msgspec.json.encode(data), max_age_s=MAX_AGE_S)


def _object(model: Model) -> dict[str, Any]:
    lifecycle = model.lifecycle
    return {
        "object": "deprecation",
        "id": model.id,
        "aliases": model.aliases,
        "status": lifecycle.status,
        "deprecated_at": lifecycle.deprecated_at,
        "shutdown_at": lifecycle.shutdown_at,
        "replaced_by": lifecycle.replaced_by,
        "note": lifecycle.note,
        "source": lifecycle.source,
    }


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
