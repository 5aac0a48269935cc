"""The HTTP cases of the Open Responses compliance suite (github.com/openresponses/openresponses), and continuation.

Each is judged three times: by what the suite asks, by OpenAI's document, and by OpenAI's SDK in its strict mode.
Each runs against the sandbox, and against an upstream that speaks Chat Completions.
"""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from tests.support.hub import Hub
from tests.support.openai_document import VARIABLE, Document, find
from tests.support.threaded_upstream import ThreadedUpstream
from tests.support.upstream import chunks, completion, dump, events, plain, respond, sse, stream

SANDBOX, CHAT = "gpt-4.1-mini", "fault"
WEATHER: dict[str, Any] = {
    "type": "function",
    "name": "get_weather",
    "description": "Current weather of a place.",
    "parameters": {"type": "object", "properties": {"place": {"type": "string"}}, "required": ["place"]},
}
CALL = {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": '{"place": "Lisbon"}'}}


def png(width: int, height: int) -> str:
    """A data URL of a black image."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + bytes(width)) * height)
    file = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return "data:image/png;base64," + base64.b64encode(file).decode()


def said(content: Any, role: str = "user", **fields: Any) -> dict[str, Any]:
    return {"type": "message", "role": role, "content": content, **fields}


CASES: dict[str, list[Any]] = {
    "basic response": [said("Say good morning to the crew.")],
    "assistant phases": [
        said("Let me look at the tide table.", "assistant", phase="commentary"),
        said("High tide is at seven.", "assistant", phase="final_answer"),
        said("Say the hour again."),
    ],
    "system prompt": [said("Answer like a harbour pilot.", "system"), said("Say hello.")],
    "image input": [
        said([{"type": "input_text", "text": "What is in it?"}, {"type": "input_image", "image_url": png(4, 3)}])
    ],
    "multi-turn": [
        said("My ship is called Alma."),
        said("A fine name.", "assistant"),
        said("What is my ship called?"),
    ],
}
every_case = pytest.mark.parametrize("case", CASES)


class Judged:
    """A client of the SDK in strict mode, whose answers must be as the document says."""

    def __init__(self, hub: Hub, token: str, model: str, document: Document) -> None:
        self.model = model
        self.client = openai.OpenAI(base_url=hub.api, api_key=token, max_retries=0, _strict_response_validation=True)
        self._document = document

    def answer(self, given: Any, **fields: Any) -> Any:
        raw = self.client.responses.with_raw_response.create(model=self.model, input=given, **fields)
        self.check("Response", raw.http_response.json())
        return raw.parse()

    def stream(self, given: Any, **fields: Any) -> list[Any]:
        found: list[Any] = []
        for event in self.client.responses.create(model=self.model, input=given, stream=True, **fields):
            self.check("ResponseStreamEvent", event.to_dict(mode="json"))
            found.append(event)
        assert [event.sequence_number for event in found] == list(range(len(found)))
        self.check("Response", found[-1].response.to_dict(mode="json"))
        return found

    def check(self, schema: str, value: dict[str, Any]) -> None:
        """Two nulls that OpenAI itself sends are not in its document."""
        response = value.get("response", value)
        declared = {
            name: inner for name, inner in response.items() if inner is not None or name not in ("usage", "user")
        }
        checked = value | {"response": declared} if response is not value else declared
        assert self._document.complaints(schema, checked) == []


@pytest.fixture(scope="module")
def document() -> Document:
    path = find()
    if path is None:
        pytest.skip(f"OpenAI's document is not at hand; {VARIABLE} may say where it is")
    return Document(path)


@pytest.fixture(params=[SANDBOX, CHAT], ids=["sandbox", "chat"])
def judged(request: pytest.FixtureRequest, hub: Hub, document: Document) -> Iterator[Judged]:
    made = Judged(hub, hub.tokens.test if request.param == SANDBOX else hub.tokens.live, request.param, document)
    with made.client:
        yield made


def called(streamed: bool) -> Any:
    """A Chat upstream's answer that calls the tool."""
    if streamed:
        head, *_, last = chunks("x")
        head["choices"][0]["delta"] = {"role": "assistant", "tool_calls": [CALL | {"index": 0}]}
        end = {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]}
        return events(*map(sse, [head, end, last]), b"data: [DONE]\n\n")
    body = completion()
    message = {"role": "assistant", "content": None, "tool_calls": [CALL]}
    return respond(dump(body | {"choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}]}))


# The suite's cases --------------------------------------------------------------------------------


@every_case
def test_conversations(judged: Judged, upstream: ThreadedUpstream, case: str) -> None:
    upstream.play(plain())
    response = judged.answer(CASES[case])
    assert (response.status, [item.type for item in response.output]) == ("completed", ["message"])
    assert response.output_text


@every_case
def test_streamed_conversations(judged: Judged, upstream: ThreadedUpstream, case: str) -> None:
    upstream.play(stream("Hel", "lo"))
    found = judged.stream(CASES[case])
    assert found[-1].type == "response.completed"
    words = "".join(event.delta for event in found if event.type == "response.output_text.delta")
    assert words == found[-1].response.output_text != ""


def test_tool_calling(judged: Judged, upstream: ThreadedUpstream) -> None:
    upstream.play(called(streamed=False))
    response = judged.answer([said('What is the weather in "Lisbon"?')], tools=[WEATHER])
    assert [(item.type, item.name) for item in response.output] == [("function_call", "get_weather")]
    assert "Lisbon" in response.output[0].arguments


def test_streamed_tool_calling(judged: Judged, upstream: ThreadedUpstream) -> None:
    upstream.play(called(streamed=True))
    found = judged.stream([said('What is the weather in "Lisbon"?')], tools=[WEATHER])
    types = [event.type for event in found]
    for kind in (
        "output_item.added",
        "function_call_arguments.delta",
        "function_call_arguments.done",
        "output_item.done",
    ):
        assert f"response.{kind}" in types
    items = [event.item.type for event in found if event.type.startswith("response.output_item.")]
    assert items == ["function_call"] * 2


def test_compaction(judged: Judged, upstream: ThreadedUpstream) -> None:
    upstream.play(plain("The crew sails on Friday."))
    given = [said("We sail on Friday, and tell the pilot."), said("Friday it is.", "assistant")]
    made = judged.client.post(
        "/responses/compact",
        body={"model": judged.model, "input": given, "prompt_cache_key": "harbour"},
        cast_to=openai.BaseModel,
    ).to_dict(mode="json")
    judged.check("CompactResource", made)
    assert [item["type"] for item in made["output"]] == ["message", "compaction"]  # type: ignore[attr-defined]
    assert judged.answer([*made["output"], said("Say ahoy.")]).status == "completed"  # type: ignore[misc]
    if judged.model == CHAT:
        assert "The crew sails on Friday." in upstream.server.requests[1].body.decode()


def test_compaction_without_a_model(judged: Judged) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        judged.client.post("/responses/compact", body={"input": [said("Compact this.")]}, cast_to=object)
    assert caught.value.param == "model"


# Continuation -------------------------------------------------------------------------------------


@pytest.mark.parametrize("streamed", [False, True], ids=["plain", "stream"])
def test_a_stored_conversation(judged: Judged, upstream: ThreadedUpstream, streamed: bool) -> None:
    upstream.play(plain("A fine name."), stream("Al", "ma") if streamed else plain("Alma"))
    client = judged.client.responses
    first = judged.answer("My ship is Alma.", instructions="Be brief.")
    asked = {"previous_response_id": first.id}
    second = (
        judged.stream("What is my ship?", **asked)[-1].response
        if streamed
        else judged.answer("What is my ship?", **asked)
    )
    assert "Alma" in second.output_text
    assert (second.previous_response_id, second.store, second.instructions) == (first.id, True, None)
    assert client.retrieve(second.id) == second
    replayed: list[Any] = list(client.retrieve(second.id, stream=True))
    assert (replayed[0].type, replayed[-1].response) == ("response.created", second)
    later: list[Any] = list(client.retrieve(second.id, stream=True, starting_after=1))
    assert [event.sequence_number for event in later] == list(range(2, len(replayed)))
    raw = client.input_items.with_raw_response.list(
        second.id, limit=1, order="asc", include=["reasoning.encrypted_content"]
    )
    judged.check("ResponseItemList", raw.http_response.json())
    texts = [item.content[0].text for item in raw.parse()]  # type: ignore[union-attr, index]
    assert texts == ["My ship is Alma.", first.output_text, "What is my ship?"]
    with pytest.raises(openai.BadRequestError):
        client.cancel(second.id)
    client.delete(first.id)
    with pytest.raises(openai.NotFoundError):
        client.retrieve(first.id)
    with pytest.raises(openai.BadRequestError) as caught:
        client.create(model=judged.model, input="And now?", previous_response_id=second.id)
    assert caught.value.code == "previous_response_not_found"


def test_a_stored_response_outlives_the_hub(hub: Hub, hubs: Any) -> None:
    running = hubs("outlived")
    with openai.OpenAI(base_url=running.api, api_key=hub.tokens.test, max_retries=0) as client:
        first = client.responses.create(model=SANDBOX, input="My ship is Alma.")
    running.kill()
    again = Hub(running.home, tokens=hub.tokens)
    try:
        with openai.OpenAI(base_url=again.api, api_key=hub.tokens.test, max_retries=0) as client:
            assert client.responses.retrieve(first.id).to_dict() == first.to_dict()
            later = client.responses.create(model=SANDBOX, input="What is my ship?", previous_response_id=first.id)
            assert later.output_text == "Your ship is Alma."
    finally:
        again.stop()
