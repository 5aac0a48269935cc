"""Strict JSON at the edge: what every dialect asks of a request body before reading it.

A body is decoded twice: to values, for checking, and to raw top-level fields, so that what the hub
does not own is forwarded byte for byte.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

from entrepot.errors import InvalidJSON, InvalidRequest

RawFields = dict[str, msgspec.Raw]
Fields = dict[str, Any]
"""To be written: values, and raw ones as they are."""

# Fields the hub decides by: were one given twice, the hub and the upstream might each see another value.
_OWNED = ("model", "model_id", "key", "stream", "stream_options")
_OWNED_TOKENS = tuple(f'"{name}"'.encode() for name in _OWNED)

_raw_fields = msgspec.json.Decoder(RawFields)
_values = msgspec.json.Decoder(dict[str, Any])


def decode(body: bytes) -> tuple[RawFields, dict[str, Any]]:
    """Raw fields and values of a JSON object.

    Raises InvalidJSON for anything else: bad syntax, invalid UTF-8, NaN, lone surrogates, numbers out of
    range, nesting too deep, and InvalidRequest for an owned field given twice.
    """
    try:
        values = _values.decode(body)
        fields = _raw_fields.decode(body)
        if max(map(body.count, _OWNED_TOKENS)) > 1:
            _refuse_duplicates(body)
    except RecursionError:
        raise InvalidJSON("The request body is nested too deeply.") from None
    except msgspec.ValidationError as error:
        raise InvalidJSON(f"The request body must be a JSON object within range: {str(error)[:200]}.") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidJSON(f"The request body is not valid JSON: {str(error)[:200]}.") from None
    return fields, values


def encode(fields: Fields) -> bytes:
    return msgspec.json.encode(fields)


def raw(value: Any) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))


def _refuse_duplicates(body: bytes) -> None:
    pairs = json.loads(body, object_pairs_hook=list)
    names = [name for name, _ in pairs]
    for name in _OWNED:
        if names.count(name) > 1:
            raise InvalidRequest(f"'{name}' is given more than once.", param=name, code="duplicate_parameter")
