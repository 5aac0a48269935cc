"""The console's logs: filters, older calls, calls as they happen, and one call's story."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from tests.support.busy import HOSTILE, BusySite
from tests.support.hub import eventually
from tests.support.screen import Site, Watch, axe, axe_in_both_themes, fits
from tests.support.upstream import failure, plain

CALLS = ".table tbody tr"
LINKS = f"{CALLS} th a"


@pytest.fixture(scope="module")
def site(busy: BusySite) -> Site:
    return busy.site


@pytest.fixture(autouse=True)
def upstream(busy: BusySite) -> Iterator[None]:
    busy.upstream.play(plain())
    yield
    busy.upstream.play(plain())


def asked(busy: BusySite, status: int = 200, **fields: Any) -> str:
    """The id of a call that is made now, as soon as it is recorded."""
    before = newest(busy)
    found, answer = busy.ask(**fields)
    assert found == status, answer
    eventually(lambda: newest(busy) != before)
    return newest(busy)


def newest(busy: BusySite) -> str:
    rows = busy.site.call("GET", "/v1/logs?limit=1", token=busy.tokens["shop"])[1]["data"]
    return str(rows[0]["request_id"])


def links(page: Page) -> list[str]:
    return [str(link.get_attribute("href")) for link in page.locator(LINKS).all()]


def fact(page: Page, name: str) -> str:
    return page.locator(".facts > div", has=page.get_by_text(name, exact=True)).locator("dd").inner_text()


# The list -----------------------------------------------------------------------------------------


def test_older_calls_come_on_demand_and_once(signed_in: Page) -> None:
    signed_in.goto("/console/logs?window=30d")
    expect(signed_in.locator(CALLS)).to_have_count(50)
    first = links(signed_in)
    signed_in.get_by_role("button", name="Older").click()
    expect(signed_in.locator(CALLS).nth(50)).to_be_visible()
    now = links(signed_in)
    assert now[:50] == first
    assert len(set(now)) == len(now) > 50


def test_filters_stand_in_the_address_and_hold(signed_in: Page) -> None:
    signed_in.goto("/console/logs")
    signed_in.get_by_label("30 d").check(force=True)
    signed_in.get_by_label("Outcome").select_option("Errors only")
    signed_in.get_by_label("Key").select_option(label="shop")
    expect(signed_in).to_have_url(re.compile(r"\?window=30d&status=failed&key=\w+$"))
    expect(signed_in.locator(CALLS).first).to_be_visible()
    texts = signed_in.locator(CALLS).all_inner_texts()
    assert texts
    assert all("shop" in text and re.search(r"\b[45]\d\d\b", text) for text in texts)
    signed_in.reload()
    expect(signed_in.locator(CALLS)).to_have_count(len(texts))
    signed_in.get_by_label("Outcome").select_option("Status 401")
    expect(signed_in.get_by_text("No call in this time fits the filters.")).to_be_visible()
    signed_in.get_by_role("button", name="Clear filters").click()
    expect(signed_in.locator(CALLS).first).to_be_visible()


def test_calls_appear_as_they_end(busy: BusySite, signed_in: Page) -> None:
    signed_in.goto("/console/logs?window=1h")
    expect(signed_in.locator(CALLS).first).to_be_visible()
    before = signed_in.locator(CALLS).count()
    signed_in.get_by_label("Live tail").check()
    ids = [asked(busy), asked(busy, model="gpt-4.1-nano")]
    for id in ids:
        expect(signed_in.locator(f"{LINKS}[href$='{id}']")).to_have_count(1)
    expect(signed_in.locator(CALLS)).to_have_count(before + 2)
    assert links(signed_in)[:2] == [f"/console/logs/{id}" for id in reversed(ids)]
    expect(signed_in).to_have_url(re.compile("live=1"))
    signed_in.get_by_label("Live tail").uncheck()
    expect(signed_in.get_by_text("Following")).to_have_count(0)


def test_the_tail_keeps_to_the_filters(busy: BusySite, signed_in: Page) -> None:
    signed_in.goto("/console/logs?window=1h&live=1&model=gpt-4.1-nano")
    expect(signed_in.get_by_text("Following")).to_be_visible()
    other, wanted = asked(busy), asked(busy, model="gpt-4.1-nano")
    expect(signed_in.locator(f"{LINKS}[href$='{wanted}']")).to_have_count(1)
    expect(signed_in.locator(f"{LINKS}[href$='{other}']")).to_have_count(0)


def test_a_time_that_is_over_has_no_tail(signed_in: Page) -> None:
    signed_in.goto("/console/logs?window=custom&from=2026-01-01T00:00&until=2026-01-02T00:00&live=1")
    expect(signed_in.get_by_label("Live tail")).to_be_disabled()


def test_a_developer_finds_own_calls_only(busy: BusySite, context: BrowserContext, page: Page) -> None:
    busy.sign_in(context, "developer")
    page.goto("/console/logs?window=30d")
    expect(page.locator(CALLS).first).to_be_visible()
    assert all("nightly batch" in text or "ci" in text for text in page.locator(CALLS).all_inner_texts())


# One call -----------------------------------------------------------------------------------------


def test_a_call_has_a_story(busy: BusySite, context: BrowserContext, signed_in: Page) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    id = asked(busy)
    signed_in.goto("/console/logs?window=1h")
    signed_in.locator(f"{LINKS}[href$='{id}']").click()
    expect(signed_in.get_by_role("heading", level=1, name="Call")).to_be_visible()
    expect(signed_in.get_by_role("heading", name="Ledger")).to_be_visible()
    named = {name: fact(signed_in, name) for name in ("Key", "Project", "Asked for", "Provider", "Answered by")}
    assert named == {
        "Key": "shop",
        "Project": "web",
        "Asked for": "gpt-4.1-mini",
        "Provider": "openai",
        "Answered by": "upstream-model-2026",
    }
    meters = signed_in.get_by_role("region", name="Cost by meter").locator("tbody tr td:last-child").all_inner_texts()
    cost = fact(signed_in, "Cost")
    assert sum(Decimal(text.removeprefix("$")) for text in meters) == Decimal(cost.removeprefix("$"))
    entries = signed_in.get_by_role("region", name="Entries of the ledger").locator("tbody tr").all_inner_texts()
    assert [text.split()[0] for text in entries] == ["reserve", "settle"]
    assert entries[1].split()[-1] == cost
    signed_in.get_by_role("button", name="Copy request id").click()
    expect(signed_in.get_by_text("Copied")).to_be_visible()
    assert signed_in.evaluate("navigator.clipboard.readText()") == id
    workbench = signed_in.get_by_role("link", name="Open in workbench")
    expect(workbench).to_have_attribute("href", "/workbench?model=gpt-4.1-mini")
    axe(signed_in)


def test_attempts_that_failed_are_counted(busy: BusySite, signed_in: Page) -> None:
    busy.upstream.play(failure(503), plain())
    signed_in.goto(f"/console/logs/{asked(busy)}")
    expect(signed_in.get_by_text("The time of all 2 attempts is in it")).to_be_visible()
    assert fact(signed_in, "Attempts") == "2"


def test_a_failure_is_explained(busy: BusySite, signed_in: Page) -> None:
    busy.upstream.play(failure(403))
    signed_in.goto(f"/console/logs/{asked(busy, 502)}")
    expect(signed_in.get_by_role("alert")).to_contain_text("502 upstream_credential_refused")
    expect(signed_in.get_by_role("alert")).to_contain_text("The provider refused the hub's own key.")
    expect(signed_in.get_by_text("Nothing was charged for this call.")).to_be_visible()


def test_what_others_have_chosen_is_text_and_nothing_else(busy: BusySite, signed_in: Page) -> None:
    signed_in.on("dialog", lambda dialog: pytest.fail(dialog.message))
    busy.upstream.play(failure(400, HOSTILE[0], code=HOSTILE[1]))
    by_code, by_model = asked(busy, 400), asked(busy, 404, model=HOSTILE[0])
    signed_in.goto("/console/logs?window=1h")
    expect(signed_in.get_by_text(f"400 {HOSTILE[1]}").first).to_be_visible()
    for id, text in ((by_code, HOSTILE[1]), (by_model, HOSTILE[0])):
        signed_in.goto(f"/console/logs/{id}")
        expect(signed_in.get_by_text(text).first).to_be_visible()
        assert signed_in.locator("img[src='x'], main script").count() == 0


def test_a_call_that_is_not_there_is_said_to_be_none(signed_in: Page, watch: Watch) -> None:
    watch.expect("status of 404")
    signed_in.goto("/console/logs/req_none")
    expect(signed_in.get_by_role("alert")).to_contain_text("log_not_found")


def test_everyone_can_use_it(busy: BusySite, signed_in: Page) -> None:
    for path in ("/console/logs?window=30d", "/console/logs?window=1h&live=1", f"/console/logs/{asked(busy)}"):
        signed_in.set_viewport_size({"width": 1280, "height": 800})
        signed_in.goto(path)
        expect(signed_in.locator(CALLS).first).to_be_visible()
        axe_in_both_themes(signed_in)
        signed_in.set_viewport_size({"width": 375, "height": 800})
        fits(signed_in)
