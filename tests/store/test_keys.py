"""Keys within a transaction: read as they were written, by their organisation."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from entrepot.accounts import Member, Organisation
from entrepot.keys import SCOPES, Key
from entrepot.store import Store, accounts, keys

KEY = Key(
    id="key_1",
    organisation_id="org_1",
    name="'; --",
    mode="live",
    scopes=SCOPES,
    models=("a b", 'c"d', ""),
    digest=bytes(32),
    created_at_ms=5,
    member_id="mem_1",
    project="é\0",
    ancestors=("key_3", "key_2"),
)
OTHER = Key(
    id="key_2", organisation_id="org_2", name="x", mode="test", scopes=(), models=(), digest=b"x", created_at_ms=1
)


@pytest.fixture
def store(open_store: Callable[..., Store]) -> Store:
    opened = open_store()
    owner = Member(id="mem_1", organisation_id="org_1", name="A", role="owner", created_at_ms=1)
    opened.found(Organisation(id="org_1", name="One", created_at_ms=1, house=True), owner, [KEY])
    second = Organisation(id="org_2", name="Two", created_at_ms=2)
    opened.write(lambda run: accounts.insert_organisation(run, second)).result()
    opened.write(lambda run: keys.insert(run, OTHER)).result()
    return opened


def test_keys_are_their_organisations(store: Store) -> None:
    assert keys.of_organisation(store.read, "org_1") == [KEY]
    assert keys.of_organisation(store.read, "org_2") == [OTHER]
    assert keys.of_organisation(store.read, "%") == []


def test_a_change_leaves_whose_it_is_and_where_it_comes_from(store: Store) -> None:
    """No statement moves a key to another organisation or member, or out of what bounds its ancestors."""
    moved = msgspec.structs.replace(KEY, name="new", organisation_id="org_2", member_id=None, ancestors=(), mode="test")
    store.write(lambda run: keys.update(run, moved)).result()
    assert keys.of_organisation(store.read, "org_1") == [msgspec.structs.replace(KEY, name="new")]


def test_a_deleted_key_is_gone(store: Store) -> None:
    store.write(lambda run: keys.delete(run, OTHER)).result()
    assert store.all_keys() == [KEY]
