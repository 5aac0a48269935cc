"""Counting a request's input tokens without answering it, as Messages and Responses let clients ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from entrepot.dialects.fields import RawFields, encode
from entrepot.errors import UpstreamBroken


class Counting(msgspec.Struct, frozen=True, kw_only=True):
    """`path` is where an upstream counts, below its base URL; it takes no other `fields` than these.

    `frame` is what stands in an answer beside the count.
    """

    path: str
    fields: frozenset[str]
    frame: Mapping[str, Any] = {}

    def emit_request(self, body: bytes) -> bytes:
        """What an upstream is asked, of the body that it would be sent for an answer."""
        fields = msgspec.json.decode(body, type=RawFields)
        return encode({name: value for name, value in fields.items() if name in self.fields})

    def emit_response(self, input_tokens: int) -> bytes:
        return msgspec.json.encode({**self.frame, "input_tokens": input_tokens})

    def parse_response(self, body: bytes) -> int:
        """The upstream's count. Raises UpstreamBroken when its answer holds none."""
        try:
            return msgspec.json.decode(body, type=_Count).input_tokens
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise UpstreamBroken("The upstream's answer is not a count of tokens.") from None


class _Count(msgspec.Struct):
    input_tokens: Annotated[int, msgspec.Meta(ge=0)]
