"""Coming in: the start page and its guide, signing in, and the links that lead to a password."""

from __future__ import annotations

import json
import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.browser.conftest import OpenSite
from tests.support.hub import run
from tests.support.screen import EMAIL, PASSWORD, Site, Watch, axe

NEW_PASSWORD = "another good password"
PHONE = {"width": 375, "height": 812}


def link(site: Site, *arguments: str) -> str:
    """What a command of the hub prints, as path and token of its link."""
    done = run(site.hub.home, *arguments, "--json")
    assert done.returncode == 0, done.stderr
    url = urlsplit(json.loads(done.stdout)["url"])
    return f"{url.path}#{url.fragment}"


def member_id(site: Site, context: BrowserContext) -> str:
    answer = context.request.get(f"{site.url}/v1/session")
    return str(answer.json()["member"]["id"])


def fill_in(page: Page, email: str, password: str) -> None:
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def use_test_key(page: Page, site: Site) -> None:
    page.get_by_label("Paste a key").fill(site.test)
    page.get_by_role("button", name="Use", exact=True).click()
    expect(page.get_by_text("TEST MODE", exact=True).first).to_be_visible()


def test_the_first_owner_comes_in_by_the_link_of_the_first_run(open_site: OpenSite, chromium: Browser) -> None:
    site = open_site()
    context = chromium.new_context(base_url=site.url)
    watch, page = Watch(context, site.url), context.new_page()
    page.goto(f"/welcome#{site.welcome}")
    expect(page).to_have_url(f"{site.url}/welcome")
    page.get_by_role("button", name="Set and sign in").click()
    expect(page.get_by_text("Give a name.")).to_be_visible()
    page.get_by_label("Your name").fill("Anna")
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill("too short")
    page.get_by_role("button", name="Set and sign in").click()
    expect(page.get_by_role("alert")).to_have_text("At least 12 characters.")
    axe(page)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Set and sign in").click()
    expect(page.get_by_role("button", name="Account of Anna")).to_be_visible()
    expect(page).to_have_url(f"{site.url}/")
    watch.expect("status of 404")
    page.goto(f"/welcome#{site.welcome}")
    page.get_by_label("Your name").fill("Bert")
    page.get_by_label("E-mail address").fill("bert@hub.test")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Set and sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("entrepot members welcome")
    watch.check()
    context.close()


@pytest.mark.parametrize("path", ["/welcome", "/reset", "/invitation"])
def test_pages_of_links_say_what_to_do_without_one(page: Page, path: str) -> None:
    page.goto(path)
    expect(page.get_by_text("This page is opened by a link.")).to_be_visible()
    axe(page)


def test_signing_in_leads_back(site: Site, page: Page, watch: Watch) -> None:
    site.session()
    watch.expect("status of 401")
    page.goto("/sign-in?next=%2Fmodels%3Fsearch%3Dmini")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text("Give your password.")).to_be_visible()
    fill_in(page, EMAIL, "wrong")
    expect(page.get_by_role("alert")).to_contain_text("entrepot members reset")
    axe(page)
    page.get_by_label("Show it").check()
    expect(page.get_by_label("Password", exact=True)).to_have_attribute("type", "text")
    fill_in(page, EMAIL, PASSWORD)
    expect(page).to_have_url(f"{site.url}/models?search=mini")
    page.get_by_role("button", name="Account of").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_after_too_many_failures_one_waits(page: Page, watch: Watch) -> None:
    watch.expect("status of (401|429)")
    page.goto("/sign-in")
    page.get_by_label("E-mail address").fill("nobody@hub.test")
    page.get_by_label("Password", exact=True).fill("wrong")
    submit = page.get_by_role("button", name="Sign in", exact=True)
    for _ in range(5):
        with page.expect_response("**/v1/session"):
            submit.click()
        expect(submit).to_be_enabled()
    for _ in range(3):
        with page.expect_response("**/v1/session") as answered:
            submit.click()
        if answered.value.status == 429:
            break
        expect(submit).to_be_enabled()
    expect(page.get_by_text(re.compile(r"The next one can be made in \d+ s"))).to_be_visible()
    expect(submit).to_be_disabled()
    expect(page.get_by_text("You can try again now.")).to_be_visible()
    expect(submit).to_be_enabled()


def test_an_invitation_makes_a_member(site: Site, page: Page) -> None:
    site.session()
    page.goto(link(site, "members", "invite", "vera@hub.test", "--role", "viewer"))
    page.get_by_label("Your name").fill("Vera")
    page.get_by_label("Password", exact=True).fill(NEW_PASSWORD)
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_role("button", name="Account of Vera")).to_be_visible()
    expect(page.get_by_text("Your role, viewer, makes no keys.")).to_be_visible()


def test_a_link_sets_a_new_password(open_site: OpenSite, chromium: Browser) -> None:
    site = open_site()
    context = chromium.new_context(base_url=site.url)
    site.sign_in(context)
    watch, page = Watch(context, site.url), context.new_page()
    page.goto(link(site, "members", "reset", member_id(site, context)))
    page.get_by_label("Password", exact=True).fill(NEW_PASSWORD)
    page.get_by_role("button", name="Set and sign in").click()
    expect(page.get_by_role("heading", name="Make a call")).to_be_visible()
    page.goto("/sign-in")
    fill_in(page, EMAIL, NEW_PASSWORD)
    expect(page).to_have_url(f"{site.url}/")
    watch.check()
    context.close()


def test_the_guide_leads_from_a_key_to_a_call_and_its_code(site: Site, context: BrowserContext, page: Page) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site.url)
    page.goto("/")
    axe(page)
    use_test_key(page, site)
    page.get_by_label("Prompt").fill("What is 2 + 3?")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_label("Answer")).to_have_text("2 + 3 = 5")
    expect(page.get_by_text("Whole answer after")).to_be_visible()
    expect(page.get_by_text("$0.00")).to_be_visible()
    expect(page.locator("ol > li").first.get_by_text("Done")).to_be_visible()
    page.get_by_text("PHP", exact=True).click()
    page.get_by_role("button", name="Copy PHP").click()
    expect(page.locator("ol > li").nth(1).get_by_text("Done")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "What is 2 + 3?" in copied
    assert site.test not in copied
    page.get_by_role("button", name="Copy the key as an environment variable").click()
    assert page.evaluate("navigator.clipboard.readText()") == f"export ENTREPOT_API_KEY={site.test}"
    axe(page)
    page.reload()
    expect(page.get_by_role("heading", name="Last 7 days")).to_be_visible()
    page.get_by_text("First steps").click()
    expect(page.get_by_role("tab", name="PHP").or_(page.get_by_label("PHP"))).to_be_checked()


def test_a_failed_call_is_told_in_the_guide(site: Site, page: Page, watch: Watch) -> None:
    watch.expect("status of 503")
    page.goto("/")
    use_test_key(page, site)
    page.get_by_role("combobox", name="Model").select_option("sandbox/error-503")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_contain_text("upstream_overloaded")
    expect(page.get_by_text("Done")).to_have_count(0)


def test_a_live_key_is_told_that_no_provider_is_connected(site: Site, page: Page) -> None:
    page.goto("/")
    page.get_by_label("Paste a key").fill(site.live)
    page.get_by_role("button", name="Use", exact=True).click()
    expect(page.get_by_text("LIVE", exact=True)).to_be_visible()
    expect(page.get_by_text("No provider is connected yet")).to_be_visible()


def test_what_is_no_key_is_refused(page: Page, watch: Watch) -> None:
    watch.expect("status of 401")
    page.goto("/")
    for text, told in (("sk-1234", "This is no key of this hub."), ("ep-test-abcdefghijkl-mnop", "key")):
        page.get_by_label("Paste a key").fill(text)
        page.get_by_role("button", name="Use", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text(told)
    expect(page.get_by_text("TEST MODE")).to_have_count(0)


def test_who_has_signed_in_makes_a_key_and_sees_the_providers(signed_in: Page) -> None:
    signed_in.goto("/")
    expect(signed_in.get_by_role("cell", name="OPENAI_API_KEY", exact=True)).to_be_visible()
    signed_in.get_by_role("button", name="Make a test key for this browser").click()
    expect(signed_in.get_by_text("TEST MODE", exact=True).first).to_be_visible()
    signed_in.get_by_role("button", name="Send").click()
    expect(signed_in.get_by_text("Whole answer after")).to_be_visible()
    signed_in.reload()
    expect(signed_in.get_by_role("table", name="Models called in the last 7 days")).to_be_visible()
    signed_in.get_by_text("First steps").click()
    signed_in.get_by_role("button", name="Forget key").click()
    expect(signed_in.get_by_label("Paste a key")).to_be_visible()


@pytest.mark.parametrize("path", ["/", "/sign-in", "/welcome#ep-welcome-x", "/reset", "/invitation#ep-invitation-x"])
def test_pages_fit_a_phone(page: Page, path: str) -> None:
    page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
