"""`entrepot members`: invited, changed, removed, and let in, in the store of a home."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from tests.cli.conftest import Entrepot

from entrepot.accounts import passwords
from entrepot.accounts.records import Acceptance, Credentials, Redemption, Welcome
from entrepot.administration import invitations, signing_in
from entrepot.administration.desk import Desk
from entrepot.home import open_home

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _hashes_are_cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def desk(tmp_path: Path) -> Any:
    opened = open_home(tmp_path / "home")
    yield Desk(store=opened.store, pepper=opened.pepper)
    opened.store.close()


def token(url: str) -> str:
    return url.partition("#")[2]


def join(entrepot: Entrepot, desk: Desk, email: str, *arguments: str) -> str:
    """A new member's id."""
    made = entrepot("members", "invite", email, *arguments, "--json")
    assert (made.code, made.err) == (0, "")
    return invitations.accept(desk, Acceptance(token=token(made.json["url"]), name="Anna", password=PASSWORD)).id


def test_someone_invited_becomes_a_member(entrepot: Entrepot, desk: Desk) -> None:
    id = join(entrepot, desk, "New@house.test", "--role", "viewer")
    listed = entrepot("members", "list", "--json").json
    assert [(each["email"], each["role"]) for each in listed] == [(None, "owner"), ("new@house.test", "viewer")]
    assert entrepot("members", "show", id, "--json").json == listed[1]
    assert "new@house.test" in entrepot("members", "list").out


def test_an_invitation_is_listed_and_withdrawn(entrepot: Entrepot) -> None:
    made = entrepot("members", "invite", "a@b.test", "--json").json
    assert made["url"].startswith("http://127.0.0.1:8080/invitation#ep-invitation-")
    (listed,) = entrepot("members", "invitations", "--json").json
    assert listed == {name: value for name, value in made.items() if name != "url"}
    assert entrepot("members", "withdraw", made["id"], "--json").json == {"id": made["id"], "deleted": True}
    assert entrepot("members", "invitations", "--json").json == []
    assert entrepot("members", "withdraw", made["id"]).code == 3


def test_a_member_is_changed_and_removed(entrepot: Entrepot, desk: Desk) -> None:
    id = join(entrepot, desk, "a@b.test")
    changed = entrepot(
        *("members", "change", id, "--name", "Berta", "--email", "B@b.test", "--role", "owner", "--json")
    ).json
    assert (changed["name"], changed["email"], changed["role"]) == ("Berta", "b@b.test", "owner")
    assert entrepot("members", "remove", id, "--json").json == {"id": id, "deleted": True}
    assert entrepot("members", "show", id).code == 3


def test_the_last_owner_stays(entrepot: Entrepot) -> None:
    (owner,) = entrepot("members", "list", "--json").json
    for arguments in (("remove",), ("change", "--role", "viewer")):
        outcome = entrepot("members", arguments[0], owner["id"], *arguments[1:])
        assert (outcome.code, outcome.out) == (2, "")
        assert "last owner" in outcome.err


def test_the_owner_is_welcomed_until_there_is_a_password(entrepot: Entrepot, desk: Desk) -> None:
    first, second = (entrepot("members", "welcome", "--json").json["url"] for _ in range(2))
    assert second.startswith("http://127.0.0.1:8080/welcome#ep-welcome-")
    assert token(first) != token(second)
    signing_in.redeem(desk, Welcome(token=token(second), email="me@house.test", password=PASSWORD))
    outcome = entrepot("members", "welcome")
    assert outcome.code == 2
    assert "has a password already" in outcome.err


def test_a_member_can_set_a_new_password_by_a_link(entrepot: Entrepot, desk: Desk) -> None:
    id = join(entrepot, desk, "a@b.test")
    url = entrepot("members", "reset", id, "--json").json["url"]
    signing_in.redeem(desk, Redemption(token=token(url), password="another good password"))
    signing_in.sign_in(desk, Credentials(email="a@b.test", password="another good password"))


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["invite", "nobody"], "Expected `str` matching regex"),
        (["invite", "a@b", "--role", "root"], "Invalid enum value 'root'"),
        (["invite", "a@\udcff"], "surrogates not allowed"),
        (["change", "mem_1", "--role", "root"], "Invalid enum value 'root'"),
    ],
)
def test_what_cannot_be_is_refused(entrepot: Entrepot, arguments: list[str], complaint: str) -> None:
    outcome = entrepot("members", *arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert complaint in outcome.err


@pytest.mark.parametrize("command", ["show", "change", "remove", "reset"])
def test_an_unknown_member_is_3(entrepot: Entrepot, command: str) -> None:
    assert entrepot("members", command, "mem_0") == (3, "", "entrepot: There is no member 'mem_0'.\n")


def test_members_of_another_organisation(entrepot: Entrepot, desk: Desk) -> None:
    other = entrepot("organisations", "create", "Quay", "--owner", "first@quay.test", "--json").json
    acceptance = Acceptance(token=token(other["invitation"]), name="Anna", password=PASSWORD)
    owner = invitations.accept(desk, acceptance)
    listed = entrepot("members", "list", "--organisation", other["id"], "--json").json
    assert [each["id"] for each in listed] == [owner.id]
    assert entrepot("members", "change", owner.id, "--name", "Berta", "--json").json["name"] == "Berta"
    assert entrepot("members", "list", "--organisation", "org_0").code == 3
