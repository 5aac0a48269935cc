"""What one dialect cannot say of what another has said: refused by name, or dropped where it is a hint."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from entrepot.conversation import Request
from entrepot.errors import InvalidRequest

Verdict = Literal["refused", "dropped"]


class Emitted(msgspec.Struct, frozen=True):
    """A request body for an upstream, and the neutral names of hints that it does not carry."""

    body: bytes
    dropped: tuple[str, ...] = ()


class NotCarried(InvalidRequest):
    """A field the upstream's dialect has no place for. `param` is neutral until the caller's dialect names it."""

    code = "unsupported_by_upstream"

    def __init__(self, field: str, why: str = "") -> None:
        because = f": {why}" if why else ""
        super().__init__(f"'{field}' cannot be carried to the upstream that serves this model{because}.", param=field)
        self.field = field
        self.why = why


_DEFAULTS = {field.name: field.default for field in msgspec.structs.fields(Request)}


def left_behind(request: Request, verdicts: Mapping[str, Verdict]) -> tuple[str, ...]:
    """Names of the fields that are dropped. Raises NotCarried for the first that must not be.

    `verdicts` names the Request fields that the target dialect has no place for.
    """
    dropped = []
    for field, verdict in verdicts.items():
        if getattr(request, field) in (_DEFAULTS[field], None, (), {}):
            continue
        if verdict == "refused":
            raise NotCarried(field)
        dropped.append(field)
    for name in request.foreign:
        if name not in request.hints:
            raise NotCarried(name)
        dropped.append(name)
    return tuple(dropped)
