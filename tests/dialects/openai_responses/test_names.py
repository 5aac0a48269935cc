from __future__ import annotations

import re
from typing import Any

import pytest

from entrepot.dialects.openai_responses.names import LONGEST_NAME, Names, flat_name

TOOLS: list[Any] = [
    {"type": "function", "name": "tide"},
    {"type": "custom", "name": "log"},
    {
        "type": "namespace",
        "name": "tugs",
        "tools": [{"type": "function", "name": "order"}, {"type": "custom", "name": "log"}],
    },
]


@pytest.mark.parametrize(
    ("namespace", "name", "flat"),
    [
        (None, "tide", "tide"),
        ("", "tide", "tide"),
        ("multi_agent_v1", "spawn_agent", "multi_agent_v1__spawn_agent"),
        ("mcp__charts__", "find", "mcp__charts__find"),
        ("a.b c", "d", "a_b_c__d"),
    ],
)
def test_flat_names(namespace: str | None, name: str, flat: str) -> None:
    assert flat_name(namespace, name) == flat


def test_long_names_are_cut_and_stay_apart() -> None:
    names = {flat_name("n" * 40, "m" * 40 + end) for end in ("a", "b")}
    assert len(names) == 2
    assert all(re.fullmatch(rf"[a-zA-Z0-9_-]{{1,{LONGEST_NAME}}}", name) for name in names)


def test_names_find_their_way_home() -> None:
    names = Names(TOOLS)
    assert names.home("tide") == (None, "tide")
    assert names.home(flat_name("tugs", "order")) == ("tugs", "order")
    assert names.home("unknown") == (None, "unknown")


def test_custom_tools_are_known_by_their_flat_names() -> None:
    names = Names(TOOLS)
    assert [name for name in ("tide", "log", "order", "tugs__order", "tugs__log") if names.is_custom(name)] == [
        "log",
        "tugs__log",
    ]


@pytest.mark.parametrize("tools", [None, {}, "x", [None, 7, {}, {"type": "namespace", "name": 3, "tools": [{}]}]])
def test_odd_tools_have_no_names(tools: Any) -> None:
    assert Names(tools).home("x") == (None, "x")
