"""Chromium and a hub for it. Tests here are plain functions: Playwright's event loop bears no other beside it, which is
why the browser lives as long as a module's tests and no longer."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from tests.support.busy import BusySite, busy_site
from tests.support.screen import Site, Watch, running_site
from tests.support.threaded_upstream import ThreadedUpstream

from entrepot.api import browser as application

OpenSite = Callable[..., Site]

NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
)  # the first draws no window of its own
CHROMIUM = os.environ.get("ENTREPOT_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--no-proxy-server", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
WAIT_MS = 10_000


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip(f"there is no Chromium: install one of {', '.join(NAMES)}, or name it in ENTREPOT_CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def open_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenSite]:
    """Starts hubs, each with a home of its own, that run until the module is done."""
    assert (application.ROOT / "index.html").is_file(), "not built: `python hatch_build.py` builds it"
    with ExitStack() as running:

        def start(settings: str = "", **options: object) -> Site:
            home: Path = tmp_path_factory.mktemp("site") / "home"
            return running.enter_context(running_site(home, settings, **options))

        yield start


@pytest.fixture(scope="module")
def site(open_site: OpenSite) -> Site:
    """A new hub without providers: the sandbox answers its test key."""
    return open_site()


@pytest.fixture(scope="module")
def upstream() -> Iterator[ThreadedUpstream]:
    """A provider for hubs that are told of it by its `provider` and PROVIDER_ENVIRON."""
    running = ThreadedUpstream()
    yield running
    running.close()


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BusySite]:
    """A hub with weeks of use behind it. A module that wants its pages to be of this one makes it its `site`."""
    with busy_site(tmp_path_factory.mktemp("busy") / "home") as opened:
        yield opened


@pytest.fixture
def context(chromium: Browser, site: Site) -> Iterator[BrowserContext]:
    """A window that knows nothing yet."""
    opened = chromium.new_context(base_url=site.url)
    opened.set_default_timeout(WAIT_MS)
    yield opened
    opened.close()


@pytest.fixture
def watch(context: BrowserContext, site: Site) -> Iterator[Watch]:
    """What went wrong in the window, and fails the test in the end unless it was expected."""
    watching = Watch(context, site.url)
    yield watching
    watching.check()


@pytest.fixture
def page(context: BrowserContext, watch: Watch) -> Page:
    """A page of somebody who has not signed in."""
    return context.new_page()


@pytest.fixture
def signed_in(site: Site, context: BrowserContext, page: Page) -> Page:
    """A page of the first owner."""
    site.sign_in(context)
    return page
