"""Organisations, members and invitations: as records, as clients ask for them, and as they are shown."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from entrepot.keys import Name, iso

Role = Literal["owner", "admin", "developer", "viewer", "billing"]
ROLES: tuple[Role, ...] = ("owner", "admin", "developer", "viewer", "billing")

Email = Annotated[str, Meta(pattern=r"^[^@\s\x00-\x1f\x7f]{1,64}@[^@\s\x00-\x1f\x7f]{1,189}\Z")]
Token = Annotated[str, Meta(max_length=100)]
Password = Annotated[str, Meta(min_length=12, max_length=256)]


class Organisation(msgspec.Struct, frozen=True, kw_only=True):
    """`house` marks the one that the first run made: its managers run the hub."""

    id: str
    name: str
    created_at_ms: int
    house: bool = False


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A person in one organisation. The hash of the password is no part of the record, so that nothing can show it."""

    id: str
    organisation_id: str
    name: str
    role: Role
    created_at_ms: int
    email: str | None = None
    has_password: bool = False
    removed_at_ms: int | None = None


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    organisation_id: str
    email: str
    role: Role
    created_at_ms: int
    expires_at_ms: int


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """One sign-in of a member. It ends at `expires_at_ms`, or earlier when it is not used."""

    member_id: str
    created_at_ms: int
    seen_at_ms: int
    expires_at_ms: int


class Spec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request's body: a field that is not named here is refused, whatever a record of that kind holds."""


class OrganisationSpec(Spec, frozen=True):
    """A new organisation, and whom its first owner's invitation is for."""

    name: Name
    owner_email: Email


class OrganisationPatch(Spec, frozen=True):
    name: Name


class InvitationSpec(Spec, frozen=True):
    email: Email
    role: Role = "developer"


class MemberPatch(Spec, frozen=True):
    """What shall change of a member; fields left out stay as they are."""

    name: Name | UnsetType = UNSET
    email: Email | UnsetType = UNSET
    role: Role | UnsetType = UNSET


class Acceptance(Spec, frozen=True):
    """How an invitation is accepted."""

    token: Token
    name: Name
    password: Password


class Credentials(Spec, frozen=True):
    """`organisation_id` is needed only by who has the same address in several organisations."""

    email: Annotated[str, Meta(max_length=254)]
    password: Annotated[str, Meta(max_length=256)]
    organisation_id: str | None = None


class PasswordChange(Spec, frozen=True):
    password: Annotated[str, Meta(max_length=256)]
    new_password: Password


class Welcome(Spec, frozen=True):
    """What the owner sets by the link of the first run."""

    token: Token
    email: Email
    password: Password
    name: Name = "Owner"


class Redemption(Spec, frozen=True):
    """What a member sets by a link to reset the password."""

    token: Token
    password: Password


def normal_email(email: str) -> str:
    """The form in which e-mail addresses are stored and compared."""
    return email.strip().lower()


def organisation_object(organisation: Organisation) -> dict[str, Any]:
    return {
        "id": organisation.id,
        "object": "organisation",
        "name": organisation.name,
        "house": organisation.house,
        "created_at": iso(organisation.created_at_ms),
    }


def member_object(member: Member) -> dict[str, Any]:
    return {
        "id": member.id,
        "object": "member",
        "organisation_id": member.organisation_id,
        "name": member.name,
        "email": member.email,
        "role": member.role,
        "has_password": member.has_password,
        "created_at": iso(member.created_at_ms),
    }


def invitation_object(invitation: Invitation) -> dict[str, Any]:
    return {
        "id": invitation.id,
        "object": "invitation",
        "organisation_id": invitation.organisation_id,
        "email": invitation.email,
        "role": invitation.role,
        "created_at": iso(invitation.created_at_ms),
        "expires_at": iso(invitation.expires_at_ms),
    }
