"""Passwords, links and sessions as the store keeps them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from entrepot.accounts import Member, Organisation
from entrepot.accounts.records import Session
from entrepot.store import Store, accounts, sign_ins
from entrepot.store.queries import Run

SESSION = Session(member_id="mem_1", created_at_ms=0, seen_at_ms=0, expires_at_ms=100)


@pytest.fixture
def store(open_store: Callable[..., Store]) -> Store:
    opened = open_store()
    owner = Member(id="mem_1", organisation_id="org_1", name="A", role="owner", created_at_ms=1, email="a@b")
    opened.found(Organisation(id="org_1", name="One", created_at_ms=1, house=True), owner, [])
    return opened


def commit(store: Store, work: Callable[[Run], None]) -> None:
    store.write(work).result()


def test_credentials_are_found_by_the_whole_address(store: Store) -> None:
    assert sign_ins.credentials(store.read, "a@b", None) == ("mem_1", None)
    commit(store, lambda run: sign_ins.set_password(run, "mem_1", "hash"))
    assert sign_ins.credentials(store.read, "a@b", "org_1") == ("mem_1", "hash")
    assert sign_ins.password(store.read, "mem_1") == "hash"
    for email, organisation_id in (("A@b", None), ("%", None), ("a@_", None), ("a@b", "org_2")):
        assert sign_ins.credentials(store.read, email, organisation_id) is None


def test_of_several_the_oldest_is_meant(store: Store) -> None:
    there = Member(id="mem_0", organisation_id="org_2", name="B", role="owner", created_at_ms=2, email="a@b")
    commit(store, lambda run: accounts.insert_organisation(run, Organisation(id="org_2", name="T", created_at_ms=2)))
    commit(store, lambda run: accounts.insert_member(run, there))
    assert sign_ins.credentials(store.read, "a@b", None) == ("mem_1", None)
    assert sign_ins.credentials(store.read, "a@b", "org_2") == ("mem_0", None)


@pytest.mark.parametrize(
    ("now_ms", "idle_ms", "found"), [(99, 100, True), (100, 101, False), (50, 50, False), (49, 50, True)]
)
def test_a_session_is_found_while_it_lasts(store: Store, now_ms: int, idle_ms: int, found: bool) -> None:
    commit(store, lambda run: sign_ins.insert_session(run, b"d", SESSION))
    assert (sign_ins.session(store.read, b"d", now_ms=now_ms, idle_ms=idle_ms) == SESSION) is found
    commit(store, lambda run: sign_ins.delete_ended_sessions(run, now_ms=now_ms, idle_ms=idle_ms))
    assert (sign_ins.session(store.read, b"d", now_ms=1, idle_ms=100) == SESSION) is found


def test_a_session_that_is_used_is_not_idle(store: Store) -> None:
    commit(store, lambda run: sign_ins.insert_session(run, b"d", SESSION))
    commit(store, lambda run: sign_ins.touch_session(run, b"d", 60))
    assert sign_ins.session(store.read, b"d", now_ms=99, idle_ms=50) is not None
    commit(store, lambda run: sign_ins.delete_session(run, b"d"))
    assert sign_ins.session(store.read, b"d", now_ms=99, idle_ms=50) is None


def test_a_new_password_takes_sessions_and_link_with_it_a_rehash_does_not(store: Store) -> None:
    commit(store, lambda run: sign_ins.insert_session(run, b"d", SESSION))
    commit(store, lambda run: sign_ins.insert_link(run, "mem_1", "reset", b"l", 100))
    commit(store, lambda run: sign_ins.rehash_password(run, "mem_1", "hash"))
    assert sign_ins.session(store.read, b"d", now_ms=1, idle_ms=100) == SESSION
    commit(store, lambda run: sign_ins.set_password(run, "mem_1", "hash"))
    assert sign_ins.session(store.read, b"d", now_ms=1, idle_ms=100) is None
    assert sign_ins.link(store.read, "reset", b"l", 1) is None


def test_a_link_has_its_purpose_and_its_time(store: Store) -> None:
    commit(store, lambda run: sign_ins.insert_link(run, "mem_1", "reset", b"l", 100))
    assert sign_ins.link(store.read, "reset", b"l", 99) == "mem_1"
    assert sign_ins.link(store.read, "reset", b"l", 100) is None
    assert sign_ins.link(store.read, "welcome", b"l", 99) is None
    commit(store, lambda run: sign_ins.insert_link(run, "mem_1", "welcome", b"m", 100))
    assert sign_ins.link(store.read, "reset", b"l", 99) is None
