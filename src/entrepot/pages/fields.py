"""The fields of a request in words, from the model's own JSON schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from entrepot.pages.literals import JSON, literal
from entrepot.pages.records import Field

Schema = Mapping[str, Any]

_BOUNDS = (
    ("minimum", "at least {}"),
    ("maximum", "at most {}"),
    ("minLength", "at least {} characters"),
    ("maxLength", "at most {} characters"),
    ("minItems", "at least {} items"),
    ("maxItems", "at most {} items"),
    ("maxProperties", "at most {} entries"),
    ("pattern", "matches {}"),
)


def request_fields(schema: Schema) -> tuple[tuple[Field, ...], tuple[Field, ...]]:
    """The required and the optional fields, each in the schema's order."""
    properties: Mapping[str, Schema] = schema["properties"]
    fields = {
        name: _field(name, properties[name]) for name in sorted(properties, key=lambda each: _place(properties[each]))
    }
    required = tuple(fields[name] for name in fields if name in schema["required"])
    return required, tuple(fields[name] for name in fields if name not in schema["required"])


def _place(field: Schema) -> int:
    return int(field.get("x-order", 0))


def _field(name: str, field: Schema) -> Field:
    default = field.get("default")
    return Field(
        name=name,
        title=field.get("title", name),
        type=_type(field),
        description=field.get("description", ""),
        default=None if default is None else literal(default, JSON),
        bounds=_bounds(field) or None,
        deprecated=bool(field.get("deprecated")),
    )


def _type(field: Schema) -> str:
    """Null is not told: every optional field may be null, and means the same as leaving it out."""
    found = field.get("type", [])
    names = [found] if isinstance(found, str) else [name for name in found if name != "null"]
    return " or ".join(names) or "any"


def _bounds(field: Schema) -> str:
    choices = [value for value in field.get("enum", ()) if value is not None]
    if choices:
        return "one of " + ", ".join(literal(value, JSON) for value in choices)
    if "minimum" in field and "maximum" in field:
        field = {name: value for name, value in field.items() if name not in ("minimum", "maximum")} | {
            "range": f"{field['minimum']} to {field['maximum']}"
        }
    told = [field["range"]] if "range" in field else []
    if field.get("minLength") == 1 or field.get("minItems") == 1:
        told.append("not empty")
    field = {name: value for name, value in field.items() if (name, value) not in (("minLength", 1), ("minItems", 1))}
    return ", ".join([*told, *(words.format(field[name]) for name, words in _BOUNDS if name in field)])
