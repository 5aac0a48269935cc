"""Starting a server process, waiting for its first answer, and ending it with everything it spawned."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from bench.dialects import CHAT, Dialect
from bench.wire import Inbox, is_ok, request_bytes

STOP_TIMEOUT_S = 2.0


class Absent(Exception):
    """A gateway that cannot take part here, and why."""


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """Where and how one kind of call is made through a gateway."""

    port: int
    model: str
    path: str = CHAT.path
    headers: Mapping[str, str] = {}
    dialect: Dialect = CHAT

    def speaking(self, dialect: Dialect) -> Target:
        """The same model of the same gateway, asked in another dialect."""
        return msgspec.structs.replace(self, path=dialect.path, dialect=dialect)

    def request(self, body: bytes) -> bytes:
        return request_bytes(self.path, self.headers, body)


class Server(msgspec.Struct, frozen=True):
    """A running process. It leads its own session, so `session` also names every descendant."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def session(self) -> int:
        return self.process.pid


def free_ports(count: int) -> list[int]:
    """Ports that were free a moment ago; all are held until the last is found, so they differ."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


@contextmanager
def running(argv: Sequence[str], *, cwd: Path, env: Mapping[str, str] | None = None) -> Iterator[Server]:
    """The process for as long as the block lasts, its output in a log file in `cwd`."""
    log = cwd / "output.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            argv,
            cwd=cwd,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield Server(process, log)
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    _signal_group(process.pid, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(STOP_TIMEOUT_S)
    # Also after a clean end: a child may have outlived the leader.
    _signal_group(process.pid, signal.SIGKILL)
    process.wait()


def _signal_group(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, number)


def first_answer(server: Server, target: Target, body: bytes, *, timeout_s: float) -> float:
    """Seconds until a call gets its 200. Raises Absent with the end of the log when it never does."""
    start = time.monotonic()
    while time.monotonic() - start < timeout_s:
        if server.process.poll() is not None:
            break
        if answers(target, body, timeout_s=timeout_s):
            return time.monotonic() - start
        time.sleep(0.01)
    raise Absent(f"no answer after {time.monotonic() - start:.0f} s: {_tail(server.log)}")


def answers(target: Target, body: bytes, *, timeout_s: float) -> bool:
    """Whether one call over a new connection is answered with 200."""
    try:
        with socket.create_connection(("127.0.0.1", target.port), timeout_s) as connection:
            connection.sendall(target.request(body))
            return is_ok(_receive(connection))
    except OSError:
        return False


def _receive(connection: socket.socket) -> bytes:
    inbox = Inbox()
    while data := connection.recv(65536):
        if (message := inbox.feed(data)) is not None:
            return message
    return b""


def _tail(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return " / ".join(line.strip() for line in lines[-3:])[-300:] or "nothing in its log"
