"""Takes every screen into a folder, light, dark and as on a phone: `scripts/screenshots [FOLDER] [NAME…]`. The pictures
that the README shows are written anew when all screens are taken."""

from __future__ import annotations

import base64
import sys
import tempfile
from pathlib import Path
from typing import Literal, NamedTuple

from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright
from tests.browser.conftest import ARGUMENTS, CHROMIUM, WAIT_MS
from tests.browser.screens import ROOT, SCREENS, Screen
from tests.support.busy import BusySite, busy_site
from tests.support.furnished import furnish


class Shape(NamedTuple):
    scheme: Literal["light", "dark"]
    width: int
    height: int


LOOKS = {"light": Shape("light", 1280, 800), "dark": Shape("dark", 1280, 800), "phone": Shape("light", 375, 812)}
IMAGES = ROOT / "docs" / "images"
QUALITY = 82


def main(folder: Path, *names: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary, busy_site(Path(temporary) / "home") as busy:
        furnish(busy)
        call = busy.site.call("GET", "/v1/logs?limit=1&status=succeeded", token=busy.tokens["shop"])[1]["data"][0]
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
            for screen in SCREENS:
                if not names or screen.name in names:
                    for look in LOOKS:
                        _take(browser, busy, screen, look, folder, call["request_id"], keeps=not names)
                    sys.stdout.write(f"{screen.name}\n")
            browser.close()


def _take(browser: Browser, busy: BusySite, screen: Screen, look: str, folder: Path, call: str, *, keeps: bool) -> None:
    shape = LOOKS[look]
    viewport: ViewportSize = {"width": shape.width, "height": shape.height}
    context = browser.new_context(base_url=busy.url, color_scheme=shape.scheme, viewport=viewport)
    context.set_default_timeout(WAIT_MS)
    if screen.is_member:
        busy.sign_in(context)
        context.add_init_script(f"sessionStorage.setItem('entrepot.key', '{busy.tokens['ci']}')")
    page = context.new_page()
    page.goto(screen.address.format(call=call))
    expect(page.get_by_role("heading", level=1).first).to_be_visible()
    page.wait_for_load_state("networkidle")
    screen.prepare(page)
    page.wait_for_load_state("networkidle")
    if screen.image and look == "light" and keeps:
        _keep(page, IMAGES / screen.image)
    is_open = page.get_by_role("dialog").count() > 0
    page.screenshot(path=folder / f"{screen.name}-{look}.png", full_page=not is_open, animations="disabled")
    context.close()


def _keep(page: Page, path: Path) -> None:
    """What the window shows, as WebP."""
    path.parent.mkdir(parents=True, exist_ok=True)
    session = page.context.new_cdp_session(page)
    taken = session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    path.write_bytes(base64.b64decode(taken["data"]))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / ".screenshots"), *sys.argv[2:])
