"""What the bench looks for in a stream, against the streams that the hub writes."""

from __future__ import annotations

import pytest
from bench.dialects import CHAT, MESSAGES, RESPONSES, Dialect

from entrepot.conversation import Ended, Event, Finished, Request, Started, TextDelta, Usage
from entrepot.dialects import table

STAMPS = [b"%018d" % number for number in range(5)]
EVENTS: list[Event] = [
    Started(id="1", model="m", created_s=1),
    *(TextDelta(text=f"t={stamp.decode()} ") for stamp in STAMPS),
    Finished(reason="stop"),
    Ended(usage=Usage(input_tokens=1, output_tokens=5)),
]


@pytest.mark.parametrize(
    ("dialect", "written"), [(CHAT, table.CHAT), (MESSAGES, table.MESSAGES), (RESPONSES, table.RESPONSES)]
)
def test_every_event_counts_once_and_only_the_end_ends(dialect: Dialect, written: table.Dialect) -> None:
    writer = written.writer(Request(model="m", messages=()), {}, "req_1")
    pieces = [writer.write(event) for event in EVENTS]
    assert dialect.stamp.findall(b"".join(pieces)) == STAMPS
    assert [dialect.end in piece for piece in pieces] == [False] * (len(EVENTS) - 1) + [True]
    assert dialect.path.endswith(written.path)
