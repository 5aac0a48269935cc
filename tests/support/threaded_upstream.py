"""The fault upstream on a thread of its own, so that a hub can know its address for longer than one test."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future

from tests.support.upstream import FaultUpstream, Reply, Script, plain

PROVIDER_KEY = "sk-canary-Xq7vT2mZ9rLw4Kd8"
PROVIDER_ENVIRON = {"FAULT_API_KEY": PROVIDER_KEY}


class ThreadedUpstream:
    """One running fault upstream. Its script may change at any time."""

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
