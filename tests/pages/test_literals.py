"""Literals mean in their language what the value means in JSON."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.pages.literals import JAVASCRIPT, JSON, PHP, PYTHON, literal

SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUES = st.recursive(
    SCALARS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)
WICKED: dict[str, Any] = {
    "__proto__": {"a": None},
    'it\'s "quoted"': "back\\slash ${HOME} $name `x` #{y} \u2028 \x00 \x7f é 🚢 </script> ?> {$a}",
    "0": True,
    "class": [[], {}, -1, 1.5, 1e-7, 2**53],
    "a-b": [{"0": 1}, {"0": 1, "a": 2}],
}


@given(VALUES)
def test_python_reads_the_value(value: Any) -> None:
    assert ast.literal_eval(literal(value, PYTHON)) == value


@given(VALUES)
def test_json_reads_the_value(value: Any) -> None:
    assert json.loads(literal(value, JSON)) == value


def test_wicked_values_in_python_and_json() -> None:
    assert ast.literal_eval(literal(WICKED, PYTHON)) == WICKED
    assert json.loads(literal(WICKED, JSON)) == WICKED


def test_javascript_reads_the_value() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no Node")
    program = f"process.stdout.write(JSON.stringify({literal(WICKED, JAVASCRIPT)}))"
    printed = subprocess.run(
        [node, "--input-type=module", "-"], input=program.encode(), capture_output=True, check=True
    )
    assert json.loads(printed.stdout) == WICKED


def test_php_reads_the_value() -> None:
    php = shutil.which("php")
    if php is None:
        pytest.skip("there is no PHP")
    program = f"<?php echo json_encode({literal(WICKED, PHP)}, JSON_PRESERVE_ZERO_FRACTION);"
    printed = subprocess.run([php], input=program.encode(), capture_output=True, check=True)
    assert json.loads(printed.stdout) == WICKED


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({}, "(object) []"),
        ({"0": 1}, "(object) ['0' => 1]"),
        ({"a": None}, "['a' => null]"),
        ([True, "it's"], "[true, 'it\\'s']"),
        ("a\\", "'a\\\\'"),
    ],
)
def test_php_tells_objects_from_lists(value: Any, written: str) -> None:
    assert literal(value, PHP) == written


def test_what_is_short_stands_on_one_line() -> None:
    value = {"stop": ["END"], "messages": [{"role": "user", "content": "x" * 90}]}
    assert literal(value, JAVASCRIPT).splitlines() == [
        "{",
        '  stop: ["END"],',
        "  messages: [",
        "    {",
        '      role: "user",',
        f'      content: "{"x" * 90}",',
        "    },",
        "  ],",
        "}",
    ]
