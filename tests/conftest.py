"""What every test has: no way out of this machine, and factories for what most modules need."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from hypothesis import settings
from tests.support.running import RunningHub, tables

from entrepot import routing
from entrepot.accounts import passwords
from entrepot.store import Store, sqlite

GOLDENS = Path(__file__).parent / "goldens"

Golden = Callable[[str, str], None]
MakeHub = Callable[..., RunningHub]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-goldens", action="store_true", help="Write the golden files anew; read the diff.")


def pytest_configure() -> None:
    """A machine that others load is slow at times: that alone fails no property."""
    settings.register_profile("untimed", deadline=None)
    settings.load_profile("untimed")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: many tests wait for servers and browsers."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture(autouse=True)
def _network_beyond_loopback_is_denied(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sockets of this process reach loopback only, and no proxy of the environment's is used."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def checked(call: Callable[[socket.socket, Any], Any]) -> Callable[[socket.socket, Any], Any]:
        def guarded(self: socket.socket, address: Any) -> Any:
            if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_loopback(address[0]):
                raise PermissionError(f"a test tried to reach {address[0]}")
            return call(self, address)

        return guarded

    monkeypatch.setattr(socket.socket, "connect", checked(connect))
    monkeypatch.setattr(socket.socket, "connect_ex", checked(connect_ex))


@pytest.fixture(autouse=True)
def _environment_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting, provider's key or proxy comes from the environment the tests run in."""
    for name in list(os.environ):
        if name.startswith("ENTREPOT_") or name.endswith("_API_KEY") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


def _is_loopback(host: str) -> bool:
    return host == "localhost" or ipaddress.ip_address(host.partition("%")[0]).is_loopback


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Compares text with the golden file of that name, or writes it when told to update."""

    def compare(name: str, found: str) -> None:
        path = GOLDENS / name
        if request.config.getoption("--update-goldens"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(found, "utf-8")
        assert found == path.read_text("utf-8")

    return compare


@pytest.fixture
def open_store(tmp_path: Path) -> Iterator[Callable[..., Store]]:
    """Opens stores, the same file unless named otherwise."""
    opened: list[Store] = []

    def open_one(name: str = "entrepot.db") -> Store:
        opened.append(Store(tmp_path / name))
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()


@pytest.fixture
async def make_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[MakeHub]:
    """Starts hubs in this process, each with a home of its own; they wait but briefly."""
    monkeypatch.setattr(routing, "BACKOFF_S", 0.01)
    monkeypatch.setattr(sqlite, "_GROUP_S", 0.002)
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    hubs: list[RunningHub] = []

    def make(catalogue: dict[str, Any] | None = None, **options: Any) -> RunningHub:
        hubs.append(RunningHub(tmp_path / f"home{len(hubs)}", catalogue or {}, **options))
        return hubs[-1]

    yield make
    for hub in hubs:
        await hub.close()


@pytest.fixture
async def offline(make_hub: MakeHub) -> RunningHub:
    """A hub whose only upstream is never to be reached."""
    return make_hub(tables("http://127.0.0.1:1/v1"))
