"""The catalogue, the comparison and the deprecations: what is chosen, what the address says, and how they fit."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from tests.support.screen import Site, axe, axe_in_both_themes

from entrepot import catalog

MODELS = catalog.load().models
SANDBOX = {id for id, model in MODELS.items() if {offer.provider for offer in model.offers} == {"sandbox"}}


def names(page: Page) -> list[str]:
    return page.locator(".model-card h2").all_inner_texts()


def named(*ids: str) -> set[str]:
    return {MODELS[id].name for id in ids}


def test_all_models_are_there_and_those_for_tests_when_asked_for(page: Page) -> None:
    page.goto("/models")
    expect(page.get_by_role("status")).to_contain_text(f"{len(MODELS) - len(SANDBOX)} models")
    assert set(names(page)) == named(*MODELS.keys() - SANDBOX)
    page.get_by_role("button", name=f"Show {len(SANDBOX)} for tests too").click()
    expect(page.get_by_role("status")).to_contain_text(f"{len(MODELS)} models")
    assert set(names(page)) == named(*MODELS)


def test_filters_narrow_the_list_and_stand_in_the_address(page: Page, site: Site) -> None:
    page.goto("/models")
    page.get_by_role("group", name="Developer").get_by_label("OpenAI").check()
    page.get_by_label("Image").check()
    page.get_by_label("Context, at least").select_option("1000000")
    page.get_by_label("Input to").fill("0.4")
    expect(page.get_by_role("status")).to_contain_text("3 of 20 models")
    wanted = named("gpt-4.1-mini", "gpt-4.1-nano", "gpt-6-luna")
    assert set(names(page)) == wanted
    expect(page).to_have_url(f"{site.url}/models?developer=OpenAI&input=image&input_max=0.4&context=1000000")
    page.reload()
    expect(page.get_by_role("group", name="Developer").get_by_label("OpenAI")).to_be_checked()
    assert set(names(page)) == wanted
    page.get_by_label("Deprecated").check()
    expect(page.locator(".model-card h2")).to_have_text([MODELS["gpt-4.1-mini"].name])
    page.get_by_role("button", name="Clear 5").click()
    expect(page).to_have_url(f"{site.url}/models")
    assert len(names(page)) == len(MODELS) - len(SANDBOX)


def test_a_search_that_finds_nothing_says_how_to_go_on(page: Page) -> None:
    page.goto("/models")
    search = page.get_by_role("searchbox", name="Search models")
    search.press_sequentially("million-token openai", delay=1)
    expect(page.locator(".model-card h2")).to_have_text([MODELS["gpt-4.1-mini"].name])
    search.press_sequentially(" zzz")
    expect(page.get_by_text("No model is like that.")).to_be_visible()
    page.get_by_role("button", name="Clear the search and filters").click()
    expect(search).to_have_value("")
    assert len(names(page)) == len(MODELS) - len(SANDBOX)


@pytest.mark.parametrize("path", ["/models?sort=-context", "/models?sort=output_price", "/models?sort=name"])
def test_sorting_is_that_of_the_api(page: Page, site: Site, path: str) -> None:
    page.goto(path)
    cards = site.call("GET", f"/v1/models/pages?{path.partition('?')[2]}")[1]["data"]
    expect(page.locator(".model-card").first).to_be_visible()
    assert names(page) == [card["name"] for card in cards if not card["sandbox"]]


def test_the_table_says_what_the_cards_say_and_is_remembered(page: Page, site: Site) -> None:
    page.goto("/models")
    page.get_by_role("group", name="View").get_by_text("Table").click()
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(len(MODELS) - len(SANDBOX))
    cells = rows.filter(has_text="gpt-4.1-mini").first.locator("td").all_inner_texts()
    assert [*cells[1:2], *cells[3:8]] == ["OpenAI", "1,047,576", "32,768", "$0.40", "$0.10", "$1.60"]
    page.reload()
    expect(rows.first).to_be_visible()
    axe(page)


def test_models_are_picked_and_compared(page: Page, site: Site) -> None:
    page.goto("/models")
    for id in ("gpt-4.1-mini", "gpt-4.1", "gpt-6-luna"):
        page.get_by_label(f"Compare {MODELS[id].name}", exact=True).check()
    picked = page.get_by_role("region", name="Picked to compare")
    expect(picked).to_contain_text("3 of 6")
    picked.get_by_role("button", name="Take out GPT-6 Luna").click()
    picked.get_by_role("link", name="Compare").click()
    expect(page).to_have_url(f"{site.url}/models/compare?model=gpt-4.1-mini&model=gpt-4.1")
    heads = page.locator("thead th a:not(.button)")
    expect(heads).to_have_text(["GPT-4.1 mini", "GPT-4.1"])
    link = page.get_by_role("link", name="Open in workbench")
    assert link.get_attribute("href") == "/workbench?model=gpt-4.1-mini&model=gpt-4.1"
    page.go_back()
    expect(page.get_by_label("Compare GPT-4.1 mini", exact=True)).to_be_checked()


def test_no_more_than_six_are_picked(page: Page) -> None:
    page.goto("/models")
    boxes = page.locator(".pick input")
    expect(boxes.first).to_be_visible()
    for number in range(6):
        boxes.nth(number).check()
    expect(page.get_by_role("region", name="Picked to compare")).to_contain_text("6 of 6")
    assert boxes.nth(6).is_disabled()
    assert boxes.nth(0).is_enabled()


def compared(page: Page) -> dict[str, list[str]]:
    rows = page.locator("tbody tr:has(td)").all()
    return {
        row.locator("th").first.inner_text(): row.locator("td").all_inner_texts()
        for row in rows
        if row.locator("th").count()
    }


def test_the_comparison_has_every_fact_side_by_side(page: Page, site: Site) -> None:
    ids = ["gpt-4.1-mini", "gpt-4.1"]
    page.goto(f"/models/compare?model={ids[0]}&model=openai/{ids[1]}")
    expect(page.locator("tbody").first).to_be_visible()
    page.get_by_label("Mark what differs").uncheck()
    facts = compared(page)
    assert facts["Context, tokens"] == ["1,047,576", "1,047,576"]
    assert facts["Input"] == ["$0.40", "$2.00"]
    assert facts["Input, batch"] == ["$0.20", "$1.00"]
    assert facts["Shut down on"] == ["14 Jan 2027", "14 Jan 2027"]
    assert facts["Prompt caching"] == ["yes", "yes"]
    records = [site.call("GET", f"/v1/models/{id}/page")[1] for id in ids]
    for record, column in zip(records, (0, 1), strict=True):
        for name in record["supported_parameters"]:
            assert facts[name][column] == "yes"
    for call in records[0]["typical_calls"]:
        assert facts[call["name"]][0].startswith("$")


def test_differences_are_marked_and_the_rest_is_left_out(page: Page) -> None:
    page.goto("/models/compare?model=gpt-4.1-mini&model=gpt-4.1")
    row = page.locator("tr[data-differs]", has_text="Input").first
    expect(row).to_contain_text("differs")
    assert page.locator("tr[data-differs]", has_text="Developer").count() == 0
    page.get_by_label("Only what differs").check()
    expect(page.get_by_role("rowheader", name="Developer")).to_have_count(0)
    page.get_by_label("Mark what differs").uncheck()
    expect(page.locator("tr[data-differs]")).to_have_count(0)


def test_models_are_added_to_a_comparison_and_taken_out(page: Page, site: Site) -> None:
    page.goto("/compare?model=gpt-4.1&model=no-such")
    expect(page).to_have_url(f"{site.url}/models/compare?model=gpt-4.1&model=no-such")
    expect(page.get_by_text("No model is called no-such.")).to_be_visible()
    page.get_by_label("Add a model").select_option("gpt-4.1-mini")
    expect(page).to_have_url(f"{site.url}/models/compare?model=gpt-4.1&model=gpt-4.1-mini")
    for name in ("GPT-4.1", "GPT-4.1 mini"):
        page.get_by_role("button", name=f"Take out {name}", exact=True).click()
    expect(page.get_by_text("No model is chosen yet.")).to_be_visible()


def test_deprecations_are_those_of_the_feed(page: Page, site: Site) -> None:
    page.goto("/models/deprecations")
    feed = site.call("GET", "/v1/models/deprecations")[1]["data"]
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(len(feed))
    assert rows.locator("th").all_inner_texts() == [each["id"] for each in feed]
    mini = rows.filter(has=page.get_by_role("link", name="gpt-4.1-mini", exact=True))
    expect(mini).to_contain_text("14 Jan 2027")
    mini.get_by_role("link", name="gpt-6-luna").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("GPT-6 Luna")


SCREENS = [
    *("/models", "/models/deprecations", "/models/compare", "/models/no-such"),
    "/models/compare?model=gpt-4.1&model=gpt-6-luna&model=gpt-4.1-mini&model=claude-opus-5-5",
]


@pytest.mark.parametrize("path", SCREENS)
def test_screens_are_accessible_and_fit_a_phone(page: Page, watch: Any, path: str) -> None:
    watch.expect("status of 404.*no-such")
    page.set_viewport_size({"width": 375, "height": 800})
    page.goto(path)
    expect(page.locator("main .loading")).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    axe(page)
    page.set_viewport_size({"width": 1280, "height": 800})
    axe_in_both_themes(page)


def test_filters_unfold_on_a_phone(page: Page, context: BrowserContext) -> None:
    page.set_viewport_size({"width": 375, "height": 800})
    page.goto("/models")
    unfold = page.get_by_role("button", name="Filters")
    expect(page.get_by_label("Callable now")).to_be_hidden()
    unfold.click()
    page.get_by_label("Callable now").check()
    expect(page.get_by_text("No model is like that.")).to_be_visible()
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
