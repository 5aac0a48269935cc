"""Messages streams watched as they pass from an upstream to a client of the same dialect."""

from __future__ import annotations

from entrepot.conversation import Usage
from entrepot.dialects import sse
from entrepot.dialects.anthropic_messages.events import WireEvent, emit_event, read_event, string, table
from entrepot.dialects.anthropic_messages.failures import read_error_value, upstream_failure
from entrepot.dialects.anthropic_messages.stops import read_stop
from entrepot.dialects.anthropic_messages.usage import Tally, emit_final_usage
from entrepot.errors import UpstreamBroken, UpstreamError

_STOP = emit_event({"type": "message_stop"})


class StreamTap:
    """Watches a stream go by: `feed` and `close` return what to relay of it, `end` its last bytes.

    After each call `failure` tells whether the upstream reported an error or spoke nonsense; events
    before it have been relayed. `done` is true once nothing more is expected. `message_stop` is held back
    for `end`, which tells the hub's own count before it where the upstream gave none. Every stream of this
    dialect tells its usage, so `include_usage` changes nothing.
    """

    def __init__(self, *, include_usage: bool, limit_bytes: int) -> None:
        self._splitter = sse.Splitter(limit_bytes)
        self._tally = Tally()
        self._texts: list[str] = []
        self._stop: dict[str, object] = {"stop_reason": "end_turn", "stop_sequence": None}
        self.answered: str | None = None
        self.finish: str | None = None
        self.usage: Usage | None = None
        self.failure: UpstreamError | None = None
        self.done = False
        self.started = False

    @property
    def text(self) -> str:
        """All the text, thinking and tool arguments that went by."""
        return "".join(self._texts)

    def feed(self, data: bytes) -> bytes:
        try:
            events = self._splitter.feed(data)
        except UpstreamError as error:
            self.failure = error
            return b""
        return self._relay(events)

    def close(self) -> bytes:
        """What the upstream's closing completes. Sets `failure` when the stream was not at its end."""
        relayed = self._relay(self._splitter.end())
        if self.failure is None and not self.done and self.finish is None:
            message = "The upstream closed the stream before its end."
            self.failure = UpstreamBroken(message, code="upstream_stream_broken")
        self.done = self.failure is None
        return relayed

    def end(self, estimate: Usage | None) -> bytes:
        """The last bytes of a stream that is done; `estimate` stands in for usage that never came."""
        if self.usage is None and estimate is not None:
            self.usage = estimate
            return (
                emit_event({"type": "message_delta", "delta": self._stop, "usage": emit_final_usage(estimate)}) + _STOP
            )
        return _STOP

    def _relay(self, events: list[bytes]) -> bytes:
        relayed = []
        for event in events:
            if self.done or self.failure is not None:
                break
            if self._passes(event):
                relayed.append(event)
        return relayed[0] if len(relayed) == 1 else b"".join(relayed)

    def _passes(self, data: bytes) -> bool:
        try:
            event = read_event(data)
            return self.started if event is None else self._read(event)
        except UpstreamError as error:
            self.failure = error
            return False

    def _read(self, event: WireEvent) -> bool:
        if not self.started and event.type not in ("message_start", "ping", "error"):
            raise UpstreamBroken("The upstream's stream does not begin with a message.")
        match event.type:
            case "error":
                raise upstream_failure(read_error_value({"error": event.error}))
            case "message_start":
                message = table(event.message)
                self.started = True
                self.answered = string(message.get("model")) or None
                self._tally.start(message.get("usage"))
            case "message_delta":
                self._finish(event)
            case "message_stop":
                self.done = True
                return False
            case "content_block_start":
                self._texts.append(string(table(event.content_block).get("name")))
            case "content_block_delta":
                delta = table(event.delta)
                self._texts.extend(string(delta.get(name)) for name in ("text", "thinking", "partial_json"))
        return self.started

    def _finish(self, event: WireEvent) -> None:
        self._tally.update(event.usage)
        self.usage = self._tally.final
        delta = table(event.delta)
        if stop_reason := string(delta.get("stop_reason")):
            self.finish = read_stop(stop_reason)
            self._stop = {name: delta.get(name) for name in self._stop}
