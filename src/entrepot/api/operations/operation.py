"""The record in which a route's place in the OpenAPI document is declared, and the schemas that many share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from entrepot.api.permissions import Route

Schema = dict[str, Any]
Query = dict[str, Schema]
"""Parameters of a query string: their schemas by their names."""

TEXT: Schema = {"type": "string"}
OBJECT: Schema = {"type": "object", "additionalProperties": True}
OPEN: Schema = {"additionalProperties": True}
"""Said of records that may hold more than is declared."""

COMPONENTS = "#/components/schemas/{name}"


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """What a route takes and gives. `request` and `answer` are records, or names of schemas in `bodies`.

    `media` are types of the answer beside JSON, or in its place where there is no `answer`; with neither, no call
    succeeds. `also` are answers with other statuses that are no errors of the common form; `anthropic` is what callers
    get that send `anthropic-version`. `by_id` says that a parameter is an id that may be unknown, `tagged` that the
    answer has an ETag. `id` is the operation's where the handler's name would not do.
    """

    request: type | str | None = None
    answer: type | str | None = None
    status: int = 200
    query: Query = msgspec.field(default_factory=dict)
    headers: tuple[str, ...] = ()
    media: tuple[str, ...] = ()
    also: Mapping[int, type] = msgspec.field(default_factory=dict)
    anthropic: type | None = None
    by_id: bool = False
    tagged: bool = False
    id: str | None = None


Area = Mapping[Route, Operation]
