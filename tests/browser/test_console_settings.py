"""Settings in the console: each with where it comes from, and no secret."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, Response, expect
from tests.browser.conftest import OpenSite
from tests.support.manager import is_sound
from tests.support.screen import Site

SECRET = "whsec_canary_P4q8ZtRk2mVx7LwN"


@pytest.fixture(scope="module")
def site(open_site: OpenSite) -> Site:
    settings = '[server]\ndrain_s = 7\n\n[wallet]\ntopups = true\nnotice_url = "https://ops.hub.test/hooks?token=abc"\n'
    environ = {"ENTREPOT_WALLET_WEBHOOK_SECRET": SECRET, "ENTREPOT_WALLET_NOTICE_SECRET": SECRET}
    return open_site(settings, environ=environ)


def setting(page: Page, name: str) -> Locator:
    return page.locator("tbody tr", has=page.get_by_text(name, exact=True))


def test_each_setting_has_its_source_and_no_secret(site: Site, signed_in: Page) -> None:
    seen: list[Response] = []
    signed_in.on("response", lambda response: seen.append(response) if "/v1/settings" in response.url else None)
    signed_in.goto("/console/settings")
    expect(setting(signed_in, "server.drain_s")).to_contain_text("file")
    expect(setting(signed_in, "server.drain_s").get_by_role("cell", name="7", exact=True)).to_be_visible()
    expect(setting(signed_in, "server.port")).to_contain_text("--port")
    expect(setting(signed_in, "server.host")).to_contain_text("default")
    secret = setting(signed_in, "wallet.webhook_secret")
    expect(secret.get_by_role("cell", name="set", exact=True)).to_be_visible()
    expect(secret).to_contain_text("environment")
    is_sound(signed_in)
    assert len(seen) == 1
    for text in (seen[0].text(), signed_in.content()):
        assert SECRET not in text
        assert "token=abc" not in text


def test_settings_are_found(signed_in: Page) -> None:
    signed_in.goto("/console/settings")
    rows = signed_in.locator("tbody tr")
    expect(rows.first).to_be_visible()
    all_of_them = rows.count()
    signed_in.get_by_label("Only what is not the default").check()
    expect(setting(signed_in, "server.host")).to_have_count(0)
    assert 0 < rows.count() < all_of_them
    signed_in.get_by_label("Only what is not the default").uncheck()
    signed_in.get_by_label("Search").fill("wallet secret")
    expect(setting(signed_in, "server.host")).to_have_count(0)
    assert all("wallet." in text for text in rows.all_inner_texts())
    signed_in.get_by_label("Search").fill("no such setting")
    expect(signed_in.get_by_text("No setting is like this.")).to_be_visible()
