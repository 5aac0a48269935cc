"""Anthropic's list of models: which ones are in it, in which order, and a page of them at a time.

https://platform.claude.com/docs/en/api/models/list
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from starlette.datastructures import QueryParams

from entrepot.catalog import LIFECYCLES, Model, info_lifecycle, model_info
from entrepot.catalog.infos import EPOCH
from entrepot.errors import InvalidRequest

DEFAULT_LIMIT, MOST = 20, 1000
UNLESS_ASKED = ("active", "deprecated")  # retired models are listed when `lifecycle` names them


def page(models: Iterable[Model], query: QueryParams) -> dict[str, Any]:
    """The page that `limit`, `after_id`, `before_id` and `lifecycle` ask for. Raises InvalidRequest."""
    limit, lifecycles = _limit(query), _lifecycles(query)
    listed = [model for model in models if model.kind == "chat" and info_lifecycle(model) in lifecycles]
    listed.sort(key=lambda model: model.released or EPOCH, reverse=True)
    after, before = _place(listed, query, "after_id"), _place(listed, query, "before_id")
    if after is not None and before is not None:
        raise InvalidRequest("Give 'after_id' or 'before_id', not both.", param="before_id")
    if before is not None:
        shown, has_more = listed[max(0, before - limit) : before], before > limit
    else:
        start = 0 if after is None else after + 1
        shown, has_more = listed[start : start + limit], len(listed) > start + limit
    return {
        "data": [model_info(model) for model in shown],
        "has_more": has_more,
        "first_id": shown[0].id if shown else None,
        "last_id": shown[-1].id if shown else None,
    }


def _limit(query: QueryParams) -> int:
    text = query.get("limit", str(DEFAULT_LIMIT))
    limit = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(MOST)) else 0
    if not 1 <= limit <= MOST:
        raise InvalidRequest(f"'limit' must be a whole number from 1 to {MOST}.", param="limit")
    return limit


def _lifecycles(query: QueryParams) -> tuple[str, ...]:
    """Anthropic's SDKs write the brackets."""
    asked = (*query.getlist("lifecycle"), *query.getlist("lifecycle[]"))
    for name in asked:
        if name not in LIFECYCLES:
            raise InvalidRequest(f"'lifecycle' must be one of {', '.join(LIFECYCLES)}.", param="lifecycle")
    return asked or UNLESS_ASKED


def _place(models: list[Model], query: QueryParams, name: str) -> int | None:
    """Where in the list the cursor stands; None when none is given."""
    cursor = query.get(name)
    if not cursor:
        return None
    found = next((place for place, model in enumerate(models) if cursor in model.names), None)
    if found is None:
        raise InvalidRequest(f"'{name}' names no model of this list.", param=name)
    return found
