"""Providers in the console: what each needs, how its offers do, and whether it can be reached. No secret on the way."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Response, expect
from tests.browser.conftest import OpenSite
from tests.support.manager import Manager, is_sound
from tests.support.screen import Site
from tests.support.threaded_upstream import PROVIDER_ENVIRON, PROVIDER_KEY, ThreadedUpstream
from tests.support.upstream import failure, plain

CHAT = "/v1/chat/completions"


@pytest.fixture(scope="module")
def site(open_site: OpenSite, upstream: ThreadedUpstream) -> Site:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    others = "".join(
        f'\n[providers.{id}]\nname = "{name}"\nbase_url = "{url}"\napi_key_env = "FAULT_API_KEY"\n'
        for id, name, url in (
            ("refusing", "<img src=x onerror=alert(1)>", upstream.server.base_url),
            ("gone", "Gone", f"http://127.0.0.1:{port}/v1"),
        )
    )
    return open_site(upstream.provider + others, environ=PROVIDER_ENVIRON)


@pytest.fixture
def answers(signed_in: Page) -> Iterator[list[Response]]:
    """Every answer of the API that the page gets; the credential must be in none of them, and nowhere on the page."""
    seen: list[Response] = []
    signed_in.on("response", lambda response: seen.append(response) if "/v1/" in response.url else None)
    yield seen
    assert seen
    assert all(PROVIDER_KEY not in response.text() for response in seen)
    assert PROVIDER_KEY not in signed_in.content()


def panel(page: Page, name: str) -> Locator:
    return page.get_by_role("article").filter(has=page.get_by_role("heading", name=name, exact=True))


def test_a_connection_is_tested(signed_in: Page, upstream: ThreadedUpstream, answers: list[Response]) -> None:
    signed_in.goto("/console/providers")
    upstream.play(plain())
    signed_in.get_by_role("button", name="Test the connection to fault").click()
    expect(panel(signed_in, "fault").get_by_role("status")).to_contain_text("It answers, and takes the key (HTTP 200")
    upstream.play(failure(401, f"Incorrect API key provided: {PROVIDER_KEY}"))
    signed_in.get_by_role("button", name="Test the connection to <img src=x onerror=alert(1)>").click()
    refused = panel(signed_in, "<img src=x onerror=alert(1)>").get_by_role("status")
    expect(refused).to_contain_text("The provider refuses the credential.")
    expect(refused).to_contain_text("HTTP 401")
    signed_in.get_by_role("button", name="Test the connection to Gone").click()
    gone = panel(signed_in, "Gone").get_by_role("alert")
    expect(gone).to_be_visible()
    expect(gone).not_to_contain_text("HTTP")
    is_sound(signed_in)
    log = signed_in.evaluate("fetch('/v1/audit?action=provider.test').then((answer) => answer.json())")
    assert [entry["after"]["code"] for entry in log["data"][1:]] == ["upstream_credential_refused", None]


def test_a_resting_offer_is_told(
    site: Site, signed_in: Page, upstream: ThreadedUpstream, answers: list[Response]
) -> None:
    upstream.play(failure(429, "Rate limit reached").with_headers({"retry-after": "600"}))
    body = {"model": "fault", "messages": [{"role": "user", "content": "Say hello"}]}
    assert site.call("POST", CHAT, body, site.live)[0] == 429
    signed_in.goto("/console/providers")
    fault = panel(signed_in, "fault")
    expect(fault.get_by_text("some are resting")).to_be_visible()
    fault.locator("summary").click()
    offer = fault.get_by_role("table").locator("tbody tr")
    expect(offer).to_contain_text("resting")
    expect(offer).to_contain_text("until")
    expect(offer).to_contain_text("upstream-model-2026")
    is_sound(signed_in)


def test_what_is_missing_is_said(signed_in: Page, answers: list[Response]) -> None:
    signed_in.goto("/console/providers")
    anthropic = panel(signed_in, "Anthropic")
    expect(anthropic).to_contain_text("no key in ANTHROPIC_API_KEY")
    expect(anthropic).to_contain_text("To connect it: set ANTHROPIC_API_KEY.")
    expect(anthropic.get_by_role("button")).to_have_count(0)
    expect(panel(signed_in, "fault")).to_contain_text("key from FAULT_API_KEY")


def test_a_viewer_tests_nothing(site: Site, context: BrowserContext, page: Page) -> None:
    manager = Manager(site)
    manager.join("viewer")
    manager.sign_in(context, "viewer@hub.test")
    page.goto("/console/providers")
    expect(panel(page, "fault")).to_be_visible()
    expect(page.get_by_role("main").get_by_role("button")).to_have_count(0)
