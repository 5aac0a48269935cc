"""Schemas without combinators, types, references and checks."""

from __future__ import annotations

from typing import Any

import pytest

from entrepot.providers.sandbox.schemas import MAX_ALTERNATIVES, Impossible, alternatives, checker, resolve, types


def flat(schema: Any, **root: Any) -> list[dict[str, Any]]:
    return list(alternatives(schema, {**root, **schema} if isinstance(schema, dict) else root))


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (True, [{}]),
        (False, []),
        ({"const": 1}, [{"enum": [1]}]),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, [{"type": "string"}, {"type": "null"}]),
        ({"minimum": 1, "anyOf": [{"minimum": 3}, {"maximum": 9}]}, [{"minimum": 3}, {"minimum": 1, "maximum": 9}]),
        ({"allOf": [{"type": "number"}, {"type": ["integer", "string"]}]}, [{"type": ["integer"]}]),
        ({"allOf": [{"type": "string"}, {"type": "null"}]}, []),
        ({"allOf": [{"enum": [1, 2]}, {"const": 2}]}, [{"enum": [2]}]),
        ({"allOf": [{"enum": [1]}, {"enum": [2]}]}, []),
        ({"allOf": [{"multipleOf": 4}, {"multipleOf": 6}]}, [{"multipleOf": 12}]),
        ({"allOf": [{"multipleOf": 0.5}, {"multipleOf": 0.75}]}, [{"multipleOf": 1.5}]),
        ({"allOf": [{"required": ["a"]}, {"required": ["b", "a"]}]}, [{"required": ["a", "b"]}]),
        ({"allOf": [{"minLength": 2, "maxLength": 9}, {"minLength": 3, "maxLength": 5}]},
         [{"minLength": 3, "maxLength": 5}]),
        ({"allOf": [{"properties": {"a": {"minimum": 1}}}, {"properties": {"a": {"maximum": 2}, "b": {}}}]},
         [{"properties": {"a": {"allOf": [{"minimum": 1}, {"maximum": 2}]}, "b": {}}}]),
        ({"minimum": 3, "exclusiveMinimum": True}, [{"exclusiveMinimum": 3}]),
        ({"minLength": 2.0}, [{"minLength": 2}]),
    ],
)  # fmt: skip
def test_combinators_are_resolved(schema: Any, expected: list[dict[str, Any]]) -> None:
    assert flat(schema) == expected


def test_what_only_a_value_can_prove_is_kept_as_a_check() -> None:
    one_of = [{"type": "integer"}, {"type": "number"}]
    assert flat({"oneOf": one_of, "not": {"const": 1}}) == [
        {"type": kind, "checks": [{"oneOf": one_of}, {"not": {"const": 1}}]} for kind in ("integer", "number")
    ]


def test_conditions_are_two_ways() -> None:
    first, second = flat({"if": {"minimum": 5}, "then": {"multipleOf": 2}, "else": {"multipleOf": 3}})
    assert first == {"minimum": 5, "multipleOf": 2}
    assert second == {"multipleOf": 3, "checks": [{"not": {"minimum": 5}}]}


def test_dependencies_are_two_ways() -> None:
    absent, present = flat({"dependentRequired": {"a": ["b"]}})
    assert absent == {"properties": {"a": False}}
    assert present == {"required": ["a", "b"]}


def test_references_are_followed_and_circles_are_left() -> None:
    assert flat({"$ref": "#/$defs/T", "minimum": 1}, **{"$defs": {"T": {"type": "integer"}}}) == [
        {"minimum": 1, "type": "integer"}
    ]
    assert flat({"$ref": "#"}) == []


def test_combinations_are_bounded() -> None:
    assert len(flat({"allOf": [{"anyOf": [{"minimum": n}, {"maximum": n}]} for n in range(40)]})) == MAX_ALTERNATIVES


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("#/$defs/a~1b", {"x": 1}),
        ("#/$defs/a%2Fb", True),
        ("#/$defs/list/1", 2),
        ("#/$defs/list/7", True),
        ("#/nowhere", True),
        ("#anchor", True),
        ("https://example.org/schema", True),
    ],
)
def test_local_references_resolve_and_others_constrain_nothing(reference: str, expected: Any) -> None:
    root = {"$defs": {"a/b": {"x": 1}, "list": [1, 2]}}
    assert resolve(reference, root) == expected


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "null"}, ("null",)),
        ({"type": ["integer", "null"]}, ("integer", "null")),
        ({"properties": {}}, ("object",)),
        ({"items": {}}, ("array",)),
        ({"minimum": 1}, ("number",)),
    ],
)
def test_types_are_named_or_inferred(schema: dict[str, Any], expected: tuple[str, ...]) -> None:
    assert types(schema) == expected


def test_a_schema_that_says_nothing_allows_every_type_strings_first() -> None:
    assert types({})[0] == "string"
    assert len(types({})) == 7


def test_checks_follow_references_into_the_root() -> None:
    root = {"$defs": {"T": {"type": "integer", "minimum": 3}}}
    holds = checker({"oneOf": [{"$ref": "#/$defs/T"}]}, root)
    assert (holds(3), holds(2)) == (True, False)
    assert not checker({"type": "string", "format": "date"})("tomorrow")


@pytest.mark.parametrize("schema", [{"pattern": "(("}, {"$ref": "https://127.0.0.1:1/x"}])
def test_checks_that_cannot_be_made_are_impossible(schema: dict[str, Any]) -> None:
    with pytest.raises(Impossible):
        checker(schema, {})
