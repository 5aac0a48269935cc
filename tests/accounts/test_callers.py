"""Who calls, and what that makes of them."""

from __future__ import annotations

import pytest
from tests.accounts.test_bounds import make

from entrepot.accounts import Member, Organisation, Role
from entrepot.accounts.callers import caller_by_key, caller_by_session, operator
from entrepot.errors import Forbidden
from entrepot.keys import SCOPES


def member(role: Role) -> Member:
    return Member(id="mem_1", organisation_id="org_1", name="A", role=role, created_at_ms=0)


def test_a_management_key_is_an_admin_and_no_owner() -> None:
    caller = caller_by_key(make(mode="live", scopes=SCOPES), house=True)
    assert (caller.role, caller.is_manager, caller.runs_the_hub) == ("admin", True, True)
    with pytest.raises(Forbidden, match="owner"):
        caller.require_power_over("owner")
    caller.require_power_over("admin")
    caller.require_power_to_give("admin")


def test_a_key_without_the_scope_has_no_role() -> None:
    caller = caller_by_key(make(), house=True)
    assert (caller.role, caller.is_manager, caller.runs_the_hub) == (None, False, False)


def test_a_limited_management_key_makes_no_members_with_keys() -> None:
    caller = caller_by_key(make(mode="live", scopes=("management",)), house=False)
    caller.require_power_to_give("viewer")
    with pytest.raises(Forbidden) as refused:
        caller.require_power_to_give("developer")
    assert refused.value.code == "beyond_maker"


@pytest.mark.parametrize(
    ("role", "house", "runs"),
    [
        ("owner", True, True),
        ("admin", True, True),
        ("developer", True, False),
        ("billing", True, False),
        ("owner", False, False),
    ],
)
def test_managers_of_the_house_run_the_hub(role: Role, house: bool, runs: bool) -> None:
    assert caller_by_session(member(role), house=house).runs_the_hub is runs


def test_the_operator_is_an_owner_everywhere() -> None:
    caller = operator(Organisation(id="org_2", name="B", created_at_ms=0))
    caller.require_power_over("owner")
    assert (caller.organisation_id, caller.actor, caller.runs_the_hub) == ("org_2", "operator", True)


def test_actors_are_named() -> None:
    key = make()
    assert caller_by_key(key, house=False).actor == f"key:{key.id}"
    assert caller_by_session(member("viewer"), house=False).actor == "member:mem_1"
