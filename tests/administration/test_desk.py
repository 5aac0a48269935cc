"""A change and its line in the audit log are written together, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.administration.conftest import Office

from entrepot.accounts.records import InvitationSpec, MemberPatch, OrganisationPatch
from entrepot.administration import invitations, keys, members, organisations
from entrepot.errors import StoreUnavailable
from entrepot.keys import KeyPatch, KeySpec
from entrepot.store.queries import Run, queries


def state(office: Office) -> dict[str, Any]:
    """Everything that administration could have changed."""
    read, id = office.home.store.read, office.home.owner.organisation_id
    by_organisation = ("members", "invitations", "keys_of_organisation")
    found = {name: read(name, {"organisation_id": id}) for name in by_organisation}
    return {**found, "organisations": read("organisations", {})}


def test_a_change_that_cannot_be_logged_is_not_made(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    desk, caller = office.desk, office.operator()
    member = office.member("developer")
    key, _ = keys.create(desk, caller, KeySpec(name="a key"))
    invitation, _ = invitations.invite(desk, caller, InvitationSpec(email="a@b.test"))
    before = state(office)
    acts: dict[str, Callable[[], object]] = {
        "create key": lambda: keys.create(desk, caller, KeySpec(name="another")),
        "change key": lambda: keys.change(desk, caller, key.id, KeyPatch(name="new")),
        "rotate key": lambda: keys.renew(desk, caller, key.id, grace_s=0),
        "delete key": lambda: keys.delete(desk, caller, key.id),
        "change member": lambda: members.change(desk, caller, member.id, MemberPatch(name="new")),
        "remove member": lambda: members.remove(desk, caller, member.id),
        "invite": lambda: invitations.invite(desk, caller, InvitationSpec(email="c@d.test")),
        "withdraw": lambda: invitations.withdraw(desk, caller, invitation.id),
        "rename": lambda: organisations.change(desk, caller, caller.organisation_id, OrganisationPatch(name="new")),
    }
    monkeypatch.setitem(queries(), "insert_audit", "INSERT INTO no_such_table VALUES (1);")
    for name, act in acts.items():
        with pytest.raises(StoreUnavailable):
            act()
        assert state(office) == before, name


def test_an_entry_says_who_when_and_what(office: Office) -> None:
    member = office.member("admin")
    organisations.change(
        office.desk, office.as_member(member), member.organisation_id, OrganisationPatch(name="Harbour")
    )
    entry = office.entries()[-1]
    assert (entry.actor, entry.action, entry.subject, entry.at_ms) == (
        f"member:{member.id}",
        "organisation.change",
        f"organisation:{member.organisation_id}",
        office.desk.now_ms,
    )
    assert (entry.before, entry.after) == ({"name": "Default"}, {"name": "Harbour"})


@pytest.mark.parametrize("statement", ["UPDATE audit SET actor = 'x';", "DELETE FROM audit;"])
def test_the_log_can_only_grow(office: Office, monkeypatch: pytest.MonkeyPatch, statement: str) -> None:
    office.member("admin")
    before = office.entries()
    monkeypatch.setitem(queries(), "tamper", statement)

    def work(run: Run) -> None:
        run("tamper", {})

    with pytest.raises(StoreUnavailable):
        office.desk.commit(work)
    assert office.entries() == before != []
