"""Server-sent events as bytes: cut a stream into events, read one event's data, write one.

Follows WHATWG HTML §9.2.6: lines end in CR, LF or CRLF, a blank line ends an event, a BOM may come
first, and what no blank line has ended when the stream stops is discarded.
"""

from __future__ import annotations

import re
from itertools import pairwise

from entrepot.errors import UpstreamBroken

_BLANK_LINE = re.compile(rb"(?:\r\n|\n|\r(?!\n))(?:\r\n|\n|\r(?!\n))")
_LINE_END = re.compile(rb"\r\n|\n|\r")
_LONGEST_BLANK_LINE = len(b"\r\n\r\n")
_BOM = b"\xef\xbb\xbf"


class Splitter:
    """Cuts a byte stream, however it arrives, into events with their terminators.

    The joined output equals the input but for a leading BOM and an unterminated tail, so events can be
    relayed as they came.
    """

    def __init__(self, limit_bytes: int = 8 * 1024 * 1024) -> None:
        self._limit_bytes = limit_bytes
        self._pending = bytearray()
        self._first = True

    def feed(self, data: bytes) -> list[bytes]:
        """Events that `data` completes. Raises UpstreamBroken when one event outgrows the limit."""
        if self._first:
            data = self._without_bom(data)
        if not self._pending and data.endswith(b"\n\n") and b"\r" not in data:
            if data.find(b"\n\n") == len(data) - 2:
                return [data]
            if b"\n\n\n" not in data:
                return [event + b"\n\n" for event in data[:-2].split(b"\n\n")]
        return self._cut(data)

    def end(self) -> list[bytes]:
        """What the end of the stream completes: an event whose blank line ended in a bare CR."""
        pending = bytes(self._pending)
        self._pending.clear()
        return [pending] if pending.endswith(b"\r") and _BLANK_LINE.search(pending) else []

    def _cut(self, data: bytes) -> list[bytes]:
        # What was pending has been searched, but a blank line may have begun there.
        begin = max(len(self._pending) - _LONGEST_BLANK_LINE + 1, 0)
        self._pending += data
        # A CR at the very end may be the first half of a CRLF: it waits for the next byte.
        complete = len(self._pending) - 1 if self._pending.endswith(b"\r") else len(self._pending)
        ends = [blank.end() for blank in _BLANK_LINE.finditer(self._pending, begin, complete)]
        events = [bytes(self._pending[begin:end]) for begin, end in pairwise((0, *ends))]
        if ends:
            del self._pending[: ends[-1]]
        if len(self._pending) > self._limit_bytes:
            raise UpstreamBroken(f"The upstream sent an event larger than {self._limit_bytes} bytes.")
        return events

    def _without_bom(self, data: bytes) -> bytes:
        data = bytes(self._pending) + data
        self._pending.clear()
        if len(data) < len(_BOM) and _BOM.startswith(data):
            self._pending += data
            return b""
        self._first = False
        return data.removeprefix(_BOM)


def data_of(event: bytes) -> bytes | None:
    """The event's data lines joined by LF, or None when it has none (a comment, a retry hint)."""
    if event.startswith(b"data: ") and event.endswith(b"\n\n") and event.find(b"\n") == len(event) - 2:
        return event[6:-2].rstrip(b"\r")
    lines = [
        line[5:].removeprefix(b" ") for line in _LINE_END.split(event) if line.startswith(b"data:") or line == b"data"
    ]
    return b"\n".join(lines) if lines else None


def event(data: bytes, name: bytes | None = None) -> bytes:
    """One event as bytes; `data` must not contain line ends."""
    return b"data: " + data + b"\n\n" if name is None else b"event: " + name + b"\ndata: " + data + b"\n\n"
