"""Messages streams watched as they pass from an upstream to a client of the same dialect."""

from __future__ import annotations

from entrepot.conversation import Usage
from entrepot.dialects.anthropic_messages.events import WireEvent, emit_event, read_event, string, table
from entrepot.dialects.anthropic_messages.failures import read_error_value, upstream_failure
from entrepot.dialects.anthropic_messages.stops import read_stop
from entrepot.dialects.anthropic_messages.usage import Tally, emit_final_usage
from entrepot.dialects.taps import Tap
from entrepot.errors import UpstreamBroken

_STOP = emit_event({"type": "message_stop"})


class StreamTap(Tap):
    """`message_stop` is held back for `end`, which tells the hub's own count before it where the upstream gave none."""

    def __init__(self, *, limit_bytes: int) -> None:
        super().__init__(limit_bytes=limit_bytes)
        self._tally = Tally()
        self._stop: dict[str, object] = {"stop_reason": "end_turn", "stop_sequence": None}

    def end(self, estimate: Usage | None) -> bytes:
        if self.usage is None and estimate is not None:
            self.usage = estimate
            delta = {"type": "message_delta", "delta": self._stop, "usage": emit_final_usage(estimate)}
            return self._held + emit_event(delta) + _STOP
        return self._held + _STOP

    def _relayed(self, event: bytes) -> bytes:
        read = read_event(event)
        passes = self.started if read is None else self._read(read)
        if passes and read is not None and read.type == "message_delta":
            return self._hold(event)
        return event if passes else b""

    def _read(self, event: WireEvent) -> bool:
        if not self.started and event.type not in ("message_start", "ping", "error"):
            raise UpstreamBroken("The upstream's stream does not begin with a message.")
        match event.type:
            case "error":
                raise upstream_failure(read_error_value({"error": event.error}))
            case "message_start":
                message = table(event.message)
                self.started = True
                self.id = string(message.get("id")) or None
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
