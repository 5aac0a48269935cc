"""Chat Completions answers read into the neutral form, and what plain answers and streams have in common.

Read with tolerance for the many servers of this dialect: what is odd is passed over, what is no answer refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from entrepot.conversation import (
    Choice,
    FinishReason,
    Part,
    Reasoning,
    Refusal,
    Response,
    Text,
    TokenLogprob,
    ToolCall,
    TopLogprob,
    Usage,
)
from entrepot.dialects.openai_chat.calls import LEGACY, NAMELESS, Fragment, fragment, made_up_id
from entrepot.dialects.openai_chat.failures import read_error
from entrepot.dialects.openai_chat.usage import parse_usage
from entrepot.errors import UpstreamBroken

_NO_ANSWER = "The upstream's answer is not a chat completion."

_FINISHES: dict[str, FinishReason] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
    "error": "error",  # OpenRouter
    "insufficient_system_resource": "error",  # DeepSeek
    "model_length": "length",  # Mistral
    "eos": "stop",  # Together
}


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What one message or delta says, whatever the server calls it."""

    text: str
    reasoning: str
    refusal: str
    calls: tuple[Fragment, ...]


def parse_response(body: bytes) -> Response:
    """Raises UpstreamBroken when the body is no completion, or an error. Usage that is missing counts as estimated."""
    try:
        answer = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise UpstreamBroken(_NO_ANSWER) from None
    if not isinstance(answer, dict):
        raise UpstreamBroken(_NO_ANSWER)
    choices = answer.get("choices")
    if answer.get("error") is not None and not choices:
        raise UpstreamBroken(f"The upstream answered with an error: {read_error(body).message}")
    if not isinstance(choices, list) or not choices:
        raise UpstreamBroken("The upstream's answer holds no choices.")
    id = text_of(answer.get("id"))
    return Response(
        id=id,
        model=text_of(answer.get("model")),
        created_s=count_of(answer.get("created")),
        choices=tuple(_choice(choice, place, id) for place, choice in enumerate(choices)),
        usage=parse_usage(answer.get("usage"), answer.get("service_tier")) or Usage(estimated=True),
        fingerprint=text_of(answer.get("system_fingerprint")) or None,
    )


def said(message: dict[str, Any]) -> Said:
    """Thinking is `reasoning_content` (DeepSeek, vLLM, llama.cpp) or `reasoning` (OpenRouter, Ollama)."""
    content = message.get("content")
    text, thought = _of_parts(content) if isinstance(content, list) else (text_of(content), "")
    return Said(
        text=text,
        reasoning=text_of(message.get("reasoning_content")) or text_of(message.get("reasoning")) or thought,
        refusal=text_of(message.get("refusal")),
        calls=tuple(_fragments(message)),
    )


def finish_of(reason: Any, *, has_calls: bool) -> FinishReason:
    """Servers say `stop`, or nothing, although the model called a tool; unknown reasons count as a stop."""
    finish = _FINISHES.get(reason, "stop") if isinstance(reason, str) else "stop"
    return "tool_calls" if finish == "stop" and has_calls else finish


def stop_sequence_of(choice: dict[str, Any]) -> str | None:
    """vLLM names the stop sequence that matched, in `stop_reason`."""
    return text_of(choice.get("stop_reason")) or None


def logprobs_of(choice: dict[str, Any]) -> tuple[TokenLogprob, ...] | None:
    table = choice.get("logprobs")
    tokens = table.get("content") if isinstance(table, dict) else None
    if not isinstance(tokens, list):
        return None
    return tuple(map(_logprob, _tables(tokens)))


def text_of(value: Any) -> str:
    return value if isinstance(value, str) else ""


def count_of(value: Any) -> int:
    """A whole number that JSON can carry everywhere, 0 for all else; times come as floats, too."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return int(value) if is_number and 0 <= value < 1 << 53 else 0


def _choice(choice: Any, place: int, response_id: str) -> Choice:
    if not isinstance(choice, dict) or not isinstance(choice.get("message"), dict):
        raise UpstreamBroken(_NO_ANSWER)
    message = said(choice["message"])
    index = count_of(choice.get("index", place))
    calls = tuple(_call(call, response_id, index, number) for number, call in enumerate(message.calls))
    spoken: tuple[Part, ...] = (
        Reasoning(text=message.reasoning),
        Text(text=message.text),
        Refusal(text=message.refusal),
    )
    return Choice(
        index=index,
        parts=(*(part for part in spoken if getattr(part, "text", "")), *calls),
        finish=finish_of(choice.get("finish_reason"), has_calls=bool(calls)),
        logprobs=logprobs_of(choice),
        stop_sequence=stop_sequence_of(choice),
    )


def _call(call: Fragment, response_id: str, choice: int, place: int) -> ToolCall:
    if not call.name:
        raise UpstreamBroken(NAMELESS)
    id = call.id or made_up_id(response_id, choice, place, call.name, call.arguments)
    return ToolCall(id=id, name=call.name, arguments=call.arguments, custom=call.custom)


def _fragments(message: dict[str, Any]) -> Iterator[Fragment]:
    yield from map(fragment, _tables(message.get("tool_calls")))
    if isinstance(message.get("function_call"), dict):
        yield fragment({"function": message["function_call"]}, LEGACY)


def _of_parts(parts: list[Any]) -> tuple[str, str]:
    """Text and thinking of content in parts, as Mistral's reasoning models send it."""
    text, thought = [], []
    for part in parts:
        if isinstance(part, dict) and part.get("type") == "thinking":
            inner = part.get("thinking")
            thought += [text_of(each.get("text")) for each in _tables(inner)] or [text_of(inner)]
        elif isinstance(part, dict):
            text.append(text_of(part.get("text")))
    return "".join(text), "".join(thought)


def _tables(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _logprob(token: dict[str, Any]) -> TokenLogprob:
    return TokenLogprob(
        token=text_of(token.get("token")),
        logprob=_number(token.get("logprob")),
        top=tuple(
            TopLogprob(token=text_of(top.get("token")), logprob=_number(top.get("logprob")))
            for top in _tables(token.get("top_logprobs"))
        ),
    )


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
