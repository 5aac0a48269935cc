"""`entrepot chat`: a model's answer in the terminal, from any OpenAI-compatible URL."""

from __future__ import annotations

import asyncio
import io
import threading
from collections.abc import Callable, Iterator

import pytest
from tests.cli.conftest import Entrepot
from tests.support.upstream import (
    FaultUpstream,
    Reply,
    Script,
    chunks,
    events,
    failure,
    plain,
    refusing,
    sse,
    stream,
)

Serve = Callable[..., FaultUpstream]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts upstreams on a loop of their own thread: the command blocks this one."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    upstreams: list[FaultUpstream] = []

    def start(*script: Reply | Script) -> FaultUpstream:
        upstreams.append(FaultUpstream(*script))
        return asyncio.run_coroutine_threadsafe(upstreams[-1].__aenter__(), loop).result()

    yield start
    for upstream in upstreams:
        asyncio.run_coroutine_threadsafe(upstream.__aexit__(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def test_an_answer_is_printed_as_it_streams(entrepot: Entrepot, serve: Serve) -> None:
    upstream = serve(stream("Ahoy ", "thére").in_pieces_of(3))
    outcome = entrepot("chat", "--url", upstream.base_url, "--key", "k", "-m", "m", "-s", "Be brief.", "Say", "hello")
    assert outcome == (0, "Ahoy thére\n", "")
    (request,) = upstream.requests
    assert (request.path, request.headers["authorization"]) == ("/v1/chat/completions", "Bearer k")
    assert request.json == {
        "model": "m",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Say hello"}],
        "stream": True,
    }


def test_url_and_key_come_from_the_environment(
    entrepot: Entrepot, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    upstream = serve(stream("Ahoy"))
    monkeypatch.setenv("ENTREPOT_API_KEY", "from-environment")
    monkeypatch.setenv("ENTREPOT_BASE_URL", upstream.base_url + "/")
    assert entrepot("chat", "hi").out == "Ahoy\n"
    assert upstream.requests[0].headers["authorization"] == "Bearer from-environment"


def test_a_prompt_can_be_piped(entrepot: Entrepot, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    upstream = serve(stream("Ahoy"))
    monkeypatch.setattr("sys.stdin", io.StringIO("from\na pipe"))
    assert entrepot("chat", "--url", upstream.base_url, "--key", "k").out == "Ahoy\n"
    assert upstream.requests[0].json["messages"] == [{"role": "user", "content": "from\na pipe"}]


def test_a_conversation_remembers_what_was_said(
    entrepot: Entrepot, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    upstream = serve(stream("one"), stream("two"))
    lines = iter(["first", "  ", "second"])

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    def read(_: str) -> str:
        try:
            return next(lines)
        except StopIteration:
            raise EOFError from None

    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("builtins.input", read)
    assert entrepot("chat", "--url", upstream.base_url, "--key", "k").code == 0
    assert [message["content"] for message in upstream.requests[1].json["messages"]] == ["first", "one", "second"]


def test_without_a_key_it_is_4(entrepot: Entrepot) -> None:
    outcome = entrepot("chat", "hi")
    assert (outcome.code, outcome.out) == (4, "")
    assert "no key: give --key or set ENTREPOT_API_KEY" in outcome.err


@pytest.mark.parametrize(
    ("reply", "code", "complaint"),
    [
        (failure(401, "bad key"), 4, "bad key"),
        (failure(403, "not yours"), 4, "not yours"),
        (failure(500, "no coal"), 1, "500: no coal"),
        (failure(404, "no such model"), 1, "404: no such model"),
        (events(sse(chunks("a")[0]), sse({"error": {"message": "overheated"}})), 1, "overheated"),
        (stream("Ahoy").cut(200), 1, "cannot be reached"),
        (plain(), 1, ""),
        (events(sse("{not json")), 1, ""),
    ],
)
def test_failures_are_told_without_a_traceback(
    entrepot: Entrepot, serve: Serve, reply: Reply, code: int, complaint: str
) -> None:
    outcome = entrepot("chat", "--url", serve(reply).base_url, "--key", "k", "hi")
    assert outcome.code == code
    assert outcome.err.startswith("entrepot: ")
    assert complaint in outcome.err


def test_an_address_where_nobody_listens_is_1(entrepot: Entrepot) -> None:
    with refusing() as base_url:
        outcome = entrepot("chat", "--url", base_url, "--key", "k", "hi")
    assert (outcome.code, outcome.out) == (1, "")
    assert f"{base_url} cannot be reached" in outcome.err


def test_a_stream_that_stops_before_its_end_is_not_taken_for_a_whole_answer(entrepot: Entrepot, serve: Serve) -> None:
    half = events(*map(sse, chunks("Ahoy")[:2]))
    outcome = entrepot("chat", "--url", serve(half).base_url, "--key", "k", "hi")
    assert outcome.code == 1
    assert "before its end" in outcome.err
