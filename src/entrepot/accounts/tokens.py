"""Tokens of sessions and links. Each purpose has a secret of its own, so that a token of one is nothing to another.

    ep-session-<43 letters and digits>     256 random bits

The store keeps only HMAC-SHA-256 of a token, under a secret that is derived from the home's pepper for its purpose.
"""

from __future__ import annotations

import functools
import hmac
from typing import Literal

from entrepot.keys import RandomBytes, random_text

Purpose = Literal["session", "invitation", "welcome", "reset", "voucher", "idempotency"]

_LENGTH = 43


def mint(purpose: Purpose, random: RandomBytes) -> str:
    return f"ep-{purpose}-{random_text(_LENGTH, random)}"


def digest(token: str, purpose: Purpose, pepper: bytes) -> bytes:
    return hmac.digest(_secret(purpose, pepper), token.encode(), "sha256")


@functools.lru_cache(maxsize=64)
def _secret(purpose: Purpose, pepper: bytes) -> bytes:
    """HKDF with SHA-256 (RFC 5869): no salt, the purpose as info, one block."""
    extracted = hmac.digest(bytes(32), pepper, "sha256")
    return hmac.digest(extracted, f"entrepot {purpose}".encode() + b"\x01", "sha256")
