"""Makes an instance of a JSON Schema, with values of the prompt where the schema lets them in.

Valid by construction; where only a finished value can tell (oneOf, not, patterns, formats) it is checked.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

import jsonschema_rs

from entrepot import errors
from entrepot.providers.sandbox import pattern, scalars
from entrepot.providers.sandbox.clues import Clues, words_of
from entrepot.providers.sandbox.scalars import nth
from entrepot.providers.sandbox.schemas import Impossible, Schema, alternatives, checker, in_known_draft, types

# Below this depth a schema is taken to repeat itself: only what it requires is made.
SHALLOW = 3
MAX_DEPTH = 24
MAX_ITEMS = 8
MAX_VISITS = 4_000
# How many different values are tried where the first does not do.
VARIATIONS = 8

_STRING_KEYS = ("minLength", "maxLength", "pattern", "format")
_NUMBER_KEYS = ("type", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")


def make(schema: Schema, clues: Clues, *, param: str) -> Any:
    """A JSON value valid against the schema.

    Raises UpstreamRefusal, as a provider would, naming `param` when the schema is malformed or
    nothing seems to satisfy it.
    """
    if not is_schema(schema):
        raise _refusal("is not a valid JSON Schema", param)
    schema = in_known_draft(schema)
    try:
        return _Maker(schema, clues).value(schema, "", depth=0)
    except (Impossible, _TooCostly, OverflowError):
        raise _refusal("cannot be satisfied by any value the sandbox can make", param) from None


def is_schema(schema: Schema) -> bool:
    """Whether this is a JSON Schema at all."""
    return jsonschema_rs.meta.is_valid(in_known_draft(schema))


def _refusal(problem: str, param: str) -> errors.UpstreamRefusal:
    return errors.UpstreamRefusal(f"The schema in {param} {problem}.", status=400, code="invalid_schema", param=param)


class _TooCostly(Exception):
    """So many values were tried that the search is given up."""


class _Maker:
    def __init__(self, root: Schema, clues: Clues) -> None:
        self._root = root
        self._clues = clues
        self._visits = 0

    def value(self, schema: Any, label: str, *, depth: int, variation: int = 0) -> Any:
        """A value for a property of this name; other variations are other values."""
        self._visits += 1
        if self._visits > MAX_VISITS:
            raise _TooCostly
        if depth > MAX_DEPTH:
            raise Impossible("too deep")
        ways = alternatives(schema, self._root)
        for flat in sorted(ways, key=_weight) if depth > SHALLOW else ways:
            for number in range(variation, variation + VARIATIONS):
                try:
                    found = self._flat(flat, label, depth, number)
                except Impossible:
                    break
                if self._passes(found, flat.get("checks")):
                    return found
        raise Impossible("no alternative holds")

    def _passes(self, value: Any, checks: list[Schema] | None) -> bool:
        return not checks or checker({"allOf": checks}, self._root)(value)

    def _flat(self, flat: Schema, label: str, depth: int, variation: int) -> Any:
        if "enum" in flat:
            return self._member(flat, variation)
        kinds = types(flat)
        for number, kind in enumerate(kinds):
            try:
                return self._of_kind(kind, flat, label, depth, variation)
            except Impossible:
                if number == len(kinds) - 1:
                    raise
        raise Impossible("no type")

    def _of_kind(self, kind: str, flat: Schema, label: str, depth: int, variation: int) -> Any:
        match kind:
            case "object":
                return self._object(flat, depth, variation)
            case "array":
                return self._array(flat, label, depth, variation)
            case "string":
                return self._string(flat, label, variation)
            case "integer" | "number":
                return self._number({**flat, "type": kind}, label, variation)
            case "boolean" if variation < 2:
                said = self._clues.boolean(label)
                return (said is None or said) != bool(variation)
            case "null" if variation == 0:
                return None
        raise Impossible(f"no further {kind}")

    def _member(self, flat: Schema, variation: int) -> Any:
        holds = checker({key: value for key, value in flat.items() if key != "checks"}, self._root)
        members = [member for member in flat["enum"] if holds(member)]
        mentioned = self._clues.mentioned(members) if variation == 0 else None
        return nth(members, variation) if mentioned is None else mentioned

    # Scalars

    def _number(self, flat: Schema, label: str, variation: int) -> int | float:
        holds = checker({key: flat[key] for key in _NUMBER_KEYS if key in flat})
        if variation == 0:
            found = self._clues.number(label, holds)
            if found is not None:
                return found
        return nth(filter(holds, scalars.numbers(flat)), variation)

    def _string(self, flat: Schema, label: str, variation: int) -> str:
        holds = checker({"type": "string", **{key: flat[key] for key in _STRING_KEYS if key in flat}})
        if variation == 0:
            found = self._clues.formatted(flat.get("format", ""), holds)
            found = found if found is not None else self._clues.string(label, holds)
            if found is not None:
                return found
        base = self._clues.sentence(label) or f"simulated {words_of(label)}".strip()
        return nth(filter(holds, scalars.strings(flat, base)), variation)

    # Containers

    def _array(self, flat: Schema, label: str, depth: int, variation: int) -> list[Any]:
        low, high = flat.get("minItems", 0), flat.get("maxItems", math.inf)
        contained = flat.get("contains")
        found = self._prefix(flat, label, depth, variation)
        if contained is not None:
            wanted = flat.get("minContains", 1)
            items = {"allOf": [contained, flat.get("items", True)]}
            found += [self.value(items, label, depth=depth + 1, variation=number) for number in range(wanted)]
        self._fill(found, flat, label, depth, variation)
        if not low <= len(found) <= high or not self._counts(found, flat):
            raise Impossible("wrong number of items")
        return found

    def _prefix(self, flat: Schema, label: str, depth: int, variation: int) -> list[Any]:
        """The leading items, up to the first that nothing satisfies: they may be left out from there on."""
        found: list[Any] = []
        for schema in flat.get("prefixItems", ())[: flat.get("maxItems")]:
            try:
                found.append(self.value(schema, label, depth=depth + 1, variation=variation))
            except Impossible:
                break
        return found

    def _fill(self, found: list[Any], flat: Schema, label: str, depth: int, variation: int) -> None:
        """Add items up to the least number, and on as long as the prompt has values for more."""
        low = flat.get("minItems", 0)
        high = min(flat.get("maxItems", math.inf), max(MAX_ITEMS, low))
        if len(found) < len(flat.get("prefixItems", ())):
            return
        items, unique = flat.get("items", True), flat.get("uniqueItems", False)
        wanted = max(low, 1 if depth <= SHALLOW and not found and items is not True else 0)
        misses = 0
        while len(found) < high and items is not False:
            uses = self._clues.uses
            try:
                item = self.value(items, label, depth=depth + 1, variation=variation + misses)
            except Impossible:
                return
            fresh = not unique or all(_key(item) != _key(other) for other in found)
            if fresh and (len(found) < wanted or self._clues.uses > uses):
                found.append(item)
            elif len(found) >= wanted or misses > high:
                return
            else:
                misses += 1

    def _counts(self, found: list[Any], flat: Schema) -> bool:
        keys = {key: flat[key] for key in ("contains", "minContains", "maxContains", "uniqueItems") if key in flat}
        return not keys or checker(keys, self._root)(found)

    def _object(self, flat: Schema, depth: int, variation: int) -> dict[str, Any]:
        properties, required = flat.get("properties", {}), flat.get("required", ())
        found: dict[str, Any] = {}
        for name in required:
            found[name] = self._property(flat, name, depth, variation)
        for name in properties:
            if name not in found and depth <= SHALLOW:
                self._add_optional(found, flat, name, depth)
        self._reach(found, flat, depth, variation)
        if len(found) > flat.get("maxProperties", math.inf):
            raise Impossible("too many properties")
        order = [*properties, *required]
        return dict(sorted(found.items(), key=lambda item: order.index(item[0]) if item[0] in order else len(order)))

    def _property(self, flat: Schema, name: str, depth: int, variation: int) -> Any:
        if not self._passes(name, [flat["propertyNames"]] if "propertyNames" in flat else None):
            raise Impossible("a name that is not allowed")
        schema = _property_schema(flat, name)
        for number in dict.fromkeys((variation, 0)):
            try:
                return self.value(schema, name, depth=depth + 1, variation=number)
            except Impossible:
                continue
        raise Impossible(f"no value for {name}")

    def _add_optional(self, found: dict[str, Any], flat: Schema, name: str, depth: int) -> None:
        """Keep an optional property when its value came from the prompt; beside required ones, when it was meant."""
        if len(found) >= flat.get("maxProperties", math.inf):
            return
        uses, targeted = self._clues.uses, self._clues.targeted
        self._clues.targeted = targeted or bool(flat.get("required"))
        try:
            value = self._property(flat, name, depth, 0)
        except Impossible:
            return
        finally:
            self._clues.targeted = targeted
        if self._clues.uses > uses:
            found[name] = value

    def _reach(self, found: dict[str, Any], flat: Schema, depth: int, variation: int) -> None:
        """Add optional and then made-up properties up to the least number."""
        low = flat.get("minProperties", 0)
        if low > MAX_VISITS:
            raise Impossible("too many properties")
        made_up = (sample for key in flat.get("patternProperties", {}) for sample in _some(pattern.samples(key)))
        plain = (f"property{number}" for number in range(1, low + VARIATIONS))
        for name in (*flat.get("properties", {}), *made_up, *plain):
            if len(found) >= low:
                return
            if name not in found:
                try:
                    found[name] = self._property(flat, name, depth, variation)
                except Impossible:
                    continue
        if len(found) < low:
            raise Impossible("too few properties")


def _property_schema(flat: Schema, name: str) -> Any:
    known = [flat["properties"][name]] if name in flat.get("properties", {}) else []
    patterns = flat.get("patternProperties", {}).items()
    known += [schema for key, schema in patterns if checker({"pattern": key})(name)]
    return {"allOf": known} if known else flat.get("additionalProperties", True)


def _weight(flat: Schema) -> int:
    """Leaves before branches, so that a recursive schema comes to an end."""
    kinds = types(flat)
    return min(("null", "boolean", "integer", "number", "string", "array", "object").index(kind) for kind in kinds)


def _some(values: Iterator[str]) -> Iterator[str]:
    return (value for _, value in zip(range(VARIATIONS), values, strict=False))


def _key(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
