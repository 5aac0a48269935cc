"""Plain answers: written from the neutral form, read into it, or tapped as they pass through."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from entrepot.conversation import (
    Choice,
    ChoiceEvent,
    Finished,
    FinishReason,
    Part,
    PartEnded,
    Reasoning,
    ReasoningDelta,
    Refusal,
    RefusalDelta,
    Request,
    Response,
    Text,
    TextDelta,
    TokenLogprob,
    ToolCall,
    ToolCallDelta,
    ToolCallStarted,
    TopLogprob,
    Usage,
)
from entrepot.dialects.foreign import Foreign
from entrepot.dialects.openai_chat.responses import Tapped
from entrepot.dialects.openai_responses.envelope import Echo, Envelope, response_id
from entrepot.dialects.openai_responses.failures import upstream_failure
from entrepot.dialects.openai_responses.items import parse_output_item
from entrepot.dialects.openai_responses.open_items import Asked
from entrepot.dialects.openai_responses.output import Output
from entrepot.dialects.openai_responses.usage import parse_usage
from entrepot.dialects.shapes import Value
from entrepot.errors import InvalidRequest, UpstreamBroken, UpstreamError

_REASONS: dict[Any, FinishReason] = {"max_output_tokens": "length", "content_filter": "content_filter"}
_LATEST_S = 1 << 40
_SPOKEN = ("text", "refusal", "arguments", "input", "name")


class _Answer(msgspec.Struct):
    id: str
    output: list[Any]
    status: str | None = None
    model: str | None = None
    created_at: Any = None
    incomplete_details: Any = None
    usage: Any = None
    service_tier: Any = None
    error: Any = None


class _Failure(msgspec.Struct):
    error: Any = None


_answer = msgspec.json.Decoder(_Answer)
_failure = msgspec.json.Decoder(_Failure)


# Writing ------------------------------------------------------------------------------------------


def emit_response(response: Response, request: Request | None = None, *, echo: Echo) -> bytes:
    """The answer, of which this dialect has one choice. `echo` is the client's body, whose settings it repeats.

    `request` is there for likeness with the other dialects.
    """
    choice = response.choices[0]
    output = Output(response_id(response.id), Asked(echo))
    for event in events(choice):
        output.add(event)
    envelope = Envelope(echo, id=response.id, model=response.model, created_s=response.created_s)
    return msgspec.json.encode(envelope.ended(choice.finish, output.items, response.usage))


def events(choice: Choice) -> Iterator[ChoiceEvent]:
    """The stream that would have spelled this choice. All log probabilities come with its first text."""
    logprobs = choice.logprobs
    for number, part in enumerate(choice.parts):
        match part:
            case Text():
                yield TextDelta(text=part.text, logprobs=logprobs)
                logprobs = None
            case Refusal():
                yield RefusalDelta(text=part.text)
            case Reasoning():
                yield ReasoningDelta(
                    text=part.text,
                    signature=part.signature,
                    redacted=part.redacted,
                    encrypted=part.encrypted,
                    id=part.id,
                )
            case ToolCall():
                yield ToolCallStarted(id=part.id, name=part.name, call=number, custom=part.custom)
                yield ToolCallDelta(arguments=part.arguments, call=number)
        yield PartEnded()
    yield Finished(reason=choice.finish, stop_sequence=choice.stop_sequence)


# Reading ------------------------------------------------------------------------------------------


def parse_response(body: bytes) -> Response:
    """Raises UpstreamError when the body is no answer, or one that failed."""
    answer = _decoded(body)
    parts = parse_output(answer.output)
    choice = Choice(
        index=0,
        parts=parts,
        finish=read_finish(answer.status, answer.incomplete_details, calls=_has_calls(parts)),
        logprobs=tuple(_logprobs(answer.output)) or None,
    )
    return Response(
        id=answer.id,
        model=answer.model or "",
        created_s=read_time(answer.created_at),
        choices=(choice,),
        usage=parse_usage(answer.usage, answer.service_tier) or Usage(estimated=True),
    )


def parse_output(items: Any) -> tuple[Part, ...]:
    """What an upstream's output items say; those of hosted tools are left out. Raises UpstreamBroken."""
    try:
        parts = [part for item in Value(items, "output") for part in parse_output_item(item, Foreign()) or ()]
    except InvalidRequest as error:
        raise UpstreamBroken(f"The upstream sent an answer of a wrong shape: {error.message}") from None
    return tuple(part for part in parts if not _is_hollow(part))


def _is_hollow(part: Part) -> bool:
    """Reasoning that its vendor shows nothing of, not even for replay."""
    return isinstance(part, Reasoning) and part == Reasoning(id=part.id)


def read_time(created_at: Any) -> int:
    """Unix time in seconds; 0 for what is none."""
    return int(created_at) if isinstance(created_at, int | float) and 0 <= created_at < _LATEST_S else 0


def read_finish(status: Any, incomplete_details: Any, *, calls: bool) -> FinishReason:
    if status == "incomplete":
        reason = incomplete_details.get("reason") if isinstance(incomplete_details, dict) else None
        return _REASONS.get(reason, "length") if isinstance(reason, str) else "length"
    if status in ("failed", "cancelled"):
        return "error"
    return "tool_calls" if calls else "stop"


def tap_response(body: bytes) -> Tapped:
    """Usage, finish reason and text of an answer. Raises UpstreamError when it is none, or one that failed."""
    answer = _decoded(body)
    usage = parse_usage(answer.usage, answer.service_tier)
    calls = any(isinstance(item, dict) and _is_call(item.get("type")) for item in answer.output)
    return Tapped(
        id=answer.id,
        answered=answer.model,
        finish=read_finish(answer.status, answer.incomplete_details, calls=calls),
        usage=usage,
        text="" if usage else "".join(_spoken(answer.output)),
    )


def _decoded(body: bytes) -> _Answer:
    try:
        answer = _answer.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise _no_answer(body) from None
    if answer.error is not None or answer.status in ("failed", "cancelled"):
        raise upstream_failure(answer.error)
    return answer


def _no_answer(body: bytes) -> UpstreamError:
    try:
        error = _failure.decode(body).error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        error = None
    return UpstreamBroken("The upstream's answer is not a response.") if error is None else upstream_failure(error)


def _is_call(kind: Any) -> bool:
    return kind in ("function_call", "custom_tool_call")


def _has_calls(parts: Iterable[Part]) -> bool:
    return any(isinstance(part, ToolCall) for part in parts)


def _spoken(value: Any) -> Iterator[str]:
    """All text in output items, however deep."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if isinstance(inner, str):
                yield inner if name in _SPOKEN else ""
            else:
                yield from _spoken(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _spoken(inner)


def _logprobs(items: list[Any]) -> Iterator[TokenLogprob]:
    for item in items:
        content = item.get("content") if isinstance(item, dict) else None
        for part in content if isinstance(content, list) else ():
            if isinstance(part, dict):
                yield from parse_logprobs(part.get("logprobs"))


def parse_logprobs(tokens: Any) -> tuple[TokenLogprob, ...]:
    """Log probabilities of an upstream, without those that are none."""
    return tuple(
        TokenLogprob(
            token=token["token"],
            logprob=token["logprob"],
            top=tuple(
                TopLogprob(token=top["token"], logprob=top["logprob"])
                for top in token.get("top_logprobs") or ()
                if _is_logprob(top)
            ),
        )
        for token in (tokens if isinstance(tokens, list) else ())
        if _is_logprob(token)
    )


def _is_logprob(token: Any) -> bool:
    if not isinstance(token, dict) or not isinstance(token.get("top_logprobs", []), list | None):
        return False
    return isinstance(token.get("token"), str) and isinstance(token.get("logprob"), int | float)
