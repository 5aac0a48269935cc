"""Every screen opens with a heading and without an error, signed in and not; axe finds nothing grave."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from tests.support.screen import axe

OPEN = ("/", "/models", "/models/gpt-4.1", "/compare", "/workbench", "/sign-in", "/welcome#ep-welcome-x")
CONSOLE = ("/console", "/console/keys", "/console/logs", "/console/usage", "/console/members")


@pytest.mark.parametrize("path", OPEN)
def test_screens_for_everyone_open(page: Page, path: str) -> None:
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    axe(page)


@pytest.mark.parametrize("path", CONSOLE)
def test_screens_of_the_console_open(signed_in: Page, path: str) -> None:
    signed_in.goto(path)
    expect(signed_in.get_by_role("heading", level=1)).to_be_visible()
    axe(signed_in)
