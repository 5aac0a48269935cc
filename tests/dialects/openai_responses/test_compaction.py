from __future__ import annotations

import json
from typing import Any

import pytest
from tests.dialects.openai_responses.samples import COUNTED, call, message
from tests.support.openai_document import Document, find

from entrepot.conversation import Text
from entrepot.dialects import fields
from entrepot.dialects.openai_responses import compaction, emit_relayed, emit_usage, parse_request
from entrepot.dialects.shapes import Value
from entrepot.errors import InvalidRequest, UpstreamBroken

ASKED: dict[str, Any] = {"role": "user", "content": "When is the tide?"}
ITEMS: list[dict[str, Any]] = [
    {"role": "developer", "content": "Be brief."},
    ASKED,
    {"type": "reasoning", "summary": [], "encrypted_content": "gAAAA"},
    call(),
    {"type": "function_call_output", "call_id": "call_up", "output": "at 7"},
    {"type": "custom_tool_call", "call_id": "call_2", "name": "log", "input": "7"},
    {"type": "custom_tool_call_output", "call_id": "call_2", "output": [{"type": "input_text", "text": "ok"}]},
    message("At 7."),
]


def compacted(*output: Any) -> dict[str, Any]:
    return compaction.compacted(
        output or [message("Tide at 7.")], ITEMS, emit_usage(COUNTED), id="resp_own", created_s=1
    )


def test_the_request_for_a_summary_has_everything_as_text_and_no_tools() -> None:
    body = {"model": "m", "instructions": "Be kind.", "tools": [{"type": "function", "name": "tide"}], "temperature": 0}
    asked = compaction.summary_request(body | {"text": {"format": {"type": "json_object"}}, "stream": True}, ITEMS)
    assert set(asked) == {"model", "instructions", "input", "store"}
    request = parse_request(asked)
    assert [turn.role for turn in request.messages] == [
        "system", "developer", "user", "assistant", "user", "assistant", "user", "assistant", "user",
    ]  # fmt: skip
    words = " ".join(turn.text for turn in request.messages)
    for part in ("Be brief.", "When is the tide?", 'tide with {"a":1}', "at 7", "log with 7", "ok", "At 7."):
        assert part in words
    assert all(isinstance(part, Text) for turn in request.messages for part in turn.parts)
    assert request.foreign == {}


def test_a_compaction_keeps_what_the_user_said_and_seals_the_summary() -> None:
    made = compacted()
    asked, sealed = made["output"]
    assert (asked["role"], asked["content"][0]["text"]) == ("user", "When is the tide?")
    assert compaction.is_own(sealed)
    assert (made["id"], made["usage"]["total_tokens"]) == ("resp_own", 18)
    path = find()
    if path is not None:
        assert Document(path).complaints("CompactResource", made) == []


@pytest.mark.parametrize(
    "output",
    [(call(), message("")), ("odd",), ({"type": "message"},), (message("", content=[7, {"type": "output_text"}]),)],
)
def test_an_answer_without_words_is_no_summary(output: tuple[Any, ...]) -> None:
    with pytest.raises(UpstreamBroken):
        compacted(*output)


def test_the_model_reads_the_summary_whatever_dialect_it_is_asked_in() -> None:
    output = compacted()["output"]
    body = {"model": "m", "input": output}
    neutral = parse_request(body)
    assert [turn.role for turn in neutral.messages] == ["user", "user"]
    assert neutral.messages[1].text.endswith("Tide at 7.")
    relayed = json.loads(emit_relayed(*fields.decode(json.dumps(body).encode()), "up"))
    assert relayed["input"][0] == output[0]
    assert parse_request(relayed).messages == neutral.messages


def test_a_vendors_own_compaction_is_left_to_it() -> None:
    item = {"type": "compaction", "encrypted_content": "gAAAA"}
    body = json.dumps({"model": "m", "input": [item]}).encode()
    assert json.loads(emit_relayed(*fields.decode(body), "up"))["input"] == [item]
    assert parse_request(json.loads(body)).foreign == {"input[type=compaction]": item}


@pytest.mark.parametrize("content", ["entrepot:", "entrepot:!!", "entrepot:AAAA", "entrepot:W10="])
def test_a_damaged_compaction_is_refused_by_its_place(content: str) -> None:
    item = {"type": "compaction", "encrypted_content": content}
    with pytest.raises(InvalidRequest) as caught:
        parse_request({"model": "m", "input": [ASKED, item]})
    assert caught.value.param == "input[1].encrypted_content"
    with pytest.raises(InvalidRequest):
        compaction.opened(Value(item))


@pytest.mark.parametrize(
    "item", [None, "x", {}, {"type": "compaction"}, {"type": "message", "encrypted_content": "entrepot:x"}]
)
def test_other_items_are_none(item: Any) -> None:
    assert not compaction.is_own(item)
