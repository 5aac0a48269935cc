"""Organisations and their members. Every key belongs to an organisation."""

from __future__ import annotations

from typing import Literal

import msgspec

Role = Literal["owner", "admin", "developer", "viewer", "billing"]


class Organisation(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str
    created_at_ms: int


class Member(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    organisation_id: str
    name: str
    role: Role
    created_at_ms: int
