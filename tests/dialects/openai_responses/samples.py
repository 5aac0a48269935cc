"""Answers of every kind, in the neutral form and as OpenAI and llama.cpp stream them."""

from __future__ import annotations

import json
from typing import Any

from entrepot.conversation import (
    Choice,
    Ended,
    Event,
    Failed,
    Finished,
    PartEnded,
    Reasoning,
    ReasoningDelta,
    Refusal,
    RefusalDelta,
    Response,
    Started,
    Text,
    TextDelta,
    TokenLogprob,
    ToolCall,
    ToolCallDelta,
    ToolCallStarted,
    TopLogprob,
    Usage,
)

USAGE = Usage(
    input_tokens=30, output_tokens=20, cached_tokens=8, cache_write_tokens=4, reasoning_tokens=5, tier="standard"
)
LOGPROBS = (TokenLogprob(token="High é", logprob=-0.5, top=(TopLogprob(token="Low", logprob=-1.5),)),)
HEAD: dict[str, Any] = {"id": "chatcmpl-1", "model": "gpt-4.1-mini-2025-04-14", "created_s": 1_790_000_000}

ECHO: dict[str, Any] = {
    "model": "gpt-4.1-mini",
    "input": "When?",
    "instructions": "Be brief.",
    "tools": [
        {"type": "function", "name": "tide"},
        {"type": "custom", "name": "log"},
        {"type": "custom", "name": "patch"},
        {"type": "namespace", "name": "tugs", "description": "Tugs.", "tools": [{"type": "function", "name": "order"}]},
        {"type": "web_search", "external_web_access": False},
    ],
    "tool_choice": "auto",
    "text": {"format": {"type": "json_schema", "name": "answer", "schema": {"type": "object"}}},
    "temperature": None,
    "metadata": {"ship": "Anna"},
    "previous_response_id": "resp_0",
    "store": False,
    "stream": True,
}

RESPONSE = Response(
    **HEAD,
    usage=USAGE,
    choices=(
        Choice(
            index=0,
            parts=(
                Reasoning(text="hm yes", signature="sig"),
                Reasoning(redacted="opaque"),
                Text(text="High é"),
                Refusal(text="No more."),
                ToolCall(id="call_1", name="tide", arguments='{"port": "Hamburg"}'),
                ToolCall(id="call_2", name="tugs__order", arguments=""),
                ToolCall(id="call_3", name="log", arguments="free text", custom=True),
                ToolCall(id="call_4", name="patch", arguments='{"input": "*** Begin"}'),
            ),
            finish="tool_calls",
            logprobs=LOGPROBS,
        ),
    ),
)

STREAM: list[Event] = [
    Started(**HEAD),
    TextDelta(text=""),
    ReasoningDelta(text="hm "),
    ReasoningDelta(text="yes"),
    ReasoningDelta(signature="sig"),
    PartEnded(),
    ReasoningDelta(redacted="opaque"),
    PartEnded(),
    TextDelta(text="High é", logprobs=LOGPROBS),
    RefusalDelta(text="No "),
    RefusalDelta(text="more."),
    ToolCallStarted(id="call_1", name="tide", call=0),
    ToolCallDelta(arguments='{"port":', call=0),
    ToolCallStarted(id="call_2", name="tugs__order", call=1),
    ToolCallStarted(id="call_3", name="log", call=2, custom=True),
    ToolCallDelta(arguments="free ", call=2),
    ToolCallDelta(arguments=' "Hamburg"}', call=0),
    ToolCallStarted(id="call_4", name="patch", call=3),
    ToolCallDelta(arguments='{"input": "***', call=3),
    ToolCallDelta(arguments="text", call=2),
    ToolCallDelta(arguments=' Begin"}', call=3),
    Finished(reason="tool_calls"),
    Ended(usage=USAGE),
]
CUT_OFF: list[Event] = [STREAM[0], TextDelta(text="High"), PartEnded(), Finished(reason="length"), Ended(usage=USAGE)]
FAILED: list[Event] = [STREAM[0], TextDelta(text="High"), Failed(code="upstream_timeout", message="It took too long.")]


# As upstreams send them ---------------------------------------------------------------------------

MODEL = "gpt-upstream"
WIRE_USAGE: dict[str, Any] = {
    "input_tokens": 11,
    "input_tokens_details": {"cached_tokens": 3},
    "output_tokens": 7,
    "output_tokens_details": {"reasoning_tokens": 2},
    "total_tokens": 18,
}
COUNTED = Usage(input_tokens=11, output_tokens=7, cached_tokens=3, reasoning_tokens=2)


def sse(value: Any, end: str = "\n") -> bytes:
    """One event under its type's name."""
    return f"event: {value['type']}{end}data: {json.dumps(value)}{end}{end}".encode()


def answer(output: list[Any] | None = None, **fields: Any) -> dict[str, Any]:
    """A Response as an upstream sends it."""
    whole = {
        "id": "resp_up",
        "object": "response",
        "created_at": 1_790_000_001,
        "status": "completed",
        "model": MODEL,
        "error": None,
        "incomplete_details": None,
        "output": output if output is not None else [message("Entrepôt \U0001f6a2")],
        "usage": WIRE_USAGE,
    }
    return whole | fields


def message(text: str, **fields: Any) -> dict[str, Any]:
    content = [{"type": "output_text", "text": text, "annotations": [], "logprobs": []}]
    whole = {"id": "msg_up", "type": "message", "status": "completed", "role": "assistant", "content": content}
    return whole | fields


def call(**fields: Any) -> dict[str, Any]:
    whole = {"id": "fc_up", "type": "function_call", "call_id": "call_up", "name": "tide", "arguments": '{"a":1}'}
    return whole | fields


def openai_stream(**ending: Any) -> list[dict[str, Any]]:
    """Events of an answer that thinks, speaks and calls, as OpenAI sends them."""
    thought = {"id": "rs_up", "type": "reasoning", "summary": [], "encrypted_content": "half"}
    complete = thought | {"summary": [{"type": "summary_text", "text": "hm"}], "encrypted_content": "gAAAA"}
    begun = answer([], status="in_progress", usage=None)
    events: list[dict[str, Any]] = [
        {"type": "response.created", "response": begun},
        {"type": "response.in_progress", "response": begun},
        {"type": "response.output_item.added", "output_index": 0, "item": thought},
        {"type": "response.reasoning_summary_part.added", "item_id": "rs_up", "output_index": 0, "summary_index": 0},
        _delta("reasoning_summary_text", "hm", "rs_up", 0) | {"summary_index": 0},
        {"type": "response.output_item.done", "output_index": 0, "item": complete},
        {"type": "response.output_item.added", "output_index": 1, "item": message("", content=[])},
        _delta("output_text", "Entre", "msg_up", 1) | {"content_index": 0, "logprobs": [], "obfuscation": "x"},
        _delta("output_text", "pôt \U0001f6a2", "msg_up", 1) | {"content_index": 0, "logprobs": []},
        {"type": "response.content_part.done", "item_id": "msg_up", "output_index": 1, "content_index": 0},
        {"type": "response.output_item.done", "output_index": 1, "item": message("Entrepôt \U0001f6a2")},
        {"type": "response.output_item.added", "output_index": 2, "item": call(arguments="")},
        _delta("function_call_arguments", '{"a"', "fc_up", 2),
        _delta("function_call_arguments", ":1}", "fc_up", 2),
        {
            "type": "response.function_call_arguments.done",
            "item_id": "fc_up",
            "output_index": 2,
            "arguments": '{"a":1}',
        },
        {"type": "response.output_item.done", "output_index": 2, "item": call()},
        {"type": "response.completed", "response": answer([complete, message("Entrepôt \U0001f6a2"), call()]) | ending},
    ]
    return [event | {"sequence_number": number} for number, event in enumerate(events)]


def llama_stream() -> list[dict[str, Any]]:
    """llama.cpp leaves out indexes, sequence numbers and most of the first response."""
    begun = {"id": "resp_up", "object": "response", "status": "in_progress"}
    return [
        {"type": "response.created", "response": begun},
        {"type": "response.in_progress", "response": begun},
        {"type": "response.output_item.added", "item": message("", content=[])},
        {"type": "response.output_text.delta", "item_id": "msg_up", "delta": "Entrepôt"},
        {"type": "response.output_item.added", "item": call(arguments="")},
        {"type": "response.function_call_arguments.delta", "item_id": "fc_up", "delta": '{"a":1}'},
        {"type": "response.output_text.done", "item_id": "msg_up", "text": "Entrepôt"},
        {"type": "response.content_part.done", "item_id": "msg_up"},
        {"type": "response.output_item.done", "item": message("Entrepôt")},
        {"type": "response.output_item.done", "item": call()},
        {"type": "response.completed", "response": answer([message("Entrepôt"), call()])},
    ]


def _delta(kind: str, delta: str, item_id: str, output_index: int) -> dict[str, Any]:
    return {"type": f"response.{kind}.delta", "item_id": item_id, "output_index": output_index, "delta": delta}
