"""The audit log as the store keeps it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from entrepot.accounts.audit import AuditEntry
from entrepot.store import Store, audit
from entrepot.store.audit import Filter

ENTRY = AuditEntry(
    at_ms=5,
    organisation_id="org_1",
    actor="key:'; --",
    action="key.change",
    subject="key:1",
    before={"name": "é\0", "models": None},
    after={"name": "%", "models": ["a"]},
    request_id="req_1",
)


@pytest.fixture
def store(open_store: Callable[..., Store]) -> Store:
    opened = open_store()
    for number in range(5):
        entry = msgspec.structs.replace(ENTRY, at_ms=number, subject=f"key:{number}")
        opened.write(lambda run, entry=entry: audit.append(run, entry)).result()  # type: ignore[misc]
    return opened


def test_entries_are_read_as_they_were_written_newest_first(store: Store) -> None:
    found = audit.entries(store.read, "org_1", Filter())
    assert [entry.seq for entry in found] == [5, 4, 3, 2, 1]
    assert found[0] == msgspec.structs.replace(ENTRY, at_ms=4, subject="key:4", seq=5)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Filter(limit=2), [5, 4]),
        (Filter(before_seq=3), [2, 1]),
        (Filter(actor=ENTRY.actor, action=ENTRY.action), [5, 4, 3, 2, 1]),
        (Filter(actor="%"), []),
        (Filter(subject="key:2"), [3]),
        (Filter(from_ms=1, until_ms=3), [3, 2]),
    ],
)
def test_entries_are_filtered(store: Store, wanted: Filter, found: list[int]) -> None:
    assert [entry.seq for entry in audit.entries(store.read, "org_1", wanted)] == found


def test_entries_are_their_organisations(store: Store) -> None:
    assert audit.entries(store.read, "org_2", Filter()) == []
