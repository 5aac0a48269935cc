"""The console's frame and its overview: who sees what, the figures, and that names are never taken for markup."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect
from tests.support.busy import HOSTILE, BusySite
from tests.support.screen import Site, Watch, axe, axe_in_both_themes, fits

from entrepot.accounts import Role

DAYS = "/console?window=30d"
VIEWS = (DAYS, "/console?window=7d&by=model", "/console?window=24h&by=key&mode=live", "/console?window=1h&by=member")


@pytest.fixture(scope="module")
def site(busy: BusySite) -> Site:
    return busy.site


def usage(page: Page, query: str) -> Any:
    """What the API says to the same member."""
    return page.evaluate("(query) => fetch(`/v1/usage?${query}`).then((answer) => answer.json())", query)


def dollars(amount: str) -> str:
    """At least cents, and as many decimals as it takes."""
    whole, _, fraction = amount.partition(".")
    return f"${whole}.{fraction:0<2}"


def tile(page: Page, name: str) -> Locator:
    return page.locator(".stat", has=page.get_by_text(name, exact=True)).locator("dd")


def figures(page: Page, column: int) -> list[str]:
    """The cells of a column of the first table."""
    return page.locator(".table").first.locator(f"tbody tr > :nth-child({column})").all_inner_texts()


# The frame ----------------------------------------------------------------------------------------


def test_who_has_not_signed_in_is_shown_the_way(page: Page) -> None:
    page.goto("/console/logs?status=failed")
    expect(page.get_by_text("Sign in to see the console.")).to_be_visible()
    link = page.get_by_role("main").get_by_role("link", name="Sign in")
    expect(link).to_have_attribute("href", "/sign-in?next=%2Fconsole%2Flogs%3Fstatus%3Dfailed")
    axe(page)


@pytest.mark.parametrize(
    ("role", "sees_money"), [("admin", True), ("viewer", True), ("billing", True), ("developer", False)]
)
def test_a_role_sees_the_places_that_it_may_go_to(
    busy: BusySite, context: BrowserContext, page: Page, role: Role, sees_money: bool
) -> None:
    busy.sign_in(context, role)
    page.goto("/console")
    places = page.get_by_role("navigation", name="Console")
    expect(places.get_by_role("link", name="Logs")).to_be_visible()
    expect(places.get_by_role("link", name="Wallet")).to_have_count(1 if sees_money else 0)
    page.goto("/console/wallet")
    expect(page.get_by_text("The role developer may not see this place.")).to_have_count(0 if sees_money else 1)
    expect(page.get_by_text("Balance", exact=True)).to_have_count(1 if sees_money else 0)


def test_a_session_that_ends_is_told(busy: BusySite, context: BrowserContext, page: Page, watch: Watch) -> None:
    watch.expect("status of 401")
    busy.sign_in(context)
    page.goto(DAYS)
    expect(tile(page, "Requests")).to_be_visible()
    context.clear_cookies()
    page.get_by_label("7 d").click(force=True)
    expect(page.get_by_text("Sign in to see the console.")).to_be_visible()


# The overview -------------------------------------------------------------------------------------


def test_the_figures_are_those_of_the_hub(signed_in: Page) -> None:
    signed_in.goto(DAYS)
    told = usage(signed_in, "period=30d&group_by=day")
    expect(tile(signed_in, "Requests")).to_contain_text(f"{told['total']['requests']:,}")
    expect(tile(signed_in, "Spend")).to_contain_text(dollars(told["total"]["cost_usd"]))
    expect(tile(signed_in, "Error share")).to_contain_text(f"{told['total']['failed']} failed")
    assert [int(text) for text in figures(signed_in, 3)] == [row["requests"] for row in reversed(told["data"])]
    assert figures(signed_in, 2) == [dollars(row["cost_usd"]) for row in reversed(told["data"])]
    expect(signed_in.locator(".chart canvas")).to_have_count(4)


def test_what_is_shown_stands_in_the_address(signed_in: Page) -> None:
    signed_in.goto("/console")
    signed_in.get_by_label("30 d").check(force=True)
    signed_in.get_by_label("Model").select_option("gpt-4.1-mini")
    signed_in.get_by_label("Group by").select_option("key")
    expect(signed_in).to_have_url(re.compile(r"/console\?window=30d&model=gpt-4\.1-mini&by=key$"))
    told = usage(signed_in, "period=30d&group_by=key&model=gpt-4.1-mini")
    expect(tile(signed_in, "Requests")).to_contain_text(str(told["total"]["requests"]))
    signed_in.reload()
    expect(tile(signed_in, "Requests")).to_contain_text(str(told["total"]["requests"]))
    assert [int(text) for text in figures(signed_in, 3)] == [row["requests"] for row in told["data"]]
    expect(signed_in.get_by_label("Model")).to_have_value("gpt-4.1-mini")
    expect(signed_in.locator(".chart canvas")).to_have_count(6)
    signed_in.get_by_role("button", name="Clear filters").click()
    expect(signed_in).to_have_url(re.compile(r"/console\?window=30d&by=key$"))


def test_groups_stand_over_time_as_well(signed_in: Page) -> None:
    signed_in.goto("/console?window=7d&by=model")
    signed_in.get_by_text("By model and day").click()
    table = signed_in.get_by_role("region", name="Figures by model and day")
    expect(table.locator("tbody tr")).to_have_count(len(usage(signed_in, "period=7d&group_by=model,day")["data"]))


def test_the_sheet_has_the_figures_that_are_shown(signed_in: Page) -> None:
    signed_in.goto("/console?window=30d&by=model&mode=live")
    expect(tile(signed_in, "Requests")).to_be_visible()
    with signed_in.expect_download() as download:
        signed_in.get_by_role("link", name="Download CSV").click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text("utf-8"))))
    assert {"model", "day", "requests", "cost_usd"} <= set(rows[0])
    total = usage(signed_in, "period=30d&group_by=mode&mode=live")["total"]["requests"]
    assert sum(int(row["requests"]) for row in rows) == total


def test_the_window_is_chosen_by_keyboard(signed_in: Page) -> None:
    signed_in.goto("/console")
    signed_in.get_by_label("24 h").focus()
    signed_in.keyboard.press("ArrowRight")
    expect(signed_in).to_have_url(re.compile("window=7d"))
    signed_in.keyboard.press("ArrowLeft")
    signed_in.keyboard.press("ArrowLeft")
    expect(signed_in).to_have_url(re.compile("window=1h"))


def test_a_window_of_ones_own_is_in_utc(signed_in: Page, watch: Watch) -> None:
    watch.expect("status of 400")
    signed_in.goto("/console")
    signed_in.get_by_label("Custom").check(force=True)
    signed_in.get_by_label("From (UTC)").fill("2026-01-05T00:00")
    signed_in.get_by_label("Until (UTC)").fill("2026-01-06T00:00")
    expect(signed_in.get_by_text("No calls in this time.")).to_be_visible()
    guide = signed_in.get_by_role("link", name="Open the start guide")
    expect(guide).to_have_attribute("href", "/")
    signed_in.goto("/console?window=custom&from=2026-01-05T00:00&until=2026-01-04T00:00")
    expect(signed_in.get_by_role("alert")).to_contain_text("'from' must be before 'until'")


def test_a_developer_sees_own_calls_only(busy: BusySite, context: BrowserContext, page: Page) -> None:
    busy.sign_in(context, "developer")
    page.goto("/console?window=30d&by=key")
    expect(page.locator(".table .name").first).to_be_visible()
    assert set(figures(page, 1)) == {"nightly batch", "ci"}


def test_names_are_text_and_nothing_else(busy: BusySite, signed_in: Page) -> None:
    signed_in.on("dialog", lambda dialog: pytest.fail(dialog.message))
    assert busy.ask(model=HOSTILE[0])[0] == 404
    for by in ("key", "model"):
        signed_in.goto(f"/console?window=24h&by={by}")
        expect(signed_in.locator(".table").get_by_text(HOSTILE[0], exact=True)).to_be_visible()
        assert signed_in.locator("img[src='x'], main script").count() == 0
    expect(signed_in.locator(".u-legend").first).to_be_visible()


@pytest.mark.parametrize("path", VIEWS)
def test_everyone_can_use_it(signed_in: Page, path: str) -> None:
    signed_in.goto(path)
    expect(signed_in.locator(".chart canvas").first).to_be_visible()
    axe_in_both_themes(signed_in)
    signed_in.set_viewport_size({"width": 375, "height": 800})
    fits(signed_in)
