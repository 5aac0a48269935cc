"""Instances are valid for every schema tried, and hold the prompt's values where the schema lets them."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from entrepot import errors
from entrepot.providers.sandbox import instance
from entrepot.providers.sandbox.clues import Clues

TEXT = {"type": "string"}
WHOLE = {"type": "integer"}
NODE = {
    "type": "object",
    "properties": {
        "value": WHOLE,
        "next": {"anyOf": [{"$ref": "#/$defs/Node"}, {"type": "null"}]},
        "children": {"type": "array", "items": {"$ref": "#/$defs/Node"}},
    },
    "required": ["value", "next", "children"],
    "additionalProperties": False,
}


def shape(required: list[str] | None = None, /, **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties) if required is None else required,
        "additionalProperties": False,
    }


def make(schema: dict[str, Any], prompt: str = "") -> Any:
    return instance.make(schema, Clues(prompt), param="response_format")


def is_valid(value: Any, schema: dict[str, Any]) -> bool:
    return jsonschema_rs.validator_for(schema, validate_formats=True, offline=True).is_valid(value)


@pytest.mark.parametrize(
    ("schema", "prompt", "expected"),
    [
        (shape(name=TEXT, age=WHOLE), "Jason is 25 years old", {"name": "Jason", "age": 25}),
        (shape(age=WHOLE, name=TEXT), "Jason is 25 years old", {"age": 25, "name": "Jason"}),
        (
            shape(people={"type": "array", "items": shape(name=TEXT, age=WHOLE)}),
            "Ann is 5 and Bob is 6",
            {"people": [{"name": "Ann", "age": 5}, {"name": "Bob", "age": 6}]},
        ),
        (
            shape(
                email={"type": "string", "format": "email"},
                site={"type": "string", "format": "uri"},
                day={"type": "string", "format": "date"},
            ),
            "mail ann@example.org, see https://example.org/y on 2024-01-02",
            {"email": "ann@example.org", "site": "https://example.org/y", "day": "2024-01-02"},
        ),
        (
            shape(sentiment={"enum": ["positive", "negative"]}, spam={"type": "boolean"}),
            "It was negative. Spam? No.",
            {"sentiment": "negative", "spam": False},
        ),
        (shape([], note=TEXT, size=WHOLE), "'so' 4", {"note": "so", "size": 4}),
        (shape(["note"], note=TEXT, size=WHOLE), "'so' 4", {"note": "so"}),
        (shape(["note"], note=TEXT, size=WHOLE), "'so', size 4", {"note": "so", "size": 4}),
        (shape(title=TEXT), "Plan a garden. It is small.", {"title": "Plan a garden"}),
        ({"type": "array", "items": TEXT}, "'a', 'b' and 'c'", ["a", "b", "c"]),
        ({"type": "array", "items": {"enum": ["a", "b", "c"]}}, "c and a", ["a", "c"]),
        ({"type": "array", "prefixItems": [TEXT, WHOLE], "items": False, "minItems": 2}, "'k' 4", ["k", 4]),
        ({"type": "integer", "minimum": 10, "maximum": 20}, "25 and 15", 15),
        ({"type": ["string", "null"]}, "'x'", "x"),
        ({"anyOf": [WHOLE, {"type": "null"}]}, "8", 8),
        ({"type": "string", "pattern": "^[A-Z]{3}-\\d+$"}, "the code 'ABC-12'", "ABC-12"),
        ({"type": "integer", "default": 7}, "", 7),
        ({"const": {"a": [1]}}, "", {"a": [1]}),
    ],
)
def test_values_come_from_the_prompt(schema: dict[str, Any], prompt: str, expected: Any) -> None:
    assert is_valid(expected, schema)
    assert make(schema, prompt) == expected


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"type": "object"},
        {"type": "object", "required": ["q"]},
        {"enum": [None, 1, "a"]},
        {"enum": [1, 5, "a"], "type": "integer", "minimum": 2},
        {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
        {"type": "number", "multipleOf": 0.25, "minimum": 0.3},
        {"type": "integer", "multipleOf": 2.5, "minimum": 1},
        {"type": "integer", "minimum": -9, "maximum": -7},
        {"type": "integer", "minimum": 1e300},
        {"type": "string", "minLength": 40, "maxLength": 41},
        {"type": "string", "maxLength": 1},
        {"type": "string", "maxLength": 0},
        {"type": "string", "minLength": 50, "pattern": "^[a-z ]+$"},
        {"type": "string", "pattern": "^(?!foo)[a-z]+$"},
        {"type": "string", "minLength": 3.0},
        {"type": "array", "items": WHOLE, "minItems": 5, "uniqueItems": True},
        {"type": "array", "items": {"type": "boolean"}, "minItems": 2, "uniqueItems": True},
        {"type": "array", "items": {"enum": ["a", "b", "c"]}, "minItems": 3, "uniqueItems": True},
        {"type": "array", "items": shape(id=WHOLE, name=TEXT), "minItems": 3, "uniqueItems": True},
        {"type": "array", "contains": {"const": 7}, "items": WHOLE, "minItems": 3},
        {"type": "array", "contains": WHOLE, "minContains": 2, "maxContains": 3},
        {"type": "array", "maxItems": 0},
        {"type": "object", "properties": {"a": TEXT}, "minProperties": 3},
        {"patternProperties": {"^x_[a-z]+$": WHOLE}, "additionalProperties": False, "minProperties": 1},
        {"type": "object", "properties": {"abc": TEXT}, "propertyNames": {"pattern": "^[a-z]{3}$"}, "minProperties": 1},
        {"type": "object", "required": ["a"], "dependentRequired": {"a": ["b"]}},
        {"required": ["a"], "dependentSchemas": {"a": {"required": ["c"], "properties": {"c": WHOLE}}}},
        {"oneOf": [shape(kind={"const": "a"}, x=WHOLE), shape(kind={"const": "b"}, y=TEXT)]},
        {"oneOf": [{"type": "number"}, WHOLE]},
        {"oneOf": [{"type": "integer", "multipleOf": 3}, {"type": "integer", "multipleOf": 5}]},
        {"type": "integer", "not": {"enum": [0, 1, 2]}},
        {"type": "string", "not": {"pattern": "^sim"}},
        {"allOf": [{"type": "number", "minimum": 3}, {"maximum": 4}, {"multipleOf": 0.5}]},
        {"allOf": [{"properties": {"a": TEXT}, "required": ["a"]}, {"properties": {"a": {"minLength": 30}}}]},
        {"type": "object", "properties": {"t": {"enum": ["x", "y"]}}, "required": ["t"],
         "if": {"properties": {"t": {"const": "x"}}}, "then": {"required": ["q"]}, "else": {"required": ["z"]}},
        {"$ref": "#/$defs/Node", "$defs": {"Node": NODE}},
        shape(self={"anyOf": [{"$ref": "#"}, {"type": "null"}]}),
        {"$schema": "http://json-schema.org/draft-04/schema#", "minimum": 3, "exclusiveMinimum": True},
        {"$ref": "#/definitions/a~1b", "definitions": {"a/b": WHOLE}},
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("prompt", ["", "Ann is 3 and 'foo' is 15, yes"])
def test_instances_are_valid(schema: dict[str, Any], prompt: str) -> None:
    assert is_valid(make(schema, prompt), schema)


@pytest.mark.parametrize(
    "name",
    ["date", "date-time", "time", "duration", "email", "hostname", "ipv4", "ipv6", "uri", "uuid", "regex"],
)
def test_formats_are_kept(name: str) -> None:
    schema = {"type": "array", "items": {"type": "string", "format": name}, "minItems": 2, "uniqueItems": True}
    made = make(schema)
    assert len(made) == 2
    assert is_valid(made, schema)


@pytest.mark.parametrize(
    ("schema", "problem"),
    [
        ({"type": "strin"}, "not a valid JSON Schema"),
        ({"properties": 3}, "not a valid JSON Schema"),
        ({"type": "integer", "minimum": 3, "maximum": 2}, "cannot be satisfied"),
        ({"allOf": [TEXT, WHOLE]}, "cannot be satisfied"),
        ({"allOf": [{"$ref": "#"}]}, "cannot be satisfied"),
        (shape(self={"$ref": "#"}), "cannot be satisfied"),
        ({"type": "string", "minLength": 10**12}, "cannot be satisfied"),
        ({"type": "array", "items": TEXT, "minItems": 10**9}, "cannot be satisfied"),
        ({"type": "object", "minProperties": 10**9}, "cannot be satisfied"),
        ({"type": "string", "pattern": "((a{999}){999}){999}"}, "cannot be satisfied"),
        ({"anyOf": [{"anyOf": [{"type": "string", "minLength": 10**9}] * 60}] * 60}, "cannot be satisfied"),
        ({"allOf": [{"anyOf": [{"minimum": n}, {"maximum": n}]} for n in range(40)], "enum": ["x"], "type": "integer"},
         "cannot be satisfied"),
    ],
)  # fmt: skip
def test_a_schema_without_instances_is_refused_soon(schema: dict[str, Any], problem: str) -> None:
    begun = time.perf_counter()
    with pytest.raises(errors.UpstreamRefusal, match=problem) as caught:
        make(schema)
    assert (caught.value.status, caught.value.param) == (400, "response_format")
    assert time.perf_counter() - begun < 2


def test_a_pattern_that_backtracks_without_end_costs_little() -> None:
    begun = time.perf_counter()
    assert make({"type": "string", "pattern": "^(a+)+$"}, f"'{'a' * 60}!'") == "a"
    assert time.perf_counter() - begun < 2


def test_references_to_elsewhere_are_not_fetched() -> None:
    assert make(shape(a={"$ref": "https://127.0.0.1:1/schema.json"})) == {"a": "simulated a"}


# Schemas made at random ---------------------------------------------------------------------------

FORMATS = st.sampled_from(["date", "date-time", "email", "uuid", "uri", "ipv4"])
PATTERNS = st.sampled_from(["^[A-Z]{2}\\d{4}$", "^\\+?[0-9]{3,5}$", "foo|bar", "^[^0-9]+$", "^\\S+$"])
PROMPTS = st.sampled_from(
    ["", "Jason is 25 years old", "'foo' and \"bar\" 3, 4.5 yes", "name: Bob, age 7, Rome", "AB1234 2020-01-01 a@b.co"]
)


@st.composite
def numbers(draw: st.DrawFn) -> dict[str, Any]:
    low = draw(st.integers(-50, 50))
    schema: dict[str, Any] = {"type": draw(st.sampled_from(["integer", "number"]))}
    if draw(st.booleans()):
        schema[draw(st.sampled_from(["minimum", "exclusiveMinimum"]))] = low
    if draw(st.booleans()):
        schema[draw(st.sampled_from(["maximum", "exclusiveMaximum"]))] = low + draw(st.integers(15, 60))
    if draw(st.booleans()):
        schema["multipleOf"] = draw(st.sampled_from([1, 2, 3, 0.5, 7, 0.25]))
    return schema


def strings() -> st.SearchStrategy[dict[str, Any]]:
    lengths = st.tuples(st.integers(0, 30), st.integers(0, 10))
    return st.one_of(
        st.just(TEXT),
        FORMATS.map(lambda name: {**TEXT, "format": name}),
        PATTERNS.map(lambda pattern: {**TEXT, "pattern": pattern}),
        lengths.map(lambda sizes: {**TEXT, "minLength": sizes[0], "maxLength": sum(sizes)}),
    )


def leaves() -> st.SearchStrategy[Any]:
    members = st.one_of(st.text(max_size=5), st.integers(-5, 30), st.none(), st.booleans())
    kinds = [{"type": "boolean"}, {"type": "null"}, {"type": ["integer", "null"]}, {}, {"$ref": "#/$defs/Node"}]
    return st.one_of(
        numbers(),
        strings(),
        st.sampled_from(kinds),
        st.lists(members, min_size=1, max_size=4).map(lambda enum: {"enum": enum}),
        members.map(lambda const: {"const": const}),
    )


@st.composite
def objects(draw: st.DrawFn, inner: st.SearchStrategy[Any]) -> dict[str, Any]:
    properties = draw(st.dictionaries(st.sampled_from(["name", "age", "city", "is_ok", "items"]), inner, max_size=4))
    required = draw(st.lists(st.sampled_from(sorted(properties)), unique=True)) if properties else []
    extra = draw(st.sampled_from([False, True, WHOLE]))
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": extra}


@st.composite
def arrays(draw: st.DrawFn, inner: st.SearchStrategy[Any]) -> dict[str, Any]:
    low = draw(st.integers(0, 3))
    schema = {"type": "array", "items": draw(inner), "minItems": low, "maxItems": low + draw(st.integers(0, 3))}
    if draw(st.booleans()):
        schema["prefixItems"] = draw(st.lists(inner, min_size=1, max_size=2))
    return schema


def combinations(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    branches = st.lists(inner, min_size=1, max_size=3).map(lambda schemas: {"anyOf": schemas})
    return st.one_of(objects(inner), arrays(inner), branches, inner.map(lambda schema: {"allOf": [schema, {}]}))


@settings(max_examples=300, deadline=None)
@given(st.recursive(leaves(), combinations, max_leaves=8), PROMPTS)
def test_instances_of_random_schemas_are_valid(part: dict[str, Any], prompt: str) -> None:
    schema = {**part, "$defs": {"Node": NODE}}
    assert is_valid(make(schema, prompt), schema)


@pytest.mark.parametrize(
    "named",
    [
        lambda url: {"$schema": url},
        lambda url: {"$ref": url},
        lambda url: {"not": {"$ref": url}},
        lambda url: {"$id": url, "not": {"$ref": "other"}},
        lambda url: {"properties": {"a": {"not": {"$id": url, "$schema": url, "const": 1}}}, "required": ["a"]},
    ],
)
def test_nothing_that_a_schema_names_is_fetched(named: Callable[[str], dict[str, Any]]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        schema = {"type": "object", **named(f"http://127.0.0.1:{listening.getsockname()[1]}/schema")}
        with contextlib.suppress(errors.UpstreamRefusal):
            assert isinstance(make(schema), dict)
        with pytest.raises(BlockingIOError):
            listening.accept()


@pytest.mark.parametrize("draft", ["http://json-schema.org/draft-07/schema#", "https://example.com/own", None, [7]])
def test_a_schema_of_an_unknown_draft_is_read_like_any_other(draft: Any) -> None:
    assert make({"$schema": draft, **shape(name=TEXT)}, "Her name is Ada") == {"name": "Ada"}
