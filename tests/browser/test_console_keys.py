"""Keys in the console: shown once, used at once, changed, refused, rotated and deleted, by those who may."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from tests.support.manager import NAMES, Manager, choose, is_sound, row
from tests.support.screen import Site, Watch

CHAT, MODEL = "/v1/chat/completions", "gpt-4.1-mini"
CLAUDE = """#!/bin/sh
curl -s "$ANTHROPIC_BASE_URL/v1/messages" -H "Authorization: Bearer $ANTHROPIC_AUTH_TOKEN" \\
  -H "Content-Type: application/json" -H "Anthropic-Version: 2023-06-01" \\
  -d '{"model": "'"$ANTHROPIC_MODEL"'", "max_tokens": 50, "messages": [{"role": "user", "content": "Say hello"}]}'
"""


@pytest.fixture(scope="module")
def manager(site: Site) -> Manager:
    made = Manager(site)
    made.join("developer")
    made.join("viewer")
    return made


def status(site: Site, token: str) -> int:
    """What a call with the key gets."""
    body = {"model": MODEL, "messages": [{"role": "user", "content": "Say hello"}]}
    return site.call("POST", CHAT, body, token)[0]


def create(page: Page, name: str, **fields: str) -> str:
    """A new key's token, as the dialog shows it."""
    page.goto("/console/keys")
    page.get_by_role("button", name="New key").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name", exact=True).fill(name)
    for label, value in fields.items():
        dialog.get_by_label(label, exact=True).fill(value)
    dialog.get_by_role("button", name="Create key").click()
    return dialog.locator(".notice code").inner_text()


def made(manager: Manager, name: str, **fields: Any) -> str:
    return str(manager("POST", "/v1/keys", {"name": name, "mode": "test", **fields})["key"])


def test_a_key_is_shown_once_and_used_at_once(
    site: Site, context: BrowserContext, signed_in: Page, manager: Manager
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site.url)
    token = create(signed_in, "laptop", Project="web", Models=MODEL)
    assert status(site, token) == 200
    dialog = signed_in.get_by_role("dialog")
    dialog.get_by_role("button", name="Copy the key").click()
    assert signed_in.evaluate("navigator.clipboard.readText()") == token
    dialog.get_by_role("button", name="Use it in the workbench").click()
    assert signed_in.evaluate("Object.values(sessionStorage)") == [token]
    assert token not in signed_in.evaluate("document.cookie + location.href + Object.values(localStorage)")
    is_sound(signed_in)
    dialog.get_by_role("button", name="Done").click()
    expect(row(signed_in, "laptop")).to_contain_text("project web")
    assert token not in signed_in.content()
    signed_in.reload()
    expect(row(signed_in, "laptop")).to_be_visible()
    assert token not in signed_in.content()


def test_lines_for_clients_hold_the_key_and_work(signed_in: Page, manager: Manager, tmp_path: Path) -> None:
    token = create(signed_in, "agents")
    dialog, texts = signed_in.get_by_role("dialog"), {}
    choice = dialog.get_by_label("Lines for")
    expect(choice.locator("option").nth(1)).to_be_attached()
    for name in choice.locator("option").all_inner_texts():
        choice.select_option(label=name)
        lines = dialog.get_by_role("button", name=f"Copy lines for {name}").locator("xpath=..").locator("pre")
        texts[name] = lines.inner_text()
    assert {"Claude Code", "Codex", "OpenAI's SDKs", "Anthropic's SDKs"} <= texts.keys()
    assert all(text.startswith(f"export ENTREPOT_API_KEY={token}\n") for text in texts.values())
    claude = tmp_path / "claude"
    claude.write_text(CLAUDE, "utf-8")
    claude.chmod(0o755)
    environ = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "HOME": str(tmp_path)}
    done = subprocess.run(
        ["sh", "-c", texts["Claude Code"]], env=environ, capture_output=True, text=True, timeout=20, check=True
    )
    assert '"text":"hello"' in done.stdout.replace(" ", "")


def test_a_key_is_changed(site: Site, signed_in: Page, manager: Manager) -> None:
    token = made(manager, "importer")
    signed_in.goto("/console/keys")
    choose(signed_in, "importer", "Change…")
    dialog = signed_in.get_by_role("dialog")
    dialog.get_by_label("Name", exact=True).fill("exporter")
    dialog.get_by_label("Models", exact=True).fill("gpt-4.1, gpt-4.1-nano")
    dialog.locator("summary").click()
    dialog.get_by_label("Requests a day").fill("many")
    expect(dialog.get_by_role("alert")).to_have_text("A whole number.")
    expect(dialog.get_by_role("button", name="Save")).to_be_disabled()
    dialog.get_by_label("Requests a day").fill("7")
    dialog.get_by_label("Dollars a month").fill("12.50")
    dialog.get_by_role("button", name="Save").click()
    changed = row(signed_in, "exporter")
    for text in ("gpt-4.1, gpt-4.1-nano", "7 left of 7", "$12.50 left of $12.50"):
        expect(changed).to_contain_text(text)
    assert status(site, token) == 403


def test_a_disabled_key_is_refused_until_it_is_enabled(site: Site, signed_in: Page, manager: Manager) -> None:
    token = made(manager, "cron")
    signed_in.goto("/console/keys")
    choose(signed_in, "cron", "Disable…")
    signed_in.get_by_role("dialog").get_by_role("button", name="Disable").click()
    expect(row(signed_in, "cron").get_by_text("disabled")).to_be_visible()
    assert status(site, token) == 401
    choose(signed_in, "cron", "Enable")
    expect(row(signed_in, "cron").get_by_text("disabled")).to_have_count(0)
    assert status(site, token) == 200


@pytest.mark.parametrize(("grace", "old"), [("works for another hour", 200), ("ends at once", 401)])
def test_a_key_is_rotated(site: Site, signed_in: Page, manager: Manager, grace: str, old: int) -> None:
    name = f"rotated, {grace}"
    token = made(manager, name)
    signed_in.goto("/console/keys")
    choose(signed_in, name, "Rotate…")
    dialog = signed_in.get_by_role("dialog")
    dialog.get_by_label("The old secret").select_option(label=grace)
    dialog.get_by_role("button", name="Rotate").click()
    new = dialog.locator(".notice code").inner_text()
    assert new != token
    assert (status(site, new), status(site, token)) == (200, old)


def test_a_deleted_key_is_gone(site: Site, signed_in: Page, manager: Manager) -> None:
    token = made(manager, "leaked")
    signed_in.goto("/console/keys")
    choose(signed_in, "leaked", "Delete…")
    signed_in.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(signed_in.get_by_role("button", name="Actions for leaked")).to_be_focused()
    choose(signed_in, "leaked", "Delete…")
    signed_in.get_by_role("dialog").get_by_role("button", name="Delete key").click()
    expect(signed_in.get_by_role("dialog")).to_have_count(0)
    expect(row(signed_in, "leaked")).to_have_count(0)
    assert status(site, token) == 401


def test_a_developer_has_keys_of_their_own(context: BrowserContext, page: Page, manager: Manager) -> None:
    made(manager, "of the organisation")
    manager.sign_in(context, "developer@hub.test")
    page.goto("/console/keys")
    expect(page.get_by_text("There is no key yet.")).to_be_visible()
    page.get_by_role("button", name="New key").first.click()
    expect(page.get_by_role("dialog").get_by_label("Call models")).to_be_checked()
    expect(page.get_by_role("dialog").get_by_label("Manage")).to_have_count(0)
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    create(page, "mine")
    page.get_by_role("dialog").get_by_role("button", name="Done").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(row(page, "mine")).to_contain_text("The developer")


def test_a_viewer_changes_nothing(context: BrowserContext, page: Page, manager: Manager) -> None:
    made(manager, "seen")
    manager.sign_in(context, "viewer@hub.test")
    page.goto("/console/keys")
    expect(row(page, "seen")).to_be_visible()
    expect(page.get_by_role("main").get_by_role("button")).to_have_count(0)


def test_names_are_text(signed_in: Page, manager: Manager) -> None:
    for name in NAMES:
        made(manager, name, project=name)
    signed_in.goto("/console/keys")
    for name in NAMES:
        expect(row(signed_in, name)).to_contain_text(f"project {name}")
        choose(signed_in, name, "Delete…")
        expect(signed_in.get_by_role("dialog").get_by_role("heading")).to_have_text(f"Delete “{name}”?")
        signed_in.keyboard.press("Escape")
    is_sound(signed_in)


def test_what_the_hub_refuses_is_told(signed_in: Page, manager: Manager, watch: Watch) -> None:
    watch.expect("status of 4")
    signed_in.goto("/console/keys")
    signed_in.get_by_role("button", name="New key").click()
    dialog = signed_in.get_by_role("dialog")
    dialog.get_by_label("Name", exact=True).fill("for what is not there")
    dialog.get_by_label("Models", exact=True).fill("no-such-model")
    dialog.get_by_role("button", name="Create key").click()
    expect(dialog.get_by_role("alert")).to_contain_text(re.compile("no-such-model"))
