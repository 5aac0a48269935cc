"""Stream events folded into the response they spell."""

from __future__ import annotations

from typing import Any

import pytest

from entrepot.collector import collect
from entrepot.conversation import (
    Choice,
    Ended,
    Event,
    Failed,
    Finished,
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
    Usage,
)
from entrepot.errors import UpstreamBroken, UpstreamTimeout

STARTED = Started(id="r1", model="m", created_s=7, fingerprint="fp")
ENDED = Ended(usage=Usage(input_tokens=3, output_tokens=2))


def logprob(token: str) -> TokenLogprob:
    return TokenLogprob(token=token, logprob=-0.5)


FOLDED: list[tuple[list[Event], list[dict[str, Any]]]] = [
    (
        [TextDelta(text="Hel"), TextDelta(text="lo"), Finished(reason="stop")],
        [{"parts": (Text(text="Hello"),), "finish": "stop"}],
    ),
    (
        [TextDelta(text="a", logprobs=(logprob("a"),)), TextDelta(text="b", logprobs=(logprob("b"),))],
        [{"parts": (Text(text="ab"),), "finish": "error", "logprobs": (logprob("a"), logprob("b"))}],
    ),
    (
        [RefusalDelta(text="I "), RefusalDelta(text="won't"), Finished(reason="content_filter")],
        [{"parts": (Refusal(text="I won't"),), "finish": "content_filter"}],
    ),
    (  # two calls at once, their arguments interleaved
        [
            ToolCallStarted(id="a", name="f", call=0),
            ToolCallStarted(id="b", name="g", call=1),
            ToolCallDelta(arguments='{"x"', call=0),
            ToolCallDelta(arguments="{}", call=1),
            ToolCallDelta(arguments=":1}", call=0),
            Finished(reason="tool_calls"),
        ],
        [
            {
                "parts": (ToolCall(id="a", name="f", arguments='{"x":1}'), ToolCall(id="b", name="g", arguments="{}")),
                "finish": "tool_calls",
            }
        ],
    ),
    (  # a signature seals a block of reasoning; blocks keep their order among other parts
        [
            ReasoningDelta(text="hm"),
            ReasoningDelta(signature="s1"),
            ReasoningDelta(text="more"),
            TextDelta(text="so"),
            ReasoningDelta(text="again"),
            Finished(reason="stop", stop_sequence="END"),
        ],
        [
            {
                "parts": (
                    Reasoning(text="hm", signature="s1"),
                    Reasoning(text="more"),
                    Text(text="so"),
                    Reasoning(text="again"),
                ),
                "finish": "stop",
                "stop_sequence": "END",
            }
        ],
    ),
    (  # choices are interleaved on the wire and sorted in the answer
        [
            TextDelta(text="B", choice=1),
            TextDelta(text="A"),
            Finished(reason="length", choice=1),
            Finished(reason="stop"),
        ],
        [{"parts": (Text(text="A"),), "finish": "stop"}, {"parts": (Text(text="B"),), "finish": "length"}],
    ),
]


@pytest.mark.parametrize(("events", "choices"), FOLDED)
def test_events_fold_into_the_response_they_spell(events: list[Event], choices: list[dict[str, Any]]) -> None:
    assert collect([STARTED, *events, ENDED]) == Response(
        id="r1",
        model="m",
        created_s=7,
        fingerprint="fp",
        usage=ENDED.usage,
        choices=tuple(Choice(index=index, **choice) for index, choice in enumerate(choices)),
    )


@pytest.mark.parametrize("events", [[], [STARTED], [ENDED], [STARTED, TextDelta(text="a"), Finished(reason="stop")]])
def test_a_stream_without_its_end_is_broken(events: list[Event]) -> None:
    with pytest.raises(UpstreamBroken) as caught:
        collect(events)
    assert caught.value.code == "upstream_stream_broken"


def test_a_failed_stream_raises_what_failed() -> None:
    with pytest.raises(UpstreamTimeout, match="out of coal") as caught:
        collect([STARTED, TextDelta(text="a"), Failed(code="upstream_timeout", message="out of coal")])
    assert caught.value.code == "upstream_timeout"
