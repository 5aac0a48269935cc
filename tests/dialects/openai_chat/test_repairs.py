"""What is filled in, and that nothing else changes by a byte."""

from __future__ import annotations

import json
from typing import Any

import pytest

from entrepot.dialects.openai_chat.repairs import completed

CONTENT = [{"token": "a", "logprob": -0.1, "bytes": [97], "top_logprobs": []}]


def chunk(*logprobs: Any, **fields: Any) -> dict[str, Any]:
    choices = [{"index": index, "delta": {"content": "a"}, "logprobs": each} for index, each in enumerate(logprobs)]
    return {"id": "c", "choices": choices} | fields


def through(value: Any) -> Any:
    return json.loads(completed(json.dumps(value).encode()))


def test_logprobs_get_a_refusal_of_null() -> None:
    assert through(chunk({"content": CONTENT})) == chunk({"content": CONTENT, "refusal": None})


def test_only_the_choices_that_lack_it_change() -> None:
    full, refused = {"content": CONTENT, "refusal": None}, {"content": None, "refusal": CONTENT}
    assert through(chunk({"content": CONTENT}, full, refused, None)) == chunk(full, full, refused, None)


def test_what_surrounds_them_keeps_its_order_and_its_digits() -> None:
    body = (
        b'{"z":1e400,"id":12345678901234567890123,"choices":[{"x":1.10,"logprobs":{"content":[-0.10]}}],"a":"\\u00e9"}'
    )
    assert completed(body) == body.replace(b"[-0.10]", b'[-0.10],"refusal":null')


SAME = [
    b'{"choices":[]}',
    b'{ "choices" : [ { "delta" : {} } ] }',
    b'{"choices":[{"logprobs":null}]}',
    b'{"choices":[{"logprobs": {"content":[], "refusal":null}}]}',
    b'{"usage":{}}',
    b"{}",
]
OTHER_SHAPES = [
    b'{"choices":null}',
    b'{"choices":[3]}',
    b'{"choices":[{"logprobs":[1]}]}',
    b'{"choices":[{"logprobs":"x"}]}',
    b'{"choices":[{"logprobs":{"\xff":1}}]}',
    b'{"choices":[{"logprobs":{}',
    b"[]",
    b"",
]


@pytest.mark.parametrize("body", SAME)
def test_what_lacks_nothing_is_the_same_bytes(body: bytes) -> None:
    assert completed(body) is body


@pytest.mark.parametrize("body", OTHER_SHAPES)
def test_another_shape_goes_through_as_it_is(body: bytes) -> None:
    assert completed(body) is body
