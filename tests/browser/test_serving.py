"""The application as Chromium gets it from a real hub."""

from __future__ import annotations

import socket

import pytest
from playwright.sync_api import BrowserContext, Page
from tests.support.screen import Site, Watch

from entrepot.api import browser

BREAK_OUT = """async (elsewhere) => {
    const script = document.createElement("script");
    script.textContent = "window.broken = 'script'";
    document.head.append(script);
    document.body.setAttribute("onclick", "window.broken = 'handler'");
    document.body.click();
    document.body.setAttribute("style", "color: red");
    await fetch(elsewhere).catch(() => {});
    await new Promise((resolve) => {
        const image = new Image();
        image.onerror = resolve;
        image.src = elsewhere + "pixel.png";
    });
}"""


@pytest.mark.parametrize(
    "path", ["/", "/models", "/models/gpt-4.1", "/workbench", "/console", "/console/keys", "/welcome"]
)
def test_a_browser_is_given_the_application_under_its_policy(page: Page, watch: Watch, path: str) -> None:
    response = page.goto(path)
    assert response is not None
    assert (response.status, response.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert response.headers["content-security-policy"] == browser.POLICY
    page.locator("#root main").wait_for()


def test_the_policy_is_kept(page: Page, watch: Watch) -> None:
    """What a page that somebody has broken into would try: scripts in the document, and ways out."""
    page.goto("/workbench")
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        elsewhere.setblocking(False)
        url = f"http://127.0.0.1:{elsewhere.getsockname()[1]}/"
        watch.expect(f"policy violated|Content Security Policy|request to {url}")
        page.evaluate(BREAK_OUT, url)
        assert page.evaluate("window.broken") is None
        with pytest.raises(BlockingIOError):
            elsewhere.accept()
    told = "\n".join(watch.wrongs)
    for directive in ("script-src-elem", "script-src-attr", "style-src-attr", "connect-src", "img-src"):
        assert f"policy violated: {directive}" in told


def test_assets_are_loaded_once_and_compressed(context: BrowserContext, page: Page, site: Site) -> None:
    page.goto("/workbench")
    script = page.locator('script[type="module"]').first.get_attribute("src")
    assert script is not None
    answer = context.request.get(script, headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]
    page.goto("/workbench")
    sizes = page.evaluate(
        "performance.getEntriesByType('resource').filter(each => each.name.includes('/assets/'))"
        ".map(each => each.transferSize)"
    )
    assert sizes
    assert set(sizes) == {0}


@pytest.mark.parametrize("path", ["/models/no-such-model", "/no-such-page"])
def test_what_is_not_there_is_a_404_that_the_application_tells(page: Page, watch: Watch, path: str) -> None:
    watch.expect("status of 404")
    response = page.goto(path)
    assert response is not None
    assert response.status == 404
    page.locator("#root main").wait_for()


def test_no_page_frames_it(page: Page, watch: Watch) -> None:
    watch.expect("frame-ancestors|favicon.ico")
    page.goto("/llms.txt")
    page.evaluate("""() => new Promise((resolve) => {
        const frame = document.createElement("iframe");
        frame.onload = resolve;
        frame.src = "/console";
        document.body.append(frame);
    })""")
    assert page.frames[1].locator("#root").count() == 0
    assert any("frame-ancestors 'none'" in each for each in watch.wrongs)
