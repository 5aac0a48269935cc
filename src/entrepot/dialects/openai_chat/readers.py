"""Chat Completions streams of an upstream, read into neutral events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from entrepot.conversation import (
    Ended,
    Event,
    Failed,
    Finished,
    ReasoningDelta,
    RefusalDelta,
    Started,
    TextDelta,
    Usage,
)
from entrepot.dialects import sse
from entrepot.dialects.openai_chat.answers import (
    count_of,
    finish_of,
    logprobs_of,
    said,
    stop_sequence_of,
    text_of,
)
from entrepot.dialects.openai_chat.calls import Calls
from entrepot.dialects.openai_chat.failures import read_error
from entrepot.dialects.openai_chat.usage import Reported
from entrepot.errors import UpstreamBroken, UpstreamError

_NO_CHUNK = "The upstream sent a stream event that is not a chat completion chunk."


class StreamReader:
    """`feed` bytes as they come and `close` at the upstream's end; both return the events that completes.

    The first event is Started, the last Ended or Failed; a stream that fails before its first chunk is one
    Failed. Choices finish at the end of the stream, because some servers say a finish reason with every
    chunk. `usage_known` tells whether Ended holds what the upstream reported, or zeros to be replaced.
    """

    def __init__(self, *, limit_bytes: int, per_choice: bool = False) -> None:
        """`per_choice`: each choice has its own report of usage, see `Reported`."""
        self._splitter = sse.Splitter(limit_bytes)
        self._reported = Reported(per_choice=per_choice)
        self._choices: dict[int, _ChoiceReader] = {}
        self._id: str | None = None
        self._tier: Any = None
        self._over = False

    @property
    def usage_known(self) -> bool:
        return self._reported.usage is not None

    def feed(self, data: bytes) -> list[Event]:
        return self._guarded(self._fed(data))

    def close(self) -> list[Event]:
        return self._guarded(self._closed())

    def _guarded(self, events: Iterator[Event]) -> list[Event]:
        """Once the stream is over, nothing more comes of it."""
        found: list[Event] = []
        try:
            for event in events if not self._over else ():
                found.append(event)
        except UpstreamError as error:
            self._over = True
            found.append(Failed(code=error.code, message=error.message))
        return found

    def _fed(self, data: bytes) -> Iterator[Event]:
        for event in self._splitter.feed(data):
            yield from self._read(event)

    def _closed(self) -> Iterator[Event]:
        for event in self._splitter.end():
            yield from self._read(event)
        if self._over:
            return
        if not self._choices or not all(choice.has_finished for choice in self._choices.values()):
            raise UpstreamBroken("The upstream closed the stream before its end.", code="upstream_stream_broken")
        yield from self._end()

    def _read(self, event: bytes) -> Iterator[Event]:
        data = sse.data_of(event)
        if data is None or self._over:
            return
        if data == b"[DONE]":
            yield from self._end()
            return
        try:
            chunk = msgspec.json.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise UpstreamBroken(_NO_CHUNK) from None
        if not isinstance(chunk, dict):
            raise UpstreamBroken(_NO_CHUNK)
        if chunk.get("error") is not None:
            raise UpstreamBroken(f"The upstream broke off with an error: {read_error(data).message}")
        yield from self._chunk(chunk)

    def _chunk(self, chunk: dict[str, Any]) -> Iterator[Event]:
        choices = chunk.get("choices")
        if choices is not None and not isinstance(choices, list):
            raise UpstreamBroken(_NO_CHUNK)
        if self._id is None and (choices or chunk.get("id")):
            yield self._start(chunk)
        for choice in choices or ():
            if not isinstance(choice, dict):
                raise UpstreamBroken(_NO_CHUNK)
            yield from self._choice(count_of(choice.get("index"))).read(choice)
        self._tier = chunk.get("service_tier") or self._tier
        self._reported.add(chunk.get("usage"), self._tier, is_apart=not choices, choices=len(self._choices))

    def _start(self, chunk: dict[str, Any]) -> Started:
        self._id = text_of(chunk.get("id"))
        return Started(
            id=self._id,
            model=text_of(chunk.get("model")),
            created_s=count_of(chunk.get("created")),
            fingerprint=text_of(chunk.get("system_fingerprint")) or None,
        )

    def _choice(self, index: int) -> _ChoiceReader:
        if index not in self._choices:
            self._choices[index] = _ChoiceReader(index, self._id or "")
        return self._choices[index]

    def _end(self) -> Iterator[Event]:
        if not self._choices:
            raise UpstreamBroken("The upstream's stream holds no choices.")
        for index in sorted(self._choices):
            yield from self._choices[index].close()
        self._over = True
        yield Ended(usage=self._reported.usage or Usage(estimated=True))


class _ChoiceReader:
    def __init__(self, index: int, response_id: str) -> None:
        self._index = index
        self._calls = Calls(index, response_id)
        self._reason: Any = None
        self._stop_sequence: str | None = None

    @property
    def has_finished(self) -> bool:
        return self._reason is not None

    def read(self, choice: dict[str, Any]) -> Iterator[Event]:
        delta = choice.get("delta")
        message = said(delta if isinstance(delta, dict) else {})
        logprobs = logprobs_of(choice)
        if message.reasoning:
            yield ReasoningDelta(text=message.reasoning, choice=self._index)
        if message.text or logprobs:
            yield TextDelta(text=message.text, choice=self._index, logprobs=logprobs)
        if message.refusal:
            yield RefusalDelta(text=message.refusal, choice=self._index)
        for call in message.calls:
            yield from self._calls.add(call)
        self._reason = choice.get("finish_reason") or self._reason
        self._stop_sequence = stop_sequence_of(choice) or self._stop_sequence

    def close(self) -> Iterator[Event]:
        yield from self._calls.close()
        finish = finish_of(self._reason, has_calls=len(self._calls) > 0)
        yield Finished(reason=finish, choice=self._index, stop_sequence=self._stop_sequence)
