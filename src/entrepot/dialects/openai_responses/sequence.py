"""Neutral events in an order in which no two parts overlap."""

from __future__ import annotations

from entrepot.conversation import Ended, Event, Failed, Finished, PartEnded, ToolCallDelta, ToolCallStarted


class Sequencer:
    """Lets the first open tool call through as it comes, and holds back what belongs to later parts.

    A call is over when its part is ended or the answer is. Only then does the next part go on.
    """

    def __init__(self) -> None:
        self._call: int | None = None
        self._waiting: list[Event] = []

    def put(self, event: Event) -> list[Event]:
        """What may be written now, in order."""
        if self._call is None:
            self._call = event.call if isinstance(event, ToolCallStarted) else None
            return [event]
        if isinstance(event, ToolCallDelta) and event.call == self._call:
            return [event]
        if isinstance(event, PartEnded) and not self._waiting:
            self._call = None
            return [event]
        if isinstance(event, Finished | Ended | Failed):
            return [*self._drained(), event]
        self._waiting.append(event)
        return []

    def _drained(self) -> list[Event]:
        """All that waits, part after part: each round gives at least one whole call."""
        drained: list[Event] = []
        while self._call is not None:
            held, self._waiting, self._call = self._waiting, [], None
            drained.append(PartEnded())
            for event in held:
                drained += self.put(event)
        return drained
