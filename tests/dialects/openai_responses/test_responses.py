"""Plain answers: the full case as a golden file, and what the hub reads of answers of upstreams."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from tests.conftest import Golden
from tests.dialects.openai_responses.judges import complaints, judged_response
from tests.dialects.openai_responses.samples import COUNTED, ECHO, MODEL, RESPONSE, WIRE_USAGE, answer, call, message
from tests.support import openai_document

from entrepot.conversation import (
    Choice,
    FinishReason,
    Reasoning,
    Refusal,
    Response,
    Text,
    TokenLogprob,
    ToolCall,
    TopLogprob,
    Usage,
)
from entrepot.dialects.openai_responses import emit_response, parse_response, tap_response
from entrepot.errors import UpstreamBroken

SUMMARY = ECHO | {"reasoning": {"summary": "auto"}, "include": ["reasoning.encrypted_content"]}
ECHOES = pytest.mark.parametrize(
    "echo", [ECHO, SUMMARY, {"model": "m", "input": "hi"}], ids=["full", "summary", "least"]
)


def body(value: Any) -> bytes:
    return value if isinstance(value, bytes) else json.dumps(value).encode()


def finished(finish: FinishReason) -> Response:
    choice = Choice(index=0, parts=(Text(text="a"),), finish=finish)
    return msgspec.structs.replace(RESPONSE, choices=(choice,))


# Writing ------------------------------------------------------------------------------------------


def test_the_full_response(golden: Golden) -> None:
    found = json.dumps(json.loads(emit_response(RESPONSE, None, echo=ECHO)), indent=2, ensure_ascii=False)
    golden("openai_responses/response.json", found + "\n")


@ECHOES
async def test_openais_sdk_takes_it_strictly(echo: dict[str, Any]) -> None:
    found = await judged_response(emit_response(RESPONSE, None, echo=echo))
    assert found.output_text == "High é"
    assert found.usage is not None
    assert found.usage.input_tokens_details.cache_write_tokens == 4


@pytest.mark.parametrize("finish", ["stop", "length", "content_filter", "error"])
async def test_openais_sdk_takes_every_ending(finish: FinishReason) -> None:
    assert (await judged_response(emit_response(finished(finish), None, echo=ECHO))).output_text == "a"


@pytest.mark.skipif(openai_document.find() is None, reason="OpenAI's document is not at hand")
@ECHOES
def test_openais_document_allows_it(echo: dict[str, Any]) -> None:
    path = openai_document.find()
    assert path is not None
    document = openai_document.Document(path)
    for response in (RESPONSE, finished("length"), finished("error")):
        assert complaints(document, "Response", json.loads(emit_response(response, None, echo=echo))) == []


def test_a_namespaced_call_and_a_wrapped_custom_call_come_back_as_the_client_named_them() -> None:
    calls = json.loads(emit_response(RESPONSE, None, echo=ECHO))["output"][-4:]
    assert [(item["type"], item.get("namespace"), item["name"]) for item in calls] == [
        ("function_call", None, "tide"),
        ("function_call", "tugs", "order"),
        ("custom_tool_call", None, "log"),
        ("custom_tool_call", None, "patch"),
    ]
    assert [item.get("arguments", item.get("input")) for item in calls[1:]] == ["{}", "free text", "*** Begin"]


# Reading ------------------------------------------------------------------------------------------


def test_what_the_hub_writes_it_reads() -> None:
    read = parse_response(emit_response(RESPONSE, None, echo=ECHO))
    parts = RESPONSE.choices[0].parts
    assert read.usage == RESPONSE.usage
    assert read.choices[0].parts[:5] == parts[:5]
    assert read.choices[0].parts[5] == ToolCall(id="call_2", name="tugs__order", arguments="{}")
    assert read.choices[0].logprobs == RESPONSE.choices[0].logprobs


def test_an_answer_of_openais() -> None:
    thought = {
        "type": "reasoning",
        "id": "rs",
        "summary": [{"type": "summary_text", "text": "hm"}],
        "encrypted_content": "g",
    }
    hollow = {"type": "reasoning", "id": "rs_2", "summary": []}
    refusal = message("", content=[{"type": "refusal", "refusal": "no"}])
    search = {"type": "web_search_call", "id": "ws", "status": "completed"}
    found = parse_response(body(answer([thought, hollow, search, message("a"), refusal, call()])))
    assert found == Response(
        id="resp_up",
        model=MODEL,
        created_s=1_790_000_001,
        usage=COUNTED,
        choices=(
            Choice(
                index=0,
                parts=(
                    Reasoning(text="hm", encrypted="g", id="rs"),
                    Text(text="a"),
                    Refusal(text="no"),
                    ToolCall(id="call_up", name="tide", arguments='{"a":1}'),
                ),
                finish="tool_calls",
            ),
        ),
    )


def test_log_probabilities_are_read_and_nonsense_among_them_is_not() -> None:
    top = [{"token": "b", "logprob": -2}, {"token": 7, "logprob": 1}, None]
    logprobs = [
        {"token": "a", "logprob": -1, "top_logprobs": top},
        {"token": "x"},
        7,
        {"token": "y", "top_logprobs": 3},
    ]
    said = message("a", content=[{"type": "output_text", "text": "a", "logprobs": logprobs}])
    found = parse_response(body(answer([said]))).choices[0].logprobs
    assert found == (TokenLogprob(token="a", logprob=-1, top=(TopLogprob(token="b", logprob=-2),)),)


@pytest.mark.parametrize(
    ("fields", "finish"),
    [
        ({}, "stop"),
        ({"output": [call()]}, "tool_calls"),
        ({"status": None}, "stop"),
        ({"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}, "length"),
        ({"status": "incomplete", "incomplete_details": {"reason": "content_filter"}}, "content_filter"),
        ({"status": "incomplete", "incomplete_details": {"reason": ["odd"]}}, "length"),
        ({"status": "incomplete", "output": [call()]}, "length"),
    ],
)
def test_why_an_answer_ended(fields: dict[str, Any], finish: str) -> None:
    assert parse_response(body(answer(**fields))).choices[0].finish == finish
    assert tap_response(body(answer(**fields))).finish == finish


def test_a_tap_reads_model_and_usage_and_needs_no_text() -> None:
    tapped = tap_response(body(answer()))
    assert (tapped.answered, tapped.usage, tapped.text) == (MODEL, COUNTED, "")


@pytest.mark.parametrize("usage", [None, "none", {}, {"input_tokens": -5, "output_tokens": 1}])
def test_without_usage_to_believe_it_gathers_the_text_to_be_counted(usage: Any) -> None:
    thought = {"type": "reasoning", "id": "rs", "summary": [], "content": [{"type": "reasoning_text", "text": "hm "}]}
    found = body(answer([thought, message("Hello"), call()], usage=usage))
    assert tap_response(found).usage is None
    assert parse_response(found).usage == Usage(estimated=True)
    for text in ("hm ", "Hello", "tide", '{"a":1}'):
        assert text in tap_response(found).text


@pytest.mark.parametrize(
    "fields",
    [
        {"created_at": "now"},
        {"created_at": 1e300},
        {"created_at": -1},
        {"model": None},
        {"object": None},
        {"incomplete_details": 7},
        {"metadata": {"deep": [[]]}},
    ],
)
def test_an_answer_of_odd_fields_is_still_one(fields: dict[str, Any]) -> None:
    msgspec.json.encode(parse_response(body(answer(**fields))))
    tap_response(body(answer(**fields)))


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"error": {"message": "overheated"}}, "overheated"),
        (answer(status="failed", error={"code": "server_error", "message": "overheated"}), "overheated"),
        (answer(status="cancelled"), "no readable error"),
        ({}, "not a response"),
        (answer() | {"output": None}, "not a response"),
        (answer() | {"id": 7}, "not a response"),
        ([answer()], "not a response"),
        (b"", "not a response"),
        (b"<html>It works!</html>", "not a response"),
        (b'{"id": "\xff"}', "not a response"),
        (b'{"output": ' + b"[" * 100_000, "not a response"),
    ],
)
def test_what_is_no_answer_is_refused(value: Any, told: str) -> None:
    for read in (parse_response, tap_response):
        with pytest.raises(UpstreamBroken, match=told):
            read(body(value))


@pytest.mark.parametrize("item", [7, {}, {"type": "function_call", "name": "f"}, message("", content=7)])
def test_items_of_a_wrong_shape_are_the_upstreams_fault(item: Any) -> None:
    with pytest.raises(UpstreamBroken, match="wrong shape"):
        parse_response(body(answer([item])))


def test_usage_is_reported_as_it_came() -> None:
    assert parse_response(body(answer(usage=WIRE_USAGE))).usage == COUNTED
