"""The records of accounts are what is shown of them, field by field."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from entrepot.accounts import records
from entrepot.accounts.audit import AuditEntry, audit_object
from entrepot.api.answers import accounts
from entrepot.keys import Key, key_object
from entrepot.rules import Rule, bounds_object, rule_object

MEMBER = records.Member(id="mem_1", organisation_id="org_1", name="Anna", role="owner", created_at_ms=1)
ORGANISATION = records.Organisation(id="org_1", name="House", created_at_ms=1)
INVITATION = records.Invitation(
    id="inv_1", organisation_id="org_1", email="a@x.test", role="viewer", created_at_ms=1, expires_at_ms=2
)
KEY = Key(
    id="k", organisation_id="org_1", name="ci", mode="test", scopes=("usage",), models=None, digest=b"", created_at_ms=1
)
RULE = Rule(id="rule_1", subject="key", subject_id="k", concurrency=2, day_nusd=10**9)
ENTRY = AuditEntry(at_ms=1, organisation_id="org_1", actor="operator", action="key.create", subject="key:k")
STANDING: dict[str, Any] = {"standing": {"concurrency": {"used": 0, "left": 2, "resets_at": None}}}


@pytest.mark.parametrize(
    ("record", "shown"),
    [
        (accounts.Member, records.member_object(MEMBER)),
        (accounts.Organisation, records.organisation_object(ORGANISATION)),
        (accounts.Invitation, records.invitation_object(INVITATION)),
        (accounts.Key, key_object(KEY) | bounds_object(RULE) | STANDING),
        (accounts.Rule, rule_object(RULE) | STANDING),
        (accounts.AuditEntry, audit_object(ENTRY)),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_a_record_is_what_is_shown(record: type[msgspec.Struct], shown: dict[str, Any]) -> None:
    written = msgspec.json.decode(msgspec.json.encode(shown))
    assert msgspec.json.decode(msgspec.json.encode(msgspec.convert(written, record))) == written
