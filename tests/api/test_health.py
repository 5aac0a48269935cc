"""Liveness, readiness and version: open to everyone and free of secrets."""

from __future__ import annotations

import pytest
from tests.conftest import MakeHub

READY = {
    "status": "ready",
    "draining": False,
    "store": "ok",
    "loading": [],
    "not_loaded": [],
    "configuration": "ok",
    "configuration_generation": 1,
}


@pytest.mark.parametrize("path", ["/", "/health", "/ready", "/version"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_no_key_is_needed(make_hub: MakeHub, path: str, method: str) -> None:
    answer = await make_hub().call(method, path).run()
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")


async def test_what_they_say(make_hub: MakeHub) -> None:
    hub = make_hub()
    assert (await hub.get("/health")).json == {"status": "ok"}
    assert (await hub.get("/ready")).json == READY
    version = (await hub.get("/version")).json
    assert set(version) == {"name", "version", "sqlite"}
    assert (await hub.get("/")).json == {"name": "entrepot", "version": version["version"]}


async def test_a_draining_hub_is_alive_but_not_ready(make_hub: MakeHub) -> None:
    hub = make_hub()
    await hub.hub.drain(0)
    assert (await hub.get("/health")).status == 200
    answer = await hub.get("/ready")
    assert (answer.status, answer.json) == (503, READY | {"status": "unavailable", "draining": True})


async def test_a_store_that_refuses_writes_makes_it_unready(make_hub: MakeHub) -> None:
    hub = make_hub()
    hub.home.store.failing = "IOError: disk I/O error at /secret/place"
    answer = await hub.get("/ready")
    assert (answer.status, answer.json["store"]) == (503, "failing")
    assert b"secret" not in answer.body


async def test_the_last_good_configuration_is_still_ready(make_hub: MakeHub) -> None:
    hub = make_hub()
    hub.hub.reload_error = "/secret/place: bad"
    answer = await hub.get("/ready")
    assert (answer.status, answer.json["configuration"]) == (200, "last good")
    assert b"secret" not in answer.body
