"""A stream that passes from an upstream to a client of the same dialect, watched: what all dialects have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod

from entrepot.conversation import Usage
from entrepot.dialects import sse
from entrepot.errors import UpstreamBroken, UpstreamError


class Tap(ABC):
    """`feed` and `close` return what to relay of a stream, `end` its last bytes. A dialect reads each event.

    After each call `failure` tells whether the upstream reported an error or spoke nonsense; events before it
    have been relayed. `started` is true once something of the answer itself has gone by: a failure before that can
    still be answered by another upstream. `done` is true once nothing more is expected.

    The event that may be the last to tell usage is held until another follows or the stream ends: what the answer
    costs is put into it, and is not known before.
    """

    def __init__(self, *, limit_bytes: int) -> None:
        """`limit_bytes` is what one event may hold."""
        self._splitter = sse.Splitter(limit_bytes)
        self._texts: list[str] = []
        self._held = b""
        self.id: str | None = None
        self.answered: str | None = None
        self.finish: str | None = None
        self.usage: Usage | None = None
        self.failure: UpstreamError | None = None
        self.done = False
        self.started = False

    @property
    def texts(self) -> list[str]:
        """All the text, thinking and tool arguments that have gone by; the list grows with what follows."""
        return self._texts

    @property
    def text(self) -> str:
        return "".join(self._texts)

    def feed(self, data: bytes) -> bytes:
        try:
            events = self._splitter.feed(data)
        except UpstreamError as error:
            return self._broken(error)
        return self._relay(events)

    def close(self) -> bytes:
        """What the upstream's closing completes. Sets `failure` when the stream was not at its end."""
        relayed = self._relay(self._splitter.end())
        if self.failure is None and not self.done and self.finish is None:
            message = "The upstream closed the stream before its end."
            relayed += self._broken(UpstreamBroken(message, code="upstream_stream_broken"))
        self.done = self.failure is None
        return relayed

    @abstractmethod
    def end(self, estimate: Usage | None) -> bytes:
        """The last bytes of a stream that is done; `estimate` stands in for usage that never came."""

    def _relay(self, events: list[bytes]) -> bytes:
        relayed = []
        try:
            for event in events:
                if self.done or self.failure is not None:
                    break
                held = self._held
                piece = self._relayed(event)
                if held and piece and self._held is held:
                    relayed.append(held)
                    self._held = b""
                relayed.append(piece)
        except UpstreamError as error:
            relayed.append(self._broken(error))
        return b"".join(relayed)

    def _hold(self, event: bytes) -> bytes:
        """Hold this event, and let go of the one that was held before."""
        released, self._held = self._held, event
        return released

    def _broken(self, error: UpstreamError) -> bytes:
        self.failure = error
        return self._hold(b"")

    @abstractmethod
    def _relayed(self, event: bytes) -> bytes:
        """What goes on of an event, after having read it. Raises UpstreamError for one that ends the stream badly."""
