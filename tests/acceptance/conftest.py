"""The hubs that these tests share, and an upstream that all of them can script."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest
from tests.support.hub import Hub, Hubs, eventually
from tests.support.tiny_gguf import write_tiny_gguf
from tests.support.upstream import FaultUpstream, Reply, Script, plain

PROVIDER_KEY = "sk-canary-Xq7vT2mZ9rLw4Kd8"
PROVIDER_ENVIRON = {"FAULT_API_KEY": PROVIDER_KEY}


class ThreadedUpstream:
    """The fault upstream on a thread of its own: a hub can know its address for longer than one test."""

    def __init__(self) -> None:
        self._started: Future[FaultUpstream] = Future()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._thread.start()
        self.server = self._started.result(10)

    @property
    def provider(self) -> str:
        """Settings that make it the provider of the model `fault`."""
        return f"""
[providers.fault]
base_url = "{self.server.base_url}"
api_key_env = "FAULT_API_KEY"

[[models]]
id = "fault"
context_tokens = 8192
price = {{ input = "1", output = "2" }}

[[models.offers]]
provider = "fault"
upstream_model = "upstream-model-2026"
"""

    def play(self, *script: Reply | Script) -> None:
        """Forget earlier requests and answer the next ones with this script."""
        self.server.requests.clear()
        self.server.script = script

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join()

    async def _serve(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        async with FaultUpstream(plain()) as server:
            self._started.set_result(server)
            await self._end.wait()


@pytest.fixture(scope="session")
def hubs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hubs]:
    """Starts hubs that share their keys; all still running are stopped at the end and must exit with 0."""
    made = Hubs(tmp_path_factory.mktemp("hubs"))
    yield made
    made.close()


@pytest.fixture(scope="session")
def _shared_upstream() -> Iterator[ThreadedUpstream]:
    server = ThreadedUpstream()
    yield server
    server.close()


@pytest.fixture
def upstream(_shared_upstream: ThreadedUpstream) -> ThreadedUpstream:
    """The upstream of the model `fault`, with nothing received yet and a plain answer."""
    _shared_upstream.play(plain())
    return _shared_upstream


@pytest.fixture(scope="session")
def hub(hubs: Hubs, _shared_upstream: ThreadedUpstream) -> Hub:
    """The hub most tests share: the sandbox behind its test key, the fault upstream behind its live key."""
    return hubs("shared", _shared_upstream.provider, environ=PROVIDER_ENVIRON)


@pytest.fixture(scope="session")
def gguf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_gguf(tmp_path_factory.mktemp("models") / "tiny.gguf")


@pytest.fixture(scope="session")
def local_hub(hubs: Hubs, gguf: Path) -> Hub:
    """A hub whose live key reaches llama.cpp with a tiny model, as `local/tiny`."""
    arguments = ("--port", "0", "--local", str(gguf), "--local-parallel", "2", "--local-threads", "1")
    hub = hubs("local", arguments=arguments)
    eventually(lambda: "local/tiny is loaded" in hub.log, 30)
    return hub
