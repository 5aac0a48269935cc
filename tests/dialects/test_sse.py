"""Server-sent events, fed whole, byte by byte, with trailing bytes and cut at every place."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.dialects import sse
from entrepot.dialects.sse import Splitter, data_of
from entrepot.errors import UpstreamBroken

BOM = b"\xef\xbb\xbf"
EVENTS = (
    b'data: {"a":1}\n\n',
    b": a comment\n\n",
    b"event: named\nid: 7\ndata: one\ndata:two\n\n",
    b"\n\n",
    b"\ndata: after three line ends\n\n",
    'data: "Entrepôt \U0001f6a2 \u2028"\n\n'.encode(),
    b"retry: 10\n\n",
    b"data: [DONE]\n\n",
)
LINE_ENDS = (b"\n", b"\r\n", b"\r")


def split(*pieces: bytes) -> tuple[list[bytes], list[bytes]]:
    """The events that came while feeding, and those that came at the end."""
    splitter = Splitter()
    return [event for piece in pieces for event in splitter.feed(piece)], splitter.end()


def with_line_end(events: tuple[bytes, ...], line_end: bytes) -> list[bytes]:
    return [event.replace(b"\n", line_end) for event in events]


@pytest.mark.parametrize("line_end", LINE_ENDS)
@pytest.mark.parametrize("head", [b"", BOM])
class TestEverySplit:
    """What comes out is the same however the bytes arrive."""

    def test_whole(self, line_end: bytes, head: bytes) -> None:
        events = with_line_end(EVENTS, line_end)
        found, last = split(head + b"".join(events))
        assert found + last == events

    def test_byte_by_byte(self, line_end: bytes, head: bytes) -> None:
        events = with_line_end(EVENTS, line_end)
        data = head + b"".join(events)
        found, last = split(*(data[place : place + 1] for place in range(len(data))))
        assert found + last == events

    def test_cut_in_two_at_every_place(self, line_end: bytes, head: bytes) -> None:
        events = with_line_end(EVENTS, line_end)
        data = head + b"".join(events)
        for place in range(len(data) + 1):
            found, last = split(data[:place], data[place:])
            assert found + last == events, place

    def test_what_no_blank_line_ended_is_discarded(self, line_end: bytes, head: bytes) -> None:
        events = with_line_end(EVENTS, line_end)
        data = head + b"".join(events)
        tail = b"data: half" + line_end
        for place in range(len(data) + 1):
            found, last = split(data[:place], data[place:] + tail)
            assert found + last == events, place


def test_an_event_is_known_complete_without_waiting_for_more() -> None:
    splitter = Splitter()
    assert splitter.feed(b"data: a\n\n") == [b"data: a\n\n"]
    assert splitter.feed(b"data: b\r\n\r\n") == [b"data: b\r\n\r\n"]
    assert splitter.feed(b"data: c\n\ndata: d") == [b"data: c\n\n"]
    assert splitter.feed(b"\n\n") == [b"data: d\n\n"]


def test_a_final_cr_may_be_half_of_a_line_end() -> None:
    splitter = Splitter()
    assert splitter.feed(b"data: a\r\n\r") == []
    assert splitter.feed(b"\ndata: b\r\r") == [b"data: a\r\n\r\n"]
    assert splitter.end() == [b"data: b\r\r"]


def test_only_a_leading_bom_is_taken_off() -> None:
    assert split(BOM + BOM + b"data: a\n\n") == ([BOM + b"data: a\n\n"], [])
    assert split(b"data: a\n\n" + BOM + b"data: b\n\n") == ([b"data: a\n\n", BOM + b"data: b\n\n"], [])


@pytest.mark.parametrize("data", [b"", BOM[:1], BOM[:2], BOM, b"data: a", b"data: a\n", b"data: a\r\n\r\nx"])
def test_an_unfinished_tail_gives_nothing_at_the_end(data: bytes) -> None:
    assert split(data)[1] == []


@pytest.mark.parametrize("pieces", [[b"data: " + b"x" * 200], [b"x" * 50] * 3, [b"data: a\n\n" + b"x" * 101]])
def test_an_event_larger_than_the_limit_is_refused(pieces: list[bytes]) -> None:
    splitter = Splitter(100)
    with pytest.raises(UpstreamBroken, match="larger than 100 bytes"):
        _ = [splitter.feed(piece) for piece in pieces]


def test_a_large_event_in_many_pieces_takes_no_quadratic_time() -> None:
    pieces = [b"data: ", *[b"x" * 4096] * 2000, b"\n\n"]
    began = time.thread_time()
    assert [len(event) for event in split(*pieces)[0]] == [8 + 4096 * 2000]
    assert time.thread_time() - began < 0.5


def test_many_events_together_may_exceed_the_limit() -> None:
    assert len(Splitter(100).feed(b"data: abc\n\n" * 1000)) == 1000


lines = st.sampled_from(
    [b"data: a", b"data:", b"data", b": c", b"event: e", b"", "data: é\u2028".encode(), b"\x00\xff"]
)
ends = st.sampled_from(LINE_ENDS)
streams = st.lists(st.tuples(lines, ends).map(b"".join)).map(b"".join)


@given(streams, st.data())
def test_no_split_changes_the_events_or_loses_a_byte(stream: bytes, data: st.DataObject) -> None:
    whole, last = split(stream)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)))))
    bounds = [0, *cuts, len(stream)]
    pieces = [stream[begin:end] for begin, end in pairwise(bounds)]
    found, last_found = split(*pieces)
    assert found + last_found == whole + last
    assert stream.startswith(b"".join(found + last_found))


@pytest.mark.parametrize(
    ("event", "data"),
    [
        (b"data: a\n\n", b"a"),
        (b"data:a\n\n", b"a"),
        (b"data:  a \n\n", b" a "),
        (b"data: a\r\n\r\n", b"a"),
        (b"data: a\r\r", b"a"),
        (b"data: a\r\n\n", b"a"),
        (b"data: a\ndata: b\n\n", b"a\nb"),
        (b"data: a\rdata: b\r\r", b"a\nb"),
        (b"event: e\ndata: a\nid: 1\n\n", b"a"),
        (b"data\n\n", b""),
        (b"data:\n\n", b""),
        (b": c\n\n", None),
        (b"event: e\n\n", None),
        (b"database: a\n\n", None),
        (b"DATA: a\n\n", None),
        (b"\n\n", None),
    ],
)
def test_data_of(event: bytes, data: bytes | None) -> None:
    assert data_of(event) == data


def test_what_is_written_is_read() -> None:
    assert data_of(sse.event(b'{"a":1}')) == b'{"a":1}'
    named = sse.event(b"{}", b"error")
    assert named == b"event: error\ndata: {}\n\n"
    assert split(named) == ([named], [])
    assert data_of(named) == b"{}"
