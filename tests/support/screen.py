"""The browser application as people have it: a hub, a window of Chromium on it, and all that goes wrong in there."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, WebError
from tests.support.hub import Hub

EMAIL, PASSWORD = "owner@hub.test", "correct horse battery"
AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = ("serious", "critical")
TELL_VIOLATIONS = """document.addEventListener("securitypolicyviolation", (event) =>
  console.error("policy violated:", event.effectiveDirective, event.blockedURI, event.sample));"""


class Site:
    """A new hub with the keys and the link of its first run."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.url = hub.url
        self.live, self.test, self.welcome = (
            re.findall(rf"\bep-{kind}-\S+", hub.said)[0] for kind in ("live", "test", "welcome")
        )
        self._is_welcomed = False
        self._sessions: dict[str, dict[str, str]] = {}

    def call(
        self, method: str, path: str, body: Any = None, token: str | None = None, *, cookie: str | None = None
    ) -> tuple[int, Any, SimpleCookie]:
        """Status, decoded body and cookies of an answer, to a call as a page of the hub's own makes it."""
        connection = http.client.HTTPConnection(self.hub.host, self.hub.port, timeout=20)
        headers = {"content-type": "application/json", "sec-fetch-site": "same-origin"}
        headers |= {"authorization": f"Bearer {token}"} if token else {}
        headers |= {"cookie": cookie} if cookie else {}
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            content = response.read()
            return response.status, json.loads(content or b"null"), SimpleCookie(response.headers.get("set-cookie", ""))
        finally:
            connection.close()

    def session(self, email: str = EMAIL) -> dict[str, str]:
        """The cookies of a new session of a member: the first owner, who is welcomed at the first time."""
        if self._is_welcomed:
            path, body = "/v1/session", {"email": email, "password": PASSWORD}
        else:
            path = "/v1/session/welcome"
            body = {"token": self.welcome, "email": email, "name": "The owner", "password": PASSWORD}
        status, answer, cookies = self.call("POST", path, body)
        assert status == 201, answer
        self._is_welcomed = True
        return {name: cookie.value for name, cookie in cookies.items()}

    def sign_in(self, context: BrowserContext, email: str = EMAIL) -> None:
        """Make the context's pages those of a member, by a session that goes on: passwords take long to check."""
        if not self._goes_on(self._sessions.get(email)):
            self._sessions[email] = self.session(email)
        found = self._sessions[email].items()
        context.add_cookies([{"name": name, "value": value, "url": self.url} for name, value in found])

    def _goes_on(self, cookies: dict[str, str] | None) -> bool:
        if cookies is None:
            return False
        cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
        return self.call("GET", "/v1/session", cookie=cookie)[0] == 200


class Watch:
    """What must not happen in a window: errors on the console, errors of scripts, violations of the policy, and
    requests to anywhere but the hub."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.wrongs: list[str] = []
        self._origin = urlsplit(origin).netloc
        self._expected: list[re.Pattern[str]] = []
        context.add_init_script(TELL_VIOLATIONS)
        context.on("console", self._console)
        context.on("weberror", self._web_error)
        context.on("request", self._request)

    def expect(self, pattern: str) -> None:
        """A wrong that the test brings about itself, such as `status of 404`."""
        self._expected.append(re.compile(pattern))

    def check(self) -> None:
        wrongs = self.unexpected()
        assert not wrongs, "\n".join(wrongs)

    def unexpected(self) -> list[str]:
        return [each for each in self.wrongs if not any(known.search(each) for known in self._expected)]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.wrongs.append(f"error: {message.text} at {message.location['url']}")

    def _web_error(self, error: WebError) -> None:
        self.wrongs.append(f"uncaught: {error.error.stack or error.error}")

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob", "about") and parts.netloc != self._origin:
            self.wrongs.append(f"request to {request.url}")


def axe(page: Page, *, within: str = "document", rules: Sequence[str] = ()) -> None:
    """Fails with what axe-core finds serious or critical, by all of its rules or by these."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE.read_text("utf-8"))
    options = {"resultTypes": ["violations"], "preload": False} | ({"runOnly": list(rules)} if rules else {})
    found = page.evaluate(f"(options) => axe.run({within}, options)", options)
    grave = [
        f"{each['impact']} {each['id']}: {each['help']}\n  " + "\n  ".join(node["html"] for node in each["nodes"])
        for each in found["violations"]
        if each["impact"] in GRAVE
    ]
    assert grave == [], "\n".join(grave)


def fits(page: Page) -> None:
    """Fails where the page scrolls sideways; parts of it may."""
    widths = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert widths[0] <= widths[1], f"{page.url} is {widths[0]} px wide in a window of {widths[1]} px"


def axe_in_both_themes(page: Page) -> None:
    """As `axe`; themes differ in their colours alone."""
    page.emulate_media(color_scheme="dark")
    axe(page, rules=["color-contrast"])
    page.emulate_media(color_scheme="light")
    axe(page)


@contextmanager
def running_site(home: Path, settings: str = "", **options: Any) -> Iterator[Site]:
    """A hub of a new home with these settings."""
    hub = Hub(home, settings=settings, **options)
    try:
        yield Site(hub)
    finally:
        assert hub.stop() == 0, hub.log
