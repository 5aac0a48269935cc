"""Rules: who may set them for whom, and that nobody is given more through a key than the key has."""

from __future__ import annotations

from typing import Any

import pytest
from tests.administration.conftest import Office

from entrepot.accounts.callers import Caller
from entrepot.accounts.records import InvitationSpec, MemberPatch, OrganisationSpec
from entrepot.administration import invitations, keys, members, organisations, rules
from entrepot.errors import Forbidden, InvalidRequest, NotFound
from entrepot.keys import SCOPES, KeyPatch, KeySpec
from entrepot.rules import BudgetSpec, LimitsSpec, RuleSpec


def spec(subject: Any, subject_id: str, model: str | None = None, **limits: int) -> RuleSpec:
    return RuleSpec(subject=subject, subject_id=subject_id, model=model, limits=LimitsSpec(**limits))


def key_of(caller: Caller) -> str:
    assert caller.key is not None
    return caller.key.id


def limited(office: Office, **limits: int) -> Caller:
    """A management key of the house with a rule of its own."""
    caller = office.as_key()
    rules.put(office.desk, office.operator(), spec("key", key_of(caller), None, **limits))
    return caller


def test_a_rule_takes_the_place_of_the_one_before_and_keeps_its_id(office: Office) -> None:
    house = office.home.owner.organisation_id
    first = rules.put(office.desk, office.operator(), spec("organisation", house, requests_per_minute=5))
    narrow = rules.put(office.desk, office.operator(), spec("organisation", house, "m", requests_per_minute=1))
    again = rules.put(office.desk, office.operator(), spec("organisation", house, concurrency=2))
    assert again.id == first.id != narrow.id
    assert again.bounds == {"concurrency": 2}
    found = rules.listed(office.desk, office.operator())
    assert sorted(rule.id for rule in found) == sorted([again.id, narrow.id])
    assert again in found
    rules.delete(office.desk, office.operator(), again.id)
    assert rules.listed(office.desk, office.operator()) == [narrow]


def test_who_sets_what_for_whom(office: Office) -> None:
    other = office.organisation()
    admin = office.as_member(office.member("admin", email="admin@other.test", organisation_id=other))
    member = office.member("developer", email="dev@other.test", organisation_id=other)
    mine = rules.put(office.desk, admin, spec("member", member.id, requests_per_day=9))
    key, _ = keys.create(office.desk, admin, KeySpec(name="x"))
    rules.put(office.desk, admin, spec("key", key.id, "m", requests_per_day=9))
    for subject, id in (("organisation", other), ("model", "m")):
        with pytest.raises(Forbidden) as refused:
            rules.put(office.desk, admin, spec(subject, id, requests_per_day=9))
        assert refused.value.code == "role_missing"
    bound = rules.put(office.desk, office.operator(), spec("organisation", other, requests_per_day=5))
    assert bound in rules.listed(office.desk, admin)
    with pytest.raises(Forbidden):
        rules.delete(office.desk, admin, bound.id)
    house = office.as_member(office.member("admin"))
    assert mine not in rules.listed(office.desk, house)
    assert bound in rules.listed(office.desk, house)
    with pytest.raises(NotFound):
        rules.delete(office.desk, house, mine.id)
    assert rules.delete(office.desk, admin, mine.id) == mine


def test_what_is_another_organisations_is_not_found(office: Office) -> None:
    other = office.organisation()
    admin = office.as_member(office.member("admin", email="admin@other.test", organisation_id=other))
    house = office.home.owner
    for subject, id in (
        ("organisation", house.organisation_id), ("member", house.id), ("key", key_of(office.as_key())), ("key", "?"),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            rules.put(office.desk, admin, spec(subject, id, concurrency=1))
    hidden = rules.put(office.desk, office.operator(), spec("model", "m", concurrency=1))
    assert rules.listed(office.desk, admin) == []
    with pytest.raises(NotFound):
        rules.delete(office.desk, admin, hidden.id)


def test_a_rule_without_bounds_is_none(office: Office) -> None:
    with pytest.raises(InvalidRequest) as refused:
        rules.put(office.desk, office.operator(), spec("model", "m"))
    assert refused.value.param == "limits"


def test_a_keys_limits_are_a_rule_that_goes_with_it(office: Office) -> None:
    limits = LimitsSpec(requests_per_minute=5)
    made = KeySpec(name="x", limits=limits, budget=BudgetSpec(day_usd="1"))
    key, _ = keys.create(office.desk, office.operator(), made)
    (rule,) = rules.listed(office.desk, office.operator())
    assert (rule.subject_id, rule.bounds) == (key.id, {"requests_per_minute": 5, "day_nusd": 10**9})
    keys.change(office.desk, office.operator(), key.id, KeyPatch(name="y"))
    assert rules.listed(office.desk, office.operator()) == [rule]
    keys.change(office.desk, office.operator(), key.id, KeyPatch(budget=None))
    (rule,) = rules.listed(office.desk, office.operator())
    assert rule.bounds == {"requests_per_minute": 5}
    keys.change(office.desk, office.operator(), key.id, KeyPatch(limits=None))
    assert rules.listed(office.desk, office.operator()) == []
    keys.change(office.desk, office.operator(), key.id, KeyPatch(limits=limits))
    rules.put(office.desk, office.operator(), spec("key", key.id, "m", concurrency=1))
    keys.delete(office.desk, office.operator(), key.id)
    assert rules.listed(office.desk, office.operator()) == []
    actions = [entry.action for entry in office.entries() if entry.action.startswith("rule.")]
    assert actions == ["rule.put", "rule.put", "rule.delete", "rule.put", "rule.put", "rule.delete", "rule.delete"]


def test_a_child_is_never_given_more_than_its_maker(office: Office) -> None:
    maker = limited(office, requests_per_minute=5)
    for limits in (LimitsSpec(requests_per_minute=5), LimitsSpec(concurrency=99), None):
        keys.create(office.desk, maker, KeySpec(name="x", limits=limits))
    with pytest.raises(Forbidden) as refused:
        keys.create(office.desk, maker, KeySpec(name="x", limits=LimitsSpec(requests_per_minute=6)))
    assert (refused.value.code, refused.value.param) == ("beyond_maker", "limits")
    assert len([key for key in keys.listed(office.desk, maker) if key.name == "x"]) == 3


def test_no_key_frees_itself_or_others(office: Office) -> None:
    caller = limited(office, requests_per_minute=5)
    own = rules.listed(office.desk, caller)[0]
    with pytest.raises(Forbidden):
        keys.change(office.desk, caller, key_of(caller), KeyPatch(limits=None))
    with pytest.raises(Forbidden):
        rules.delete(office.desk, caller, own.id)
    with pytest.raises(Forbidden):
        rules.put(office.desk, caller, spec("key", key_of(caller), requests_per_minute=6))
    rules.put(office.desk, caller, spec("key", key_of(caller), requests_per_minute=4))
    other = rules.put(office.desk, office.operator(), spec("member", office.home.owner.id, requests_per_minute=9))
    with pytest.raises(Forbidden):
        rules.delete(office.desk, caller, other.id)
    with pytest.raises(Forbidden):
        rules.put(office.desk, caller, spec("member", office.home.owner.id, requests_per_minute=10))
    rules.put(office.desk, caller, spec("member", office.home.owner.id, requests_per_minute=8))


def test_a_limited_key_makes_nobody_who_is_not_limited(office: Office) -> None:
    caller = limited(office, requests_per_minute=5)
    viewer = office.member("viewer")
    for act in (
        lambda: invitations.invite(office.desk, caller, InvitationSpec(email="new@house.test", role="developer")),
        lambda: members.change(office.desk, caller, viewer.id, MemberPatch(role="admin")),
        lambda: organisations.create(office.desk, caller, OrganisationSpec(name="x", owner_email="x@x.test")),
    ):
        with pytest.raises(Forbidden) as refused:
            act()
        assert refused.value.code == "beyond_maker"
    invitations.invite(office.desk, caller, InvitationSpec(email="new@house.test", role="viewer"))


def test_a_limited_key_takes_over_no_key_that_may_more(office: Office) -> None:
    caller = limited(office, requests_per_minute=5)
    greater, _ = keys.create(office.desk, office.operator(), KeySpec(name="greater", mode="live", scopes=SCOPES))
    with pytest.raises(Forbidden) as refused:
        keys.renew(office.desk, caller, greater.id, grace_s=0)
    assert refused.value.code == "beyond_maker"
    keys.change(office.desk, office.operator(), greater.id, KeyPatch(limits=LimitsSpec(requests_per_minute=5)))
    keys.renew(office.desk, caller, greater.id, grace_s=0)
    child, _ = keys.create(office.desk, caller, KeySpec(name="child"))
    keys.renew(office.desk, caller, child.id, grace_s=0)
    keys.renew(office.desk, caller, key_of(caller), grace_s=0)
