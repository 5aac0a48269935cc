"""Keys: whose they are, and that neither their maker nor their owner is outgrown."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from tests.administration.conftest import Office

from entrepot.accounts.callers import caller_by_key
from entrepot.administration import keys, members
from entrepot.errors import Forbidden, NotFound
from entrepot.keys import SCOPES, KeyPatch, KeyRing, KeySpec


def test_a_developers_keys_are_his_own(office: Office) -> None:
    developer = office.as_member(office.member("developer"))
    other = office.member("developer", email="other@house.test")
    own, _ = keys.create(office.desk, developer, KeySpec(name="own", project="harbour"))
    assert (own.member_id, own.project, own.parent_id) == (developer.member and developer.member.id, "harbour", None)
    theirs, _ = keys.create(office.desk, office.operator(), KeySpec(name="theirs", member_id=other.id))
    free, _ = keys.create(office.desk, office.operator(), KeySpec(name="free"))
    assert keys.listed(office.desk, developer) == [own]
    assert len(keys.listed(office.desk, office.as_member(office.member("viewer")))) == 3
    for key in (theirs, free):
        for act in (
            lambda id: keys.find(office.desk.store.read, developer, id),
            lambda id: keys.change(office.desk, developer, id, KeyPatch(name="x")),
            lambda id: keys.renew(office.desk, developer, id, grace_s=0),
            lambda id: keys.delete(office.desk, developer, id),
        ):
            with pytest.raises(NotFound):
                act(key.id)
    with pytest.raises(Forbidden) as refused:
        keys.create(office.desk, developer, KeySpec(name="x", member_id=other.id))
    assert refused.value.param == "member_id"


def test_a_key_made_through_a_key_names_its_parent(office: Office) -> None:
    parent = office.as_key()
    child, _ = keys.create(office.desk, parent, KeySpec(name="child"))
    assert parent.key is not None
    assert (child.ancestors, child.parent_id) == ((parent.key.id,), parent.key.id)
    grandparent = caller_by_key(msgspec.structs.replace(child, scopes=SCOPES, mode="live"), house=True)
    grandchild, _ = keys.create(office.desk, grandparent, KeySpec(name="grandchild"))
    assert grandchild.ancestors == (child.id, parent.key.id)
    assert office.key(grandchild.id) == grandchild


@pytest.mark.parametrize(
    ("fields", "asked", "param"),
    [
        ({"scopes": ("management",)}, {}, "scopes"),
        ({"mode": "test"}, {"mode": "live"}, "mode"),
        ({"models": ("a",)}, {"models": ("b",)}, "models"),
        ({"expires_at_ms": 1}, {"expires_at": datetime(2030, 1, 1, tzinfo=UTC)}, "expires_at"),
    ],
)
def test_a_key_gives_nothing_it_has_not(
    office: Office, fields: dict[str, Any], asked: dict[str, Any], param: str
) -> None:
    parent = office.as_key(**fields)
    with pytest.raises(Forbidden) as refused:
        keys.create(office.desk, parent, KeySpec(name="child", **asked))
    assert (refused.value.code, refused.value.param) == ("beyond_maker", param)


def test_a_change_gives_nothing_either(office: Office) -> None:
    parent = office.as_key(models=("a", "b"))
    child, _ = keys.create(office.desk, parent, KeySpec(name="child", models=("a",)))
    assert keys.change(office.desk, parent, child.id, KeyPatch(models=("b",))).models == ("b",)
    assert keys.change(office.desk, parent, child.id, KeyPatch(models=None)).models == ("a", "b")
    with pytest.raises(Forbidden):
        keys.change(office.desk, parent, child.id, KeyPatch(models=("c",)))
    assert office.key(child.id).models == ("a", "b")


def test_a_greater_key_can_be_stopped_but_not_taken_over(office: Office) -> None:
    greater, _ = keys.create(office.desk, office.operator(), KeySpec(name="greater", mode="live", scopes=SCOPES))
    lesser = office.as_key(scopes=("management", "usage"))
    with pytest.raises(Forbidden) as refused:
        keys.renew(office.desk, lesser, greater.id, grace_s=0)
    assert refused.value.code == "beyond_maker"
    assert keys.change(office.desk, lesser, greater.id, KeyPatch(name="stopped", disabled=True)).disabled
    with pytest.raises(Forbidden):
        keys.change(office.desk, lesser, greater.id, KeyPatch(disabled=False))
    keys.delete(office.desk, lesser, greater.id)


def test_a_members_key_stays_within_its_role(office: Office) -> None:
    developer = office.member("developer")
    with pytest.raises(Forbidden):
        keys.create(office.desk, office.operator(), KeySpec(name="x", scopes=SCOPES, member_id=developer.id))
    key, _ = keys.create(office.desk, office.operator(), KeySpec(name="x", member_id=developer.id))
    with pytest.raises(Forbidden):
        keys.change(office.desk, office.operator(), key.id, KeyPatch(scopes=SCOPES))
    with pytest.raises(NotFound):
        keys.create(office.desk, office.operator(), KeySpec(name="x", member_id="mem_unknown"))


def test_a_removed_members_key_is_not_enabled_again(office: Office) -> None:
    member = office.member("developer")
    key, _ = keys.create(office.desk, office.operator(), KeySpec(name="x", member_id=member.id))
    members.remove(office.desk, office.operator(), member.id)
    for patch in (KeyPatch(disabled=False), KeyPatch(expires_at=None)):
        with pytest.raises(NotFound):
            keys.change(office.desk, office.operator(), key.id, patch)
    assert office.key(key.id).disabled


def test_no_secret_comes_into_the_log(office: Office) -> None:
    key, token = keys.create(office.desk, office.operator(), KeySpec(name="x"))
    _, renewed = keys.renew(office.desk, office.operator(), key.id, grace_s=60)
    KeyRing(office.home.store.all_keys(), office.home.pepper).authenticate(renewed, 0)
    keys.delete(office.desk, office.operator(), key.id)
    entries = office.entries()
    assert [entry.action for entry in entries] == ["key.create", "key.rotate", "key.delete"]
    for secret in (token, renewed, office.home.pepper.hex(), repr(key.digest)):
        assert secret not in str(entries)
