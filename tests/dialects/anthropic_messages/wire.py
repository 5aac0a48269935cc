"""Messages streams of an upstream, for all tests that read such streams."""

from __future__ import annotations

import json
from typing import Any

Wire = dict[str, Any]


def sse(value: Wire, end: str = "\n") -> bytes:
    return f"event: {value['type']}{end}data: {json.dumps(value)}{end}{end}".encode()


def start(index: int, block: Wire) -> Wire:
    return {"type": "content_block_start", "index": index, "content_block": block}


def delta(index: int, kind: str, **field: Any) -> Wire:
    return {"type": "content_block_delta", "index": index, "delta": {"type": kind, **field}}


def stop(index: int) -> Wire:
    return {"type": "content_block_stop", "index": index}


def ends(stop_reason: str | None = "tool_use", usage: Any = None, **more: Any) -> Wire:
    usage = {"output_tokens": 42, "output_tokens_details": {"thinking_tokens": 7}} if usage is None else usage
    return {"type": "message_delta", "delta": {"stop_reason": stop_reason, **more}, "usage": usage}


PING = {"type": "ping"}
STOP = {"type": "message_stop"}
ERROR = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
BEGIN: Wire = {
    "type": "message_start",
    "message": {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-x",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {
            "input_tokens": 20,
            "cache_creation_input_tokens": 5,
            "cache_read_input_tokens": 100,
            "output_tokens": 1,
        },
    },
}
CITATION = {
    "type": "char_location",
    "cited_text": "Entre",
    "document_index": 0,
    "start_char_index": 0,
    "end_char_index": 5,
}
BLOCKS = [
    start(0, {"type": "thinking", "thinking": "", "signature": ""}),
    delta(0, "thinking_delta", thinking="Look "),
    delta(0, "thinking_delta", thinking="it up."),
    delta(0, "signature_delta", signature="c2lnbmVk"),
    stop(0),
    start(1, {"type": "redacted_thinking", "data": "b3BhcXVl"}),
    stop(1),
    start(2, {"type": "text", "text": ""}),
    PING,
    delta(2, "text_delta", text="Entre"),
    delta(2, "text_delta", text="pôt \U0001f6a2"),
    delta(2, "citations_delta", citation=CITATION),
    stop(2),
    start(3, {"type": "text", "text": ""}),
    delta(3, "text_delta", text="Two."),
    stop(3),
    start(4, {"type": "tool_use", "id": "toolu_1", "name": "tide", "input": {}}),
    delta(4, "input_json_delta", partial_json=""),
    delta(4, "input_json_delta", partial_json='{"port":'),
    delta(4, "input_json_delta", partial_json='"Hamburg"}'),
    stop(4),
    start(5, {"type": "tool_use", "id": "toolu_2", "name": "log", "input": {}}),
    stop(5),
]
FULL: list[Wire] = [BEGIN, PING, *BLOCKS, ends(), STOP]
SHORT: list[Wire] = [
    BEGIN,
    start(0, {"type": "text", "text": ""}),
    delta(0, "text_delta", text="Hi"),
    stop(0),
    ends("end_turn"),
    STOP,
]
COMMENT = b": still here\n\n"

STREAMS: dict[str, list[bytes]] = {
    "full": [*map(sse, FULL)],
    "short": [*map(sse, SHORT)],
    "CRLF": [sse(value, "\r\n") for value in SHORT],
    "CR": [sse(value, "\r") for value in SHORT],
    "BOM": [b"\xef\xbb\xbf", *map(sse, SHORT)],
    "comments": [COMMENT, sse(PING), *map(sse, SHORT[:3]), COMMENT, *map(sse, SHORT[3:])],
    "bytes after the end": [*map(sse, SHORT), sse(ERROR), b"garbage"],
    "no message_stop": [*map(sse, SHORT[:-1])],
    "no message_delta": [*map(sse, SHORT[:-2]), sse(STOP)],
    "no usage": [sse(BEGIN), *map(sse, SHORT[1:-2]), sse(ends("end_turn", usage={})), sse(STOP)],
    "two message_deltas": [*map(sse, SHORT[:-2]), sse(ends("end_turn", usage={})), sse(ends(None)), sse(STOP)],
    "unknown events": [sse(SHORT[0]), sse({"type": "of_tomorrow", "x": [1]}), *map(sse, SHORT[1:])],
    "only a ping": [sse(PING)],
    "error first": [sse(ERROR)],
    "error in the middle": [*map(sse, SHORT[:3]), sse(ERROR), *map(sse, SHORT[3:])],
    "cut off": [*map(sse, SHORT[:4])],
    "cut in an event": [*map(sse, SHORT[:2]), sse(SHORT[2])[:-9]],
    "bad JSON": [*map(sse, SHORT[:2]), b"event: x\ndata: {not json}\n\n", *map(sse, SHORT[2:])],
    "no beginning": [*map(sse, SHORT[1:])],
    "empty": [],
}
