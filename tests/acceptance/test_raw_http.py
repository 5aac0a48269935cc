"""Bad input at the socket: what is refused, what is closed, and that a smuggled request is never served.

The hub of this module has short deadlines and a small body limit, so that each of them is met.
"""

from __future__ import annotations

import json
import random
import re
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from typing import NamedTuple

import pytest
from tests.support.hub import Hub, Hubs, eventually
from tests.support.threaded_upstream import PROVIDER_ENVIRON, ThreadedUpstream
from tests.support.upstream import plain

LIMIT_BYTES = 64 * 1024
HEADERS_S = 1.0
BODY_S = 1.0
SETTINGS = f"""
[server]
body_limit_bytes = {LIMIT_BYTES}
header_timeout_s = {HEADERS_S}
body_timeout_s = {BODY_S}
"""
CHUNKED = b"Transfer-Encoding: chunked\r\n"
LENGTH = b"Content-Length: %d\r\n"
BODY = json.dumps({"model": "gpt-4.1-mini", "messages": [{"role": "user", "content": "Say hello"}]}).encode()
SMUGGLED = "smuggled"
JSON = b"Content-Type: application/json\r\n"


class Answer(NamedTuple):
    """All that came back on one connection."""

    data: bytes
    closed: bool

    @property
    def statuses(self) -> list[int]:
        return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3}) ", self.data)]

    @property
    def has_request_id(self) -> bool:
        return b"\r\nx-request-id: req_" in self.data


@pytest.fixture(scope="module")
def edge(hubs: Hubs, _shared_upstream: ThreadedUpstream) -> Hub:
    return hubs("edge", SETTINGS + _shared_upstream.provider, environ=PROVIDER_ENVIRON)


@pytest.fixture(autouse=True)
def _hub_survives_and_serves_nothing_smuggled(edge: Hub) -> Iterator[None]:
    yield
    assert edge.is_alive()
    assert edge.is_ready()
    assert SMUGGLED not in {row["asked"] for row in edge.exchanges()}


def talk(hub: Hub, data: bytes, *, wait_s: float = 5.0, quiet_s: float = 0.2, half_close: bool = False) -> Answer:
    """Send all of it and gather what comes, until the hub closes or has been quiet."""
    received, closed = b"", False
    with socket.create_connection((hub.host, hub.port)) as connection:
        connection.settimeout(wait_s)
        try:
            connection.sendall(data)
            if half_close:
                connection.shutdown(socket.SHUT_WR)
            while piece := connection.recv(65536):
                received += piece
                connection.settimeout(quiet_s)
            closed = True
        except TimeoutError:
            closed = False
        except ConnectionError:  # reset: the hub closed with bytes of ours unread
            closed = True
    return Answer(received, closed)


class Request(NamedTuple):
    """A request of bytes, right unless a part is given."""

    body: bytes = BODY
    length: bytes | None = None
    headers: bytes = b""
    host: bytes = b"Host: hub\r\n"
    content_type: bytes = JSON
    method: bytes = b"POST"
    path: bytes = b"/v1/chat/completions"
    version: bytes = b"1.1"
    after: bytes = b""

    def bytes_for(self, hub: Hub) -> bytes:
        length = LENGTH % len(self.body) if self.length is None else self.length
        authorization = f"Authorization: Bearer {hub.tokens.test}\r\n".encode()
        first = b"%b %b HTTP/%b\r\n" % (self.method, self.path, self.version)
        head = first + self.host + self.content_type + authorization + self.headers + length + b"\r\n"
        return head + self.body + self.after.replace(b"TOKEN", hub.tokens.test.encode())


# What would be served, and leave a row, if the hub took it for a request of its own.
SECOND_BODY = json.dumps({"model": SMUGGLED, "messages": []}).encode()
SECOND = (
    b"POST /v1/chat/completions HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer TOKEN\r\n%b%b\r\n%b"
    % (JSON, LENGTH % len(SECOND_BODY), SECOND_BODY)
)  # fmt: skip


def chunked(body: bytes, size: bytes | None = None) -> bytes:
    return b"%b\r\n%b\r\n0\r\n\r\n" % (size or b"%x" % len(body), body)


def test_a_right_request_is_served(edge: Hub) -> None:
    answer = talk(edge, Request().bytes_for(edge))
    assert (answer.statuses, answer.closed, answer.has_request_id) == ([200], False, True)


def test_a_right_chunked_request_is_served(edge: Hub) -> None:
    request = Request(body=chunked(BODY), length=b"transfer-encoding: Chunked\r\n")
    assert talk(edge, request.bytes_for(edge)).statuses == [200]


# B12 B13 B14 B15: bodies --------------------------------------------------------------------------

TOO_LARGE = {
    "declared": Request(body=b"", length=LENGTH % (LIMIT_BYTES + 1)),
    "declared and sent": Request(body=b" " * (LIMIT_BYTES + 1)),
    "chunked": Request(body=chunked(b" " * 4096, b"1000")[:-5] * 20 + b"0\r\n\r\n", length=CHUNKED),
    "one chunk": Request(body=chunked(b" " * (LIMIT_BYTES + 1)), length=CHUNKED),
}


@pytest.mark.parametrize("case", TOO_LARGE)
def test_too_large_body_is_413_and_closed(edge: Hub, case: str) -> None:
    answer = talk(edge, TOO_LARGE[case].bytes_for(edge))
    assert (answer.statuses, answer.closed, answer.has_request_id) == ([413], True, True)


def test_endless_body_is_not_read_on(edge: Hub) -> None:
    piece, sent = b"1000\r\n" + b" " * 4096 + b"\r\n", 0
    with socket.create_connection((edge.host, edge.port), timeout=5) as connection, suppress(ConnectionError):
        connection.sendall(Request(body=b"", length=CHUNKED).bytes_for(edge))
        while sent < 64 * 1024 * 1024:
            connection.sendall(piece)
            sent += len(piece)
    assert sent < 16 * 1024 * 1024  # what the two sockets hold, and no more


def test_more_body_than_declared_is_not_a_request(edge: Hub) -> None:
    answer = talk(edge, Request(after=b"x" * 50 + b"\r\n\r\n").bytes_for(edge))
    assert (answer.statuses, answer.closed) == ([200, 400], True)


def test_half_a_body_and_a_closed_socket_leave_nothing(edge: Hub) -> None:
    before = edge.open_files
    for _ in range(20):
        with socket.create_connection((edge.host, edge.port)) as connection:
            connection.sendall(Request(length=LENGTH % (len(BODY) + 50)).bytes_for(edge))
    eventually(lambda: edge.open_files <= before)


@pytest.mark.parametrize("encoding", [b"gzip", b"br", b"zstd", b"deflate", b"gzip, identity"])
def test_compressed_body_is_415(edge: Hub, encoding: bytes) -> None:
    answer = talk(edge, Request(headers=b"Content-Encoding: %b\r\n" % encoding).bytes_for(edge))
    assert (answer.statuses, answer.has_request_id) == ([415], True)


@pytest.mark.parametrize("media_type", [b"text/plain", b"application/x-www-form-urlencoded", b"application/xml"])
def test_another_media_type_is_415(edge: Hub, media_type: bytes) -> None:
    answer = talk(edge, Request(content_type=b"Content-Type: %b\r\n" % media_type).bytes_for(edge))
    assert (answer.statuses, answer.has_request_id) == ([415], True)


@pytest.mark.parametrize("boundary", [b"x", b"-" * 5000, b'"', b"\xff\xfe"])
def test_multipart_is_415_at_once(edge: Hub, boundary: bytes) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="a"; filename="../../x"\r\n\r\n1\r\n'
    content_type = b"Content-Type: multipart/form-data; boundary=%b\r\n" % boundary
    began = time.monotonic()
    answer = talk(edge, Request(body=part * 500, content_type=content_type).bytes_for(edge))
    assert answer.statuses == [415]
    assert time.monotonic() - began < 1


# B16 B17: slow clients ----------------------------------------------------------------------------


def test_slow_headers_are_closed_while_others_are_served(edge: Hub) -> None:
    with ExitStack() as held:
        slow = [held.enter_context(socket.create_connection((edge.host, edge.port))) for _ in range(200)]
        began = time.monotonic()
        for number, connection in enumerate(slow):
            connection.sendall(b"GET / HTTP/1.1\r\nHos" if number % 2 else b"")
        while time.monotonic() - began < HEADERS_S / 2:
            asked = time.monotonic()
            assert talk(edge, Request().bytes_for(edge), quiet_s=0.01).statuses == [200]
            assert time.monotonic() - asked < 0.5
        for connection in slow:
            connection.settimeout(HEADERS_S + 3)
            assert connection.recv(1000)[:12] in (b"", b"HTTP/1.1 408")
        assert time.monotonic() - began < HEADERS_S + 2


def test_slow_bodies_are_408_and_closed(edge: Hub) -> None:
    with ExitStack() as held:
        slow = [held.enter_context(socket.create_connection((edge.host, edge.port))) for _ in range(50)]
        began = time.monotonic()
        for connection in slow:
            connection.sendall(Request(body=b"", length=LENGTH % 1000).bytes_for(edge))
        while time.monotonic() - began < BODY_S * 0.8:  # a byte now and then does not buy time
            for connection in slow:
                connection.sendall(b" ")
            time.sleep(0.1)
        for connection in slow:
            connection.settimeout(BODY_S + 3)
            answer = b""
            while piece := connection.recv(65536):
                answer += piece
            assert answer.startswith(b"HTTP/1.1 408")
            assert b"x-request-id: req_" in answer
        assert time.monotonic() - began < BODY_S + 2


# B18: two opinions about where a request ends -----------------------------------------------------

AMBIGUOUS = {
    "two different lengths": Request(length=LENGTH % len(BODY) + LENGTH % 0, after=SECOND),
    "length list": Request(length=b"Content-Length: %d, 0\r\n" % len(BODY), after=SECOND),
    "equal length list": Request(length=b"Content-Length: %d, %d\r\n" % (len(BODY), len(BODY)), after=SECOND),
    "plus": Request(length=b"Content-Length: +%d\r\n" % len(BODY), after=SECOND),
    "minus": Request(length=b"Content-Length: -1\r\n", after=SECOND),
    "hexadecimal": Request(length=b"Content-Length: 0x%x\r\n" % len(BODY), after=SECOND),
    "underscore": Request(length=b"Content-Length: 1_0\r\n", after=SECOND),
    "huge": Request(length=b"Content-Length: 99999999999999999999999\r\n", after=SECOND),
    "space before the colon": Request(length=b"Content-Length : %d\r\n" % len(BODY), after=SECOND),
    "unknown coding": Request(body=chunked(BODY), length=b"Transfer-Encoding: xchunked\r\n", after=SECOND),
    "chunked, identity": Request(body=chunked(BODY), length=b"Transfer-Encoding: chunked, identity\r\n", after=SECOND),
    "gzip, chunked": Request(body=chunked(BODY), length=b"Transfer-Encoding: gzip, chunked\r\n", after=SECOND),
    "chunked twice": Request(body=chunked(BODY), length=CHUNKED * 2, after=SECOND),
    "vertical tab": Request(body=chunked(BODY), length=b"Transfer-Encoding: \x0bchunked\r\n", after=SECOND),
    "chunked in HTTP/1.0": Request(body=chunked(BODY), length=CHUNKED, version=b"1.0", after=SECOND),
    "chunk size overflow": Request(body=chunked(BODY, b"10000000000000000"), length=CHUNKED, after=SECOND),
    "negative chunk size": Request(body=chunked(BODY, b"-1"), length=CHUNKED, after=SECOND),
    "no chunk size": Request(body=chunked(BODY, b"zz"), length=CHUNKED, after=SECOND),
    "chunk without its end": Request(body=b"%x\r\n%bXX0\r\n\r\n" % (len(BODY), BODY), length=CHUNKED, after=SECOND),
    "later chunk malformed": Request(body=chunked(BODY)[:-5] + b"zz\r\n", length=CHUNKED, after=SECOND),
    "folded header": Request(headers=b"X-A: b\r\n c\r\n", after=SECOND),
    "nul in a name": Request(headers=b"X-A\0: b\r\n", after=SECOND),
}


@pytest.mark.parametrize("case", AMBIGUOUS)
def test_ambiguous_request_is_400_and_closed(edge: Hub, case: str) -> None:
    answer = talk(edge, AMBIGUOUS[case].bytes_for(edge))
    assert (answer.statuses, answer.closed) == ([400], True)


# RFC 9112 §6.1: Transfer-Encoding decides, and the connection ends with the answer.
BOTH = {
    "length first": Request(body=chunked(BODY), length=LENGTH % len(BODY) + CHUNKED, after=SECOND),
    "chunked first": Request(body=chunked(BODY), length=CHUNKED + LENGTH % 5, after=SECOND),
    "empty chunk": Request(body=b"0\r\n\r\n", length=LENGTH % (5 + len(SECOND)) + CHUNKED, after=SECOND),
}


@pytest.mark.parametrize("case", BOTH)
def test_length_and_chunked_is_one_request_and_closed(edge: Hub, case: str) -> None:
    answer = talk(edge, BOTH[case].bytes_for(edge))
    assert len(answer.statuses) == 1
    assert (answer.closed, answer.has_request_id) == (True, True)


# B19 B20 B21 B22: heads ---------------------------------------------------------------------------

HEADS = {
    "one header of 1 MB": (Request(headers=b"X-A: " + b"a" * 1_000_000 + b"\r\n"), 431),
    "one header of 40 KB": (Request(headers=b"X-A: " + b"a" * 40_000 + b"\r\n"), 431),
    "5000 headers": (Request(headers=b"".join(b"X-%d: a\r\n" % number for number in range(5000))), 431),
    "request id of 1 MB": (Request(headers=b"X-Request-Id: " + b"a" * 1_000_000 + b"\r\n"), 431),
    "address of 100 KB": (Request(path=b"/v1/" + b"a" * 100_000), 414),
    "chunk extension of 20 KB": (
        Request(body=chunked(BODY, b"%x;%b" % (len(BODY), b"a" * 20_000)), length=CHUNKED), 400,
    ),
    "no host": (Request(host=b""), 400),
    "two hosts": (Request(host=b"Host: hub\r\nHost: hub\r\n"), 400),
    "empty host": (Request(host=b"Host:\r\n"), 400),
    "host with a path": (Request(host=b"Host: hub/?q=\r\n"), 400),
    "host with a fragment": (Request(host=b"Host: hub/#\r\n"), 400),
    "nul in a value": (Request(headers=b"X-Client-Request-Id: a\0b\r\n"), 400),
    "bare CR in a value": (Request(headers=b"X-Client-Request-Id: a\rX-Evil: b\r\n"), 400),
    "two authorizations": (Request(headers=b"Authorization: Bearer another\r\n"), 400),
}  # fmt: skip


@pytest.mark.parametrize("case", HEADS)
def test_bad_head_is_refused_and_closed(edge: Hub, case: str) -> None:
    request, status = HEADS[case]
    answer = talk(edge, request.bytes_for(edge))
    assert (answer.statuses, answer.closed) == ([status], True)


@pytest.mark.parametrize("given", [b"a b", b"a" * 500, "é".encode(), b"<script>"])
def test_unsafe_request_id_is_not_echoed(edge: Hub, given: bytes) -> None:
    answer = talk(edge, Request(headers=b"X-Client-Request-Id: %b\r\n" % given).bytes_for(edge))
    assert answer.statuses == [200]
    assert given not in answer.data


def test_no_header_of_the_client_reaches_the_upstream(edge: Hub, upstream: ThreadedUpstream) -> None:
    upstream.play(plain("Hello"))
    spoofed = (
        b"Connection: authorization\r\nX-Forwarded-For: 10.0.0.1\r\nX-Forwarded-Host: evil\r\n"
        b"Forwarded: for=10.0.0.1\r\nX-Request-Id: mine\r\nCookie: a=b\r\nX-Api-Base: http://evil/\r\n"
    )
    name = json.dumps({"model": "fault", "messages": [{"role": "user", "content": "a\r\nX-Evil: b"}]}).encode()
    data = Request(body=name, headers=spoofed).bytes_for(edge)
    answer = talk(edge, data.replace(edge.tokens.test.encode(), edge.tokens.live.encode()))
    assert answer.statuses == [200]
    (received,) = upstream.server.requests
    assert set(received.headers) <= {"content-type", "accept-encoding", "authorization", "user-agent", "accept", "host",
                                     "content-length"}  # fmt: skip
    assert received.headers["authorization"] == f"Bearer {PROVIDER_ENVIRON['FAULT_API_KEY']}"
    assert b"x-request-id: mine" not in answer.data


# B23 B24: paths and methods -----------------------------------------------------------------------

PATHS = (
    b"//v1/chat/completions", b"/v1//chat/completions", b"/v1/../v1/chat/completions", b"/v1/chat/../models",
    b"/v1/%2e%2e/v1/keys", b"/v1/keys/../models", b"/v1/chat/completions%00", b"/v1/chat/completions;x",
    b"/v1/chat/completions.", b"/V1/chat/completions", b"/v1/chat/completions/", b"/v1/keys/", b"/ready/..", b"*",
)  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", [b"GET", b"POST"])
def test_path_tricks_lead_nowhere(edge: Hub, path: bytes, method: bytes) -> None:
    answer = talk(edge, Request(path=path, method=method).bytes_for(edge), quiet_s=0.02)
    assert answer.statuses in ([404], [405])
    assert answer.has_request_id


@pytest.mark.parametrize(
    "method", [b"GET", b"HEAD", b"OPTIONS", b"TRACE", b"PUT", b"DELETE", b"PATCH", b"CONNECT", b"post", b"BREW"]
)
def test_other_methods_are_405(edge: Hub, method: bytes) -> None:
    override = b"X-HTTP-Method-Override: POST\r\nOrigin: http://evil.example\r\n"
    answer = talk(edge, Request(method=method, headers=override).bytes_for(edge), quiet_s=0.02)
    assert (answer.statuses, answer.has_request_id) == ([405], True)
    assert b"access-control" not in answer.data.lower()


# B29 B30: connections -----------------------------------------------------------------------------


def test_pipelined_requests_are_answered_in_order(edge: Hub) -> None:
    one = [Request(headers=b"X-Client-Request-Id: number-%d\r\n" % number).bytes_for(edge) for number in range(1000)]
    answer = talk(edge, b"".join(one), quiet_s=2)
    assert answer.statuses == [200] * 1000
    echoed = re.findall(rb"x-client-request-id: number-(\d+)", answer.data)
    assert [int(number) for number in echoed] == list(range(1000))


def test_half_closed_connection_ends_cleanly(edge: Hub) -> None:
    before = edge.open_files
    for _ in range(20):
        answer = talk(edge, Request().bytes_for(edge), half_close=True)
        assert answer.closed
        assert answer.statuses in ([], [200])
    eventually(lambda: edge.open_files <= before)


def test_early_answer_while_the_body_is_still_sent(edge: Hub) -> None:
    before = edge.open_files
    for _ in range(20):
        with socket.create_connection((edge.host, edge.port), timeout=5) as connection:
            head = Request(body=b"", length=LENGTH % LIMIT_BYTES).bytes_for(edge)
            connection.sendall(head.replace(b"Bearer ep", b"Bearer no"))
            connection.sendall(b" " * 1000)
            answer = connection.recv(65536)
            assert answer.startswith(b"HTTP/1.1 401")
            assert b"x-request-id: req_" in answer
    eventually(lambda: edge.open_files <= before)


NOT_HTTP = {
    "random": random.Random(1).randbytes(300) + b"\r\n\r\n",
    "TLS": bytes.fromhex("16030100a5010000a10303") + bytes(160),
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0",
    "HTTP/0.9": b"GET /\r\n\r\n",
    "SSH": b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
}


@pytest.mark.parametrize("case", NOT_HTTP)
def test_other_protocols_are_closed(edge: Hub, case: str) -> None:
    answer = talk(edge, NOT_HTTP[case])
    assert answer.closed
    assert set(answer.statuses) <= {400}


def test_websocket_is_not_upgraded(edge: Hub) -> None:
    upgrade = b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhl\r\nSec-WebSocket-Version: 13\r\n"
    answer = talk(edge, Request(method=b"GET", headers=upgrade).bytes_for(edge))
    assert answer.statuses == [405]
