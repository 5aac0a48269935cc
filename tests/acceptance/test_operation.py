"""Starting, stopping and running a hub: what its operator sees, and what clients see meanwhile."""

from __future__ import annotations

import json
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from tests.support.hub import Hub, Hubs, eventually, make_key, run
from tests.support.threaded_upstream import PROVIDER_ENVIRON, ThreadedUpstream
from tests.support.upstream import plain, stream
from tests.support.wire import Wire

WORDS = [f"word{number} " for number in range(20)]
SLOW_STREAM = stream(*WORDS).slowly(0.05)
SHUTTING_DOWN = "shutting_down"

Start = Callable[..., Hub]


@pytest.fixture
def start(hubs: Hubs, request: pytest.FixtureRequest, upstream: ThreadedUpstream) -> Start:
    """A hub of the test's own."""

    def begin(settings: str = "", **options: Any) -> Hub:
        name = re.sub(r"\W+", "-", request.node.name)
        return hubs(name, settings + upstream.provider, environ=PROVIDER_ENVIRON, **options)

    return begin


def _streams(hub: Hub, count: int) -> list[Wire]:
    clients = [Wire(hub, hub.tokens.live, stream=True) for _ in range(count)]
    for client in clients:
        client.read_events(3)
    return clients


# Stopping -----------------------------------------------------------------------------------------


def test_streams_finish_after_sigterm(start: Start, upstream: ThreadedUpstream) -> None:
    upstream.play(SLOW_STREAM)
    hub = start()
    clients = _streams(hub, 5)
    hub.process.send_signal(signal.SIGTERM)
    for client in clients:
        client.read_all()
        assert client.events[-1] == "[DONE]"
        assert client.text == "".join(WORDS)
        client.leave()
    assert hub.stop() == 0
    assert [(row["status"], row["finish"]) for row in hub.exchanges()] == [(200, "stop")] * 5


def test_plain_call_finishes_after_sigterm(start: Start, upstream: ThreadedUpstream) -> None:
    upstream.play(plain("At last").late(0.7))
    hub = start()
    client = Wire(hub, hub.tokens.live)
    eventually(lambda: upstream.server.requests)
    hub.process.send_signal(signal.SIGTERM)
    client.read_all()
    assert (client.status, b"At last" in client.body) == (200, True)
    client.leave()
    assert hub.stop() == 0


def test_newcomers_are_turned_away_while_draining(start: Start, upstream: ThreadedUpstream) -> None:
    upstream.play(SLOW_STREAM)
    hub = start()
    (running,) = _streams(hub, 1)
    hub.process.send_signal(signal.SIGTERM)
    eventually(lambda: hub.get("/ready")[0] == 503, 1)
    late = Wire(hub, hub.tokens.live)
    late.read_all()
    assert (late.status, json.loads(late.body)["error"]["code"]) == (503, SHUTTING_DOWN)
    assert b"\r\nretry-after: 1\r\n" in late.data
    assert hub.get("/health")[0] == 200
    running.read_all()
    assert running.events[-1] == "[DONE]"
    assert hub.stop() == 0


def test_streams_that_outlast_the_drain_end_in_an_error(start: Start, upstream: ThreadedUpstream) -> None:
    upstream.play(SLOW_STREAM.cut(2000, "stall"))
    hub = start("[server]\ndrain_s = 0.5\n")
    clients = _streams(hub, 5)
    waiting = Wire(hub, hub.tokens.test, model="sandbox/stall")
    time.sleep(0.2)
    began = time.monotonic()
    hub.process.send_signal(signal.SIGTERM)
    for client in clients:
        client.read_all()
        assert client.events[-1]["error"]["code"] == SHUTTING_DOWN
    waiting.read_all()
    assert waiting.status == 503
    assert hub.stop() == 0
    assert 0.5 <= time.monotonic() - began < 2
    assert [row["status"] for row in hub.exchanges()] == [503] * 6


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_second_signal_hurries(start: Start, upstream: ThreadedUpstream, number: signal.Signals) -> None:
    upstream.play(SLOW_STREAM.cut(2000, "stall"))
    hub = start()
    (client,) = _streams(hub, 1)
    hub.process.send_signal(number)
    time.sleep(0.3)
    assert hub.is_alive()
    began = time.monotonic()
    assert hub.stop(number) == 0
    assert time.monotonic() - began < 1
    client.read_all()
    assert client.events[-1]["error"]["code"] == SHUTTING_DOWN


def test_idle_connections_do_not_hold_it_up(start: Start) -> None:
    hub = start()
    idle = Wire(hub, hub.tokens.test, model="gpt-4.1-mini")
    idle.read_all()
    began = time.monotonic()
    assert hub.stop() == 0
    assert time.monotonic() - began < 1
    assert len(hub.exchanges()) == 1  # its row was still on the way to the disk
    idle.leave()


# Open files ---------------------------------------------------------------------------------------


def test_where_no_file_can_be_opened_it_turns_clients_away_and_goes_on(start: Start) -> None:
    hub = start()
    allowed = resource.prlimit(hub.process.pid, resource.RLIMIT_NOFILE)
    before = hub.open_files
    resource.prlimit(hub.process.pid, resource.RLIMIT_NOFILE, (before + 10, allowed[1]))
    with ExitStack() as held:
        for _ in range(50):
            held.enter_context(socket.create_connection((hub.host, hub.port)))
        eventually(lambda: hub.open_files == before + 10)
    eventually(lambda: hub.open_files <= before)
    resource.prlimit(hub.process.pid, resource.RLIMIT_NOFILE, allowed)
    assert hub.is_ready()


def test_it_opens_as_many_files_as_it_may() -> None:
    """Where a shell allows fewer than the machine does."""
    program = (
        "import resource; from entrepot import server; most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]; "
        "resource.setrlimit(resource.RLIMIT_NOFILE, (256, most)); server._raise_open_files(); "
        "print(resource.getrlimit(resource.RLIMIT_NOFILE) == (min(most, server.MOST_OPEN_FILES), most))"
    )
    ran = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout == "True\n"


# Starting -----------------------------------------------------------------------------------------


def test_second_server_on_a_home_is_refused(hub: Hub) -> None:
    second = run(hub.home, "serve", "--port", "0")
    assert second.returncode == 2
    assert second.stderr == f"entrepot: another hub is running on the home {hub.home}\n"
    assert hub.is_ready()


def test_second_server_on_a_port_is_refused(hub: Hub, hubs: Hubs) -> None:
    second = run(hubs.home("another"), "serve", "--port", str(hub.port))
    assert second.returncode == 2
    assert second.stderr.startswith(f"entrepot: cannot listen on 127.0.0.1:{hub.port}: ")
    assert hub.is_ready()


def test_first_run_prints_keys_once_and_the_curl_works(hubs: Hubs) -> None:
    home = hubs.home("first")
    first = Hub(home)
    keys = re.findall(r"^  (live|test)  (ep-\S+)$", first.said, re.MULTILINE)
    assert [mode for mode, _ in keys] == ["live", "test"]
    (command,) = re.findall(r"^curl .*$", first.said, re.MULTILINE)
    if shutil.which("curl"):
        answer = json.loads(_shell(command))
        assert answer["choices"][0]["message"]["content"] == "hello"
        streamed = _shell(command.replace('"messages"', '"stream": true, "messages"'))
        assert streamed.endswith("data: [DONE]\n\n")
        assert '"content":"hello"' in streamed
    assert first.get("/v1/models", dict(keys)["live"])[0] == 200
    assert first.stop() == 0
    second = Hub(home)
    assert "ep-" not in second.said
    assert second.get("/v1/models", dict(keys)["test"])[0] == 200
    assert second.stop() == 0


def _shell(command: str) -> str:
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=10, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


MISTAKES = {
    "unknown setting": ("[server]\nport = 1\n\nprot = 2\n", 4, "did you mean 'port'?"),
    "wrong type": ('[server]\n\nport = "8080"\n', 3, "server.port: expected `int`, got `str`, got '8080'"),
    "out of range": ("# a\n[server]\nport = 70000\n", 3, "server.port: "),
    "unknown table": ("[log]\n\n[sever]\n", 3, "did you mean 'server'?"),
    "unknown field of a provider": ('[providers.a]\nbase_url = "http://b/v1"\nkey = "x"\n', 3, "key"),
    "offer of an unknown provider": (
        '[[models]]\nid = "a"\n\n[[models.offers]]\nprovider = "nobody"\nupstream_model = "b"\n', 5, "nobody",
    ),
    "price that is no text": ('[[models]]\nid = "a"\nprice = { input = 1, output = "2" }\n', 3, "price"),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_mistake_in_the_settings_is_named_with_its_line(tmp_path: Path, case: str) -> None:
    text, line, words = MISTAKES[case]
    settings = tmp_path / "entrepot.toml"
    settings.write_text(text, "utf-8")
    done = run(tmp_path / "home", "serve", "--config", str(settings))
    assert done.returncode == 2
    assert done.stderr.startswith(f"entrepot: {settings}:{line}: ")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_broken_toml_is_named_with_its_line(tmp_path: Path) -> None:
    settings = tmp_path / "entrepot.toml"
    settings.write_text("[server]\nport = \n", "utf-8")
    done = run(tmp_path / "home", "serve", "--config", str(settings))
    assert done.returncode == 2
    assert str(settings) in done.stderr
    assert "line 2" in done.stderr


def test_unknown_variable_is_named(tmp_path: Path) -> None:
    done = run(tmp_path / "home", "serve", environ={"ENTREPOT_PROT": "1"})
    assert done.returncode == 2
    assert "ENTREPOT_PROT; did you mean 'ENTREPOT_PORT'?" in done.stderr


# Keys ---------------------------------------------------------------------------------------------


def test_disabled_key_is_refused_within_a_second(hub: Hub) -> None:
    token = make_key(hub.home)
    prefix = token.rpartition("-")[0]
    eventually(lambda: _status(hub, token) == 200, 1)
    assert run(hub.home, "keys", "disable", prefix).returncode == 0
    eventually(lambda: _status(hub, token) == 401, 1)
    assert run(hub.home, "keys", "enable", prefix).returncode == 0
    eventually(lambda: _status(hub, token) == 200, 1)
    assert run(hub.home, "keys", "delete", prefix).returncode == 0
    eventually(lambda: _status(hub, token) == 401, 1)


def test_rotated_key_works_beside_its_predecessor_for_a_while(hub: Hub) -> None:
    old = make_key(hub.home)
    rotated = run(hub.home, "keys", "rotate", old.rpartition("-")[0], "--grace", "1h", "--json")
    new = json.loads(rotated.stdout)["key"]
    eventually(lambda: (_status(hub, new), _status(hub, old)) == (200, 200), 1)
    rotated = run(hub.home, "keys", "rotate", old.rpartition("-")[0], "--json")
    newest = json.loads(rotated.stdout)["key"]
    eventually(lambda: [_status(hub, token) for token in (newest, new, old)] == [200, 401, 401], 1)


def _status(hub: Hub, token: str) -> int:
    return hub.get("/v1/models", token)[0]
