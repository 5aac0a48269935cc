"""What the hub tells of itself: to anybody, and to who runs it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.conftest import MakeHub
from tests.support.people import join, make_organisation
from tests.support.running import RunningHub, tables

from entrepot import settings
from entrepot.api import house
from entrepot.settings import SETTINGS


async def test_anybody_may_know_what_this_is(make_hub: MakeHub) -> None:
    hub = make_hub(tables("http://127.0.0.1:1/v1"), server={"public_url": "https://hub.example", "pages": "private"})
    told = (await hub.get("/v1/hub")).json
    assert (told["name"], told["url"], told["pages"]) == ("entrepot", "https://hub.example", "private")
    assert told["connected_providers"] == 1
    assert "sandbox/echo" in told["test_models"]
    assert told["local_models"] == []
    assert told["models"] == len(hub.hub.configuration.catalogue.models)


async def test_the_first_owner_is_welcomed_until_a_password_is_set(make_hub: MakeHub) -> None:
    hub = make_hub()
    assert (await hub.get("/v1/hub")).json["welcome_needed"] is True
    owner = hub.home.owner
    hub.home.store.write(lambda run: run("set_password", {"id": owner.id, "password": "a hash"})).result()
    assert (await hub.get("/v1/hub")).json["welcome_needed"] is False


async def test_a_page_learns_whether_its_session_goes_on_without_being_refused(make_hub: MakeHub) -> None:
    hub = make_hub()
    assert (await hub.get("/v1/hub")).json["signed_in"] is False
    person = join(hub, "viewer")
    assert (await person("GET", "/v1/hub")).json["signed_in"] is True
    await person("DELETE", "/v1/session")
    assert (await person("GET", "/v1/hub")).json["signed_in"] is False


async def shown(hub: RunningHub) -> dict[str, Any]:
    answer = (await join(hub, "viewer")("GET", "/v1/settings")).json
    return {row["name"]: row for row in answer["data"]}


async def test_every_setting_is_told_with_its_source(make_hub: MakeHub, tmp_path: Path) -> None:
    hub = make_hub()
    config = tmp_path / "entrepot.toml"
    config.write_text('[server]\nport = 1234\n[log]\nlevel = "debug"\n')
    secret = "s3cret-s3cret-s3cret"
    environ = {"ENTREPOT_LOG_LEVEL": "error", "ENTREPOT_WALLET_NOTICE_SECRET": secret}
    flags = {"config": config, "home": tmp_path, "server.host": "127.0.0.2"}
    loaded = settings.load(flags, environ)
    configuration = msgspec.structs.replace(hub.hub.configuration, settings=loaded)
    hub.hub.configuration = configuration
    rows = await shown(hub)
    assert rows.keys() == {row.key for row in SETTINGS} | {"wallet.webhook_secret", "wallet.notice_secret"}
    told = {name: (row["value"], row["source"], row["origin"]) for name, row in rows.items()}
    assert told["server.port"] == (1234, "file", str(config))
    assert told["log.level"] == ("error", "environment", "ENTREPOT_LOG_LEVEL")
    assert told["server.host"] == ("127.0.0.2", "flag", "--host")
    assert told["server.drain_s"] == (30.0, "default", None)
    assert told["wallet.notice_secret"] == (None, "environment", "ENTREPOT_WALLET_NOTICE_SECRET")
    assert (rows["wallet.notice_secret"]["is_set"], rows["wallet.webhook_secret"]["is_set"]) == (True, False)
    assert secret not in str(rows)


async def test_addresses_are_told_without_what_may_be_secret(make_hub: MakeHub) -> None:
    hub = make_hub(upstream={"proxy": "http://anna:pa55@proxy.example:3128"})
    assert (await shown(hub))["upstream.proxy"]["value"] == "http://…@proxy.example:3128"
    assert house.place("https://hooks.example/T0KEN?x=1") == "https://hooks.example/…"
    assert house.place("") == ""


@pytest.mark.parametrize("path", ["/v1/settings", "/v1/providers"])
async def test_only_the_house_sees_how_the_hub_is_set(make_hub: MakeHub, path: str) -> None:
    hub = make_hub()
    outsider = join(hub, "owner", organisation_id=make_organisation(hub))
    answer = await outsider("GET", path)
    assert (answer.status, answer.error["code"]) == (403, "role_missing")
    key = (await outsider("POST", "/v1/keys", {"name": "k", "scopes": ["management"]})).json["key"]
    assert (await hub.get(path, token=key)).status == 403
    assert (await hub.get(path, token=hub.key(scopes=("management",)))).status == 200
