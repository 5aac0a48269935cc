"""What an owner does with the hub and its console: people and keys through the API, menus and tables in a window."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page
from tests.support.screen import PASSWORD, Site, axe, axe_in_both_themes, fits

from entrepot.accounts import Role

PHONE_PX = 375
NAMES = (
    "<img src=x onerror=alert(1)>",
    '"><script>alert(1)</script>',
    "\u202eevil\u202c \u200fname",
    "n" * 200,
)
"""What a page must take for text, and find room for."""


class Manager:
    """Calls to the hub with the session of its owner."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._cookie = "; ".join(f"{name}={value}" for name, value in site.session().items())

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        status, answer, _ = self._site.call(method, path, body, cookie=self._cookie)
        assert status < 300, answer
        return answer

    def join(self, role: Role, *, name: str = "", email: str = "") -> Any:
        """A new member."""
        invited = self("POST", "/v1/invitations", {"email": email or f"{role}@hub.test", "role": role})
        acceptance = {"token": invited["token"], "name": name or f"The {role}", "password": PASSWORD}
        return self("POST", "/v1/invitations/accept", acceptance)

    def sign_in(self, context: BrowserContext, email: str) -> None:
        """Make the context's pages those of a member."""
        status, answer, cookies = self._site.call("POST", "/v1/session", {"email": email, "password": PASSWORD})
        assert status == 201, answer
        url = self._site.url
        context.add_cookies([{"name": name, "value": each.value, "url": url} for name, each in cookies.items()])


def row(page: Page, name: str) -> Locator:
    """The row of what is named so."""
    return page.locator("tbody tr", has=page.get_by_role("rowheader").get_by_text(name, exact=True))


def choose(page: Page, name: str, item: str) -> None:
    """Something in the menu of what is named so, with the keyboard alone."""
    page.get_by_role("button", name=f"Actions for {name}", exact=True).press("Enter")
    entry = page.get_by_role("menuitem", name=item)
    for _ in range(8):
        if entry.evaluate("each => each === document.activeElement"):
            break
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")


def is_sound(page: Page) -> None:
    """Fails where axe finds something grave, light or dark, or where the page is wider than a phone."""
    axe_in_both_themes(page)
    before = page.viewport_size
    assert before is not None
    page.set_viewport_size({"width": PHONE_PX, "height": 812})
    fits(page)
    axe(page)
    page.set_viewport_size(before)
