"""The harness itself: what goes wrong in a window fails its test."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page
from tests.support.screen import Site, Watch, axe

WRONGS = {
    "error: told": "console.error('told')",
    "uncaught: ": "setTimeout(() => { throw new Error('thrown') })",
    "rejected": "void Promise.reject(new Error('rejected'))",
    "policy violated: style-src-attr": "document.body.setAttribute('style', 'color: red')",
    "request to http://localhost:9/": "new Image().src = 'http://localhost:9/'",
}


@pytest.mark.parametrize("told", WRONGS)
def test_what_goes_wrong_is_told(context: BrowserContext, site: Site, told: str) -> None:
    watch, page = Watch(context, site.url), context.new_page()
    page.goto("/workbench")
    watch.check()
    page.evaluate(f"() => {{ {WRONGS[told]} }}")
    for _ in range(100):
        if not any(told in each for each in watch.unexpected()):
            page.wait_for_timeout(20)
    assert any(told in each for each in watch.unexpected())
    with pytest.raises(AssertionError):
        watch.check()
    watch.expect(".")
    watch.check()


def test_axe_fails_on_what_is_grave(page: Page) -> None:
    page.goto("/workbench")
    page.evaluate("document.body.append(document.createElement('button'))")
    with pytest.raises(AssertionError, match="critical button-name"):
        axe(page)


def test_the_owner_is_signed_in(signed_in: Page) -> None:
    signed_in.goto("/console")
    told = signed_in.evaluate("fetch('/v1/session').then((answer) => answer.json())")
    assert told["member"]["role"] == "owner"


def test_two_windows_have_sessions_of_their_own(site: Site) -> None:
    assert site.session() != site.session()
