"""A home to administer, without a hub: who acts, when, and on what can be chosen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from argon2 import PasswordHasher
from tests.support.stored import put_key

from entrepot.accounts import Member, Role, passwords
from entrepot.accounts.audit import AuditEntry
from entrepot.accounts.callers import Caller, caller_by_key, caller_by_session, operator
from entrepot.accounts.records import Acceptance, InvitationSpec, OrganisationSpec
from entrepot.administration import invitations, organisations
from entrepot.administration.desk import Desk
from entrepot.home import Home, open_home
from entrepot.keys import Key, KeySpec, issue
from entrepot.store import accounts, audit

PASSWORD = "correct horse battery"


class Office:
    """A home and its desk. `pass_time` moves the desk's clock."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.desk = Desk(store=home.store, pepper=home.pepper)

    def pass_time(self, seconds: float) -> None:
        self.desk = msgspec.structs.replace(self.desk, now_ms=self.desk.now_ms + round(seconds * 1000))

    def operator(self, organisation_id: str | None = None) -> Caller:
        id = organisation_id or self.home.owner.organisation_id
        organisation = accounts.organisation(self.home.store.read, id)
        assert organisation is not None
        return operator(organisation)

    def organisation(self, name: str = "Other") -> str:
        spec = OrganisationSpec(name=name, owner_email="first@owner.test")
        return organisations.create(self.desk, self.operator(), spec)[0].id

    def member(self, role: Role, *, email: str = "", organisation_id: str | None = None) -> Member:
        spec = InvitationSpec(email=email or f"{role}@house.test", role=role)
        _, token = invitations.invite(self.desk, self.operator(organisation_id), spec)
        return invitations.accept(self.desk, Acceptance(token=token, name=f"The {role}", password=PASSWORD))

    def as_member(self, member: Member) -> Caller:
        organisation = accounts.organisation(self.home.store.read, member.organisation_id)
        assert organisation is not None
        return caller_by_session(member, house=organisation.house)

    def as_key(self, **fields: Any) -> Caller:
        """A key of the house as it is given, live and with all scopes unless it is given otherwise."""
        spec = KeySpec(name="a key", mode="live", scopes=("management", "inference", "usage"))
        key, _ = issue(
            spec,
            self.home.owner.organisation_id,
            self.home.pepper,
            now_ms=self.desk.now_ms,
            random=self.desk.random,
        )
        key = msgspec.structs.replace(key, **fields)
        put_key(self.home.store, key)
        return caller_by_key(key, house=True)

    def key(self, id: str) -> Key:
        return next(key for key in self.home.store.all_keys() if key.id == id)

    def entries(self, **wanted: Any) -> list[AuditEntry]:
        """The house's, oldest first."""
        found = audit.entries(self.home.store.read, self.home.owner.organisation_id, audit.Filter(**wanted))
        return found[::-1]


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    home = open_home(tmp_path / "home")
    yield Office(home)
    home.store.close()
