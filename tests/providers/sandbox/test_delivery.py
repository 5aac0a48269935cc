"""An answer's events: what they spell, where they stop, and what they cost."""

from __future__ import annotations

import math

import pytest
from tests.providers.sandbox.asking import request

from entrepot import tokens
from entrepot.conversation import Finished, ReasoningDelta, TextDelta, TokenLogprob, ToolCallDelta
from entrepot.providers.sandbox.calls import Call
from entrepot.providers.sandbox.delivery import Answer, Delivery, deliver

COUNT = ", ".join(map(str, range(1, 31)))


def delivered(answer: Answer, **fields: object) -> Delivery:
    return deliver(answer, request("hm", **fields), choice=0, identity="ab" * 12)


def spelled(delivery: Delivery) -> str:
    return "".join(event.text for event in delivery.events if isinstance(event, TextDelta))


def finish(delivery: Delivery) -> tuple[str, str | None]:
    last = delivery.events[-1]
    assert isinstance(last, Finished)
    return last.reason, last.stop_sequence


def logprobs(delivery: Delivery) -> list[TokenLogprob]:
    return [item for event in delivery.events if isinstance(event, TextDelta) for item in event.logprobs or ()]


def test_text_comes_token_by_token() -> None:
    delivery = delivered(Answer(text=COUNT))
    pieces = [event.text for event in delivery.events if isinstance(event, TextDelta)]
    assert pieces == tokens.split(COUNT)
    assert delivery.output_tokens == len(pieces)
    assert finish(delivery) == ("stop", None)


@pytest.mark.parametrize(
    ("stop", "text", "sequence"),
    [
        (("7,",), "1, 2, 3, 4, 5, 6, ", "7,"),
        (("9", "7,"), "1, 2, 3, 4, 5, 6, ", "7,"),
        (("1",), "", "1"),
        (("absent", ""), COUNT, None),
    ],
)
def test_text_stops_before_the_first_stop_sequence(stop: tuple[str, ...], text: str, sequence: str | None) -> None:
    delivery = delivered(Answer(text=COUNT), stop=stop)
    assert (spelled(delivery), finish(delivery)) == (text, ("stop", sequence))
    assert delivery.output_tokens == tokens.count(text)


@pytest.mark.parametrize("limit", [1, 2, 5, 50])
def test_the_budget_cuts_text(limit: int) -> None:
    delivery = delivered(Answer(text=COUNT), max_output_tokens=limit)
    assert delivery.output_tokens == limit
    assert COUNT.startswith(spelled(delivery))
    assert finish(delivery) == ("length", None)


def test_a_budget_that_just_suffices_does_not_cut() -> None:
    delivery = delivered(Answer(text=COUNT), max_output_tokens=tokens.count(COUNT))
    assert (spelled(delivery), finish(delivery)[0]) == (COUNT, "stop")


def test_the_budget_ends_before_a_later_stop_sequence() -> None:
    delivery = delivered(Answer(text=COUNT), max_output_tokens=3, stop=("30",))
    assert finish(delivery) == ("length", None)


def test_a_character_of_several_tokens_is_never_halved() -> None:
    delivery = delivered(Answer(text="𓀀𓀀"), max_output_tokens=tokens.count("𓀀") + 1)
    assert spelled(delivery) == "𓀀"


def test_arguments_come_in_several_deltas_and_the_budget_cuts_them() -> None:
    call = Call("add", '{"a":1,"b":2}')
    whole = delivered(Answer(calls=(call, call)))
    deltas = [event for event in whole.events if isinstance(event, ToolCallDelta)]
    assert len(deltas) > 4
    assert "".join(delta.arguments for delta in deltas if delta.call == 1) == call.arguments
    assert whole.output_tokens == 2 * (tokens.count("add") + tokens.count(call.arguments))
    assert finish(whole)[0] == "tool_calls"
    cut = delivered(Answer(calls=(call, call)), max_output_tokens=4)
    assert (finish(cut)[0], cut.output_tokens) == ("length", 4)
    assert all(event.call == 0 for event in cut.events if isinstance(event, ToolCallDelta))


def test_reasoning_comes_first_is_signed_and_counted_in_the_output() -> None:
    delivery = delivered(Answer(text="four", reasoning="two and two"))
    kinds = [type(event) for event in delivery.events]
    assert kinds.index(TextDelta) > max(at for at, kind in enumerate(kinds) if kind is ReasoningDelta)
    assert [event.signature for event in delivery.events if isinstance(event, ReasoningDelta)][-1]
    assert delivery.reasoning_tokens == tokens.count("two and two")
    assert delivery.output_tokens == delivery.reasoning_tokens + 1


def test_a_budget_spent_on_reasoning_leaves_no_text() -> None:
    delivery = delivered(Answer(text="four", reasoning="two and two"), max_output_tokens=2)
    assert (spelled(delivery), finish(delivery)[0]) == ("", "length")
    assert delivery.output_tokens == delivery.reasoning_tokens == 2


def test_every_token_has_a_log_probability_when_asked() -> None:
    found = logprobs(delivered(Answer(text=COUNT), logprobs=True))
    assert "".join(item.token for item in found) == COUNT
    assert all(item.logprob < 0 and item.top == () for item in found)
    assert logprobs(delivered(Answer(text=COUNT))) == []


@pytest.mark.parametrize("number", [1, 5, 20])
def test_rivals_are_sorted_distinct_and_less_likely(number: int) -> None:
    for item in logprobs(delivered(Answer(text="it is, and not the"), logprobs=True, top_logprobs=number)):
        assert len({rival.token for rival in item.top}) == len(item.top) == number
        assert (item.top[0].token, item.top[0].logprob) == (item.token, item.logprob)
        assert [rival.logprob for rival in item.top] == sorted((r.logprob for r in item.top), reverse=True)
        assert sum(math.exp(rival.logprob) for rival in item.top) <= 1.0001


def test_a_given_finish_stands() -> None:
    assert finish(delivered(Answer(finish="content_filter"))) == ("content_filter", None)
