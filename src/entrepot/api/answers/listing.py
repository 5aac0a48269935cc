"""What all answers have in common, and the kinds of text in them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Time = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
Usd = Annotated[str, Meta(description="US dollars, decimal and exact.")]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """Base of the records: every field is always there, but for those that are UNSET."""


class Listing(Answer, frozen=True, kw_only=True):
    object: Literal["list"] = "list"


class Paged(Listing, frozen=True, kw_only=True):
    """`next_cursor` asks for the page after this one; null on the last."""

    has_more: bool
    next_cursor: str | None


def instant(time_ms: int) -> str:
    """A time to the millisecond."""
    return datetime.fromtimestamp(time_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
