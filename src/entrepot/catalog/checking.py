"""One request body against one model's schema; the first failure becomes an error in OpenAI's words.

Runs before every call, so a valid body costs one pass in native code and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jsonschema_rs import ValidationError, ValidationErrorKind

from entrepot.catalog.catalogue import Catalogue
from entrepot.catalog.records import Model
from entrepot.errors import InvalidRequest

Kind = ValidationErrorKind
SHOWN = 40
"""Characters of a caller's own value that a message repeats: enough to recognise, too few to leak or flood."""

ARTICLES = {
    "array": "an array",
    "boolean": "a boolean",
    "integer": "an integer",
    "null": "null",
    "number": "a number",
    "object": "an object",
    "string": "a string",
}


def check(catalogue: Catalogue, model: Model, body: dict[str, Any]) -> None:
    """Validate `body` against the model's request schema.

    Raises InvalidRequest with `param` (`messages[0].content`) and OpenAI's code for the kind of failure.
    """
    try:
        catalogue.validator(model).validate(body)
    except ValidationError as error:
        raise _refusal(_leaf(error), catalogue.schema(model), body) from None
    except ValueError:  # a value that JSON cannot carry, such as a lone surrogate
        raise InvalidRequest("The request holds a value that is not valid JSON.", code="invalid_value") from None


def _leaf(error: ValidationError) -> ValidationError:
    """The failure deepest inside the instance, out of the branches of an anyOf or oneOf."""
    while isinstance(error.kind, Kind.AnyOf | Kind.OneOfNotValid):
        branches = [failure for branch in error.kind.context for failure in branch]
        if not branches:
            break
        error = max(branches, key=lambda failure: len(failure.instance_path))
    return error


def _refusal(error: ValidationError, schema: Mapping[str, Any], body: dict[str, Any]) -> InvalidRequest:
    path, kind = _place(error.instance_path, body), error.kind
    if isinstance(kind, Kind.Required):
        path.append(kind.property)
    code, rule = _verdict(error, schema)
    param = _param(path)
    return InvalidRequest(f"{_subject(param)} {rule}.", code=code, param=param or None)


def _place(path: Sequence[str | int], body: object) -> list[str | int]:
    """The path with every object key as text: the library turns keys of digits, as in logit_bias, into integers."""
    keys: list[str | int] = []
    for key in path:
        keys.append(str(key) if isinstance(body, dict) else key)
        body = body[keys[-1]]  # type: ignore[index]  # the path exists in the body
    return keys


def _param(path: Sequence[str | int]) -> str:
    """A place in a body as OpenAI writes it: ("messages", 0, "content") → "messages[0].content"."""
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{_short(key)}" for key in path)
    return text.removeprefix(".")


def _subject(param: str) -> str:
    return f"'{param}'" if param else "The request"


def _verdict(error: ValidationError, schema: Mapping[str, Any]) -> tuple[str, str]:
    """OpenAI's code for the failure, and the rule that was broken, in words."""
    value: Any = error.instance
    match error.kind:
        case Kind.Required():
            return "missing_required_parameter", "is required"
        case Kind.Type(types=types):
            return "invalid_type", f"must be {_one_of(types)}, got {ARTICLES[_type_name(value)]}"
        case Kind.Minimum(limit=limit):
            return f"{_number(error, schema)}_below_min_value", f"must be at least {limit}, got {_shown(value)}"
        case Kind.Maximum(limit=limit):
            return f"{_number(error, schema)}_above_max_value", f"must be at most {limit}, got {_shown(value)}"
        case Kind.MinItems(limit=1):
            return "empty_array", "must have at least 1 item, got none"
        case Kind.MinItems(limit=limit):
            return "array_below_min_length", f"must have at least {limit} items, got {len(value)}"
        case Kind.MaxItems(limit=limit):
            return "array_above_max_length", f"must have at most {limit} items, got {len(value)}"
        case Kind.MinLength(limit=1):
            return "empty_string", "must not be empty"
        case Kind.MinLength(limit=limit):
            return "string_below_min_length", f"must have at least {limit} characters, got {len(value)}"
        case Kind.MaxLength(limit=limit):
            return "string_above_max_length", f"must have at most {limit} characters, got {len(value)}"
        case Kind.MaxProperties(limit=limit):
            return "object_above_max_properties", f"must have at most {limit} keys, got {len(value)}"
        case Kind.AdditionalProperties(unexpected=names) | Kind.UnevaluatedProperties(unexpected=names):
            return "unknown_parameter", f"has an unknown field '{_short(names[0])}'"
        case Kind.Enum(options=options):
            return "invalid_value", f"must be {_options(options)}, got {_shown(value)}"
        case Kind.Constant(expected_value=expected):
            return "invalid_value", f"must be {_shown(expected)}, got {_shown(value)}"
        case Kind.Pattern(pattern=pattern):
            return "invalid_value", f"must match the pattern {pattern}"
        case Kind.PropertyNames():
            return "invalid_value", "has a key that is too long or not allowed"
        case other:
            return "invalid_value", f"breaks the rule '{other.name}' of this model's request schema"


def _number(error: ValidationError, schema: Mapping[str, Any]) -> str:
    """`integer` or `decimal`: what the field wants, whatever was sent."""
    found: Any = schema
    for key in error.schema_path[:-1]:
        found = found[key]
    return "integer" if "integer" in found.get("type", ()) else "decimal"


def _type_name(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case list() | tuple():
            return "array"
        case _:
            return "object"


def _one_of(types: Sequence[str]) -> str:
    return " or ".join(ARTICLES[name] for name in types if name != "null") or "null"


def _options(options: Sequence[Any]) -> str:
    shown = [_shown(option) for option in options if option is not None]
    return shown[0] if len(shown) == 1 else f"one of {', '.join(shown)}"


def _shown(value: object) -> str:
    """A scalar for a message, cut short; containers by their type alone."""
    if isinstance(value, str):
        return f"'{_short(value)}'"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, int | float):
        return _short(str(value)) if not isinstance(value, int) or abs(value) < 10**SHOWN else "a huge number"
    return ARTICLES[_type_name(value)]


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
