"""Rules in the console: set, counted, changed and taken away."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from tests.support.manager import NAMES, Manager, is_sound, row
from tests.support.screen import Site

CHAT = "/v1/chat/completions"


@pytest.fixture(scope="module")
def manager(site: Site) -> Manager:
    made = Manager(site)
    made.join("viewer")
    return made


def ask(site: Site, token: str) -> int:
    body = {"model": "gpt-4.1-mini", "messages": [{"role": "user", "content": "Say hello"}]}
    return site.call("POST", CHAT, body, token)[0]


def choose(page: Page, name: str, item: str) -> None:
    page.get_by_role("button", name=f"Actions for the rule of {name}", exact=True).press("Enter")
    page.get_by_role("menuitem", name=item).click()


def test_a_rule_counts_bounds_changes_and_goes(site: Site, signed_in: Page, manager: Manager) -> None:
    signed_in.goto("/console/limits")
    expect(signed_in.get_by_text("Nothing is limited.")).to_be_visible()
    is_sound(signed_in)
    signed_in.get_by_role("button", name="New rule").first.click()
    dialog = signed_in.get_by_role("dialog")
    save = dialog.get_by_role("button", name="Save")
    dialog.get_by_label("For", exact=True).select_option("key")
    dialog.get_by_label("Key", exact=True).select_option(label="first test key")
    expect(save).to_be_disabled()
    dialog.get_by_label("Requests a day").fill("2")
    dialog.get_by_label("Dollars a month").fill("0.5")
    is_sound(signed_in)
    save.click()
    rule = row(signed_in, "first test key")
    expect(rule).to_contain_text("2 left of 2")
    expect(rule).to_contain_text("$0.50 left of $0.50")
    assert ask(site, site.test) == 200
    signed_in.reload()
    expect(rule).to_contain_text("1 left of 2")
    assert [ask(site, site.test) for _ in range(2)] == [200, 429]
    is_sound(signed_in)

    choose(signed_in, "first test key", "Change…")
    dialog.get_by_label("Requests a day").fill("5")
    save.click()
    expect(rule).to_contain_text("3 left of 5")
    assert ask(site, site.test) == 200

    choose(signed_in, "first test key", "Delete…")
    signed_in.get_by_role("dialog").get_by_role("button", name="Delete rule").click()
    expect(signed_in.get_by_text("Nothing is limited.")).to_be_visible()
    assert [ask(site, site.test) for _ in range(6)] == [200] * 6


@pytest.mark.parametrize(
    ("subject", "label", "told"),
    [("organisation", None, "Default"), ("member", "The viewer", "The viewer"), ("model", None, "gpt-4.1")],
)
def test_anything_can_be_bound(signed_in: Page, manager: Manager, subject: str, label: str | None, told: str) -> None:
    signed_in.goto("/console/limits")
    signed_in.get_by_role("button", name="New rule").first.click()
    dialog = signed_in.get_by_role("dialog")
    dialog.get_by_label("For", exact=True).select_option(subject)
    if label:
        dialog.get_by_label("Member", exact=True).select_option(label=label)
    if subject == "model":
        dialog.get_by_label("Model", exact=True).fill("gpt-4.1")
    dialog.get_by_label("Calls at once").fill("3")
    dialog.get_by_role("button", name="Save").click()
    expect(row(signed_in, told)).to_contain_text("3 left of 3")


def test_subjects_are_text(signed_in: Page, manager: Manager) -> None:
    limits = {"requests_per_minute": 9}
    for name in NAMES:
        key = manager("POST", "/v1/keys", {"name": name, "mode": "test"})
        manager("PUT", "/v1/rules", {"subject": "key", "subject_id": key["id"], "limits": limits})
    signed_in.goto("/console/limits")
    for name in NAMES:
        expect(row(signed_in, name)).to_contain_text("9 left of 9")
        choose(signed_in, name, "Delete…")
        expect(signed_in.get_by_role("dialog").get_by_role("heading")).to_contain_text(name)
        signed_in.keyboard.press("Escape")
    is_sound(signed_in)


def test_a_viewer_changes_nothing(context: BrowserContext, page: Page, manager: Manager) -> None:
    key = next(each for each in manager("GET", "/v1/keys")["data"] if each["name"] == "first live key")
    manager("PUT", "/v1/rules", {"subject": "key", "subject_id": key["id"], "limits": {"concurrency": 2}})
    manager.sign_in(context, "viewer@hub.test")
    page.goto("/console/limits")
    expect(row(page, "first live key")).to_be_visible()
    expect(page.get_by_role("main").get_by_role("button")).to_have_count(0)
