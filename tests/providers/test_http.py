"""The HTTP client against a real server that misbehaves: which failure becomes which error, and what is sent."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from tests.support.upstream import (
    FaultUpstream,
    Reply,
    black_hole,
    dump,
    failure,
    html,
    plain,
    raw,
    redirect,
    refusing,
    respond,
    silence,
    stream,
)

from entrepot import errors
from entrepot.catalog import Offer
from entrepot.dialects.table import CHAT
from entrepot.errors import EntrepotError
from entrepot.providers.http import Http, HttpAnswer
from entrepot.providers.registry import Upstream
from entrepot.settings import Upstream as Limits

KEY = "sk-upstream-1"

MakeHttp = Callable[..., Http]


@pytest.fixture
async def make_http() -> AsyncIterator[MakeHttp]:
    made: list[Http] = []

    def make(**limits: Any) -> Http:
        made.append(Http(Limits(**limits)))
        return made[-1]

    yield make
    for http in made:
        http.close()


def at(base_url: str) -> Upstream:
    headers = [("authorization", f"Bearer {KEY}"), ("x-extra", "1")]
    offer = Offer(provider="lab", upstream_model="m")
    url = f"{base_url}/chat/completions?a=b"
    return Upstream(offer=offer, form=CHAT, url=url, headers=headers, secrets=(KEY,))


async def post(http: Http, base_url: str, *, is_stream: bool = False, within_s: float = 5.0) -> HttpAnswer:
    return await http.post(at(base_url), b'{"model":"m"}', within_s=within_s)


async def whole(answer: HttpAnswer) -> bytes:
    try:
        return await answer.body()
    finally:
        await answer.close()


async def pieces(answer: HttpAnswer) -> list[bytes]:
    found = []
    try:
        while (piece := await answer.piece()) is not None:
            found.append(piece)
    finally:
        await answer.close()
    return found


async def test_a_post_carries_the_upstreams_headers_and_nothing_of_its_own_to_hide(make_http: MakeHttp) -> None:
    async with FaultUpstream(plain()) as upstream:
        answer = await post(make_http(), upstream.base_url)
        assert (answer.status, answer.content_type) == (200, "application/json")
        assert await whole(answer) == plain().body
        (request,) = upstream.requests
    assert (request.method, request.path, request.body) == ("POST", "/v1/chat/completions?a=b", b'{"model":"m"}')
    assert request.headers == {
        "host": f"127.0.0.1:{upstream.port}",
        "authorization": f"Bearer {KEY}",
        "x-extra": "1",
        "content-type": "application/json",
        "content-length": "13",
        "accept": "*/*",
        "accept-encoding": "identity",
        "user-agent": "entrepot",
    }


async def test_pieces_come_as_they_are_sent(make_http: MakeHttp) -> None:
    reply = stream("a", "b").slowly(0.02)
    async with FaultUpstream(reply) as upstream:
        answer = await post(make_http(), upstream.base_url, is_stream=True)
        assert answer.content_type == "text/event-stream"
        assert await pieces(answer) == list(reply.pieces)


@pytest.mark.parametrize("is_stream", [False, True])
async def test_an_answer_read_to_its_end_gives_the_connection_back(make_http: MakeHttp, is_stream: bool) -> None:
    async with FaultUpstream(stream("a")) as upstream:
        http = make_http()
        for _ in range(5):
            await (pieces if is_stream else whole)(await post(http, upstream.base_url, is_stream=is_stream))
        assert (len(upstream.requests), upstream.connections) == (5, 1)


async def test_finish_reads_the_little_that_is_left(make_http: MakeHttp) -> None:
    async with FaultUpstream(stream("a").slowly(0.005)) as upstream:
        http = make_http()
        for _ in range(3):
            answer = await post(http, upstream.base_url, is_stream=True)
            assert await answer.piece()
            await answer.finish()
            await answer.close()
        assert upstream.connections == 1


async def test_finish_does_not_wait_for_what_never_ends(make_http: MakeHttp) -> None:
    async with FaultUpstream(stream("a").cut(30, "stall")) as upstream:
        answer = await post(make_http(), upstream.base_url, is_stream=True)
        began = time.monotonic()
        await answer.finish()
        await answer.close()
        assert time.monotonic() - began < 0.5
        await upstream.closed(0)


async def test_closing_an_unread_answer_shuts_the_connection(make_http: MakeHttp) -> None:
    async with FaultUpstream(stream("a").cut(30, "stall")) as upstream:
        answer = await post(make_http(), upstream.base_url, is_stream=True)
        assert await answer.piece()
        assert upstream.open_connections == 1
        await answer.close()
        await upstream.closed(0)


@pytest.mark.parametrize("reply", [silence(), plain().late(5)])
async def test_cancelling_a_post_shuts_the_connection(make_http: MakeHttp, reply: Reply) -> None:
    async with FaultUpstream(reply) as upstream:
        task = asyncio.create_task(post(make_http(), upstream.base_url))
        await upstream.received(1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await upstream.closed(0, within_s=0.5)


async def test_a_redirect_is_not_followed_and_the_key_goes_nowhere_else(make_http: MakeHttp) -> None:
    async with FaultUpstream(plain()) as elsewhere, FaultUpstream() as upstream:
        for status in (301, 302, 303, 307, 308):
            upstream.script = [redirect(f"{elsewhere.base_url}/chat/completions", status)]
            with pytest.raises(errors.UpstreamError) as caught:
                await post(make_http(), upstream.base_url)
            assert type(caught.value) is errors.UpstreamError
        assert elsewhere.requests == []


async def test_cookies_are_not_kept_between_calls(make_http: MakeHttp) -> None:
    async with FaultUpstream(plain().with_headers({"set-cookie": "tenant=1"})) as upstream:
        http = make_http()
        for _ in range(2):
            await whole(await post(http, upstream.base_url))
        assert "cookie" not in upstream.requests[1].headers


async def test_no_proxy_of_the_environment_is_used(make_http: MakeHttp, monkeypatch: pytest.MonkeyPatch) -> None:
    async with FaultUpstream(plain()) as upstream, FaultUpstream(plain()) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.base_url.removesuffix("/v1"))
        await whole(await post(make_http(), upstream.base_url))
        assert (len(upstream.requests), len(proxy.requests)) == (1, 0)


async def test_the_settings_proxy_is_used(make_http: MakeHttp) -> None:
    async with FaultUpstream(plain()) as proxy:
        http = make_http(proxy=proxy.base_url.removesuffix("/v1"))
        await whole(await post(http, "http://provider.test/v1"))
        assert proxy.requests[0].path == "http://provider.test/v1/chat/completions?a=b"


# Statuses -----------------------------------------------------------------------------------------

STATUSES: list[tuple[int, type[EntrepotError], int]] = [
    (400, errors.UpstreamRefusal, 400),
    (401, errors.UpstreamCredentialRefused, 502),
    (402, errors.UpstreamError, 502),
    (403, errors.UpstreamCredentialRefused, 502),
    (404, errors.UpstreamError, 502),
    (405, errors.UpstreamError, 502),
    (408, errors.UpstreamTimeout, 504),
    (409, errors.UpstreamRefusal, 409),
    (413, errors.UpstreamRefusal, 413),
    (415, errors.UpstreamRefusal, 415),
    (422, errors.UpstreamRefusal, 422),
    (429, errors.UpstreamRateLimited, 429),
    (500, errors.UpstreamError, 502),
    (502, errors.UpstreamError, 502),
    (503, errors.UpstreamOverloaded, 503),
    (504, errors.UpstreamTimeout, 504),
    (529, errors.UpstreamOverloaded, 503),
    (201, errors.UpstreamError, 502),
    (204, errors.UpstreamError, 502),
    (599, errors.UpstreamError, 502),
]


async def refused(make_http: MakeHttp, reply: Reply, **limits: Any) -> EntrepotError:
    async with FaultUpstream(reply) as upstream:
        with pytest.raises(EntrepotError) as caught:
            await whole(await post(make_http(**limits), upstream.base_url))
    return caught.value


@pytest.mark.parametrize(("status", "error", "client_status"), STATUSES)
async def test_a_status_stands_for_an_error(
    make_http: MakeHttp, status: int, error: type[EntrepotError], client_status: int
) -> None:
    found = await refused(make_http, failure(status, "no coal", code="c", param="p"))
    assert (type(found), found.status) == (error, client_status)
    if error is errors.UpstreamRefusal:
        assert (found.message, found.code, found.param) == ("no coal", "c", "p")
    elif error is errors.UpstreamCredentialRefused:
        assert "no coal" not in found.message
    elif status != 204:
        assert "no coal" in found.message


@pytest.mark.parametrize("status", [429, 503, 529])
async def test_how_long_to_wait_is_passed_on(make_http: MakeHttp, status: int) -> None:
    found = await refused(make_http, failure(status).with_headers({"retry-after": "7"}))
    assert found.retry_after_s == 7


@pytest.mark.parametrize(
    "reply", [html(502), respond(b"", status=502), respond(b"\xff", status=502), failure(502).cut(10)]
)
async def test_an_error_without_a_readable_body_is_still_the_upstreams(make_http: MakeHttp, reply: Reply) -> None:
    assert isinstance(await refused(make_http, reply), errors.UpstreamError)


async def test_an_error_gives_its_connection_back(make_http: MakeHttp) -> None:
    async with FaultUpstream(failure(500)) as upstream:
        http = make_http()
        for _ in range(3):
            with pytest.raises(errors.UpstreamError):
                await post(http, upstream.base_url)
        assert upstream.connections == 1


# Connections --------------------------------------------------------------------------------------


async def test_a_refused_connection_is_unreachable(make_http: MakeHttp) -> None:
    with refusing() as base_url, pytest.raises(errors.UpstreamUnreachable):
        await post(make_http(), base_url)


async def test_a_name_that_does_not_exist_is_unreachable(make_http: MakeHttp) -> None:
    with pytest.raises(errors.UpstreamUnreachable):
        await post(make_http(), "http://does-not-exist.invalid/v1")


async def test_a_connection_that_never_comes_about_is_a_timeout(make_http: MakeHttp) -> None:
    began = time.monotonic()
    with black_hole() as base_url, pytest.raises(errors.UpstreamTimeout, match="reached in time"):
        await post(make_http(connect_timeout_s=0.2), base_url)
    assert 0.1 < time.monotonic() - began < 1


async def test_a_plain_port_is_not_spoken_to_when_tls_was_asked_for(make_http: MakeHttp) -> None:
    async with FaultUpstream(plain()) as upstream:
        with pytest.raises(errors.UpstreamError):
            await post(make_http(connect_timeout_s=0.2), upstream.base_url.replace("http:", "https:"))
        assert upstream.requests == []


BROKEN: list[tuple[str, Reply]] = [
    ("closed without a word", silence("close")),
    ("reset without a word", silence("reset")),
    ("not HTTP", raw(b"SSH-2.0-OpenSSH_9\r\n\r\n")),
    ("half a head", raw(b"HTTP/1.1 200 OK\r\ncontent-le")),
    ("two lengths", raw(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab")),
    ("length that is none", raw(b"HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\nab")),
    ("a chunk that is none", raw(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nab\r\n")),
    ("a short body", plain().cut(20)),
    ("a body cut by a reset", plain().cut(20, "reset")),
    ("a short chunked body", stream("a", "b").cut(50)),
    ("a chunked body cut by a reset", stream("a", "b").cut(50, "reset")),
]


@pytest.mark.parametrize(("name", "reply"), BROKEN, ids=lambda value: value if isinstance(value, str) else "")
@pytest.mark.parametrize("is_stream", [False, True])
async def test_what_breaks_is_broken(make_http: MakeHttp, name: str, reply: Reply, is_stream: bool) -> None:
    async with FaultUpstream(reply) as upstream:
        with pytest.raises(errors.UpstreamBroken):
            await (pieces if is_stream else whole)(await post(make_http(), upstream.base_url, is_stream=is_stream))


async def test_a_body_that_ends_with_its_connection_is_taken(make_http: MakeHttp) -> None:
    async with FaultUpstream(plain().until_close()) as upstream:
        assert await whole(await post(make_http(), upstream.base_url)) == plain().body


async def test_what_was_sent_before_a_break_is_not_lost(make_http: MakeHttp) -> None:
    reply = stream("a", "b").slowly(0.02)
    async with FaultUpstream(reply.cut(len(reply.pieces[0]))) as upstream:
        answer = await post(make_http(), upstream.base_url, is_stream=True)
        assert await answer.piece() == reply.pieces[0]
        with pytest.raises(errors.UpstreamBroken):
            await answer.piece()
        await answer.close()


async def test_a_kept_connection_that_was_shut_meanwhile_is_no_failure(make_http: MakeHttp) -> None:
    async with FaultUpstream(plain()) as upstream:
        http = make_http()
        await whole(await post(http, upstream.base_url))
        for connection in list(upstream._connected):
            connection.abort()
        await asyncio.sleep(0.05)
        assert await whole(await post(http, upstream.base_url)) == plain().body


# Limits -------------------------------------------------------------------------------------------


async def timed_out(make_http: MakeHttp, reply: Reply, *, within_s: float = 5.0, **limits: Any) -> float:
    """Seconds until UpstreamTimeout came; the upstream must have seen the connection closed."""
    async with FaultUpstream(reply) as upstream:
        began = time.monotonic()
        with pytest.raises(errors.UpstreamTimeout):
            await pieces(await post(make_http(**limits), upstream.base_url, is_stream=True, within_s=within_s))
        elapsed_s = time.monotonic() - began
        await upstream.closed(0)
    return elapsed_s


@pytest.mark.parametrize("reply", [silence(), plain().late(5)])
async def test_the_first_byte_must_come_in_time(make_http: MakeHttp, reply: Reply) -> None:
    assert 0.15 < await timed_out(make_http, reply, first_byte_timeout_s=0.2) < 1


async def test_a_stream_must_not_fall_silent(make_http: MakeHttp) -> None:
    reply = stream("a", "b", "c").cut(300, "stall")
    assert 0.15 < await timed_out(make_http, reply, idle_timeout_s=0.2) < 1


async def test_a_plain_answer_must_not_fall_silent(make_http: MakeHttp) -> None:
    error = await refused(make_http, plain().cut(20, "stall"), first_byte_timeout_s=0.2)
    assert isinstance(error, errors.UpstreamTimeout)


async def test_an_error_body_must_not_fall_silent(make_http: MakeHttp) -> None:
    error = await refused(make_http, failure(500).cut(20, "stall"), first_byte_timeout_s=0.2)
    assert isinstance(error, errors.UpstreamError)


async def test_the_whole_must_come_in_time(make_http: MakeHttp) -> None:
    reply = stream(*"abcdefghij").slowly(0.05)
    assert 0.2 < await timed_out(make_http, reply, within_s=0.25) < 1


async def test_a_slow_but_steady_stream_is_no_timeout(make_http: MakeHttp) -> None:
    async with FaultUpstream(stream(*"abcdef").slowly(0.06)) as upstream:
        http = make_http(idle_timeout_s=0.15, first_byte_timeout_s=0.15)
        found = await pieces(await post(http, upstream.base_url, is_stream=True))
        assert len(found) == 10


async def test_the_time_a_reader_takes_for_itself_is_not_the_upstreams(make_http: MakeHttp) -> None:
    """A slow client holds the relay up between two pieces: that is no silence of the upstream."""
    reply = stream("a", "b").slowly(0.02)
    async with FaultUpstream(reply) as upstream:
        answer = await post(make_http(idle_timeout_s=0.1), upstream.base_url, is_stream=True)
        found = []
        while (piece := await answer.piece()) is not None:
            found.append(piece)
            await asyncio.sleep(0.25 if len(found) == 2 else 0)
        await answer.close()
    assert b"".join(found) == reply.body


@pytest.mark.parametrize(("size", "fits"), [(2000, True), (2001, False)])
async def test_a_plain_answer_has_a_largest_size(make_http: MakeHttp, size: int, fits: bool) -> None:
    body = dump("x" * (size - 2))
    if fits:
        async with FaultUpstream(respond(body)) as upstream:
            assert await whole(await post(make_http(max_response_bytes=2000), upstream.base_url)) == body
    else:
        error = await refused(make_http, respond(body), max_response_bytes=2000)
        assert (type(error), error.message) == (errors.UpstreamBroken, "The upstream's answer is too large.")


async def test_an_error_answer_has_a_largest_size(make_http: MakeHttp) -> None:
    error = await refused(make_http, failure(500, "x" * 5000), max_response_bytes=2000)
    assert isinstance(error, errors.UpstreamError)


# Encodings ----------------------------------------------------------------------------------------


async def test_an_encoding_nobody_asked_for_is_unpacked(make_http: MakeHttp) -> None:
    async with FaultUpstream(plain().gzipped()) as upstream:
        assert await whole(await post(make_http(), upstream.base_url)) == plain().body


@pytest.mark.parametrize(
    "reply",
    [
        plain().gzipped().cut(20),
        plain().gzipped().cut(20).until_close(),
        plain().with_headers({"content-encoding": "gzip"}),
    ],
    ids=["cut", "cut without a length", "mislabelled"],
)
async def test_an_encoding_that_cannot_be_unpacked_is_broken(make_http: MakeHttp, reply: Reply) -> None:
    assert isinstance(await refused(make_http, reply), errors.UpstreamBroken)


async def test_the_largest_size_holds_for_what_is_unpacked(make_http: MakeHttp) -> None:
    bomb = respond(dump("x" * 1_000_000)).gzipped()
    assert len(bomb.body) < 5_000
    assert isinstance(await refused(make_http, bomb, max_response_bytes=100_000), errors.UpstreamBroken)


# Addresses that are no provider's -----------------------------------------------------------------


async def test_what_is_told_gets_its_status(make_http: MakeHttp) -> None:
    async with FaultUpstream(plain(), failure(500), respond(b"", status=204)) as upstream:
        http = make_http()
        url = f"http://127.0.0.1:{upstream.port}"
        statuses = [await http.tell(f"{url}{path}", b"x-a: b\r\n", b"{}", within_s=5) for path in ("", "?q", "/h?x=1")]
        assert statuses == [200, 500, 204]
        assert [request.path for request in upstream.requests] == ["/", "/?q", "/h?x=1"]
        last = upstream.requests[-1]
        assert (last.method, last.body, last.headers["x-a"]) == ("POST", b"{}", "b")
        assert last.headers["host"] == f"127.0.0.1:{upstream.port}"


async def test_who_does_not_listen_is_told_nothing(make_http: MakeHttp) -> None:
    async with FaultUpstream(silence()) as upstream:
        with pytest.raises(errors.UpstreamTimeout):
            await make_http().tell(f"http://127.0.0.1:{upstream.port}/", b"", b"{}", within_s=0.05)
    with pytest.raises(errors.UpstreamUnreachable):
        await make_http().tell(f"http://127.0.0.1:{upstream.port}/", b"", b"{}", within_s=5)
