"""A client that does not read: what it is not taking stays with the upstream, and the hub's memory stays flat."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.hub import Hub, Hubs, eventually
from tests.support.upstream import chunks, sse
from tests.support.wire import Wire

MIB = 1024 * 1024
STREAM_BYTES = 100 * MIB
MOST_IN_FLIGHT_BYTES = 32 * MIB  # sockets' own buffers, mostly
MOST_GROWTH_BYTES = 32 * MIB


class Torrent:
    """An upstream that answers one request with STREAM_BYTES of events, as fast as they are taken."""

    def __init__(self) -> None:
        self.sent_bytes = 0
        self.broken = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._pour, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _pour(self) -> None:
        connection, _ = self._listener.accept()
        event = sse(chunks("x" * 2000)[1])
        pieces = (b"%x\r\n%b\r\n" % (len(event), event)) * 50
        with connection, contextlib.suppress(OSError):
            connection.recv(65536)
            connection.sendall(
                b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
            )
            while self.sent_bytes < STREAM_BYTES:
                connection.sendall(pieces)
                self.sent_bytes += len(pieces)
        self.broken.set()


@pytest.fixture
def torrent() -> Iterator[Torrent]:
    made = Torrent()
    yield made
    made.close()


def test_a_client_that_stops_reading_stops_the_upstream(hubs: Hubs, torrent: Torrent) -> None:
    settings = f"""
[providers.torrent]
base_url = "http://127.0.0.1:{torrent.port}/v1"
auth = "none"

[[models]]
id = "fault"

[[models.offers]]
provider = "torrent"
upstream_model = "m"
"""
    hub = hubs("slow-reader", settings)
    before = _memory_bytes(hub)
    client = Wire(hub, hub.tokens.live, stream=True)
    client.read_events(1)
    sent_bytes = _at_rest(torrent)
    assert sent_bytes < MOST_IN_FLIGHT_BYTES
    assert _memory_bytes(hub) - before < MOST_GROWTH_BYTES
    began = time.monotonic()
    while time.monotonic() - began < 2:  # a byte now and then changes nothing
        client._socket.recv(1)
        time.sleep(0.2)
    assert torrent.sent_bytes - sent_bytes < MIB
    assert _memory_bytes(hub) - before < MOST_GROWTH_BYTES
    client.leave()
    eventually(torrent.broken.is_set)
    assert torrent.sent_bytes < STREAM_BYTES


def _at_rest(torrent: Torrent) -> int:
    """What the upstream has sent once it cannot send more."""

    def resting() -> bool:
        seen = torrent.sent_bytes
        time.sleep(0.5)
        return torrent.sent_bytes == seen

    eventually(resting)
    return torrent.sent_bytes


def _memory_bytes(hub: Hub) -> int:
    status = Path(f"/proc/{hub.process.pid}/status").read_text("ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) * 1024
