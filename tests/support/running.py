"""A hub in this process: the real application, store and HTTP client, with upstreams on loopback."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.support.asgi import Call, call
from tests.support.stored import put_key

from entrepot import catalog, tariff
from entrepot.app import App
from entrepot.home import Home, open_home
from entrepot.hub import Configuration, Hub
from entrepot.keys import KeySpec, issue
from entrepot.providers.http import Http
from entrepot.providers.registry import Registry
from entrepot.settings import Responses, Server, Settings, Upstream
from entrepot.store import ExchangeRow, accounts
from entrepot.webhooks import Webhooks

MODEL = "harbour"
UPSTREAM_KEY = "sk-upstream-7e57ab1e"
CHAT = "/v1/chat/completions"


def question(content: str = "Say hello", **fields: Any) -> dict[str, Any]:
    return {"model": MODEL, "messages": [{"role": "user", "content": content}], **fields}


def tables(*base_urls: str, **model: Any) -> dict[str, Any]:
    """Operator's tables: the model `harbour`, offered by providers `up1`, `up2` … at these URLs."""
    names = [f"up{number}" for number, _ in enumerate(base_urls, 1)]
    providers = {
        name: {"base_url": url, "api_key_env": f"{name.upper()}_KEY"}
        for name, url in zip(names, base_urls, strict=True)
    }
    offers = [{"provider": name, "upstream_model": f"{name}-model"} for name in names]
    return {"providers": providers, "models": [{"id": MODEL, "aliases": ["port/harbour"], "offers": offers, **model}]}


class RunningHub:
    """A hub with a live and a test key. Make it inside a running event loop; `close` it at the end."""

    def __init__(
        self,
        path: Path,
        catalogue: Mapping[str, Any],
        *,
        prices: Mapping[str, Any] | None = None,
        server: Any = None,
        upstream: Any = None,
        responses: Any = None,
        webhooks: Webhooks = Webhooks(),  # noqa: B008
    ) -> None:
        """`prices` are the tables of the tariff; `server`, `upstream` and `responses` fields of those settings."""
        self.home: Home = open_home(path)
        environ = {f"UP{number}_KEY": f"{UPSTREAM_KEY}-{number}" for number in range(1, 5)}
        settings = Settings(
            home=path,
            server=Server(**server or {}),
            upstream=Upstream(**upstream or {}),
            responses=Responses(**responses or {}),
            catalogue=catalogue,
            environ=environ,
        )
        loaded = catalog.load(catalogue)
        configuration = Configuration(
            settings=settings,
            catalogue=loaded,
            tariff=tariff.load(prices or {}, loaded),
            registry=Registry(loaded, environ, path),
            http=Http(settings.upstream),
            webhooks=webhooks,
        )
        self.hub = Hub(configuration, self.home.store, self.home.pepper)
        self.app = App(self.hub)
        self.live = self.key(mode="live")
        self.test = self.key(mode="test")

    def key(self, **spec: Any) -> str:
        """A new key's token."""
        key, token = issue(
            KeySpec(**{"name": "a key", "mode": "live"} | spec),
            self.home.owner.organisation_id,
            self.home.pepper,
            now_ms=time.time_ns() // 1_000_000,
            random=os.urandom,
        )
        put_key(self.home.store, key)
        self.hub.refresh_keys()
        return token

    def put_on_plan(self, plan: str) -> None:
        """The organisation's own plan, in force at once."""
        organisation_id = self.home.owner.organisation_id
        self.home.store.write(lambda run: accounts.set_plan(run, organisation_id, plan)).result()
        self.hub.books.refresh()

    def call(self, method: str, target: str, **options: Any) -> Call:
        return call(self.app, method, target, **options)

    async def get(self, target: str, **options: Any) -> Call:
        return await self.call("GET", target, **options).run()

    async def post(self, target: str, body: Any, **options: Any) -> Call:
        return await self.call("POST", target, **{"token": self.live, "body": body} | options).run()

    async def ask(self, content: str = "Say hello", **fields: Any) -> Call:
        return await self.post(CHAT, question(content, **fields))

    async def rows(self, count: int) -> list[ExchangeRow]:
        """All exchanges, oldest first, once there are this many and the books are at rest. Fails when there are not."""
        async with asyncio.timeout(3):
            while len(rows := self.home.store.exchanges()) < count or self.hub.books._writing:
                await asyncio.sleep(0.01)
        assert len(rows) == count
        return rows[::-1]

    async def row(self) -> ExchangeRow:
        return (await self.rows(1))[0]

    async def has_no_rows(self) -> bool:
        await asyncio.sleep(0.02)
        return self.home.store.exchanges() == []

    async def close(self) -> None:
        self.hub.configuration.http.close()
        await self.hub.books.finish(5)
        await asyncio.get_running_loop().shutdown_default_executor()
        self.home.store.close()
