"""The name of the session's cookie, and which origins are the hub's own. Its use is tested with `session`."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.conftest import MakeHub
from tests.support.people import COOKIE, join

from entrepot.api.cookies import cookie_name
from entrepot.settings import Server, Settings


@pytest.mark.parametrize(
    ("public_url", "name"),
    [("", COOKIE), ("http://hub.test", COOKIE), ("https://hub.test", f"__Host-{COOKIE}")],
)
def test_the_prefix_comes_with_https(public_url: str, name: str) -> None:
    assert cookie_name(Settings(home=Path("/"), server=Server(public_url=public_url))) == name


@pytest.mark.parametrize(
    ("origin", "status"),
    [("https://hub.test", 201), ("http://hub.test", 403), ("https://hub.test:444", 403), ("https://evil.test", 403)],
)
async def test_behind_https_only_the_public_origin_is_the_hubs_own(make_hub: MakeHub, origin: str, status: int) -> None:
    """The Host header is http to the hub there, so that it vouches for nothing."""
    hub = make_hub(server={"public_url": "https://hub.test"})
    owner = join(hub, "owner")
    answer = await hub.call(
        "POST", "/v1/keys", body={"name": "x"}, cookie=f"__Host-{COOKIE}={owner.token}", origin=origin
    ).run()
    assert answer.status == status


async def test_pages_of_allowed_origins_call_with_keys_not_with_cookies(make_hub: MakeHub) -> None:
    hub = make_hub(server={"cors_origins": ["https://app.test"]})
    owner = join(hub, "owner")
    cookie = f"{COOKIE}={owner.token}"
    answer = await hub.call("POST", "/v1/keys", body={"name": "x"}, cookie=cookie, origin="https://app.test").run()
    assert (answer.status, answer.error["code"]) == (403, "cross_site_request")
    assert "access-control-allow-credentials" not in answer.headers
