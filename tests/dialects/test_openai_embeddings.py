"""Embeddings: inputs in their four forms, bodies relayed, answers tapped, and vectors made up in test mode."""

from __future__ import annotations

import base64
import json
import math
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types import CreateEmbeddingResponse

from entrepot import tokens
from entrepot.conversation import Usage
from entrepot.dialects import fields
from entrepot.dialects.openai_embeddings import (
    EmbeddingRequest,
    count_request,
    emit_relayed,
    emit_response,
    parse_request,
    tap_response,
    vector,
)
from entrepot.errors import InvalidRequest, UpstreamBroken

# Requests -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "inputs"),
    [
        ("ahoy", ("ahoy",)),
        (["ahoy", "there"], ("ahoy", "there")),
        ([15, 7], ((15, 7),)),
        ([15.0], ((15,),)),
        ([[15, 7], [3]], ((15, 7), (3,))),
        ([[15], "ahoy"], ((15,), "ahoy")),
    ],
)
def test_inputs(given: Any, inputs: tuple[Any, ...]) -> None:
    assert parse_request({"model": "m", "input": given}) == EmbeddingRequest(model="m", inputs=inputs)


def test_every_field() -> None:
    body = {"model": "m", "input": "x", "encoding_format": "base64", "dimensions": 256, "user": "u", "tomorrow": 1}
    assert parse_request(body) == EmbeddingRequest(
        model="m", inputs=("x",), encoding_format="base64", dimensions=256, user="u"
    )
    assert parse_request({"model": "m", "input": "x", "encoding_format": None, "dimensions": None}).dimensions is None


@pytest.mark.parametrize(
    ("given", "param"),
    [
        ({"model": None}, "model"),
        ({"input": None}, "input"),
        ({"input": 7}, "input"),
        ({"input": {}}, "input"),
        ({"input": ""}, "input"),
        ({"input": []}, "input"),
        ({"input": ["a", ""]}, "input[1]"),
        ({"input": ["a", 7]}, "input[1]"),
        ({"input": [7, "a"]}, "input[1]"),
        ({"input": [[]]}, "input[0]"),
        ({"input": [[7, -1]]}, "input[0]"),
        ({"input": [[7, None]]}, "input[0]"),
        ({"input": [[7, [7]]]}, "input[0][1]"),
        ({"input": [True]}, "input[0]"),
        ({"encoding_format": "hex"}, "encoding_format"),
        ({"dimensions": 0}, "dimensions"),
        ({"dimensions": "256"}, "dimensions"),
        ({"user": 7}, "user"),
    ],
)
def test_a_wrong_shape_is_refused_by_name(given: dict[str, Any], param: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        parse_request({"model": "m", "input": "x"} | given)
    assert caught.value.param == param


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["model", "input", "encoding_format", "dimensions", "user"]), json_values))
def test_any_object_is_parsed_or_refused(body: dict[str, Any]) -> None:
    try:
        request = parse_request(body)
    except InvalidRequest:
        return
    assert request.inputs


def test_texts_are_counted_and_token_ids_are_counted_already() -> None:
    request = EmbeddingRequest(model="m", inputs=("High water", (1, 2, 3), ""))
    assert count_request(request) == tokens.count("High water") + 3


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (b'{"input":"x","model":"m"}', b'{"input":"x","model":"up"}'),
        (b'{"model":"m","input":[1.0,1E2],"t":"\\u00e9"}', b'{"model":"up","input":[1.0,1E2],"t":"\\u00e9"}'),
        (b'{"key":"ep-live-x","model_id":"m","input":"x"}', b'{"input":"x","model":"up"}'),
    ],
)
def test_relayed_bodies(given: bytes, expected: bytes) -> None:
    raw_fields, values = fields.decode(given)
    assert emit_relayed(raw_fields, values, "up") == expected


# Answers ------------------------------------------------------------------------------------------

USAGE = Usage(input_tokens=5)


def answer(encoding_format: Any = "float", *inputs: str) -> bytes:
    return emit_response([vector(each, 8) for each in inputs or ("a", "b")], encoding_format, model="m", usage=USAGE)


def test_an_answer_is_one_by_openais_own_types() -> None:
    found = CreateEmbeddingResponse.model_validate_json(answer(), strict=True)
    assert [(each.index, each.object, tuple(each.embedding)) for each in found.data] == [
        (0, "embedding", vector("a", 8)),
        (1, "embedding", vector("b", 8)),
    ]
    assert (found.model, found.object) == ("m", "list")
    assert (found.usage.prompt_tokens, found.usage.total_tokens) == (5, 5)


def test_base64_holds_the_same_numbers_as_little_endian_32_bit_floats() -> None:
    encoded = json.loads(answer("base64"))["data"][0]["embedding"]
    assert struct.unpack("<8f", base64.b64decode(encoded)) == vector("a", 8)


@given(st.text() | st.tuples(st.integers(0, 1 << 31)), st.integers(1, 300))
def test_vectors_have_length_one_and_are_always_the_same(given: Any, dimensions: int) -> None:
    made = vector(given, dimensions)
    assert len(made) == dimensions
    assert math.isclose(math.hypot(*made), 1, rel_tol=1e-5)
    assert made == vector(given, dimensions)


def test_vectors_do_not_change_between_releases() -> None:
    """Applications keep them in test fixtures."""
    assert [round(number, 4) for number in vector("ahoy", 4)] == [0.2815, 0.9289, -0.145, 0.1921]


def test_other_inputs_have_other_vectors() -> None:
    vectors = {vector(given, 8) for given in ("a", "b", "a ", (1,), (2,), (1, 2))}
    assert len(vectors) == 6


def test_a_tap_reads_model_and_usage() -> None:
    tapped = tap_response(answer())
    assert (tapped.answered, tapped.usage, tapped.finish, tapped.text) == ("m", USAGE, None, "")


@pytest.mark.parametrize(
    ("reported", "usage"),
    [
        ({"prompt_tokens": 5, "total_tokens": 5}, USAGE),
        ({"prompt_tokens": 5}, USAGE),
        ({"total_tokens": 5}, USAGE),
        ({"prompt_tokens": -5, "total_tokens": 5.5}, None),
        ({"prompt_tokens": True}, None),
        ({"prompt_tokens": 1 << 41}, None),
        ({}, None),
        (None, None),
        (7, None),
    ],
)
def test_usage_as_servers_report_it(reported: Any, usage: Usage | None) -> None:
    body = {"data": [{"embedding": [1.0]}], "model": None, "usage": reported}
    assert tap_response(json.dumps(body).encode()).usage == usage


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"error": {"message": "overheated"}}', "overheated"),
        (b'{"data": null, "error": {"message": "overheated"}}', "overheated"),
        (b'{"data": []}', "not a list"),
        (b'{"data": {}}', "not a list"),
        (b"{}", "not a list"),
        (b"[]", "not a list"),
        (b"<html>", "not a list"),
        (b'"\xff"', "not a list"),
        (b"[" * 100_000, "not a list"),
    ],
)
def test_what_is_no_answer_is_refused(body: bytes, message: str) -> None:
    with pytest.raises(UpstreamBroken, match=message):
        tap_response(body)
