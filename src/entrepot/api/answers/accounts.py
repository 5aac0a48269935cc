"""Keys, rules, people and what they did, as they are shown."""

from __future__ import annotations

from typing import Any, Literal

from entrepot.accounts.records import Role
from entrepot.api.answers.listing import Answer, Listing, Time, Usd
from entrepot.keys import Mode, Scope
from entrepot.rules import SubjectKind


class Deleted(Answer, frozen=True, kw_only=True):
    id: str
    object: Literal["key", "rule", "member", "invitation", "voucher", "response"]
    deleted: Literal[True]


# Keys and rules -----------------------------------------------------------------------------------


class BoundLimits(Answer, frozen=True, kw_only=True):
    requests_per_minute: int | None
    tokens_per_minute: int | None
    requests_per_day: int | None
    tokens_per_day: int | None
    concurrency: int | None


class BoundBudget(Answer, frozen=True, kw_only=True):
    day_usd: Usd | None
    week_usd: Usd | None
    month_usd: Usd | None
    total_usd: Usd | None


class Standing(Answer, frozen=True, kw_only=True):
    """Of one bound. Money is told in dollars as text; `resets_at` is when all of it is free again."""

    used: int | str
    left: int | str
    resets_at: Time | None


class Bounded(Answer, frozen=True, kw_only=True):
    """`standing` is by the name of each bound that is set."""

    limits: BoundLimits
    budget: BoundBudget
    standing: dict[str, Standing]


class Key(Bounded, frozen=True, kw_only=True):
    """A key without its secret. `models` null allows every model; `parent_id` is the key it was made through."""

    id: str
    object: Literal["key"] = "key"
    prefix: str
    name: str
    mode: Mode
    scopes: tuple[Scope, ...]
    models: tuple[str, ...] | None
    member_id: str | None
    project: str | None
    parent_id: str | None
    disabled: bool
    created_at: Time
    expires_at: Time | None


class NewKey(Key, frozen=True, kw_only=True):
    """`key` is the token, shown only here."""

    key: str


class KeyList(Listing, frozen=True, kw_only=True):
    data: tuple[Key, ...]


class Rule(Bounded, frozen=True, kw_only=True):
    """What binds one subject, for one model or, with null, for all."""

    id: str
    object: Literal["rule"] = "rule"
    subject: SubjectKind
    subject_id: str
    model: str | None


class RuleList(Listing, frozen=True, kw_only=True):
    data: tuple[Rule, ...]


# People -------------------------------------------------------------------------------------------


class Member(Answer, frozen=True, kw_only=True):
    id: str
    object: Literal["member"] = "member"
    organisation_id: str
    name: str
    email: str | None
    role: Role
    has_password: bool
    created_at: Time


class MemberList(Listing, frozen=True, kw_only=True):
    data: tuple[Member, ...]


class PasswordLink(Answer, frozen=True, kw_only=True):
    """Good for one new password of the member `id`; shown only here."""

    id: str
    object: Literal["reset"] = "reset"
    token: str
    url: str


class Invitation(Answer, frozen=True, kw_only=True):
    id: str
    object: Literal["invitation"] = "invitation"
    organisation_id: str
    email: str
    role: Role
    created_at: Time
    expires_at: Time


class NewInvitation(Invitation, frozen=True, kw_only=True):
    """`token` is shown only here."""

    token: str


class InvitationList(Listing, frozen=True, kw_only=True):
    data: tuple[Invitation, ...]


class Organisation(Answer, frozen=True, kw_only=True):
    """`house` marks the one whose managers run the hub."""

    id: str
    object: Literal["organisation"] = "organisation"
    name: str
    house: bool
    created_at: Time


class NewOrganisation(Organisation, frozen=True, kw_only=True):
    """`invitation` is its first owner's."""

    invitation: NewInvitation


class OrganisationList(Listing, frozen=True, kw_only=True):
    data: tuple[Organisation, ...]


class Session(Answer, frozen=True, kw_only=True):
    """Who has signed in, and where. The session itself is in a cookie."""

    object: Literal["session"] = "session"
    member: Member
    organisation: Organisation


class SessionEnd(Answer, frozen=True, kw_only=True):
    object: Literal["session"] = "session"
    deleted: Literal[True]


class AuditEntry(Answer, frozen=True, kw_only=True):
    """`before` and `after` hold the fields that differ; null where there was or is nothing."""

    id: int
    object: Literal["audit_entry"] = "audit_entry"
    at: Time
    organisation_id: str
    actor: str
    action: str
    subject: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    request_id: str | None


class AuditList(Listing, frozen=True, kw_only=True):
    """The next page is asked for by `before`: the `id` of the last entry."""

    data: tuple[AuditEntry, ...]
    has_more: bool
