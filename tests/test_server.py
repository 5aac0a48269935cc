"""One hub process: what stops its start, what a reload replaces, and how it ends."""

from __future__ import annotations

import asyncio
import logging
import re
import signal
import socket
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.conftest import MakeHub
from tests.support import hub as process
from tests.support.hub import eventually
from tests.support.running import CHAT, RunningHub, question

from entrepot import server, settings
from entrepot.errors import ConfigurationError
from entrepot.money import nusd
from entrepot.settings import Server, Settings
from entrepot.telemetry import Formatter

GOOD = """
[providers.lab]
base_url = "http://127.0.0.1:1/v1"
api_key_env = "LAB_KEY"
[[models]]
id = "one"
offers = [{ provider = "lab", upstream_model = "x" }]
"""


class Reloading:
    """A hub whose settings are read anew from a file."""

    def __init__(self, running: RunningHub, path: Path) -> None:
        self.hub = running.hub
        self.path = path
        self.environ = {"ENTREPOT_HOME": str(path.parent), "LAB_KEY": "sk-secret-1"}
        self.formatter = Formatter(as_json=False)
        self._configurator = server._Configurator(self.formatter, [], Server(port=4711))
        self.write(GOOD)
        self.reload()

    def write(self, text: str) -> None:
        self.path.write_text(text, "utf-8")

    def read(self) -> Settings:
        return settings.load({"config": str(self.path)}, self.environ)

    def reload(self) -> None:
        server._reload(self.hub, self._configurator, self.read)

    async def follow(self) -> None:
        await server._follow_settings(self.hub, self._configurator, self.read)

    @property
    def models(self) -> set[str]:
        return {"one", "two"} & set(self.hub.configuration.catalogue.models)


@pytest.fixture
async def reloading(make_hub: MakeHub, tmp_path: Path) -> AsyncIterator[Reloading]:
    made = Reloading(make_hub(), tmp_path / "entrepot.toml")
    yield made
    made.hub.configuration.http.close()


# Reload -------------------------------------------------------------------------------------------


async def test_a_reload_replaces_the_configuration_as_a_whole(reloading: Reloading) -> None:
    before = reloading.hub.configuration
    reloading.write(GOOD.replace('"one"', '"two"'))
    reloading.reload()
    after = reloading.hub.configuration
    assert reloading.models == {"two"}
    assert after.generation == before.generation + 1
    assert "one" in before.catalogue.models


async def test_connections_outlive_a_reload_unless_their_settings_changed(reloading: Reloading) -> None:
    before = reloading.hub.configuration.http
    reloading.write(GOOD + "[server]\nbody_timeout_s = 7\n")
    reloading.reload()
    assert reloading.hub.configuration.http is before
    reloading.write(GOOD + "[upstream]\nidle_timeout_s = 7\n")
    reloading.reload()
    assert reloading.hub.configuration.http is not before
    before.close()


async def test_a_reload_does_not_change_where_the_hub_listens(reloading: Reloading) -> None:
    reloading.write(GOOD + '[server]\nhost = "0.0.0.0"\nport = 0\n')
    reloading.reload()
    assert reloading.hub.configuration.settings.url == "http://127.0.0.1:4711"
    reloading.write(GOOD + '[server]\npublic_url = "https://hub.example/"\n')
    reloading.reload()
    assert reloading.hub.configuration.settings.url == "https://hub.example"


BAD = [
    ("", "is empty"),
    ("  \n", "is empty"),
    (GOOD[:40], "entrepot.toml"),
    ("[[models]", "entrepot.toml"),
    (GOOD.replace("lab", "lob", 1), ":7: "),
    (GOOD + "[server]\nport = 'x'\n", "server.port"),
    (GOOD + "[sever]\n", "unknown table [sever]"),
    (GOOD.replace("http:", "ftp:"), "base_url must start with"),
]


@pytest.mark.parametrize(("text", "reason"), BAD)
async def test_a_bad_file_leaves_the_last_good_configuration_in_force(
    reloading: Reloading, caplog: pytest.LogCaptureFixture, text: str, reason: str
) -> None:
    before = reloading.hub.configuration
    reloading.write(text)
    reloading.reload()
    assert reloading.hub.configuration is before
    assert reason in (reloading.hub.reload_error or "")
    assert "the last good ones stay in force" in caplog.text
    reloading.write(GOOD.replace('"one"', '"two"'))
    reloading.reload()
    assert (reloading.models, reloading.hub.reload_error) == ({"two"}, None)


async def test_a_file_that_is_gone_is_a_bad_file(reloading: Reloading) -> None:
    reloading.path.unlink()
    reloading.reload()
    assert (reloading.models, reloading.hub.reload_error is None) == ({"one"}, False)


async def test_secrets_that_a_reload_brings_are_kept_out_of_the_log(reloading: Reloading) -> None:
    record = logging.LogRecord("x", logging.INFO, "", 1, "sk-secret-2", (), None)
    assert "sk-secret-2" in reloading.formatter.format(record)
    reloading.environ["LAB_KEY"] = "sk-secret-2"
    reloading.reload()
    assert "sk-secret-2" not in reloading.formatter.format(record)


async def test_a_changed_file_is_read_once_it_has_come_to_rest(
    reloading: Reloading, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "CONFIG_POLL_S", 0.02)
    following = asyncio.create_task(reloading.follow())
    await asyncio.sleep(0.05)
    generation = reloading.hub.configuration.generation
    reloading.write(GOOD.replace('"one"', '"two"'))
    async with asyncio.timeout(2):
        while reloading.models != {"two"}:
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    assert reloading.hub.configuration.generation == generation + 1
    following.cancel()


async def test_sighup_asks_for_a_reload(reloading: Reloading, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "CONFIG_POLL_S", 0.02)
    following = asyncio.create_task(reloading.follow())
    await asyncio.sleep(0.05)
    generation = reloading.hub.configuration.generation
    signal.raise_signal(signal.SIGHUP)
    async with asyncio.timeout(2):
        while reloading.hub.configuration.generation == generation:
            await asyncio.sleep(0.01)
    following.cancel()
    asyncio.get_running_loop().remove_signal_handler(signal.SIGHUP)


def priced(output: str, more: str = "") -> str:
    return GOOD.replace('id = "one"', f'id = "one"\nprice = {{ input = "1", output = "{output}" }}') + more


def output_nusd(reloading: Reloading) -> int:
    configuration = reloading.hub.configuration
    price = configuration.tariff.price(configuration.catalogue.models["one"], None, datetime.now(UTC))
    assert price is not None
    return price.in_force()["output"]


@pytest.mark.parametrize("output", ["0", "0.19", "21"])
async def test_a_price_that_moves_too_far_is_not_taken_over_until_a_person_agrees(
    reloading: Reloading, output: str
) -> None:
    reloading.write(priced("2"))
    reloading.reload()
    reloading.write(priced(output))
    reloading.reload()
    assert output_nusd(reloading) == nusd("2")
    assert f"one: output from 2 to {output}" in (reloading.hub.reload_error or "")
    accepted = f'[[prices]]\nmodel = "one"\naccepted = {datetime.now(UTC).date()}\n'
    reloading.write(priced(output, accepted))
    reloading.reload()
    assert (output_nusd(reloading), reloading.hub.reload_error) == (nusd(output), None)


async def test_a_price_that_is_lost_is_not_taken_over(reloading: Reloading) -> None:
    reloading.write(priced("2"))
    reloading.reload()
    reloading.write(GOOD)
    reloading.reload()
    assert output_nusd(reloading) == nusd("2")
    assert "one: input from 1 to nothing" in (reloading.hub.reload_error or "")


async def test_a_mistake_in_the_price_tables_names_its_line(reloading: Reloading) -> None:
    reloading.write(GOOD + '[[prices]]\nmodel = "none"\n')
    reloading.reload()
    assert "entrepot.toml:9: unknown model 'none'" in (reloading.hub.reload_error or "")


# Listening ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_port_0_takes_a_free_one(host: str) -> None:
    with server._bind(Server(host=host, port=0)) as listening:
        assert listening.getsockname()[1] > 1023


@pytest.mark.parametrize("reuse", [False, True])
def test_a_port_that_is_taken_is_refused(reuse: bool) -> None:
    with socket.socket() as taken:
        if reuse:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"cannot listen on 127.0.0.1:{port}"):
            server._bind(Server(port=port))


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host"])
def test_an_address_of_another_machine_is_refused(host: str) -> None:
    with pytest.raises(ConfigurationError, match="cannot listen"):
        server._bind(Server(host=host, port=0))


# The process --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[process.Hub]:
    home = tmp_path_factory.mktemp("served") / "home"
    hub = process.Hub(home, settings=GOOD)
    yield hub
    hub.kill()


def test_the_first_run_shows_its_keys_and_they_work(served: process.Hub) -> None:
    tokens = [word for word in served.said.split() if word.startswith("ep-") and len(word) > 40]
    assert {token[:8] for token in tokens} >= {"ep-live-", "ep-test-"}
    assert served.get("/v1/models", tokens[0])[0] == 200
    assert re.search(rf"\n  {served.url}/welcome#ep-welcome-[0-9A-Za-z]{{43}}\n", served.said)
    assert not any(token in served.log for token in tokens)


def test_a_second_server_on_the_same_home_is_refused(served: process.Hub) -> None:
    second = process.run(served.home, "serve", "--port", "0")
    assert (second.returncode, second.stdout) == (2, "")
    assert second.stderr.startswith("entrepot: another hub is running on the home")


def test_a_second_server_on_the_same_port_is_refused(served: process.Hub) -> None:
    second = process.run(served.home.with_name("other"), "serve", "--port", str(served.port))
    assert second.returncode == 2
    assert f"cannot listen on 127.0.0.1:{served.port}" in second.stderr


def test_settings_that_are_wrong_stop_the_start(served: process.Hub) -> None:
    home = served.home.with_name("wrong")
    home.mkdir()
    (home / "entrepot.toml").write_text("[server]\nport = 'x'\n")
    refused = process.run(home, "serve")
    assert refused.returncode == 2
    assert refused.stderr == f"entrepot: {home}/entrepot.toml:2: server.port: expected `int`, got `str`, got 'x'\n"
    assert not (home / "entrepot.db").exists()


def test_top_ups_without_a_secret_stop_the_start(served: process.Hub) -> None:
    home = served.home.with_name("open")
    home.mkdir()
    (home / "entrepot.toml").write_text("[wallet]\ntopups = true\nwebhook_secret_file = 'secret'\n")
    (home / "secret").write_text("\n")
    refused = process.run(home, "serve", "--port", "0")
    assert refused.returncode == 2
    assert f"{home}/entrepot.toml:3: wallet.webhook_secret_file" in refused.stderr
    assert "not empty" in refused.stderr


def test_the_file_is_followed_while_it_runs(served: process.Hub) -> None:
    served.settings_path.write_text(GOOD.replace('"one"', '"two"'))
    eventually(lambda: served.get("/ready")[1]["configuration_generation"] == 2)
    served.settings_path.write_text("[oops\n")
    eventually(lambda: served.get("/ready")[1]["configuration"] == "last good")
    assert served.get("/ready")[0] == 200


def test_sigterm_ends_it_well_and_soon(served: process.Hub) -> None:
    began = time.monotonic()
    assert served.stop() == 0
    assert time.monotonic() - began < 3
    assert "Traceback" not in served.log


async def test_a_second_signal_hurries_the_end(make_hub: MakeHub) -> None:
    running = make_hub()
    call = running.call("POST", CHAT, token=running.test, body=question(stream=True) | {"model": "sandbox/stall"})
    calling = asyncio.create_task(call.run())
    await asyncio.sleep(0.1)
    hurry = asyncio.Event()
    draining = asyncio.create_task(server._drain(running.hub, 30, hurry))
    await asyncio.sleep(0.05)
    assert not draining.done()
    hurry.set()
    await asyncio.wait_for(draining, 2)
    assert (await calling).data[-1]["error"]["code"] == "shutting_down"
