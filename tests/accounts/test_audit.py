"""Entries of the audit log: what differs, and how they are shown."""

from __future__ import annotations

from typing import Any

import pytest

from entrepot.accounts.audit import AuditEntry, audit_object, differences


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ({"a": 1, "b": 2}, {"a": 1, "b": 3}, ({"b": 2}, {"b": 3})),
        ({"a": 1}, {"a": 1}, ({}, {})),
        (None, {"a": 1}, (None, {"a": 1})),
        ({"a": 1}, None, ({"a": 1}, None)),
        ({}, {"a": None}, ({}, {})),
    ],
)
def test_only_what_differs_is_kept(before: Any, after: Any, found: Any) -> None:
    assert differences(before, after) == found


def test_an_entry_as_it_is_shown() -> None:
    entry = AuditEntry(
        at_ms=0, organisation_id="org_1", actor="operator", action="key.create", subject="key:1", after={"a": 1}, seq=7
    )
    assert audit_object(entry) == {
        "id": 7,
        "object": "audit_entry",
        "at": "1970-01-01T00:00:00Z",
        "organisation_id": "org_1",
        "actor": "operator",
        "action": "key.create",
        "subject": "key:1",
        "before": None,
        "after": {"a": 1},
        "request_id": None,
    }
