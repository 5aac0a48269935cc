"""Every screen of the application, by the address that leads to it and what is done there before it is looked at."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "web" / "src"
COMPARED = ("gpt-4.1", "gpt-4.1-mini", "claude-sonnet-5-5")
PROMPT = "Name three things that a gateway for language models should write down of every call, and why."

Prepare = Callable[[Page], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """`{call}` in an address is the id of a call. `image` names the picture that the README has of it."""

    name: str
    address: str
    prepare: Prepare = lambda page: None
    is_member: bool = True
    image: str | None = None


def _dialog(button: str, **fields: str) -> Prepare:
    def prepare(page: Page) -> None:
        page.get_by_role("button", name=button).first.click()
        for label, value in fields.items():
            page.get_by_role("dialog").get_by_label(label, exact=True).fill(value)

    return prepare


def _new_key(page: Page) -> None:
    _dialog("New key", Name="laptop")(page)
    page.get_by_role("dialog").get_by_role("button", name="Create key").click()
    page.get_by_role("dialog").get_by_label("Lines for").wait_for()


def _ask(page: Page) -> None:
    prompt = page.get_by_label("Prompt for all models")
    prompt.fill(PROMPT)
    prompt.press("Enter")
    for number in range(len(COMPARED)):
        page.get_by_text("Done").nth(number).wait_for()


def _open(summary: str) -> Prepare:
    return lambda page: page.locator(summary).first.click()


COLUMNS = "&".join(f"model={model}" for model in COMPARED)
SCREENS = (
    Screen(name="start", address="/", is_member=False),
    Screen(name="start-member", address="/"),
    Screen(name="sign-in", address="/sign-in", is_member=False),
    Screen(name="welcome", address="/welcome#ep-welcome-x", is_member=False),
    Screen(name="reset", address="/reset#ep-reset-x", is_member=False),
    Screen(name="invitation", address="/invitation#ep-invitation-x", is_member=False),
    Screen(name="models", address="/models"),
    Screen(name="model", address="/models/gpt-4.1-mini", image="model.webp"),
    Screen(name="models-compare", address=f"/models/compare?{COLUMNS}"),
    Screen(name="models-deprecations", address="/models/deprecations"),
    Screen(name="workbench", address="/workbench"),
    Screen(name="workbench-compare", address=f"/workbench?{COLUMNS}", prepare=_ask, image="workbench.webp"),
    Screen(name="overview", address="/console?window=7d", image="overview.webp"),
    Screen(name="logs", address="/console/logs"),
    Screen(name="log", address="/console/logs/{call}"),
    Screen(name="keys", address="/console/keys", image="keys.webp"),
    Screen(name="keys-new", address="/console/keys", prepare=_dialog("New key")),
    Screen(name="keys-made", address="/console/keys", prepare=_new_key),
    Screen(name="limits", address="/console/limits"),
    Screen(name="limits-new", address="/console/limits", prepare=_dialog("New rule")),
    Screen(name="wallet", address="/console/wallet"),
    Screen(name="wallet-budgets", address="/console/wallet?tab=budgets"),
    Screen(name="wallet-vouchers", address="/console/wallet?tab=vouchers"),
    Screen(name="statements", address="/console/statements"),
    Screen(name="members", address="/console/members"),
    Screen(name="members-invite", address="/console/members", prepare=_dialog("Invite a member")),
    Screen(name="providers", address="/console/providers", prepare=_open("article summary")),
    Screen(name="settings", address="/console/settings"),
    Screen(name="audit", address="/console/audit", prepare=_open("tbody summary")),
    Screen(name="account", address="/console/account"),
)


def routes() -> Iterator[str]:
    """The routes that the application declares, such as `/console/logs/:id`. Redirections have no screen."""
    for path in SOURCES.rglob("*.tsx"):
        text = path.read_text("utf-8")
        if "RouteObject[]" in text:
            for route in re.findall(r'\bpath: "([^"]+)",\s*(?:lazy|Component)', text):
                yield route if route.startswith("/") else f"/console/{route}"


def leads_to(route: str, address: str) -> bool:
    path = re.split(r"[?#]", address)[0]
    pattern = re.sub(r"/:\w+\?", "(/[^/]+)?", re.sub(r"/:\w+(?!\w|\?)", "/[^/]+", route)).replace("*", ".+")
    return re.fullmatch(pattern, path) is not None
