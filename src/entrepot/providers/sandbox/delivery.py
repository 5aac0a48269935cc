"""An answer as events: token by token, within the caller's stop sequences and token budget."""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator

import msgspec

from entrepot import tokens
from entrepot.conversation import (
    Event,
    Finished,
    FinishReason,
    ReasoningDelta,
    RefusalDelta,
    Request,
    TextDelta,
    TokenLogprob,
    ToolCallDelta,
    ToolCallStarted,
    TopLogprob,
)
from entrepot.providers.sandbox.calls import Call

# What stands beside a token in top_logprobs: common tokens, more than the twenty a caller may ask for.
_RIVALS = (
    " the", " a", " to", " of", " and", " in", " is", " it", " for", " that", ",",
    ".", " on", " with", " as", " be", " at", " by", " I", " you", " not", " this",
)  # fmt: skip


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the sandbox wants to say, before stop sequences and budget; an `exact` text bears no addition."""

    text: str = ""
    calls: tuple[Call, ...] = ()
    reasoning: str = ""
    refusal: str = ""
    exact: bool = False
    finish: FinishReason | None = None


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """The events of one choice and the tokens they spell."""

    events: tuple[Event, ...]
    output_tokens: int
    reasoning_tokens: int


def deliver(answer: Answer, request: Request, *, choice: int, identity: str) -> Delivery:
    """`identity` names the request; call ids and log probabilities derive from it."""
    budget = _Budget(request.max_output_tokens)
    text, stop_sequence = _stopped(answer.text, request.stop)
    events: list[Event] = list(_reason(answer.reasoning, budget, choice, identity))
    reasoning_tokens = budget.spent
    events.extend(RefusalDelta(text=piece, choice=choice) for piece in budget.spend(answer.refusal))
    for number, piece in enumerate(budget.spend(text)):
        logprobs = (_logprob(piece, number, request, identity),) if request.logprobs else None
        events.append(TextDelta(text=piece, choice=choice, logprobs=logprobs))
    for number, call in enumerate(answer.calls):
        events.extend(_call(call, number, budget, choice, identity))
    events.append(_finish(answer, budget, choice, stop_sequence))
    return Delivery(events=tuple(events), output_tokens=budget.spent, reasoning_tokens=reasoning_tokens)


class _Budget:
    """Counts tokens as they are spent and lets no more through than the caller allows."""

    def __init__(self, limit_tokens: int | None) -> None:
        self._limit_tokens = limit_tokens
        self.spent = 0
        self.exhausted = False

    def spend(self, text: str) -> list[str]:
        """The pieces of the text that the budget still allows."""
        wanted = tokens.encode(text)
        allowed = wanted if self._limit_tokens is None else wanted[: max(self._limit_tokens - self.spent, 0)]
        self.exhausted = self.exhausted or len(allowed) < len(wanted)
        self.spent += len(allowed)
        return tokens.pieces(allowed)


def _stopped(text: str, stop: tuple[str, ...]) -> tuple[str, str | None]:
    """The text before the first stop sequence in it, and which one that was."""
    places = [(text.find(sequence), sequence) for sequence in stop if sequence and sequence in text]
    if not places:
        return text, None
    place, sequence = min(places)
    return text[:place], sequence


def _reason(text: str, budget: _Budget, choice: int, identity: str) -> Iterator[Event]:
    if not text:
        return
    for piece in budget.spend(text):
        yield ReasoningDelta(text=piece, choice=choice)
    if not budget.exhausted:
        yield ReasoningDelta(choice=choice, signature=f"sandbox-{identity}")


def _call(call: Call, number: int, budget: _Budget, choice: int, identity: str) -> Iterator[Event]:
    if not budget.exhausted and "".join(budget.spend(call.name)) == call.name:
        call_id = f"call_{identity[:20]}{choice:02x}{number:02x}"
        yield ToolCallStarted(id=call_id, name=call.name, call=number, choice=choice, custom=call.custom)
        for piece in budget.spend(call.arguments):
            yield ToolCallDelta(arguments=piece, call=number, choice=choice)


def _finish(answer: Answer, budget: _Budget, choice: int, stop_sequence: str | None) -> Finished:
    if answer.finish is not None:
        return Finished(reason=answer.finish, choice=choice)
    if budget.exhausted:
        return Finished(reason="length", choice=choice)
    if answer.calls:
        return Finished(reason="tool_calls", choice=choice)
    return Finished(reason="stop", choice=choice, stop_sequence=stop_sequence)


def _logprob(token: str, number: int, request: Request, identity: str) -> TokenLogprob:
    """A likely-looking probability for the token, and rivals that share what it leaves over."""
    chance = 0.55 + zlib.crc32(f"{identity}{number}{token}".encode()) % 440 / 1000
    chosen = TopLogprob(token=token, logprob=_log(chance))
    start = zlib.crc32(token.encode()) % len(_RIVALS)
    others = [rival for rival in (*_RIVALS[start:], *_RIVALS[:start]) if rival != token]
    rivals = (
        TopLogprob(token=rival, logprob=_log((1 - chance) / 2**place))
        for place, rival in enumerate(others[: max(request.top_logprobs - 1, 0)], 1)
    )
    top = (chosen, *rivals) if request.top_logprobs else ()
    return TokenLogprob(token=token, logprob=chosen.logprob, top=top)


def _log(chance: float) -> float:
    return round(math.log(chance), 6)
