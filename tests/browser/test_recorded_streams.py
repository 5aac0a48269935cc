"""What the workbench's stream readers are tested with is what a hub sends: `web/` reads the golden files made here."""

from __future__ import annotations

import re
from typing import Any

import pytest
from tests.conftest import Golden, MakeHub

TOOL = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
PATHS = {"chat": "/v1/chat/completions", "responses": "/v1/responses", "messages": "/v1/messages"}
CASES = {
    "reasoning": ("Say hello", "reasoning=true"),
    "tools": ("Call weather for Paris, then call port for Rome", ""),
    "broken": ("Count to 20", "fault=cut-after:2"),
    "plain": ("Say “Grüße, 港 🚢”", ""),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("protocol", PATHS)
async def test_the_recorded_streams_are_what_a_hub_sends(
    make_hub: MakeHub, golden: Golden, protocol: str, case: str
) -> None:
    hub = make_hub()
    prompt, steering = CASES[case]
    body = asked(protocol, prompt, ["weather", "port"] if case == "tools" else [])
    steered = {"x-entrepot-sandbox": steering} if steering else {}
    answer = await hub.post(PATHS[protocol], body, token=hub.test, **steered)
    assert answer.status == 200
    golden(f"workbench/{protocol}-{case}.sse", timeless(answer.body.decode()))


def asked(protocol: str, prompt: str, tools: list[str]) -> dict[str, Any]:
    body: dict[str, Any] = {"model": "gpt-4.1-mini", "stream": True}
    named: list[dict[str, Any]]
    said = [{"role": "user", "content": prompt}]
    match protocol:
        case "chat":
            named = [{"type": "function", "function": {"name": name, "parameters": TOOL}} for name in tools]
            body |= {"messages": said, "stream_options": {"include_usage": True}}
        case "responses":
            named = [{"type": "function", "name": name, "parameters": TOOL, "strict": False} for name in tools]
            body |= {"input": said, "store": False, "include": ["reasoning.encrypted_content"]}
        case _:
            named = [{"name": name, "input_schema": TOOL} for name in tools]
            body |= {"messages": said, "max_tokens": 100}
    return body | ({"tools": named} if tools else {})


def timeless(stream: str) -> str:
    """Without what differs from call to call: instants, and ids of requests."""
    return re.sub(r'(?<=:)\d{10}(?=[,}])|(?<=")req_[0-9a-f]+|(?<="resp_)[0-9a-f]+', "0", stream)
