from __future__ import annotations

import pytest

from entrepot.conversation import (
    Ended,
    Event,
    Failed,
    Finished,
    PartEnded,
    Started,
    TextDelta,
    ToolCallDelta,
    ToolCallStarted,
    Usage,
)
from entrepot.dialects.openai_responses.sequence import Sequencer

STARTED = Started(id="r", model="m", created_s=1)
FINISHED = Finished(reason="tool_calls")
ENDED = Ended(usage=Usage())


def opened(call: int) -> Event:
    return ToolCallStarted(id=f"c{call}", name="f", call=call)


def delta(call: int, arguments: str = "x") -> Event:
    return ToolCallDelta(arguments=arguments, call=call)


def put(*events: Event) -> list[list[Event]]:
    sequencer = Sequencer()
    return [sequencer.put(event) for event in events]


def test_what_does_not_overlap_passes_at_once() -> None:
    events: list[Event] = [
        STARTED,
        TextDelta(text="a"),
        opened(0),
        delta(0),
        PartEnded(),
        opened(1),
        delta(1),
        PartEnded(),
        FINISHED,
    ]
    assert put(*events, ENDED) == [[event] for event in (*events, ENDED)]


def test_a_later_call_waits_for_the_one_before_it() -> None:
    given: list[Event] = [
        opened(0),
        delta(0, "a"),
        opened(1),
        delta(1, "c"),
        delta(0, "b"),
        delta(1, "d"),
        FINISHED,
        ENDED,
    ]
    *before, at_the_end, last = put(*given)
    assert before == [[opened(0)], [delta(0, "a")], [], [], [delta(0, "b")], []]
    assert at_the_end == [PartEnded(), opened(1), delta(1, "c"), delta(1, "d"), PartEnded(), FINISHED]
    assert last == [ENDED]


def test_three_calls_and_text_that_interleave() -> None:
    given: list[Event] = [
        opened(0), TextDelta(text="t"), opened(1), opened(2), delta(2, "e"), delta(1, "c"), delta(0, "a"),
        delta(2, "f"), delta(1, "d"), delta(0, "b"), FINISHED,
    ]  # fmt: skip
    flat = [event for events in put(*given) for event in events]
    assert flat == [
        opened(0), delta(0, "a"), delta(0, "b"), PartEnded(), TextDelta(text="t"),
        opened(1), delta(1, "c"), delta(1, "d"), PartEnded(), opened(2), delta(2, "e"), delta(2, "f"), PartEnded(),
        FINISHED,
    ]  # fmt: skip


def test_the_end_of_a_waiting_part_does_not_end_the_open_one() -> None:
    flat = [
        event for events in put(opened(0), TextDelta(text="t"), PartEnded(), delta(0), FINISHED) for event in events
    ]
    assert flat == [opened(0), delta(0), PartEnded(), TextDelta(text="t"), PartEnded(), FINISHED]


@pytest.mark.parametrize("last", [ENDED, Failed(code="c", message="m")])
def test_nothing_waits_beyond_the_end(last: Event) -> None:
    assert put(opened(0), opened(1), last)[-1] == [PartEnded(), opened(1), PartEnded(), last]
