"""OpenAI's embeddings: read and relayed to upstreams of the same form, or answered in test mode.

There is nothing to translate: no other dialect makes vectors.
"""

from __future__ import annotations

import base64
import hashlib
import math
import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import msgspec

from entrepot import tokens
from entrepot.conversation import Usage
from entrepot.dialects.fields import RawFields, encode, raw
from entrepot.dialects.openai_chat import Tapped, emit_error, read_error
from entrepot.dialects.openai_chat.usage import MOST_TOKENS
from entrepot.dialects.shapes import Value
from entrepot.errors import InvalidRequest, UpstreamBroken

__all__ = [
    "FIELD_NAMES",
    "NAME",
    "PATH",
    "EmbeddingRequest",
    "count_request",
    "emit_error",
    "emit_relayed",
    "emit_response",
    "emit_usage",
    "exceeds",
    "parse_request",
    "read_error",
    "tap_response",
    "vector",
]

NAME = "openai_embeddings"
PATH = "/embeddings"
FIELD_NAMES: Mapping[str, str] = {"model": "model", "messages": "input"}

EncodingFormat = Literal["float", "base64"]
Input = str | tuple[int, ...]
Vector = tuple[float, ...]


class EmbeddingRequest(msgspec.Struct, frozen=True, kw_only=True):
    """`inputs` are texts, or token ids of the model's own tokenizer; each gives one vector."""

    model: str
    inputs: tuple[Input, ...]
    encoding_format: EncodingFormat = "float"
    dimensions: int | None = None
    user: str | None = None


# Requests -----------------------------------------------------------------------------------------


def parse_request(body: Mapping[str, Any]) -> EmbeddingRequest:
    """Raises InvalidRequest naming the field whose shape is wrong."""
    root = Value(body)
    dimensions = root["dimensions"].integer_or_none()
    if dimensions is not None and dimensions < 1:
        raise root["dimensions"].unknown()
    return EmbeddingRequest(
        model=root["model"].text(),
        inputs=_inputs(root["input"]),
        encoding_format=_encoding_format(root["encoding_format"]),
        dimensions=dimensions,
        user=root["user"].text_or_none(),
    )


def count_request(request: EmbeddingRequest) -> int:
    """Input tokens; texts are counted with the hub's tokenizer."""
    return sum(tokens.count(given) if isinstance(given, str) else len(given) for given in request.inputs)


def exceeds(request: EmbeddingRequest, limit_tokens: int) -> int | None:
    """The tokens of the first input that has more than the limit, for each is a context of its own."""
    counts = (
        tokens.exceeds([given], limit_tokens) if isinstance(given, str) else len(given) for given in request.inputs
    )
    return next((count for count in counts if count is not None and count > limit_tokens), None)


def emit_relayed(fields: RawFields, body: Mapping[str, Any], upstream_model: str) -> bytes:
    """The client's own body with the model's upstream name in it; every other field keeps its bytes."""
    relayed = {name: value for name, value in fields.items() if name not in ("key", "model_id")}
    relayed["model"] = raw(upstream_model)
    return encode(relayed)


def _inputs(value: Value) -> tuple[Input, ...]:
    """A text, texts, token ids, or arrays of token ids."""
    if value.raw is None:
        raise value.missing("a string or an array")
    if isinstance(value.raw, str):
        return (_text(value),)
    items = list(value)
    if not items:
        raise InvalidRequest(f"'{value.path}' must not be empty.", param=value.path, code="empty_array")
    if isinstance(items[0].raw, int | float):
        return (_tokens(value),)
    return tuple(_tokens(item) if isinstance(item.raw, list) else _text(item) for item in items)


def _text(value: Value) -> str:
    text = value.text()
    if not text:
        raise InvalidRequest(f"'{value.path}' must not be empty.", param=value.path, code="empty_string")
    return text


def _tokens(value: Value) -> tuple[int, ...]:
    ids = tuple(item.integer_or_none() for item in value)
    if not ids or any(id is None or id < 0 for id in ids):
        raise value.wrong("an array of token ids")
    return tuple(id for id in ids if id is not None)


def _encoding_format(value: Value) -> EncodingFormat:
    match value.text_or_none():
        case None | "float":
            return "float"
        case "base64":
            return "base64"
        case _:
            raise value.unknown()


# Answers ------------------------------------------------------------------------------------------


class _Answer(msgspec.Struct):
    """Millions of numbers stand in `data`, and nobody here needs one of them."""

    data: list[msgspec.Raw] | None = None
    model: Any = None
    usage: Any = None
    error: Any = None


_answer = msgspec.json.Decoder(_Answer)


def tap_response(body: bytes) -> Tapped:
    """Model and usage of an answer passing through. Raises UpstreamBroken when it holds no vectors."""
    try:
        answer = _answer.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        answer = _Answer()
    if answer.error is not None:
        raise UpstreamBroken(f"The upstream answered with an error: {read_error(body).message}")
    if not answer.data:
        raise UpstreamBroken("The upstream's answer is not a list of embeddings.")
    model = answer.model if isinstance(answer.model, str) else None
    return Tapped(answered=model, finish=None, usage=_usage(answer.usage), text="")


def emit_response(vectors: Iterable[Vector], encoding_format: EncodingFormat, *, model: str, usage: Usage) -> bytes:
    """The answer. Each vector is written as it comes: as numbers, all of them take several times the memory."""
    return msgspec.json.encode(
        {
            "object": "list",
            "data": [
                {"object": "embedding", "index": index, "embedding": _encoded(each, encoding_format)}
                for index, each in enumerate(vectors)
            ],
            "model": model,
            "usage": emit_usage(usage),
        }
    )


def emit_usage(usage: Usage) -> dict[str, Any]:
    return {
        "prompt_tokens": usage.input_tokens,
        "total_tokens": usage.input_tokens,
        **({"estimated": True} if usage.estimated else {}),
    }


def vector(given: Input, dimensions: int) -> Vector:
    """A vector of length 1 made from a hash of the input: always the same for the same, 32-bit floats all.

    It says nothing of what the text means.
    """
    text = given if isinstance(given, str) else repr(given)
    digest = hashlib.shake_128(text.encode("utf-8", "surrogatepass")).digest(4 * dimensions)
    raw_numbers = [number / 2**31 - 1 for number in struct.unpack(f"<{dimensions}I", digest)]
    length = math.hypot(*raw_numbers) or 1.0
    return _as_float32([number / length for number in raw_numbers])


def _encoded(numbers: Vector, encoding_format: EncodingFormat) -> msgspec.Raw:
    return raw(numbers if encoding_format == "float" else base64.b64encode(_packed(numbers)).decode())


def _packed(numbers: Sequence[float]) -> bytes:
    return struct.pack(f"<{len(numbers)}f", *numbers)


def _as_float32(numbers: Sequence[float]) -> Vector:
    return struct.unpack(f"<{len(numbers)}f", _packed(numbers))


def _usage(value: Any) -> Usage | None:
    """Some servers give one of the two counts only; for embeddings they are the same."""
    if not isinstance(value, dict):
        return None
    counts = (value.get("prompt_tokens"), value.get("total_tokens"))
    believed = [count for count in counts if type(count) is int and 0 <= count <= MOST_TOKENS]
    return Usage(input_tokens=believed[0]) if believed else None
