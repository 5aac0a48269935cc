"""What every tap does, whatever its dialect: shown on one whose events are words."""

from __future__ import annotations

import pytest

from entrepot.conversation import Usage
from entrepot.dialects import sse
from entrepot.dialects.taps import Tap
from entrepot.errors import UpstreamBroken


class Words(Tap):
    def end(self, estimate: Usage | None) -> bytes:
        return self._held + b"end"

    def _relayed(self, event: bytes) -> bytes:
        word = (sse.data_of(event) or b"").decode()
        if word == "bad":
            raise UpstreamBroken("A bad word.")
        self.started = True
        self.done = word == "last"
        self.finish = "stop" if word == "finish" else self.finish
        self._texts.append(word)
        if word.startswith("usage"):
            return self._hold(event)
        return b"" if self.done else event


def words(*words: str) -> bytes:
    return b"".join(sse.event(word.encode()) for word in words)


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_events_are_relayed_up_to_the_last(size: int) -> None:
    data, tap = words("one", "two", "last", "more"), Words(limit_bytes=100)
    assert b"".join(tap.feed(data[at : at + size]) for at in range(0, len(data), size)) == words("one", "two")
    assert (tap.done, tap.failure, tap.text) == (True, None, "onetwolast")


def test_what_came_before_a_failure_is_relayed_and_nothing_after_it() -> None:
    tap = Words(limit_bytes=100)
    assert tap.feed(words("one", "bad", "two")) == words("one")
    assert tap.feed(words("three")) == b""
    assert tap.failure is not None
    assert tap.failure.message == "A bad word."
    assert not tap.done


def test_an_event_beyond_the_limit_is_a_failure() -> None:
    tap = Words(limit_bytes=10)
    assert tap.feed(b"data: " + b"x" * 10) == b""
    assert "larger than 10 bytes" in str(tap.failure)


@pytest.mark.parametrize(
    ("said", "code"), [(("one",), "upstream_stream_broken"), (("one", "finish"), None), (("last",), None)]
)
def test_a_stream_may_close_once_it_has_finished(said: tuple[str, ...], code: str | None) -> None:
    tap = Words(limit_bytes=100)
    tap.feed(words(*said))
    assert tap.close() == b""
    assert (tap.done, tap.failure and tap.failure.code) == (code is None, code)


def test_closing_completes_an_event_that_ended_in_a_bare_cr() -> None:
    tap = Words(limit_bytes=100)
    assert tap.feed(b"data: finish\r\r") == b""
    assert tap.close() == b"data: finish\r\r"


def test_usage_is_held_until_another_event_follows_or_the_stream_ends() -> None:
    tap = Words(limit_bytes=100)
    assert tap.feed(words("one", "usage1")) == words("one")
    assert tap.feed(words("two")) == words("usage1", "two")
    assert tap.feed(words("usage2", "usage3", "last")) == words("usage2")
    assert tap.end(None) == words("usage3") + b"end"


@pytest.mark.parametrize("breaking", [words("bad"), b"data: " + b"x" * 100])
def test_what_is_held_goes_out_before_a_failure(breaking: bytes) -> None:
    tap = Words(limit_bytes=100)
    assert tap.feed(words("usage")) + tap.feed(breaking) == words("usage")
    assert tap.failure is not None


def test_what_is_held_goes_out_when_the_upstream_leaves_too_early() -> None:
    tap = Words(limit_bytes=100)
    assert tap.feed(words("usage")) + tap.close() == words("usage")
    assert tap.failure is not None
