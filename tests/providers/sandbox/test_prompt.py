"""Which words of a request are the user's, and what its newest turn is."""

from __future__ import annotations

import json

from tests.providers.sandbox.asking import called, request, returned, say

from entrepot.conversation import Image, Message, Text, ToolResult
from entrepot.providers.sandbox.prompt import READ_CHARS, read, schema_in


def test_the_prompt_is_the_last_user_text() -> None:
    turn = read(request(say("be kind", role="system"), "first", say("ok", role="assistant"), "second"))
    assert (turn.prompt, turn.results) == ("second", ())


def test_tagged_context_is_not_the_prompt() -> None:
    context = "<system-reminder>\nToday is Monday.\n</system-reminder>"
    assert read(request(say(context, Text(text="Say hi")))).prompt == "Say hi"
    assert read(request(context)).prompt == context


def test_results_belong_to_the_newest_turn_only() -> None:
    asked = (say("weather?"), called("get_weather"), returned("21 C"))
    turn = read(request(*asked))
    assert (turn.prompt, turn.results_text, turn.called) == ("weather?", "21 C", ("get_weather",))
    assert read(request(*asked, say("thanks", role="assistant"), "bye")).results == ()
    assert read(request(*asked, "and tomorrow?")).results == ()


def test_results_in_a_user_message_or_before_a_system_message_still_count() -> None:
    result = Message(role="user", parts=(ToolResult(call_id="call_1", parts=(Text(text="21 C"),)), Text(text="go on")))
    assert read(request("weather?", called("get_weather"), result)).results_text == "21 C"
    late = say("stay brief", role="system")
    assert read(request("weather?", called("get_weather"), returned("21 C"), late)).results_text == "21 C"


def test_several_results_are_joined() -> None:
    assert read(request("both?", called("a"), returned("one"), returned("two"))).results_text == "one\ntwo"


def test_attachments_of_the_newest_turn_are_seen_in_results_too() -> None:
    image = Image(url="https://x.y/z.png")
    assert read(request(say("what is it?", image))).attachments == (image,)
    shown = Message(role="tool", parts=(ToolResult(call_id="call_1", parts=(image,)),))
    assert read(request("look", called("look"), shown)).attachments == (image,)
    assert read(request(say("what?", image), say("a cat", role="assistant"), "sure?")).attachments == ()


def test_both_ends_of_a_long_prompt_are_read() -> None:
    turn = read(request("begin" + " " * 10 * READ_CHARS + "end"))
    assert turn.reading.startswith("begin")
    assert turn.reading.endswith("end")
    assert len(turn.reading) <= 2 * READ_CHARS + 1


def test_a_schema_is_found_among_other_words() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "object", "properties": {}}}}
    words = f'Like {{"a": {{}}}}, "properties" of {{x}}; or {{"a: so\n{json.dumps(schema, indent=2)}\nand no more.'
    assert schema_in(words) == schema
    assert schema_in('{"properties": 1}') is None
    assert schema_in('{"a":' * 100_000 + '"properties"') is None
