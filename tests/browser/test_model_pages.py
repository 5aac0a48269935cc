"""Every model's page in Chromium: what it says is the catalogue's, its links lead somewhere, its code is the API's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from urllib.parse import urlencode

import msgspec
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.browser.conftest import OpenSite
from tests.support.screen import Site, Watch, axe, axe_in_both_themes

from entrepot import catalog, money
from entrepot.catalog import Model
from entrepot.conversation import Usage
from entrepot.money import TIERS, Tier
from entrepot.pages.prices import LABELS
from entrepot.providers.sandbox.faults import PREFIX

MODELS = catalog.load().models
HTML = {"accept": "text/html"}

GO = """(path) => {
  history.pushState({}, "", path);
  dispatchEvent(new PopStateEvent("popstate", { state: {} }));
}"""
"""As a link of the application does it: no document is loaded."""

READ = """() => {
  const text = (element) => element.textContent.trim();
  const pairs = (selector) => Object.fromEntries([...document.querySelectorAll(`${selector} dt`)].map((dt) => [
    text(dt).replace(/ \\*$/, ""), dt.nextElementSibling.firstChild?.textContent ?? ""]));
  return {
    codes: [...document.querySelectorAll("#overview code")].map(text),
    overview: document.querySelector("#overview").textContent,
    tiles: pairs("#overview .stats"),
    specifications: pairs("#specifications"),
    prices: [...document.querySelectorAll("#prices section")].map((section) => ({
      caption: section.getAttribute("aria-label"),
      rows: [...section.querySelectorAll("tr")].map((row) => [...row.cells].map(text)),
    })),
    fields: [...document.querySelectorAll("#parameters tbody th code")].map(text),
    badges: [...document.querySelectorAll("#features li")].map(text),
    addresses: [...document.querySelectorAll("#endpoints .endpoint-url")].map(text),
    scores: [...document.querySelectorAll("#benchmarks dt")].map((dt) => [
      dt.firstChild.textContent, dt.nextElementSibling.querySelector(".score").textContent]),
    links: [...document.querySelectorAll("main a")].map((link) => link.href),
    ids: [...document.querySelectorAll("main [id]")].map((element) => element.id),
    contents: [...document.querySelectorAll(".contents-link")].map(text),
    headings: [...document.querySelectorAll("main h2")].map(text),
  };
}"""

CODES = """async (section) => {
  const shown = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const list = (label) => `#${section} [role=tablist][aria-label="${label}"]`;
  const tabs = (label) => [...document.querySelectorAll(`${list(label)} [role=tab]`)];
  const press = async (tab) => { tab.click(); await shown(); };
  const codes = () => [...document.querySelectorAll(`#${section} [role=tabpanel] pre code`)].map((e) => e.textContent);
  const found = [];
  if (section === "tools") {
    for (const tab of tabs("Tool")) { await press(tab); found.push([tab.textContent, "", codes()]); }
    return found;
  }
  for (const level of tabs("How much the example shows")) {
    await press(level);
    for (const tab of tabs("Language")) {
      await press(tab);
      found.push([level.textContent, tab.textContent, codes()]);
    }
  }
  return found;
}"""


class Shown(NamedTuple):
    """A model with the record of its page and what the page says."""

    model: Model
    record: dict[str, Any]
    title: str
    told: dict[str, Any]
    text: str
    snippets: list[tuple[str, str, list[str]]]


class Tour(NamedTuple):
    shown: list[Shown]
    watch: Watch


@pytest.fixture(scope="module")
def tour(chromium: Browser, site: Site) -> Iterator[Tour]:
    """Every model's page, gone to without loading the application anew."""
    with chromium.new_context(base_url=site.url) as context:
        watch, page = Watch(context, site.url), context.new_page()
        page.goto("/models")
        yield Tour([_visit(page, site, model) for model in MODELS.values()], watch)


def _visit(page: Page, site: Site, model: Model) -> Shown:
    page.evaluate(GO, f"/models/{model.id}")
    expect(page.get_by_role("heading", level=1)).to_have_text(model.name)
    expect(page.locator("#overview")).to_be_visible()
    told = page.evaluate(READ)
    text = "\n".join(page.locator("main").all_text_contents())
    record = site.call("GET", f"/v1/models/{model.id}/page")[1]
    alike = model.id.startswith(PREFIX) and model.id != f"{PREFIX}echo"  # models for tests differ in name alone
    return Shown(model, record, page.title(), told, text, [] if alike else page.evaluate(CODES, "examples"))


def told_day(text: str) -> date:
    return datetime.strptime(text.replace("Sept", "Sep"), "%d %b %Y").date()


def dollars(text: str) -> int:
    return int(Decimal(text.removeprefix("$").replace(",", "")) * 10**9)


def told_prices(tables: list[dict[str, Any]]) -> Iterator[tuple[tuple[int, str, Tier], int]]:
    """The price tables read back: step, label and tier with nano-dollars for a million."""
    for table in tables:
        if not table["caption"].startswith("Prices"):
            continue
        step = re.search(r"more than ([\d,]+)", table["caption"])
        header, *rows = table["rows"]
        tiers = [tier for tier in TIERS if tier.capitalize() in header]
        for label, *cells in rows:
            for tier, cell in zip(tiers, cells, strict=True):
                if cell.startswith("$"):
                    yield (int(step[1].replace(",", "")) if step else 0, label, tier), dollars(cell)


def test_nothing_goes_wrong_on_any_page(tour: Tour) -> None:
    assert len(tour.shown) == len(MODELS)
    tour.watch.check()


def test_every_page_says_what_the_catalogue_says(tour: Tour) -> None:
    for model, _, title, told, *_ in tour.shown:
        assert title == f"{model.name} · Entrepôt"
        assert set(model.names) <= set(told["codes"])
        assert model.summary in told["overview"]
        tokens = {"Context": model.context_tokens, "Max output": model.max_output_tokens}
        for name, count in tokens.items():
            expected = f"{count:,} tokens" if count is not None else None
            assert told["tiles"].get(name) == expected
            assert told["specifications"].get(name) in (expected, "unknown")
        days = {
            "Released": model.released,
            "Knowledge cutoff": model.knowledge_cutoff and model.knowledge_cutoff.date,
        }
        for name, day in days.items():
            assert (told_day(told["tiles"][name]) if name in told["tiles"] else None) == day
        for day in (model.lifecycle.deprecated_at, model.lifecycle.shutdown_at):
            assert day is None or str(day) in told["overview"]
        assert model.lifecycle.status == "active" or "All deprecations" in told["overview"]
        assert {name for name, _ in told["scores"]} == {score.name for score in model.benchmarks}
        assert [text for _, text in told["scores"]] == [
            f"{score.score:g}{'%' if score.unit == '%' else ' / 100' if score.unit == '/100' else ' points'}"
            for group in dict.fromkeys(score.group for score in model.benchmarks)
            for score in model.benchmarks
            if score.group == group
        ]


def test_every_price_is_the_catalogues_and_no_other_is_named(tour: Tour) -> None:
    for model, record, _, told, *_ in tour.shown:
        rates = model.price.rates if model.price else ()
        expected = {(rate.above_input_tokens, LABELS[rate.meter], rate.tier): rate.nusd_per_million for rate in rates}
        found = dict(told_prices(told["prices"]))
        assert {place: found.get(place) for place in expected} == expected, model.id
        for (_, label, tier), nusd in found.items() - expected.items():  # a rate below the step that holds above it
            assert expected[0, label, tier] == nusd
        calls = [row for table in told["prices"] if table["caption"].startswith("What") for row in table["rows"][1:]]
        assert [dollars(row[-1]) for row in calls] == [call["cost_nusd"] for call in record["typical_calls"]]


def test_every_page_shows_the_whole_record(tour: Tour) -> None:
    for _, record, _, told, text, _ in tour.shown:
        assert told["contents"] == told["headings"]
        fields = [*record["required_fields"], *record["optional_fields"]]
        assert told["fields"] == [field["name"] for field in fields]
        labels = [feature["label"] for feature in record["features"]]
        assert told["badges"] == [*labels, *record["supported_parameters"]]
        assert told["addresses"] == [endpoint["url"] for endpoint in record["endpoints"]]
        for fact in record["specifications"]:
            assert told["specifications"][fact["name"]] == fact["value"]
        for name in ("use_cases", "strengths", "limits", "suggested_prompts", "sources"):
            assert [item for item in record[name] if item not in text] == []
        assert [link["title"] for link in record["links"] if link["title"] not in text] == []


def test_no_link_is_dead(tour: Tour, context: BrowserContext, site: Site) -> None:
    links = set[str]()
    for model, _, _, told, *_ in tour.shown:
        here = f"{site.url}/models/{model.id}"
        anchors = {link.partition("#")[2] for link in told["links"] if link.startswith(f"{here}#")}
        assert anchors <= set(told["ids"])
        links |= {link.partition("#")[0] for link in told["links"]}
    own = {link for link in links if link.startswith(site.url)}
    assert {link for link in links - own if not link.startswith("https://")} == set()
    assert {f"{site.url}/workbench?{urlencode({'model': id})}" for id in MODELS} <= own
    answers = {link: context.request.get(link, headers=HTML).status for link in own}
    assert {link: status for link, status in answers.items() if status != 200} == {}


def test_every_snippet_is_shown_as_the_api_gives_it(tour: Tour) -> None:
    toured = [each for each in tour.shown if each.snippets]
    assert len(toured) == 1 + sum(not model.id.startswith(PREFIX) for model in MODELS.values())
    for model, record, *_, snippets in toured:
        expected = {(each["level_label"], each["label"]): [each["code"]] for each in record["snippets"]}
        assert {(level, label): codes for level, label, codes in snippets} == expected, model.id


@pytest.mark.parametrize("id", ["gpt-4.1-mini", "text-embedding-3-small"])
def test_tools_and_the_answer_are_shown_as_the_api_gives_them(page: Page, site: Site, id: str) -> None:
    page.goto(f"/models/{id}")
    expect(page.locator("#tools")).to_be_visible()
    record = site.call("GET", f"/v1/models/{id}/page")[1]
    found = {name: codes for name, _, codes in page.evaluate(CODES, "tools")}
    assert found == {
        tool["name"]: [tool["shell"], *([tool["file"]] if tool["file"] else [])] for tool in record["tools"]
    }
    answers = page.locator("#examples details code").all_text_contents()
    assert answers == ([record["answer"]] if record["answer"] else [])


def cost_of(id: str, tier: Tier, usage: dict[str, int]) -> int:
    price = MODELS[id].price
    assert price is not None
    return money.cost(msgspec.convert(usage, Usage), price, tier)


@pytest.mark.parametrize(
    ("id", "tier", "usage"),
    [
        ("gpt-4.1-mini", "standard", {"input_tokens": 12_345, "cached_tokens": 2_345, "output_tokens": 678}),
        ("gpt-4.1-mini", "priority", {"input_tokens": 999, "cached_tokens": 998, "output_tokens": 1}),
        ("gpt-6-luna", "batch", {"input_tokens": 272_000, "cached_tokens": 0, "output_tokens": 10}),
        ("gpt-6-luna", "standard", {"input_tokens": 272_001, "cache_write_tokens": 5_000, "output_tokens": 10}),
        ("text-embedding-3-small", "standard", {"input_tokens": 333}),
    ],
)
def test_the_calculator_reckons_as_the_ledger_does(page: Page, id: str, tier: Tier, usage: dict[str, int]) -> None:
    page.goto(f"/models/{id}")
    form = page.locator("#prices form")
    labels = {
        "input_tokens": "Input tokens",
        "cached_tokens": "of them cached",
        "cache_write_tokens": "of them written",
        "output_tokens": "Output tokens",
    }
    for name, label in labels.items():
        if name in usage or form.get_by_label(label).count():
            form.get_by_label(label).fill(str(usage.get(name, 0)))
    form.get_by_label("Tier").select_option(tier)
    form.get_by_label("Calls").fill("1000")
    amounts = form.locator("output strong")
    nusd = cost_of(id, tier, usage)
    expect(amounts).to_have_count(2)
    assert [dollars(text) for text in amounts.all_text_contents()] == [nusd, 1000 * nusd]
    form.get_by_label("Input tokens").fill("many")
    expect(form.get_by_role("alert")).to_have_text("A whole number")


def test_a_typical_call_fills_the_calculator(page: Page, site: Site) -> None:
    page.goto("/models/gpt-4.1")
    for call in site.call("GET", "/v1/models/gpt-4.1/page")[1]["typical_calls"]:
        page.get_by_role("button", name=call["name"]).click()
        assert dollars(page.locator("#prices output strong").inner_text()) == call["cost_nusd"]


def test_an_alias_leads_to_the_page_under_its_own_name(page: Page, site: Site) -> None:
    page.goto("/models/openai/gpt-4.1-mini#prices")
    expect(page).to_have_url(f"{site.url}/models/gpt-4.1-mini#prices")
    assert page.title() == "GPT-4.1 mini · Entrepôt"
    assert page.locator('link[rel="canonical"]').get_attribute("href") == f"{site.url}/models/gpt-4.1-mini"
    page.locator("#related").get_by_role("link", name="GPT-6 Luna").click()
    expect(page).to_have_url(f"{site.url}/models/gpt-6-luna")
    expect(page.locator('link[rel="canonical"]')).to_have_attribute("href", f"{site.url}/models/gpt-6-luna")


def test_an_unknown_model_leads_to_those_that_may_be_meant(page: Page, watch: Watch) -> None:
    watch.expect("status of 404")
    page.goto("/models/gpt4-mini")
    expect(page.get_by_text("No model is called gpt4-mini.")).to_be_visible()
    page.get_by_role("link", name="GPT-4.1 mini").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("GPT-4.1 mini")


def test_names_are_copied(page: Page, context: BrowserContext) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/models/gpt-4.1-mini")
    page.get_by_role("button", name="Copy the model id").click()
    assert page.evaluate("navigator.clipboard.readText()") == "gpt-4.1-mini"
    page.get_by_text("6 other names").click()
    page.get_by_role("button", name="Copy openai/gpt-4.1-mini", exact=True).click()
    assert page.evaluate("navigator.clipboard.readText()") == "openai/gpt-4.1-mini"


def test_latency_is_shown_when_there_is_any(page: Page) -> None:
    def measured(route: Any) -> None:
        answer = route.fetch()
        spread = {"p50": 410.0, "p90": 1250.0, "p99": 61_000.0}
        latency = {"window_s": 86_400, "requests": 1234, "ttft_ms": spread, "duration_ms": spread}
        route.fulfill(response=answer, json=answer.json() | {"latency": latency | {"output_tokens_per_s": None}})

    page.route("**/v1/models/gpt-4.1/page", measured)
    page.goto("/models/gpt-4.1")
    section = page.locator("#latency")
    expect(section).to_contain_text("1,234 live calls of the last 24 hours.")
    assert section.locator("tr").all_inner_texts()[1:] == [
        "First token\t410 ms\t1.25 s\t1 min 1 s",
        "Whole call\t410 ms\t1.25 s\t1 min 1 s",
    ]


@pytest.mark.parametrize("id", ["gpt-4.1-mini", "gpt-6-luna", "text-embedding-3-small", "sandbox/error-429"])
def test_pages_are_accessible_and_fit_a_phone(page: Page, id: str) -> None:
    page.set_viewport_size({"width": 375, "height": 800})
    page.goto(f"/models/{id}")
    expect(page.locator("#endpoints")).to_be_visible()
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    axe(page)
    page.set_viewport_size({"width": 1280, "height": 800})
    axe_in_both_themes(page)


HOSTILE = """
[[models]]
id = "hostile"
name = '<img src=x onerror="window.broken=1">'
summary = '<script>window.broken=2</script>'
description = '</p><svg onload="window.broken=3">'
use_cases = ['<iframe srcdoc="<script>parent.broken=4</script>">']
faq = [{ question = '<b onclick="window.broken=5">?</b>', answer = '<style>*{display:none}</style>' }]
links = [{ title = 'here', url = 'javascript:window.broken=6', kind = 'discussion' }]
sources = ['javascript:window.broken=7', 'https://hub.example/"><script>window.broken=8</script>']
"""


def test_texts_of_the_catalogue_are_never_markup(open_site: OpenSite, chromium: Browser) -> None:
    site = open_site(HOSTILE)
    with chromium.new_context(base_url=site.url) as context:
        watch, page = Watch(context, site.url), context.new_page()
        page.goto("/models/hostile")
        expect(page.get_by_role("heading", level=1)).to_have_text('<img src=x onerror="window.broken=1">')
        page.locator("#questions summary").click()
        page.goto("/models?search=hostile")
        expect(page.locator(".model-card-summary")).to_have_text("<script>window.broken=2</script>")
        page.goto("/models/compare?model=hostile&model=gpt-4.1")
        expect(page.get_by_role("columnheader", name="<img")).to_be_visible()
        assert page.evaluate("window.broken") is None
        watch.check()
