"""Members in the console: from an invitation to their removal, roles and links, and what the audit log says of it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.support.manager import NAMES, Manager, choose, is_sound, row
from tests.support.screen import PASSWORD, Site, Watch

NEW_PASSWORD = "another good password"


@pytest.fixture(scope="module")
def manager(site: Site) -> Manager:
    made = Manager(site)
    made.join("viewer")
    return made


def link(page: Page) -> str:
    """The link that a dialog shows."""
    return page.get_by_role("dialog").locator(".notice code").inner_text()


def test_who_is_invited_joins_gets_a_role_and_is_removed(
    site: Site, chromium: Browser, signed_in: Page, manager: Manager
) -> None:
    signed_in.goto("/console/members")
    signed_in.get_by_role("button", name="Invite a member").click()
    dialog = signed_in.get_by_role("dialog")
    dialog.get_by_label("E-mail").fill("vera@hub.test")
    dialog.get_by_label("Role").select_option("viewer")
    is_sound(signed_in)
    dialog.get_by_role("button", name="Make the link").click()
    url = link(signed_in)
    assert url.startswith(f"{site.url}/invitation#")
    dialog.get_by_role("button", name="Done").click()
    expect(signed_in.get_by_role("table", name="Invitations")).to_contain_text("vera@hub.test")

    elsewhere = chromium.new_context(base_url=site.url)
    watch, page = Watch(elsewhere, site.url), elsewhere.new_page()
    page.goto(url)
    page.get_by_label("Your name").fill("Vera")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_role("button", name="Account of Vera")).to_be_visible()
    watch.check()

    signed_in.reload()
    expect(row(signed_in, "Vera").get_by_role("cell", name="viewer", exact=True)).to_be_visible()
    expect(signed_in.get_by_text("Nobody is invited at the moment.")).to_be_visible()
    choose(signed_in, "Vera", "Change…")
    signed_in.get_by_role("dialog").get_by_label("Role").select_option("developer")
    signed_in.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(row(signed_in, "Vera").get_by_role("cell", name="developer", exact=True)).to_be_visible()
    page.goto("/console/keys")
    expect(page.get_by_role("button", name="New key").first).to_be_visible()

    choose(signed_in, "Vera", "Remove…")
    signed_in.get_by_role("dialog").get_by_role("button", name="Remove member").click()
    expect(row(signed_in, "Vera")).to_have_count(0)
    page.goto("/console")
    expect(page.get_by_text("Sign in to see the console.")).to_be_visible()
    elsewhere.close()

    signed_in.goto("/console/audit")
    log = signed_in.get_by_role("table", name="Audit log").locator("tbody")
    for action in ("invitation.create", "invitation.accept", "member.change", "member.remove"):
        expect(log.locator("tr", has_text=action).first).to_be_visible()
    change = log.locator("tr", has_text="member.change").first
    change.locator("summary").click()
    expect(change.locator("del")).to_have_text("viewer")
    expect(change.locator("ins")).to_have_text("developer")
    assert url.partition("#")[2] not in signed_in.content()
    is_sound(signed_in)


def test_an_invitation_is_withdrawn(chromium: Browser, site: Site, signed_in: Page, manager: Manager) -> None:
    invited = manager("POST", "/v1/invitations", {"email": "nobody@hub.test", "role": "billing"})
    signed_in.goto("/console/members")
    signed_in.get_by_role("button", name="Withdraw the invitation of nobody@hub.test").click()
    expect(signed_in.get_by_role("button", name="Withdraw the invitation of nobody@hub.test")).to_have_count(0)
    body = {"token": invited["token"], "name": "Nobody", "password": PASSWORD}
    assert site.call("POST", "/v1/invitations/accept", body)[0] >= 400


def test_a_link_leads_to_a_new_password(site: Site, chromium: Browser, signed_in: Page, manager: Manager) -> None:
    manager.join("developer", name="Forgetful", email="forgetful@hub.test")
    signed_in.goto("/console/members")
    choose(signed_in, "Forgetful", "Link to a new password…")
    signed_in.get_by_role("dialog").get_by_role("button", name="Make the link").click()
    elsewhere = chromium.new_context(base_url=site.url)
    page = elsewhere.new_page()
    page.goto(link(signed_in))
    page.get_by_label("Password", exact=True).fill(NEW_PASSWORD)
    page.get_by_role("button", name="Set and sign in").click()
    expect(page.get_by_role("button", name="Account of Forgetful")).to_be_visible()
    elsewhere.close()
    body = {"email": "forgetful@hub.test", "password": PASSWORD}
    assert site.call("POST", "/v1/session", body)[0] == 401
    assert site.call("POST", "/v1/session", body | {"password": NEW_PASSWORD})[0] == 201


def test_the_last_owner_stays(signed_in: Page, manager: Manager, watch: Watch) -> None:
    watch.expect("status of 4")
    signed_in.goto("/console/members")
    choose(signed_in, "The owner", "Remove…")
    dialog = signed_in.get_by_role("dialog")
    dialog.get_by_role("button", name="Remove member").click()
    expect(dialog.get_by_role("alert")).to_contain_text("owner")
    signed_in.keyboard.press("Escape")
    expect(signed_in.locator("tbody tr", has_text="owner@hub.test")).to_contain_text("you")


def test_a_viewer_sees_members_and_no_button(context: BrowserContext, page: Page, manager: Manager) -> None:
    manager.sign_in(context, "viewer@hub.test")
    page.goto("/console/members")
    expect(page.get_by_role("cell", name="owner@hub.test")).to_be_visible()
    expect(page.get_by_role("main").get_by_role("button")).to_have_count(0)
    page.goto("/console/audit")
    expect(page.get_by_text("The role viewer may not see this place.")).to_be_visible()


def test_names_are_text(signed_in: Page, manager: Manager) -> None:
    for number, name in enumerate(NAMES):
        manager.join("billing", name=name, email=f"hostile{number}@hub.test")
    signed_in.goto("/console/members")
    for number, name in enumerate(NAMES):
        expect(row(signed_in, name)).to_contain_text(f"hostile{number}@hub.test")
        choose(signed_in, name, "Remove…")
        expect(signed_in.get_by_role("dialog").get_by_role("heading")).to_have_text(f"Remove {name}?")
        signed_in.keyboard.press("Escape")
    is_sound(signed_in)
    signed_in.goto("/console/audit")
    for name in NAMES:
        expect(signed_in.get_by_role("cell", name=name, exact=True).first).to_be_visible()


def test_a_password_is_changed(site: Site, chromium: Browser, manager: Manager) -> None:
    manager.join("viewer", name="Careful", email="careful@hub.test")
    context = chromium.new_context(base_url=site.url)
    manager.sign_in(context, "careful@hub.test")
    watch, page = Watch(context, site.url), context.new_page()
    page.goto("/console/account")
    expect(page.locator(".stat", has_text="E-mail")).to_contain_text("careful@hub.test")
    is_sound(page)
    page.get_by_label("Present password").fill(PASSWORD)
    page.get_by_label("New password").fill("short")
    expect(page.get_by_role("alert")).to_have_text(re.compile("At least 12"))
    page.get_by_label("New password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("The password is changed.")).to_be_visible()
    watch.check()
    context.close()
    assert site.call("POST", "/v1/session", {"email": "careful@hub.test", "password": NEW_PASSWORD})[0] == 201
