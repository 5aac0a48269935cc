"""Passwords: hashed with Argon2id (RFC 9106). Slow on purpose: call it on another thread than the event loop's."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from argon2.profiles import RFC_9106_LOW_MEMORY

HASHER = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)


def hashed(password: str) -> str:
    """With its salt and parameters."""
    return HASHER.hash(password)


def matches(password: str, stored: str | None) -> bool:
    """Without a stored hash the answer is no, after as much work as with one."""
    if stored is None:
        HASHER.hash(password)
        return False
    try:
        return HASHER.verify(stored, password)
    except VerifyMismatchError:
        return False


def is_outdated(stored: str) -> bool:
    """Whether it was hashed with other parameters than are used today."""
    return HASHER.check_needs_rehash(stored)
