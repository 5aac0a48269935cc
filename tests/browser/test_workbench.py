"""The workbench in Chromium on a real hub: every flow from the choice of models to what went over the wire."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from tests.browser.conftest import OpenSite
from tests.support.hub import eventually
from tests.support.screen import Site, Watch, axe
from tests.support.tiny_gguf import write_tiny_gguf

MODELS = "/workbench?model=gpt-4.1-mini&model=sandbox/reasoning"
TOOL = {
    "name": "weather",
    "description": "Tells the weather",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
Steer = Callable[[str], None]


@pytest.fixture
def bench(context: BrowserContext, page: Page, site: Site) -> Page:
    """A page whose tab has the test key."""
    give_key(context, site.test)
    return page


@pytest.fixture
def steer(context: BrowserContext) -> Steer:
    """Steers the sandbox in all that the page asks from now on."""
    return lambda how: context.set_extra_http_headers({"x-entrepot-sandbox": how} if how else {})


def give_key(context: BrowserContext, token: str) -> None:
    context.add_init_script(f"if (location.protocol === 'http:') sessionStorage.setItem('entrepot.key', {token!r})")


def ask(page: Page, prompt: str) -> None:
    page.get_by_label("Prompt for all models").fill(prompt)
    page.keyboard.press("Enter")


def column(page: Page, place: int = 1) -> Locator:
    return page.get_by_role("region", name=re.compile(f"^Column {place}: "))


def answers(page: Page, place: int = 1) -> Locator:
    return column(page, place).get_by_role("article", name=re.compile("^Answer of "))


def metrics(within: Locator) -> dict[str, str]:
    rows = within.locator(".metric").all()
    return {row.locator("dt").inner_text(): row.locator("dd").inner_text() for row in rows}


def is_done(within: Locator) -> None:
    expect(within.locator(".column-head").get_by_text("Done")).to_be_visible()


def sent(page: Page, place: int = 1) -> dict[str, Any]:
    """The body of the last request of a column, from its raw view."""
    column(page, place).get_by_role("button", name="Raw").last.click()
    body: dict[str, Any] = json.loads(page.get_by_role("dialog").locator("pre").nth(1).inner_text())
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    return body


def choose(page: Page, group: str, label: str) -> None:
    page.get_by_role("group", name=group).get_by_text(label, exact=True).click()


def test_models_are_chosen_and_answer_the_same_prompt(bench: Page) -> None:
    bench.goto("/workbench?model=gpt-4.1-mini")
    bench.get_by_role("button", name="Add model").click()
    search = bench.get_by_role("combobox", name="Search models")
    expect(search).to_be_focused()
    search.fill("claude sonnet")
    expect(bench.get_by_role("listbox").get_by_role("option")).to_have_count(1)
    search.fill("sandbox")
    bench.keyboard.press("ArrowDown")
    bench.keyboard.press("Enter")
    expect(column(bench, 2)).to_contain_text("sandbox/slow")
    assert bench.url.endswith("/workbench?model=gpt-4.1-mini&model=sandbox/slow")
    ask(bench, "Say hello")
    for place in (1, 2):
        is_done(column(bench, place))
        expect(answers(bench, place)).to_contain_text("hello")
        expect(column(bench, place)).to_contain_text("Simulated")
        told = metrics(column(bench, place))
        assert re.fullmatch(r"\d+ ms|[\d.]+ s", told["TTFT"]), told
        assert (told["In"], told["Out"], told["Cached"], told["Cost"], told["Finish"]) == (
            "9",
            "1",
            "0",
            "$0.00",
            "stop",
        )
    axe(bench)


def test_an_answer_is_shown_while_it_streams_and_can_be_stopped(bench: Page, steer: Steer) -> None:
    steer("tokens_per_s=20")
    bench.goto(MODELS)
    ask(bench, "Count to 500")
    first = answers(bench)
    expect(column(bench).get_by_text("Streaming", exact=True)).to_be_visible()
    expect(first).to_contain_text("1, 2, 3")
    expect(answers(bench, 2).get_by_role("button", name="Reasoning…")).to_have_attribute("aria-expanded", "true")
    column(bench).get_by_role("button", name="Stop").click()
    expect(column(bench).locator(".column-head").get_by_text("Stopped")).to_be_visible()
    expect(column(bench, 2).locator(".column-head").get_by_text("Streaming")).to_be_visible()
    bench.keyboard.press("Escape")
    expect(column(bench, 2).locator(".column-head").get_by_text("Stopped")).to_be_visible()
    assert not first.inner_text().endswith("500")


def test_reasoning_stands_apart_and_is_folded_in_the_end(bench: Page) -> None:
    bench.goto(MODELS)
    ask(bench, "Say hello")
    is_done(column(bench, 2))
    fold = answers(bench, 2).get_by_role("button", name="Reasoning")
    expect(fold).to_have_attribute("aria-expanded", "false")
    expect(answers(bench, 2)).not_to_contain_text("I am simulated")
    fold.click()
    expect(answers(bench, 2)).to_contain_text("I am simulated")


def test_a_conversation_goes_on_is_edited_and_asked_again(bench: Page) -> None:
    bench.goto("/workbench?model=gpt-4.1-mini")
    ask(bench, "My name is Ada")
    is_done(column(bench))
    ask(bench, "What is my name?")
    expect(answers(bench)).to_have_count(2)
    expect(answers(bench).last).to_contain_text("Ada")
    assert len(sent(bench)["messages"]) == 3
    column(bench).get_by_role("button", name="Edit this prompt").first.click()
    bench.get_by_label("Prompt, edited").fill("Say goodbye")
    bench.get_by_role("button", name="Send again").click()
    expect(answers(bench)).to_have_count(1)
    expect(answers(bench)).to_contain_text("goodbye")
    is_done(column(bench))
    before = column(bench).get_by_role("article", name="Prompt").count()
    column(bench).get_by_role("button", name="Retry").click()
    is_done(column(bench))
    expect(answers(bench)).to_have_count(1)
    expect(answers(bench)).to_contain_text("goodbye")
    assert column(bench).get_by_role("article", name="Prompt").count() == before


@pytest.mark.parametrize(
    ("protocol", "path"), [("Chat", "chat/completions"), ("Responses", "responses"), ("Messages", "messages")]
)
def test_each_protocol_carries_tools_and_their_results(bench: Page, protocol: str, path: str) -> None:
    bench.goto("/workbench?model=gpt-4.1-mini&temperature=0.5")
    choose(bench, "Protocol", protocol)
    bench.get_by_label("System prompt").fill("Be brief.")
    bench.get_by_role("button", name="Add a tool").click()
    bench.get_by_role("menuitem", name="Paste JSON…").click()
    bench.get_by_label("Tools as JSON").fill(json.dumps(TOOL))
    bench.get_by_role("button", name="Add tools").click()
    with bench.expect_request(f"**/v1/{path}"):
        ask(bench, "Call weather for Paris")
    call = answers(bench).get_by_role("list", name="Tool calls")
    expect(call).to_contain_text("weather")
    expect(call).to_contain_text("Paris")
    assert metrics(column(bench))["Finish"] == "tools"
    column(bench).get_by_label("Result of weather").fill("Sunny, 21 degrees")
    bench.get_by_role("button", name="Send results").click()
    expect(answers(bench)).to_have_count(2)
    expect(answers(bench).last).to_contain_text("Sunny, 21 degrees")
    is_done(column(bench))
    body = sent(bench)
    assert (body["model"], body["temperature"], body["stream"]) == ("gpt-4.1-mini", 0.5, True)
    assert "Be brief." in json.dumps(body)
    assert "Sunny, 21 degrees" in json.dumps(body)


def test_what_a_protocol_cannot_carry_is_told(bench: Page) -> None:
    bench.goto("/workbench?model=gpt-4.1-mini&protocol=messages&seed=7")
    ask(bench, "Say hello")
    expect(answers(bench)).to_contain_text("Not sent: seed")
    assert "seed" not in sent(bench)


def test_the_address_carries_models_protocol_and_parameters(bench: Page, site: Site) -> None:
    address = "/workbench?model=sandbox/echo&model=gpt-4.1&protocol=responses&temperature=0.25"
    bench.goto(address)
    expect(bench.get_by_role("radio", name="Responses", exact=True)).to_be_checked()
    expect(bench.get_by_role("region", name=re.compile("^Column "))).to_have_count(2)
    choose(bench, "Protocol", "Messages")
    column(bench, 2).get_by_role("button", name="Column of gpt-4.1").click()
    bench.get_by_role("menuitem", name="Move left").click()
    wanted = "/workbench?model=gpt-4.1&model=sandbox/echo&protocol=messages&temperature=0.25"
    expect(bench).to_have_url(site.url + wanted)
    ask(bench, "A secret prompt")
    is_done(column(bench, 2))
    expect(bench).to_have_url(site.url + wanted)
    bench.reload()
    expect(column(bench, 1)).to_contain_text("GPT-4.1")
    expect(bench.get_by_role("radio", name="Messages", exact=True)).to_be_checked()


def test_a_link_takes_the_prompt_along_only_when_asked_to(bench: Page, context: BrowserContext, site: Site) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site.url)
    bench.goto("/workbench?model=gpt-4.1-mini&temperature=0.5")
    bench.get_by_label("Prompt for all models").fill("Tell of ships & harbours")
    links = []
    for item in ("Copy link to these models and parameters", "Copy link with prompt and system prompt"):
        bench.get_by_role("button", name="Copy link").click()
        bench.get_by_role("menuitem", name=item).click()
        links.append(str(bench.evaluate("navigator.clipboard.readText()")))
    assert links[0] == f"{site.url}/workbench?model=gpt-4.1-mini&temperature=0.5"
    bench.goto(links[1])
    expect(bench.get_by_label("Prompt for all models")).to_have_value("Tell of ships & harbours")


def test_columns_are_copied_swapped_moved_and_removed(bench: Page) -> None:
    bench.goto("/workbench?model=gpt-4.1-mini")
    ask(bench, "My name is Ada")
    is_done(column(bench))
    bench.get_by_role("button", name="Column of gpt-4.1-mini").click()
    bench.get_by_role("menuitem", name="Duplicate").click()
    column(bench, 2).get_by_title("Choose another model; the conversation stays").click()
    bench.get_by_role("combobox", name="Search models").fill("sandbox/echo")
    bench.keyboard.press("Enter")
    expect(column(bench, 2)).to_contain_text("sandbox/echo")
    expect(column(bench, 2)).to_contain_text("My name is Ada")
    ask(bench, "What is my name?")
    expect(answers(bench, 1).last).to_contain_text("Ada")
    expect(answers(bench, 2).last).to_contain_text("What is my name?")
    bench.get_by_role("button", name="Column of gpt-4.1-mini").click()
    bench.get_by_role("menuitem", name="Remove column").click()
    expect(bench.get_by_role("region", name=re.compile("^Column "))).to_have_count(1)


def test_the_raw_view_shows_request_response_and_events_and_no_key(bench: Page, site: Site) -> None:
    bench.goto("/workbench?model=gpt-4.1-mini")
    ask(bench, "Count to 5")
    is_done(column(bench))
    column(bench).get_by_role("button", name="Raw").click()
    dialog = bench.get_by_role("dialog")
    expect(dialog).to_contain_text(f"POST {site.url}/v1/chat/completions")
    expect(dialog).to_contain_text("Count to 5")
    expect(dialog).not_to_contain_text(site.test)
    dialog.get_by_role("tab", name="Response").click()
    expect(dialog).to_contain_text("HTTP 200")
    expect(dialog).to_contain_text("x-entrepot-mode: test")
    dialog.get_by_role("tab", name=re.compile("Events")).click()
    expect(dialog.get_by_role("listitem").first).to_contain_text(re.compile(r"\+\d+ ms.*chat\.completion\.chunk"))
    axe(bench)


def test_the_code_is_that_of_the_call_on_screen(bench: Page) -> None:
    bench.goto("/workbench?model=gpt-4.1-mini&temperature=0.5")
    bench.get_by_label("Prompt for all models").fill("Tell of ships")
    bench.keyboard.press("Alt+c")
    code = bench.get_by_role("region", name="Code")
    expect(code).to_contain_text("Tell of ships")
    bench.get_by_label("Prompt for all models").press("Enter")
    expect(code).not_to_contain_text("assistant")
    choose(bench, "Language", "JSON")
    expect(code).to_contain_text('"temperature": 0.5')
    choose(bench, "View", "Compare")
    is_done(column(bench))


def test_an_answer_is_checked_against_its_format(bench: Page) -> None:
    bench.goto("/workbench?model=gpt-4.1-mini&model=sandbox/echo")
    bench.get_by_role("combobox", name="Response format").select_option("json_schema")
    ask(bench, "Is the harbour open?")
    expect(answers(bench, 1)).to_contain_text("Fits the format")
    expect(answers(bench, 2)).to_contain_text("Does not fit the format")


def test_a_session_is_kept_opened_again_and_deleted(bench: Page, watch: Watch) -> None:
    watch.expect("status of 429")
    bench.goto("/workbench?model=sandbox/echo&model=sandbox/error-429")
    expect(column(bench, 2)).to_be_visible()
    bench.get_by_label("System prompt").fill("Be brief.")
    ask(bench, "Ships in the harbour")
    is_done(column(bench))
    expect(column(bench, 2).get_by_role("alert")).to_be_visible()
    bench.keyboard.press("Alt+h")
    expect(bench.get_by_role("button", name=re.compile("^Ships in the harbour"))).to_be_visible()
    bench.goto("/workbench?model=gpt-4.1")
    bench.get_by_role("button", name="More").click()
    bench.get_by_role("menuitem", name="History").click()
    bench.get_by_role("button", name=re.compile("^Ships in the harbour")).click()
    expect(answers(bench)).to_contain_text("Ships in the harbour")
    expect(column(bench, 2).get_by_role("alert")).to_contain_text("429")
    expect(bench.get_by_label("System prompt")).to_have_value("Be brief.")
    assert "model=sandbox/echo" in bench.url
    bench.keyboard.press("Alt+h")
    bench.get_by_role("button", name=re.compile("^Delete “Ships")).click()
    expect(bench.get_by_role("dialog")).to_contain_text("There are no sessions yet.")


def test_keys_do_what_the_help_says(bench: Page) -> None:
    bench.goto("/workbench?model=gpt-4.1-mini")
    prompt = bench.get_by_label("Prompt for all models")
    expect(column(bench)).to_be_visible()
    bench.keyboard.press("/")
    expect(prompt).to_be_focused()
    bench.keyboard.type("a/b?")
    expect(prompt).to_have_value("a/b?")
    bench.keyboard.press("Shift+Enter")
    bench.keyboard.type("c")
    expect(prompt).to_have_value("a/b?\nc")
    bench.keyboard.press("Alt+n")
    expect(bench.get_by_role("dialog")).to_contain_text("Add a model")
    bench.keyboard.press("Escape")
    expect(bench.get_by_role("dialog")).to_have_count(0)
    prompt.blur()
    bench.keyboard.press("?")
    expect(bench.get_by_role("dialog")).to_contain_text("Keyboard shortcuts")
    bench.keyboard.press("Escape")
    expect(bench.get_by_role("dialog")).to_have_count(0)
    bench.keyboard.press("Alt+s")
    expect(bench.get_by_role("complementary", name="Settings")).to_have_count(0)
    bench.keyboard.press("Control+Enter")
    is_done(column(bench))


@pytest.mark.parametrize(
    ("model", "told"),
    [
        ("sandbox/cut-stream", "upstream_stream_broken"),
        ("sandbox/error-429", "upstream_rate_limited"),
        ("sandbox/error-503", "upstream_overloaded"),
    ],
)
def test_failures_are_told_in_every_protocol(bench: Page, watch: Watch, model: str, told: str) -> None:
    watch.expect(r"status of (429|503)")
    for protocol in ("chat", "responses", "messages"):
        bench.goto(f"/workbench?model={model}&protocol={protocol}")
        ask(bench, "Count to 20")
        expect(column(bench).locator(".column-head").get_by_text("Failed")).to_be_visible()
        failure = column(bench).get_by_role("alert")
        expect(failure).to_contain_text("sandbox")
        expect(failure).to_contain_text("req_")
        if protocol != "messages":
            expect(failure).to_contain_text(told)


def test_without_a_key_the_way_to_one_is_shown(page: Page, site: Site) -> None:
    page.goto("/workbench?model=gpt-4.1-mini")
    ask(page, "Say hello")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Paste a key").fill(site.test)
    dialog.get_by_role("button", name="Use").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("region", name="Key")).to_contain_text("TEST MODE")
    page.get_by_label("Prompt for all models").press("Enter")
    expect(answers(page)).to_contain_text("hello")
    assert site.test not in page.url


def test_it_can_be_used_on_a_phone(bench: Page) -> None:
    bench.set_viewport_size({"width": 375, "height": 667})
    bench.goto(MODELS)
    ask(bench, "Say hello")
    is_done(column(bench))
    assert bench.evaluate("document.documentElement.scrollWidth") <= 375
    bench.get_by_role("button", name="Settings").click()
    bench.get_by_role("dialog").get_by_label("System prompt").fill("Be brief.")
    axe(bench)
    bench.keyboard.press("Escape")
    column(bench, 2).scroll_into_view_if_needed()
    expect(answers(bench, 2)).to_be_in_viewport()


def test_a_model_of_llama_cpp_answers_a_live_key(chromium: Browser, open_site: OpenSite, tmp_path: Path) -> None:
    gguf = write_tiny_gguf(tmp_path / "tiny.gguf")
    local = open_site(arguments=("--port", "0", "--local", str(gguf), "--local-threads", "1"))
    eventually(lambda: "local/tiny is loaded" in local.hub.log, 30)
    with chromium.new_context(base_url=local.url) as context:
        watch = Watch(context, local.url)
        give_key(context, local.live)
        page = context.new_page()
        for protocol in ("chat", "responses", "messages"):
            page.goto(f"/workbench?model=local/tiny&temperature=0&protocol={protocol}&max_tokens=40")
            expect(page.get_by_role("region", name="Key")).to_contain_text("LIVE")
            ask(page, "What is in the harbour?")
            is_done(column(page))
            expect(column(page)).not_to_contain_text("Simulated")
            expect(answers(page).locator(".written")).to_have_text(re.compile(r"(\S+\s+){3}\S"))
            assert re.fullmatch(r"≈?\d+", metrics(column(page))["Out"])
        watch.check()
