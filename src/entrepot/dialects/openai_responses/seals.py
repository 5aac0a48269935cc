"""The seal: what only the hub shall read again travels through a client as `encrypted_content`.

Clients replay that field unread. The seal tells the hub's own from a vendor's; it hides nothing from the client.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

_SEAL = "entrepot:"


def seal(value: msgspec.Struct) -> str:
    return _SEAL + base64.urlsafe_b64encode(msgspec.json.encode(value)).decode()


def is_sealed(content: Any) -> bool:
    return isinstance(content, str) and content.startswith(_SEAL)


def unseal(content: str, type_: type[T]) -> T | None:
    """What was sealed; None when it was damaged on the way."""
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(content.removeprefix(_SEAL)), type=type_)
    except (binascii.Error, msgspec.DecodeError, UnicodeError, ValueError):
        return None
