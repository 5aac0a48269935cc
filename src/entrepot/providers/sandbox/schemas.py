"""JSON Schema without its combinators: every way to satisfy $ref, allOf, anyOf, oneOf and if as one flat schema.

Algebra on schemas only; making values is `instance`'s.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any
from urllib.parse import unquote

import jsonschema_rs

Schema = Mapping[str, Any]

# A schema that needs more references in a row than this refers to itself and says nothing.
MAX_HOPS = 32
# Combinations of branches multiply: so many are looked at, and so many found are enough.
MAX_STEPS = 1_000
MAX_ALTERNATIVES = 64
_ROOT_URI = "urn:schema"
_COMBINATORS = frozenset(
    ("$ref", "allOf", "anyOf", "oneOf", "if", "then", "else", "not", "dependentRequired", "dependentSchemas")
)
_SIZES = ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "minContains")
_TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")


_DRAFTS = tuple(
    f"{uri}{end}"
    for uri in (
        *(f"http://json-schema.org/draft-0{number}/schema" for number in (4, 6, 7)),
        *(f"https://json-schema.org/draft/{year}/schema" for year in ("2019-09", "2020-12")),
    )
    for end in ("", "#")
)


class Impossible(ValueError):
    """No value satisfies the schema, or none that is sought here."""


def in_known_draft(schema: Schema) -> dict[str, Any]:
    """The schema without a `$schema` that is not among the published drafts: it would be fetched, from anywhere."""
    return {key: value for key, value in schema.items() if key != "$schema" or value in _DRAFTS}


def alternatives(schema: Any, root: Schema) -> Iterator[dict[str, Any]]:
    """Flat schemas, each of which implies the schema but for what stands in its `checks`.

    `checks` lists the oneOf and not keywords met on the way, which only a finished value can prove.
    """
    return itertools.islice(_Expansion(root).ways({}, [(schema, 0)]), MAX_ALTERNATIVES)


class _Expansion:
    def __init__(self, root: Schema) -> None:
        self._root = root
        self._steps = 0

    def ways(self, base: dict[str, Any], todo: list[tuple[Any, int]]) -> Iterator[dict[str, Any]]:
        """Every way to merge the schemas still to do, each with its depth, into the base."""
        self._steps += 1
        if not todo:
            yield base
            return
        (first, hops), *rest = todo
        if first is False or hops > MAX_HOPS or self._steps > MAX_STEPS:
            return
        if first is True:
            yield from self.ways(base, rest)
            return
        try:
            merged = _merge(base, _plain(first))
        except Impossible:
            return
        needed = [resolve(first["$ref"], self._root)] if "$ref" in first else []
        needed.extend(first.get("allOf", ()))
        for branches in itertools.product(*_branchings(first)):
            nested = [(schema, hops + 1) for schema in (*needed, *branches)]
            yield from self.ways(merged, [*nested, *rest])


def _plain(schema: Schema) -> dict[str, Any]:
    """The keywords that merge by themselves, in one spelling each."""
    plain = {key: value for key, value in schema.items() if key not in _COMBINATORS}
    if "const" in plain:
        plain = _merge(plain, {"enum": [plain.pop("const")]})
    for key in ("minimum", "maximum"):
        exclusive = "exclusive" + key.capitalize()
        if plain.get(exclusive) is True:  # draft 4 wrote the bound and its exclusion apart
            plain[exclusive] = plain.pop(key)
        elif plain.get(exclusive) is False:
            del plain[exclusive]
    for key in _SIZES:
        if key in plain:
            plain[key] = int(plain[key])  # 3.0 is a whole number to JSON Schema
    for key in ("oneOf", "not"):
        if key in schema:
            plain.setdefault("checks", []).append({key: schema[key]})
    return plain


def _branchings(schema: Schema) -> Iterator[list[Any]]:
    for key in ("anyOf", "oneOf"):
        if key in schema:
            yield schema[key]
    if "if" in schema:
        yield [
            {"allOf": [schema["if"], schema.get("then", True)]},
            {"allOf": [{"not": schema["if"]}, schema.get("else", True)]},
        ]
    for name, keys in schema.get("dependentRequired", {}).items():
        yield [{"properties": {name: False}}, {"required": [name, *keys]}]
    for name, dependent in schema.get("dependentSchemas", {}).items():
        yield [{"properties": {name: False}}, {"required": [name], "allOf": [dependent]}]


def resolve(reference: str, root: Schema) -> Any:
    """The schema a local reference points to; any other reference constrains nothing here."""
    if not reference.startswith("#") or (reference != "#" and not reference.startswith("#/")):
        return True
    found: Any = root
    for step in unquote(reference).split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(found, Mapping) and name in found:
            found = found[name]
        elif isinstance(found, list) and name.isdigit() and int(name) < len(found):
            found = found[int(name)]
        else:
            return True
    return found


def types(schema: Schema) -> tuple[str, ...]:
    """The types a flat schema allows, its own order kept; inferred from its keywords when it names none."""
    named = schema.get("type")
    if named is not None:
        return (named,) if isinstance(named, str) else tuple(named)
    for kind, keys in (
        ("object", ("properties", "required", "additionalProperties", "minProperties", "patternProperties")),
        ("array", ("items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains")),
        ("number", ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")),
    ):
        if any(key in schema for key in keys):
            return (kind,)
    return ("string", *(kind for kind in _TYPES if kind != "string"))


def checker(schema: Schema, root: Schema | None = None) -> Callable[[Any], bool]:
    """A test of finished values against a schema, whose references lead into `root`.

    Formats count, nothing is fetched. Raises Impossible when it holds a reference or an expression
    that cannot be followed.
    """
    try:
        registry = None if root is None else jsonschema_rs.Registry([(_ROOT_URI, dict(root))])
        validator = jsonschema_rs.validator_for(
            dict(schema) if root is None else _absolute(schema),
            validate_formats=True,
            registry=registry,
            offline=True,
        )
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        raise Impossible(str(error)) from None
    return validator.is_valid


def _absolute(schema: Any) -> Any:
    """The schema with its local references led to the root document."""
    if isinstance(schema, list):
        return [_absolute(item) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    return {
        key: f"{_ROOT_URI}{value}" if key == "$ref" and str(value).startswith("#") else _absolute(value)
        for key, value in schema.items()
    }


# Merging ------------------------------------------------------------------------------------------


def _merge(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """One flat schema that both imply. Raises Impossible when they exclude each other."""
    merged = dict(one)
    for key, value in other.items():
        merged[key] = _MERGERS.get(key, _latest)(merged[key], value) if key in merged else value
    return merged


def _latest(one: Any, other: Any) -> Any:
    return other


def _both(one: Any, other: Any) -> Any:
    return one if one == other else {"allOf": [one, other]}


def _each(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    return {**one, **{key: _both(one[key], value) if key in one else value for key, value in other.items()}}


def _joined(one: list[Any], other: list[Any]) -> list[Any]:
    return [*one, *(item for item in other if item not in one)]


def _common_types(one: str | list[str], other: str | list[str]) -> list[str]:
    left = [one] if isinstance(one, str) else one
    right = [other] if isinstance(other, str) else other
    common = [kind for kind in left if kind in right or (kind == "integer" and "number" in right)]
    common += [kind for kind in right if kind == "integer" and "number" in left and kind not in common]
    if not common:
        raise Impossible("no type in common")
    return common


def _common_members(one: list[Any], other: list[Any]) -> list[Any]:
    common = [member for member in one if member in other]
    if not common:
        raise Impossible("no member in common")
    return common


def _patterns(one: str, other: str) -> str:
    return one if one == other else f"(?=.*(?:{one}))(?=.*(?:{other}))"


def _common_multiple(one: float, other: float) -> int | float:
    left, right = Fraction(str(one)), Fraction(str(other))
    multiple = Fraction(math.lcm(left.numerator, right.numerator), math.gcd(left.denominator, right.denominator))
    return int(multiple) if multiple.denominator == 1 else float(multiple)


def _zipped(one: list[Any], other: list[Any]) -> list[Any]:
    return [_both(left, right) for left, right in itertools.zip_longest(one, other, fillvalue=True)]


_MERGERS: Mapping[str, Callable[[Any, Any], Any]] = {
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"), max),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"), min),
    **dict.fromkeys(("properties", "patternProperties"), _each),
    **dict.fromkeys(("additionalProperties", "items", "contains", "propertyNames"), _both),
    **dict.fromkeys(("required", "checks"), _joined),
    "type": _common_types,
    "enum": _common_members,
    "pattern": _patterns,
    "multipleOf": _common_multiple,
    "prefixItems": _zipped,
    "uniqueItems": lambda one, other: one or other,
}
