"""What a request body must be before anything reads it, and that what the hub does not own stays untouched."""

from __future__ import annotations

import contextlib
import json
import time

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.dialects.fields import decode, encode, raw
from entrepot.errors import InvalidJSON, InvalidRequest

NOT_JSON = [
    # nothing, or no object
    b"",
    b" \n\t",
    b"[]",
    b'"text"',
    b"null",
    b"7",
    # bad syntax
    b'{"model": "m"',
    b'{"model": "m"} x',
    b'{"model": "m"}{}',
    b'{"model": "m",}',
    b"{'model': 'm'}",
    b'{"model": "m" /* why */}',
    b'// why\n{"model": "m"}',
    b"{model: 1}",
    b'{1: "a"}',
    b'{"a": "\x01"}',
    b'{"a": "\\x"}',
    b'{"a": 01}',
    b'{"a": +1}',
    b'{"a": .5}',
    # numbers that JSON or a double cannot hold
    b'{"temperature": NaN}',
    b'{"temperature": Infinity}',
    b'{"temperature": -Infinity}',
    b'{"temperature": 1e999}',
    b'{"a": [{"b": -1e999}]}',
    # text that is no UTF-8
    b'{"a": "\xff"}',
    b'{"a": "\xc0\xaf"}',
    b'{"a": "\xed\xa0\x80"}',
    b'{"a": "\\ud800"}',
    b'{"\\udfff": 1}',
    '{"model": "m"}'.encode("utf-16"),
    '{"model": "m"}'.encode("utf-16-le"),
    b"\xef\xbb\xbf" + b'{"model": "m"}',
    b"\x00",
]


@pytest.mark.parametrize("body", NOT_JSON)
def test_what_is_not_a_json_object_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidJSON) as caught:
        decode(body)
    assert (caught.value.status, caught.value.code) == (400, "invalid_json")
    assert len(caught.value.message) < 300


@pytest.mark.parametrize("depth", [2_000, 10_000, 1_000_000])
@pytest.mark.parametrize("brackets", [(b"[", b"]"), (b'{"a":', b"}")])
def test_deep_nesting_is_refused(depth: int, brackets: tuple[bytes, bytes]) -> None:
    opening, closing = brackets
    body = b'{"a":' + opening * depth + b"1" + closing * depth + b"}"
    with pytest.raises(InvalidJSON, match="nested"):
        decode(body)


def test_nesting_as_deep_as_real_schemas_is_taken() -> None:
    decode(b'{"a":' + b'{"a":' * 100 + b"1" + b"}" * 100 + b"}")


OWNED = ["model", "model_id", "key", "stream", "stream_options"]


@pytest.mark.parametrize("name", OWNED)
@pytest.mark.parametrize("twice", ['"{0}": 1, "{0}": 2', '"{0}": 1, "a": {{"{0}": 2}}, "{0}": 1'])
def test_an_owned_field_given_twice_is_refused(name: str, twice: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        decode(f"{{{twice.format(name)}}}".encode())
    assert (caught.value.code, caught.value.param) == ("duplicate_parameter", name)


@pytest.mark.parametrize("name", OWNED)
def test_a_duplicate_in_another_spelling_leaves_one_value_for_hub_and_upstream(name: str) -> None:
    escaped = "".join(f"\\u{ord(letter):04x}" for letter in name)
    for body in (f'{{"{name}": 1, "{escaped}": 2}}', f'{{"{escaped}": 1, "{name}": 2}}'):
        fields, found = decode(body.encode())
        assert json.loads(encode(fields)) == found == {name: 2}


@pytest.mark.parametrize(
    "body",
    [
        b'{"model": "m", "metadata": {"model": "x", "key": "y"}}',
        b'{"model": "\\"model\\"", "stream": false}',
        b'{"a": [{"model": 1}, {"model": 2}], "model": "m"}',
    ],
)
def test_a_name_may_come_again_further_in(body: bytes) -> None:
    assert decode(body)[1] == json.loads(body)


KEPT = [
    b'{"a":1.0}',
    b'{"a":1e5,"b":1E+5,"c":-0.0}',
    b'{"a":9007199254740993}',
    b'{"a":18446744073709551616}',
    b'{"a":' + b"9" * 300 + b"}",
    b'{"a":"\\u0041\\/\\n\xf0\x9f\x9a\xa2"}',
    b'{"a":{ "b" : [ 1 , 2 ] } }',
    b'{"a":{"b":1,"b":2}}',
    b'{"a":null,"b":true,"":[]}',
]


@pytest.mark.parametrize("body", KEPT)
def test_values_keep_the_bytes_they_came_with(body: bytes) -> None:
    fields, _ = decode(body)
    again = encode(fields)
    for value in fields.values():
        assert bytes(value) in body
        assert bytes(value) in again
    if b" " not in body:
        assert again == body


@pytest.mark.parametrize("digits", [5_000, 100_000])
def test_a_number_of_many_digits_is_refused_soon(digits: int) -> None:
    began = time.thread_time()
    with pytest.raises(InvalidJSON):
        decode(b'{"a":' + b"9" * digits + b"}")
    assert time.thread_time() - began < 2


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), values, max_size=5))
def test_any_object_is_read_to_its_values_and_kept_as_it_came(value: dict[str, object]) -> None:
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    fields, found = decode(body)
    assert list(found) == list(fields)
    assert json.loads(encode(fields)) == json.loads(body)


@given(st.binary(max_size=60))
def test_no_bytes_make_it_fail_otherwise(body: bytes) -> None:
    with contextlib.suppress(InvalidJSON):
        fields, found = decode(body)
        assert list(fields) == list(found)


def test_raw_puts_a_value_among_the_fields() -> None:
    fields, _ = decode(b'{"model":"m","a":1.0}')
    fields["model"] = raw("upstream/é")
    assert encode(fields) == '{"model":"upstream/é","a":1.0}'.encode()
    assert isinstance(fields["a"], msgspec.Raw)


@pytest.mark.parametrize("depth", [*range(900, 1010), 5000])
def test_every_depth_is_read_or_refused(depth: int) -> None:
    body = b'{"model":"a","x":{"model":1},"y":' + b"[" * depth + b"]" * depth + b"}"
    with contextlib.suppress(InvalidJSON):
        decode(body)
