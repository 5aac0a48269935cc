"""Organisations, members and invitations as the store keeps them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import apsw
import msgspec
import pytest

from entrepot.accounts import Invitation, Member, Organisation
from entrepot.errors import StoreUnavailable
from entrepot.store import Store, accounts, sign_ins
from entrepot.store.queries import Run, migrations

HOUSE = Organisation(id="org_1", name="O'Neill \0é", created_at_ms=1, house=True)
OTHER = Organisation(id="org_2", name="%", created_at_ms=2)
OWNER = Member(id="mem_1", organisation_id="org_1", name="'; --", role="owner", created_at_ms=1, email="a@b")
INVITATION = Invitation(
    id="inv_1", organisation_id="org_1", email="c@d", role="viewer", created_at_ms=1, expires_at_ms=10
)


@pytest.fixture
def store(open_store: Callable[..., Store]) -> Store:
    opened = open_store()
    opened.found(HOUSE, OWNER, [])
    commit(opened, lambda run: accounts.insert_organisation(run, OTHER))
    return opened


def commit(store: Store, work: Callable[[Run], None]) -> None:
    store.write(work).result()


def test_a_store_of_before_becomes_the_houses(open_store: Callable[..., Store], tmp_path: Path) -> None:
    """What an older hub left: one organisation, its owner, a key, and an exchange that names no organisation."""
    old = apsw.Connection(str(tmp_path / "old.db"))
    for script in migrations()[:3]:
        old.execute(script).fetchall()
    old.execute(
        """
        PRAGMA user_version = 3;
        INSERT INTO organisations (id, name, created_at_ms) VALUES ('org_1', 'Default', 1);
        INSERT INTO members (id, organisation_id, name, role, created_at_ms) VALUES ('mem_1', 'org_1', 'O', 'owner', 1);
        INSERT INTO keys (id, organisation_id, name, mode, scopes, digest, created_at_ms)
        VALUES ('key_1', 'org_1', 'k', 'live', 'inference', x'00', 1);
        INSERT INTO exchanges (request_id, started_at_ms, key_id, mode, dialect, asked, stream, status, attempts,
            input_tokens, cached_tokens, cache_write_tokens, output_tokens, reasoning_tokens, estimated, duration_ms)
        VALUES ('req_1', 1, 'key_1', 'live', 'openai_chat', 'm', 0, 200, 1, 1, 0, 0, 1, 0, 0, 1);
        """
    ).fetchall()
    old.close()
    store = open_store("old.db")
    owner = store.owner()
    assert owner is not None
    assert (owner.id, owner.email, owner.has_password) == ("mem_1", None, False)
    assert [each.house for each in accounts.organisations(store.read)] == [True]
    assert [(key.member_id, key.ancestors) for key in store.all_keys()] == [(None, ())]
    assert [row.requests for row in store.usage(organisation_id="org_1")] == [1]


def test_organisations_are_read_as_they_were_written(store: Store) -> None:
    assert accounts.organisations(store.read) == [HOUSE, OTHER]
    renamed = msgspec.structs.replace(OTHER, name="new")
    commit(store, lambda run: accounts.update_organisation(run, renamed))
    assert accounts.organisation(store.read, "org_2") == renamed
    assert accounts.organisation(store.read, "org_3") is None


def test_there_is_one_house(store: Store) -> None:
    second = Organisation(id="org_3", name="x", created_at_ms=3, house=True)
    with pytest.raises(StoreUnavailable):
        commit(store, lambda run: accounts.insert_organisation(run, second))


def test_members_are_read_as_they_were_written(store: Store) -> None:
    assert accounts.members(store.read, "org_1") == [OWNER]
    assert accounts.members(store.read, "org_2") == []
    changed = msgspec.structs.replace(OWNER, name="n", role="admin", email="e@f")
    commit(store, lambda run: accounts.update_member(run, changed))
    assert accounts.member(store.read, "mem_1") == changed
    commit(store, lambda run: sign_ins.set_password(run, "mem_1", "hash"))
    assert accounts.member(store.read, "mem_1") == msgspec.structs.replace(changed, has_password=True)


def test_a_removed_member_is_not_there_and_keeps_no_password(store: Store) -> None:
    commit(store, lambda run: sign_ins.set_password(run, "mem_1", "hash"))
    commit(store, lambda run: accounts.remove_member(run, OWNER, 5))
    assert accounts.member(store.read, "mem_1") is None
    assert accounts.members(store.read, "org_1") == []
    assert sign_ins.credentials(store.read, "a@b", None) is None
    assert store.owner() is None
    again = msgspec.structs.replace(OWNER, id="mem_2")
    commit(store, lambda run: accounts.insert_member(run, again))
    assert store.owner() == again


def test_an_address_belongs_to_one_member_of_an_organisation(store: Store) -> None:
    with pytest.raises(StoreUnavailable):
        commit(store, lambda run: accounts.insert_member(run, msgspec.structs.replace(OWNER, id="mem_2")))
    there = msgspec.structs.replace(OWNER, id="mem_2", organisation_id="org_2")
    commit(store, lambda run: accounts.insert_member(run, there))
    assert accounts.members(store.read, "org_2") == [there]


def test_an_invitation_is_found_by_its_digest_until_it_expires(store: Store) -> None:
    commit(store, lambda run: accounts.insert_invitation(run, INVITATION, b"one"))
    assert accounts.invitation_by_digest(store.read, b"one", 9) == INVITATION
    assert accounts.invitation_by_digest(store.read, b"one", 10) is None
    assert accounts.invitation_by_digest(store.read, b"two", 9) is None
    newer = msgspec.structs.replace(INVITATION, id="inv_2", role="admin")
    commit(store, lambda run: accounts.insert_invitation(run, newer, b"two"))
    assert accounts.invitations(store.read, "org_1") == [newer]
    commit(store, lambda run: accounts.delete_invitation(run, newer))
    assert accounts.invitations(store.read, "org_1") == []
