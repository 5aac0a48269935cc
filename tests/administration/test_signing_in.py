"""Signing in: what opens a session, what ends one, and what a link is good for."""

from __future__ import annotations

import contextlib

import apsw
import msgspec
import pytest
from argon2 import PasswordHasher
from tests.administration.conftest import PASSWORD, Office

from entrepot.accounts import Member, passwords
from entrepot.accounts.records import Credentials, PasswordChange, Redemption, Welcome
from entrepot.accounts.tokens import Purpose
from entrepot.administration import members, signing_in
from entrepot.errors import Conflict, NotFound, Unauthenticated
from entrepot.store import sign_ins

NEW = "another good password"
EMAIL = "owner@house.test"


def sign_in(office: Office, password: str = PASSWORD, email: str = EMAIL, **more: str) -> str:
    return signing_in.sign_in(office.desk, Credentials(email=email, password=password, **more))[1]


def is_open(office: Office, token: str) -> bool:
    try:
        signing_in.member_of_session(office.desk, token)
    except Unauthenticated:
        return False
    return True


@pytest.fixture
def owner(office: Office) -> Member:
    return office.member("owner")


def test_a_password_opens_a_session(office: Office, owner: Member) -> None:
    token = sign_in(office, email=" Owner@House.TEST ")
    assert signing_in.member_of_session(office.desk, token) == owner
    assert sign_in(office) != token
    assert office.entries()[-1].action == "session.create"


def test_every_refusal_reads_the_same(office: Office, owner: Member) -> None:
    """An unknown address, a wrong password, a member without one, a removed one, the stored hash itself."""
    office.home.store.write(
        lambda run: run("update_member", {**msgspec.structs.asdict(office.home.owner), "email": "e@mpty"})
    ).result()
    members.remove(office.desk, office.operator(), office.member("viewer").id)
    stored = sign_ins.password(office.desk.store.read, owner.id)
    assert stored is not None
    refusals = set()
    for email, password in (
        ("nobody@house.test", PASSWORD),
        (EMAIL, PASSWORD + "!"),
        ("e@mpty", PASSWORD),
        ("viewer@house.test", PASSWORD),
        (EMAIL, stored),
        (EMAIL, ""),
        ("' OR 1=1 --", PASSWORD),
        ("%", PASSWORD),
    ):
        with pytest.raises(Unauthenticated) as refused:
            sign_in(office, password, email)
        refusals.add((refused.value.code, refused.value.message, refused.value.param))
    assert len(refusals) == 1


def test_every_attempt_costs_one_hash(office: Office, owner: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    costs: list[str] = []

    class Counting(PasswordHasher):
        def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
            costs.append("hash")
            return super().hash(password, salt=salt)

        def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # type: ignore[override]
            costs.append("verify")
            return bool(super().verify(hash, password))

    monkeypatch.setattr(passwords, "HASHER", Counting(time_cost=1, memory_cost=8, parallelism=1))
    for email, password, cost in (
        ("nobody@house.test", PASSWORD, ["hash"]),
        (EMAIL, "wrong", ["verify"]),
        (EMAIL, PASSWORD, ["verify"]),
    ):
        costs.clear()
        with contextlib.suppress(Unauthenticated):
            sign_in(office, password, email)
        assert costs == cost


def test_a_failed_attempt_is_in_the_log_of_whose_it_was(office: Office, owner: Member) -> None:
    with pytest.raises(Unauthenticated):
        sign_in(office, "wrong")
    office.desk.commit(lambda run: None)  # what was queued before it is written by now
    assert (office.entries()[-1].action, office.entries()[-1].subject) == ("session.refuse", f"member:{owner.id}")


def test_a_session_ends_when_it_is_not_used(office: Office, owner: Member) -> None:
    token = sign_in(office)
    for _ in range(5):
        office.pass_time(office.desk.settings.session_idle_s - 1)
        assert is_open(office, token)
        office.desk.commit(lambda run: None)
    office.pass_time(office.desk.settings.session_idle_s)
    assert not is_open(office, token)


def test_a_session_ends_however_much_it_is_used(office: Office, owner: Member) -> None:
    token = sign_in(office)
    assert signing_in.member_of_session(office.desk, token) == owner
    hours = office.desk.settings.session_longest_s // 3600
    for _ in range(hours - 1):
        office.pass_time(3600)
        assert is_open(office, token)
        office.desk.commit(lambda run: None)
    office.pass_time(3600)
    assert not is_open(office, token)


def test_sessions_that_are_over_are_cleared_away(office: Office, owner: Member) -> None:
    sign_in(office)
    office.pass_time(office.desk.settings.session_longest_s)
    sign_in(office)
    connection = apsw.Connection(str(office.home.store.path), flags=apsw.SQLITE_OPEN_READONLY)
    assert connection.execute("SELECT count(*) FROM sessions").fetchall() == [(1,)]
    connection.close()


def test_signing_out_ends_one_session(office: Office, owner: Member) -> None:
    one, other = sign_in(office), sign_in(office)
    signing_in.sign_out(office.desk, owner, one)
    assert (is_open(office, one), is_open(office, other)) == (False, True)


def test_a_new_password_ends_all_sessions_and_links(office: Office, owner: Member) -> None:
    tokens = [sign_in(office), sign_in(office)]
    link = members.link(office.desk, office.operator(), owner.id, "reset")
    signing_in.change_password(office.desk, owner, PasswordChange(password=PASSWORD, new_password=NEW))
    assert not any(is_open(office, token) for token in tokens)
    with pytest.raises(NotFound):
        signing_in.redeem(office.desk, Redemption(token=link, password=NEW))
    with pytest.raises(Unauthenticated):
        sign_in(office)
    assert is_open(office, sign_in(office, NEW))


def test_a_new_password_needs_the_present_one(office: Office, owner: Member) -> None:
    with pytest.raises(Unauthenticated) as refused:
        signing_in.change_password(office.desk, owner, PasswordChange(password="wrong", new_password=NEW))
    assert refused.value.code == "invalid_credentials"
    assert is_open(office, sign_in(office))


def test_a_link_resets_the_password_once(office: Office, owner: Member) -> None:
    session = sign_in(office)
    link = members.link(office.desk, office.operator(), owner.id, "reset")
    signing_in.redeem(office.desk, Redemption(token=link, password=NEW))
    assert not is_open(office, session)
    assert is_open(office, sign_in(office, NEW))
    with pytest.raises(NotFound) as used:
        signing_in.redeem(office.desk, Redemption(token=link, password=PASSWORD))
    assert used.value.code == "link_not_found"


def redeem(office: Office, purpose: str, token: str) -> Member:
    if purpose == "welcome":
        return signing_in.redeem(office.desk, Welcome(token=token, email="o@house.test", password=NEW))
    return signing_in.redeem(office.desk, Redemption(token=token, password=NEW))


@pytest.mark.parametrize(("purpose", "other"), [("welcome", "reset"), ("reset", "welcome")])
def test_a_link_is_good_for_a_day_and_its_purpose(office: Office, purpose: Purpose, other: str) -> None:
    id = office.home.owner.id
    token = members.link(office.desk, office.operator(), id, purpose)
    for given in (token, token.replace(purpose, other)):
        with pytest.raises(NotFound):
            redeem(office, other, given)
    office.pass_time(86_400)
    with pytest.raises(NotFound):
        redeem(office, purpose, token)
    token = members.link(office.desk, office.operator(), id, purpose)
    office.pass_time(86_399)
    assert redeem(office, purpose, token).id == id


def test_a_newer_link_replaces_the_older(office: Office, owner: Member) -> None:
    old, new = (members.link(office.desk, office.operator(), owner.id, "reset") for _ in range(2))
    with pytest.raises(NotFound):
        signing_in.redeem(office.desk, Redemption(token=old, password=NEW))
    signing_in.redeem(office.desk, Redemption(token=new, password=NEW))


def test_the_welcome_makes_the_first_owner_somebody(office: Office) -> None:
    id = office.home.owner.id
    office.member("viewer", email="taken@house.test")
    token = members.link(office.desk, office.operator(), id, "welcome")
    with pytest.raises(Conflict):
        signing_in.redeem(office.desk, Welcome(token=token, email="Taken@house.test", password=NEW))
    member = signing_in.redeem(office.desk, Welcome(token=token, email="Me@house.test", password=NEW, name="Anna"))
    assert (member.id, member.name, member.email, member.has_password) == (id, "Anna", "me@house.test", True)
    assert is_open(office, sign_in(office, NEW, "me@house.test"))


def test_who_is_in_several_organisations_names_the_one_meant(office: Office, owner: Member) -> None:
    other = office.organisation()
    there = office.member("viewer", email=EMAIL, organisation_id=other)
    members_found = [
        signing_in.member_of_session(office.desk, token)
        for token in (sign_in(office), sign_in(office, organisation_id=other))
    ]
    assert members_found == [owner, there]
    with pytest.raises(Unauthenticated):
        sign_in(office, organisation_id="org_unknown")


def test_a_hash_with_old_parameters_is_renewed(office: Office, owner: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    session = sign_in(office)
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=2, memory_cost=8, parallelism=1))
    sign_in(office)
    assert "t=2" in str(sign_ins.password(office.desk.store.read, owner.id))
    assert is_open(office, session)


def test_no_token_and_no_password_lies_in_the_home(office: Office, owner: Member) -> None:
    tokens = [sign_in(office), members.link(office.desk, office.operator(), owner.id, "reset")]
    office.home.store.close()
    content = b"".join(path.read_bytes() for path in office.home.path.iterdir())
    for secret in (*tokens, PASSWORD):
        assert secret.encode() not in content
