"""Neutral events to the events of a Responses stream."""

from __future__ import annotations

from typing import Any

import msgspec

from entrepot.conversation import Ended, Event, Failed, Finished, FinishReason, Started
from entrepot.dialects import sse
from entrepot.dialects.openai_responses.envelope import Echo, Envelope, response_id
from entrepot.dialects.openai_responses.failures import error_event
from entrepot.dialects.openai_responses.open_items import Asked, Payload
from entrepot.dialects.openai_responses.output import Output
from entrepot.dialects.openai_responses.sequence import Sequencer


class StreamWriter:
    """Writes one choice, the only one this dialect has: each call gives the bytes of one event (maybe none).

    Output items never overlap: what belongs to a later one waits. `response` is the last Response object
    written, for a store to keep; `sequence_number` is that of the next event.
    """

    def __init__(self, *, echo: Echo) -> None:
        self._echo = echo
        self._sequencer = Sequencer()
        self._envelope = Envelope(echo, id="", model="", created_s=0)
        self._output = Output("", Asked(echo))
        self._finish: FinishReason = "stop"
        self.response: dict[str, Any] | None = None
        self.sequence_number = 0

    def write(self, event: Event) -> bytes:
        if getattr(event, "choice", 0) != 0:
            return b""
        return b"".join(map(self._written, self._sequencer.put(event)))

    def _written(self, event: Event) -> bytes:
        match event:
            case Started():
                return self._begin(event)
            case Ended():
                closing = self._events(self._output.add(Finished(reason=self._finish)))
                self.response = self._envelope.ended(self._finish, self._output.items, event.usage)
                return closing + self._told(f"response.{self.response['status']}")
            case Failed():
                self.response = self._envelope.failed(event.code, event.message, self._output.items)
                return self._event(error_event(event.code, event.message)) + self._told("response.failed")
            case Finished():
                self._finish = event.reason
                return self._events(self._output.add(event))
            case _:
                return self._events(self._output.add(event))

    def _begin(self, started: Started) -> bytes:
        self._envelope = Envelope(self._echo, id=started.id, model=started.model, created_s=started.created_s)
        self._output = Output(response_id(started.id), Asked(self._echo))
        self.response = self._envelope.begun()
        return self._told("response.created") + self._told("response.in_progress")

    def _told(self, name: str) -> bytes:
        return self._event({"type": name, "response": self.response})

    def _events(self, payloads: list[Payload]) -> bytes:
        return b"".join(map(self._event, payloads))

    def _event(self, payload: Payload) -> bytes:
        numbered = {"type": payload["type"], "sequence_number": self.sequence_number} | payload
        self.sequence_number += 1
        return sse.event(msgspec.json.encode(numbered), payload["type"].encode())
