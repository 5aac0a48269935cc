"""Request fields in words."""

from __future__ import annotations

import pytest

from entrepot import catalog
from entrepot.catalog.schemas import Schema
from entrepot.pages.fields import request_fields


@pytest.mark.parametrize(
    ("schema", "type_", "bounds", "default"),
    [
        ({"type": ["number", "null"], "minimum": 0, "maximum": 2, "default": 1}, "number", "0 to 2", "1"),
        ({"type": "integer", "minimum": 1}, "integer", "at least 1", None),
        ({"type": ["string", "array"], "minLength": 1, "maxItems": 4}, "string or array", "not empty, at most 4 items",
         None),
        ({"type": ["string", "null"], "enum": ["low", "high", None], "default": "low"}, "string",
         'one of "low", "high"', '"low"'),
        ({"type": ["boolean", "null"], "default": False}, "boolean", None, "false"),
        ({"enum": [1, 2]}, "any", "one of 1, 2", None),
    ],
)  # fmt: skip
def test_type_bounds_and_default(schema: Schema, type_: str, bounds: str | None, default: str | None) -> None:
    (required, optional) = request_fields({"required": ["a"], "properties": {"a": schema, "b": schema}})
    for field in (*required, *optional):
        assert (field.type, field.bounds, field.default, field.title) == (type_, bounds, default, field.name)


def test_fields_stand_in_the_schemas_order() -> None:
    properties = {"b": {"x-order": 2}, "a": {"x-order": 1}, "c": {"x-order": 3, "deprecated": True}}
    required, optional = request_fields({"required": ["b"], "properties": properties})
    assert [field.name for field in required] == ["b"]
    assert [(field.name, field.deprecated) for field in optional] == [("a", False), ("c", True)]


def test_every_field_of_every_model_is_told() -> None:
    catalogue = catalog.load()
    for model in catalogue.models.values():
        schema = catalogue.schema(model)
        required, optional = request_fields(schema)
        assert {field.name for field in required} == set(schema["required"])
        assert {field.name for field in (*required, *optional)} == set(schema["properties"])
        assert all(field.description for field in (*required, *optional))
