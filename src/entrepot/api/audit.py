"""GET /v1/audit: who changed what in the caller's organisation."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from entrepot.accounts.audit import audit_object
from entrepot.api.paging import number
from entrepot.api.respond import caller_of, desk_of, json_response
from entrepot.api.times import time_ms
from entrepot.store import audit

MOST = 1000
DEFAULT = 100


async def list_entries(request: Request) -> Response:
    """Newest first, `limit` at a time; `before` is the cursor: the id of the last entry one has seen."""
    query = request.query_params
    limit = min(number(request, "limit", DEFAULT), MOST)
    wanted = audit.Filter(
        before_seq=number(request, "before", audit.LAST),
        actor=query.get("actor"),
        action=query.get("action"),
        subject=query.get("subject"),
        from_ms=time_ms(request, "from", 0),
        until_ms=time_ms(request, "until", audit.LAST),
        limit=limit + 1,
    )
    read, organisation_id = desk_of(request).store.read, caller_of(request).organisation_id
    found = await asyncio.to_thread(audit.entries, read, organisation_id, wanted)
    data = [audit_object(entry) for entry in found[:limit]]
    return json_response({"object": "list", "data": data, "has_more": len(found) > limit})
