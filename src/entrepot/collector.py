"""From stream events to the response they spell."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

import msgspec

from entrepot import errors
from entrepot.conversation import (
    Choice,
    ChoiceEvent,
    Ended,
    Event,
    Failed,
    Finished,
    Part,
    PartEnded,
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


class Collector:
    """Folds stream events into the response they spell: `add` each one, then ask for `response`."""

    def __init__(self) -> None:
        self._started: Started | None = None
        self._usage: Usage | None = None
        self._choices: dict[int, _OpenChoice] = {}

    def add(self, event: Event) -> None:
        """Raises the UpstreamError that a `Failed` stands for."""
        if isinstance(event, Started):
            self._started = event
        elif isinstance(event, Ended):
            self._usage = event.usage
        elif isinstance(event, Failed):
            raise errors.upstream_error(event.code, event.message)
        else:
            self._choices.setdefault(event.choice, _OpenChoice()).add(event)

    def response(self) -> Response:
        """Raises UpstreamBroken when the stream stopped before its end."""
        started, usage = self._started, self._usage
        if started is None or usage is None:
            raise errors.UpstreamBroken("The stream stopped before its end.", code="upstream_stream_broken")
        return Response(
            id=started.id,
            model=started.model,
            created_s=started.created_s,
            choices=tuple(self._choices[index].close(index) for index in sorted(self._choices)),
            usage=usage,
            fingerprint=started.fingerprint,
        )


def collect(events: Iterable[Event]) -> Response:
    """The whole answer of a finished stream. Raises UpstreamBroken when it failed or stopped early."""
    collector = Collector()
    for event in events:
        collector.add(event)
    return collector.response()


class _OpenChoice:
    """One choice on its way: the kind and fragments of each part, in the order the parts opened."""

    def __init__(self) -> None:
        self._parts: list[Part] = []
        self._fragments: list[list[str]] = []
        self._calls: dict[int, int] = {}
        self._logprobs: list[TokenLogprob] = []
        self._sealed = False
        self._finish = Finished(reason="error")

    def add(self, event: ChoiceEvent) -> None:
        if isinstance(event, TextDelta):
            self._append(Text(text=""), event.text)
            self._logprobs.extend(event.logprobs or ())
        elif isinstance(event, RefusalDelta):
            self._append(Refusal(text=""), event.text)
        elif isinstance(event, ReasoningDelta):
            self._reason(event)
        elif isinstance(event, ToolCallStarted):
            self._calls[event.call] = len(self._parts)
            self._open(ToolCall(id=event.id, name=event.name, arguments="", custom=event.custom))
        elif isinstance(event, ToolCallDelta):
            self._fragments[self._calls[event.call]].append(event.arguments)
        elif isinstance(event, PartEnded):
            self._sealed = True
        elif isinstance(event, Finished):
            self._finish = event
        else:
            assert_never(event)

    def close(self, index: int) -> Choice:
        return Choice(
            index=index,
            parts=tuple(_filled(part, "".join(text)) for part, text in zip(self._parts, self._fragments, strict=True)),
            finish=self._finish.reason,
            logprobs=tuple(self._logprobs) or None,
            stop_sequence=self._finish.stop_sequence,
        )

    def _open(self, part: Part) -> None:
        self._sealed = False
        self._parts.append(part)
        self._fragments.append([])

    def _append(self, empty: Part, text: str) -> None:
        if self._sealed or not self._parts or type(self._parts[-1]) is not type(empty):
            self._open(empty)
        self._fragments[-1].append(text)

    def _reason(self, event: ReasoningDelta) -> None:
        """A signature, redacted or encrypted form seals the block it closes; what follows is another block."""
        self._append(Reasoning(), event.text)
        last = self._parts[-1]
        assert isinstance(last, Reasoning)
        self._parts[-1] = Reasoning(
            signature=event.signature or last.signature,
            redacted=event.redacted or last.redacted,
            encrypted=event.encrypted or last.encrypted,
            id=event.id or last.id,
        )
        self._sealed = bool(event.signature or event.redacted or event.encrypted)


def _filled(part: Part, text: str) -> Part:
    field = "arguments" if isinstance(part, ToolCall) else "text"
    return msgspec.structs.replace(part, **{field: text})
