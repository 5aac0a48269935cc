"""Keys, rules, organisations, members, invitations, sessions and the audit log."""

from __future__ import annotations

from entrepot.accounts.records import (
    Acceptance,
    Credentials,
    InvitationSpec,
    MemberPatch,
    OrganisationPatch,
    OrganisationSpec,
    PasswordChange,
    Redemption,
    Welcome,
)
from entrepot.api import audit
from entrepot.api.answers.accounts import (
    AuditList,
    Deleted,
    InvitationList,
    Key,
    KeyList,
    Member,
    MemberList,
    NewInvitation,
    NewKey,
    NewOrganisation,
    Organisation,
    OrganisationList,
    PasswordLink,
    Rule,
    RuleList,
    Session,
    SessionEnd,
)
from entrepot.api.keys import Rotation
from entrepot.api.operations.operation import TEXT, Area, Operation
from entrepot.api.operations.query import BETWEEN, cursor, limit
from entrepot.keys import KeyPatch, KeySpec
from entrepot.rules import RuleSpec

KEYS: Area = {
    ("GET", "/v1/keys"): Operation(answer=KeyList),
    ("POST", "/v1/keys"): Operation(request=KeySpec, answer=NewKey, status=201),
    ("GET", "/v1/keys/{id}"): Operation(answer=Key, id="getKey"),
    ("PATCH", "/v1/keys/{id}"): Operation(request=KeyPatch, answer=Key),
    ("DELETE", "/v1/keys/{id}"): Operation(answer=Deleted),
    ("POST", "/v1/keys/{id}/rotate"): Operation(request=Rotation, answer=NewKey),
    ("GET", "/v1/rules"): Operation(answer=RuleList),
    ("PUT", "/v1/rules"): Operation(request=RuleSpec, answer=Rule),
    ("DELETE", "/v1/rules/{id}"): Operation(answer=Deleted),
}
PEOPLE: Area = {
    ("GET", "/v1/organisations"): Operation(answer=OrganisationList),
    ("POST", "/v1/organisations"): Operation(request=OrganisationSpec, answer=NewOrganisation, status=201),
    ("GET", "/v1/organisations/{id}"): Operation(answer=Organisation, id="getOrganisation"),
    ("PATCH", "/v1/organisations/{id}"): Operation(request=OrganisationPatch, answer=Organisation),
    ("GET", "/v1/members"): Operation(answer=MemberList),
    ("GET", "/v1/members/{id}"): Operation(answer=Member, id="getMember"),
    ("PATCH", "/v1/members/{id}"): Operation(request=MemberPatch, answer=Member),
    ("DELETE", "/v1/members/{id}"): Operation(answer=Deleted),
    ("POST", "/v1/members/{id}/reset"): Operation(answer=PasswordLink, status=201),
    ("GET", "/v1/invitations"): Operation(answer=InvitationList),
    ("POST", "/v1/invitations"): Operation(request=InvitationSpec, answer=NewInvitation, status=201),
    ("DELETE", "/v1/invitations/{id}"): Operation(answer=Deleted),
    ("POST", "/v1/invitations/accept"): Operation(request=Acceptance, answer=Member, status=201),
    ("GET", "/v1/audit"): Operation(
        answer=AuditList,
        query={
            "limit": limit(audit.MOST, audit.DEFAULT),
            "before": cursor("The `id` of the last entry of the page before."),
            "actor": TEXT,
            "action": TEXT,
            "subject": TEXT,
        }
        | BETWEEN,
        id="listAuditEntries",
    ),
}
SESSIONS: Area = {
    ("POST", "/v1/session"): Operation(request=Credentials, answer=Session, status=201),
    ("GET", "/v1/session"): Operation(answer=Session, id="getSession"),
    ("DELETE", "/v1/session"): Operation(answer=SessionEnd),
    ("POST", "/v1/session/welcome"): Operation(request=Welcome, answer=Session, status=201, id="welcomeOwner"),
    ("POST", "/v1/session/reset"): Operation(request=Redemption, answer=Session, status=201, id="resetPassword"),
    ("POST", "/v1/session/password"): Operation(request=PasswordChange, answer=Session),
}
