"""Neutral events written as a Messages stream.

In this dialect one block is open at a time and indexes rise. Neutral events may interleave, so blocks
stand in line: the first is written as it grows, those behind it wait until it is complete.
"""

from __future__ import annotations

from collections import deque
from typing import assert_never

from entrepot.conversation import (
    ChoiceEvent,
    Ended,
    Event,
    Failed,
    Finished,
    PartEnded,
    ReasoningDelta,
    RefusalDelta,
    Started,
    TextDelta,
    ToolCallDelta,
    ToolCallStarted,
    Usage,
)
from entrepot.dialects.anthropic_messages.events import emit_event
from entrepot.dialects.anthropic_messages.failures import emit_failure
from entrepot.dialects.anthropic_messages.growing import (
    CallBlock,
    GrowingBlock,
    RedactedBlock,
    TextBlock,
    ThinkingBlock,
)
from entrepot.dialects.anthropic_messages.responses import emit_head
from entrepot.dialects.anthropic_messages.stops import emit_stop
from entrepot.dialects.anthropic_messages.usage import emit_final_usage, emit_usage
from entrepot.errors import UpstreamBroken


class StreamWriter:
    """Each call gives the bytes that an event makes due, maybe none. Only the first choice is written.

    `request_id` stands in the error event of a stream that breaks.
    """

    def __init__(self, *, request_id: str | None = None) -> None:
        self._request_id = request_id
        self._line: deque[GrowingBlock] = deque()
        self._calls: dict[int, CallBlock] = {}
        self._index = 0
        self._is_open = False
        self._is_refusal = False
        self._finished = Finished(reason="stop")

    def write(self, event: Event) -> bytes:
        match event:
            case Started():
                return _start(event)
            case Ended():
                return self._advance(is_last=True) + self._end(event.usage)
            case Failed():
                return emit_failure(event.code, event.message, self._request_id)
            case _ if event.choice != 0:
                return b""
            case _:
                self._take(event)
                return self._advance(is_last=isinstance(event, Finished))

    def _take(self, event: ChoiceEvent) -> None:
        match event:
            case TextDelta() | RefusalDelta():
                self._is_refusal = self._is_refusal or isinstance(event, RefusalDelta)
                if event.text:
                    self._text().add(event.text)
            case ReasoningDelta():
                self._reason(event)
            case ToolCallStarted():
                self._calls[event.call] = call = CallBlock(event)
                self._line.append(call)
            case ToolCallDelta():
                self._calls[event.call].add(event.arguments)
            case PartEnded():
                # Which of several calls has ended is not said; their arguments tell it.
                if self._line and not isinstance(self._line[-1], CallBlock):
                    self._line[-1].is_sealed = True
            case Finished():
                self._finished = event
            case _:
                assert_never(event)

    def _text(self) -> TextBlock:
        last = self._line[-1] if self._line else None
        if not isinstance(last, TextBlock) or last.is_sealed:
            last = TextBlock()
            self._line.append(last)
        return last

    def _reason(self, event: ReasoningDelta) -> None:
        if event.redacted:
            self._line.append(RedactedBlock(event.redacted))
            return
        last = self._line[-1] if self._line else None
        if not isinstance(last, ThinkingBlock) or last.is_sealed:
            if not (event.text or event.signature or event.encrypted):
                return
            last = ThinkingBlock()
            self._line.append(last)
        last.add(event)

    def _advance(self, *, is_last: bool) -> bytes:
        """Writes the first block as far as it goes and, when it is complete, those behind it."""
        pieces = []
        while self._line:
            block = self._line[0]
            pieces.append(self._flush(block))
            if not (is_last or block.is_complete(is_followed=len(self._line) > 1)):
                break
            block.close()
            pieces.append(self._flush(block))
            pieces.append(emit_event({"type": "content_block_stop", "index": self._index}))
            self._line.popleft()
            self._index, self._is_open = self._index + 1, False
        return b"".join(pieces)

    def _flush(self, block: GrowingBlock) -> bytes:
        pieces = []
        if not self._is_open:
            self._is_open = True
            opening = {"type": "content_block_start", "index": self._index, "content_block": block.opening}
            pieces.append(emit_event(opening))
        pieces += [
            emit_event({"type": "content_block_delta", "index": self._index, "delta": delta}) for delta in block.waiting
        ]
        block.waiting.clear()
        return b"".join(pieces)

    def _end(self, usage: Usage) -> bytes:
        if self._finished.reason == "error":
            message = "The upstream ended its answer with an error."
            return emit_failure(UpstreamBroken.code, message, self._request_id)
        stop = emit_stop(
            self._finished.reason,
            stop_sequence=self._finished.stop_sequence,
            has_calls=bool(self._calls),
            has_refusal=self._is_refusal,
        )
        delta = {"type": "message_delta", "delta": stop | {"container": None}, "usage": emit_final_usage(usage)}
        return emit_event(delta) + emit_event({"type": "message_stop"})


def _start(event: Started) -> bytes:
    message = emit_head(event.id, event.model) | {"usage": emit_usage(event.usage or Usage())}
    return emit_event({"type": "message_start", "message": message}) + emit_event({"type": "ping"})
