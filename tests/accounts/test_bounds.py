"""A child never gets more than its parent, whatever either of them is."""

from __future__ import annotations

import itertools
import os
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.accounts.bounds import Bounds, bounds_of_key, bounds_of_role, covers, is_within, within
from entrepot.accounts.records import ROLES, Role
from entrepot.errors import Forbidden
from entrepot.keys import SCOPES, Key, KeySpec, issue

NAMES = ["gpt-4.1", "gpt-4.1-mini", "openai/gpt-4.1", "", "*"]


def make(**fields: Any) -> Key:
    key, _ = issue(KeySpec(name="a key"), "org_1", bytes(32), now_ms=0, random=os.urandom)
    return msgspec.structs.replace(key, **fields)


KEYS = st.builds(
    make,
    mode=st.sampled_from(["live", "test"]),
    scopes=st.lists(st.sampled_from(SCOPES), unique=True).map(tuple),
    models=st.none() | st.lists(st.sampled_from(NAMES), unique=True).map(tuple),
    expires_at_ms=st.none() | st.integers(0, 5),
)


def may(key: Key, *, scope: str, model: str, mode: str, at_ms: int) -> bool:
    """What a key can do, said once more, without the module that is tested."""
    return (
        scope in key.scopes
        and (key.models is None or model in key.models)
        and (key.mode == mode or mode == "test")
        and (key.expires_at_ms is None or at_ms < key.expires_at_ms)
    )


DEEDS: list[dict[str, Any]] = [
    {"scope": scope, "model": model, "mode": mode, "at_ms": at_ms}
    for scope, model, mode, at_ms in itertools.product(SCOPES, [*NAMES, "other"], ["live", "test"], range(7))
]


@given(parent=KEYS, asked=KEYS)
def test_what_a_child_may_its_parent_may(parent: Key, asked: Key) -> None:
    try:
        child = within(asked, bounds_of_key(parent))
    except Forbidden:
        assert any(may(asked, **deed) and not may(parent, **deed) for deed in DEEDS) or not may_anything(asked)
        return
    for deed in DEEDS:
        assert may(parent, **deed) or not may(child, **deed)


def may_anything(key: Key) -> bool:
    return any(may(key, **deed) for deed in DEEDS)


@given(parent=KEYS, asked=st.lists(KEYS, max_size=4))
def test_it_holds_over_generations(parent: Key, asked: list[Key]) -> None:
    key = parent
    for each in asked:
        try:
            key = within(each, bounds_of_key(key))
        except Forbidden:
            continue
        for deed in DEEDS:
            assert may(parent, **deed) or not may(key, **deed)


@given(key=KEYS)
def test_a_key_is_within_itself(key: Key) -> None:
    assert within(key, bounds_of_key(key)) == key
    assert is_within(key, bounds_of_key(key))


@given(outer=KEYS, inner=KEYS)
def test_bounds_cover_what_fits_into_them(outer: Key, inner: Key) -> None:
    if covers(bounds_of_key(outer), bounds_of_key(inner)) and inner.scopes:
        assert within(inner, bounds_of_key(outer)) == inner


def test_all_models_and_for_ever_become_the_makers() -> None:
    bounds = bounds_of_key(make(models=("b", "a"), expires_at_ms=9))
    child = within(make(), bounds)
    assert (child.models, child.expires_at_ms) == (("a", "b"), 9)


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"scopes": ("management",)}, "scopes"),
        ({"mode": "live"}, "mode"),
        ({"models": ("a", "c")}, "models"),
        ({"expires_at_ms": 10}, "expires_at"),
    ],
)
def test_what_is_too_much_is_named(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(Forbidden) as refused:
        within(make(**fields), bounds_of_key(make(models=("a", "b"), expires_at_ms=9)))
    assert (refused.value.code, refused.value.param) == ("beyond_maker", param)


@pytest.mark.parametrize(
    ("role", "scopes"),
    [
        ("owner", set(SCOPES)),
        ("admin", set(SCOPES)),
        ("developer", {"inference", "usage"}),
        ("viewer", set()),
        ("billing", set()),
    ],
)
def test_what_a_role_may_give(role: Role, scopes: set[str]) -> None:
    assert bounds_of_role(role) == Bounds(scopes=frozenset(scopes))  # type: ignore[arg-type]


@pytest.mark.parametrize("fields", [{"models": ("a",)}, {"expires_at_ms": 9}, {"mode": "test"}, {"scopes": SCOPES[:1]}])
def test_a_key_with_any_limit_covers_no_role_that_makes_keys(fields: dict[str, Any]) -> None:
    whole = {"mode": "live", "scopes": SCOPES}
    assert covers(bounds_of_key(make(**whole)), bounds_of_role("admin"))
    bounds = bounds_of_key(make(**whole | fields))
    assert [role for role in ROLES if covers(bounds, bounds_of_role(role))] == ["viewer", "billing"]
