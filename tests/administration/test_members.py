"""Members: changed and removed with what hangs on them, never without an owner left, never above oneself."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.administration.conftest import PASSWORD, Office

from entrepot.accounts import Role
from entrepot.accounts.records import Credentials, MemberPatch, Redemption
from entrepot.administration import keys, members, signing_in
from entrepot.errors import Conflict, EntrepotError, Forbidden, NotFound, Unauthenticated
from entrepot.keys import SCOPES, KeySpec


def test_a_member_can_be_changed(office: Office) -> None:
    member = office.member("viewer")
    patch = MemberPatch(name="Berta", email=" B@House.test", role="billing")
    changed = members.change(office.desk, office.operator(), member.id, patch)
    assert (changed.name, changed.email, changed.role) == ("Berta", "b@house.test", "billing")
    assert members.find(office.desk.store.read, office.operator(), member.id) == changed
    entry = office.entries()[-1]
    assert entry.before == {"name": "The viewer", "email": "viewer@house.test", "role": "viewer"}
    assert entry.after == {"name": "Berta", "email": "b@house.test", "role": "billing"}


def test_an_address_belongs_to_one_member(office: Office) -> None:
    office.member("viewer")
    other = office.member("billing")
    with pytest.raises(Conflict):
        members.change(office.desk, office.operator(), other.id, MemberPatch(email="VIEWER@house.test"))
    members.change(office.desk, office.operator(), other.id, MemberPatch(email="Billing@house.test"))


def test_removing_a_member_ends_all_it_could_do(office: Office) -> None:
    member, caller = office.member("developer"), office.operator()
    own, _ = keys.create(office.desk, caller, KeySpec(name="own", member_id=member.id))
    free, _ = keys.create(office.desk, caller, KeySpec(name="free"))
    _, session = signing_in.begin_session(office.desk, member.id)
    link = members.link(office.desk, caller, member.id, "reset")
    members.remove(office.desk, caller, member.id)
    assert (office.key(own.id).disabled, office.key(free.id).disabled) == (True, False)
    with pytest.raises(Unauthenticated):
        signing_in.member_of_session(office.desk, session)
    with pytest.raises(Unauthenticated):
        signing_in.sign_in(office.desk, Credentials(email="developer@house.test", password=PASSWORD))
    with pytest.raises(NotFound):
        signing_in.redeem(office.desk, Redemption(token=link, password=PASSWORD))
    with pytest.raises(NotFound):
        members.find(office.desk.store.read, caller, member.id)
    assert [entry.action for entry in office.entries()][-2:] == ["member.remove", "key.change"]


def test_an_address_is_free_again_after_a_removal(office: Office) -> None:
    members.remove(office.desk, office.operator(), office.member("viewer").id)
    assert office.member("viewer").email == "viewer@house.test"


def test_a_key_of_a_removed_member_cannot_be_enabled(office: Office) -> None:
    member, caller = office.member("developer"), office.operator()
    key, _ = keys.create(office.desk, caller, KeySpec(name="own", member_id=member.id))
    members.remove(office.desk, caller, member.id)
    with pytest.raises(NotFound):
        keys.renew(office.desk, caller, key.id, grace_s=0)


@pytest.mark.parametrize(
    ("role", "left"),
    [
        ("admin", ["management", "calls"]),
        ("developer", ["calls"]),
        ("viewer", []),
        ("billing", []),
    ],
)
def test_a_lower_role_disables_the_keys_it_does_not_allow(office: Office, role: Role, left: list[str]) -> None:
    member, caller = office.member("admin"), office.operator()
    made = {
        "management": keys.create(office.desk, caller, KeySpec(name="m", scopes=SCOPES, member_id=member.id))[0].id,
        "calls": keys.create(office.desk, caller, KeySpec(name="c", member_id=member.id))[0].id,
    }
    members.change(office.desk, caller, member.id, MemberPatch(role=role))
    assert [name for name, id in made.items() if not office.key(id).disabled] == left


@pytest.mark.parametrize("act", ["remove", "demote"])
def test_the_last_owner_cannot_go(office: Office, act: str) -> None:
    owner = office.home.owner

    def go(id: str) -> None:
        if act == "remove":
            members.remove(office.desk, office.operator(), id)
        else:
            members.change(office.desk, office.operator(), id, MemberPatch(role="admin"))

    with pytest.raises(Conflict) as last:
        go(owner.id)
    assert last.value.code == "last_owner"
    second = office.member("owner")
    go(owner.id)
    with pytest.raises(Conflict):
        go(second.id)


def test_two_owners_who_demote_each_other_at_once_leave_one(office: Office) -> None:
    for number in range(5):
        one = office.member("owner", email=f"one{number}@house.test")
        two = office.member("owner", email=f"two{number}@house.test")
        for each in members.listed(office.desk, office.operator()):
            if each.role == "owner" and each.id not in (one.id, two.id):
                members.remove(office.desk, office.operator(), each.id)

        def demote(pair: tuple[str, str]) -> bool:
            by = members.find(office.desk.store.read, office.operator(), pair[0])
            try:
                members.change(office.desk, office.as_member(by), pair[1], MemberPatch(role="viewer"))
            except EntrepotError:
                return False
            return True

        with ThreadPoolExecutor(2) as pool:
            done = list(pool.map(demote, [(one.id, two.id), (two.id, one.id)]))
        assert sum(done) == 1
        assert sum(each.role == "owner" for each in members.listed(office.desk, office.operator())) == 1


def test_an_admin_has_no_power_over_owners(office: Office) -> None:
    owner, admin = office.member("owner"), office.member("admin")
    for caller in (office.as_member(admin), office.as_key()):
        for act in (
            lambda by: members.change(office.desk, by, owner.id, MemberPatch(name="x")),
            lambda by: members.change(office.desk, by, admin.id, MemberPatch(role="owner")),
            lambda by: members.remove(office.desk, by, owner.id),
            lambda by: members.link(office.desk, by, owner.id, "reset"),
            lambda by: members.link(office.desk, by, admin.id, "reset"),
        ):
            with pytest.raises(Forbidden) as refused:
                act(caller)
            assert refused.value.code == "role_missing"


def test_a_limited_key_raises_nobody(office: Office) -> None:
    viewer = office.member("viewer")
    with pytest.raises(Forbidden) as refused:
        members.change(office.desk, office.as_key(models=("a",)), viewer.id, MemberPatch(role="admin"))
    assert refused.value.code == "beyond_maker"


def test_a_welcome_is_for_who_has_no_password(office: Office) -> None:
    assert members.link(office.desk, office.operator(), office.home.owner.id, "welcome")
    with pytest.raises(Conflict):
        members.link(office.desk, office.operator(), office.member("owner").id, "welcome")


def test_another_organisations_member_is_not_found(office: Office) -> None:
    other = office.organisation()
    stranger = office.member("viewer", email="s@other.test", organisation_id=other)
    for act in (
        lambda: members.find(office.desk.store.read, office.operator(), stranger.id),
        lambda: members.change(office.desk, office.operator(), stranger.id, MemberPatch(name="x")),
        lambda: members.remove(office.desk, office.operator(), stranger.id),
        lambda: members.link(office.desk, office.operator(), stranger.id, "reset"),
    ):
        with pytest.raises(NotFound) as unknown:
            act()
        assert unknown.value.code == "member_not_found"
