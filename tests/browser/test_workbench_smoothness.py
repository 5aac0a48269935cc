"""The workbench stays smooth under load: no task of the page's main thread takes it longer than a tenth of a second.

Tasks are measured in the thread's own processor time, which other processes of the machine do not lengthen much.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.browser.conftest import OpenSite
from tests.support.screen import Site
from tests.support.threaded_upstream import PROVIDER_ENVIRON, ThreadedUpstream
from tests.support.upstream import stream

MOST_MS = 100
ATTEMPTS = 3
PIECE_CHARS = 40
PART = """The tide **rises** and falls with the [moon](https://moon.test) in about `12` hours.

- one
- two

```python
print('tide')
```

| a | b |
|---|---|
| 1 | 2 |

"""
REPEAT = """async (times) => {
  const wait = (request) => new Promise((resolve) => { request.onsuccess = () => resolve(request.result) });
  const database = await wait(indexedDB.open("entrepot.workbench"));
  const store = database.transaction("sessions", "readwrite").objectStore("sessions");
  const [id] = await wait(store.getAllKeys());
  const session = await wait(store.get(id));
  const [column] = session.columns;
  const turns = Array.from({ length: times }, (_, turn) => column.entries.map((entry) => (
    { ...entry, id: `${entry.id}-${turn}` })));
  const long = { ...column, id: "long", entries: turns.flat() };
  await wait(store.put({ ...session, columns: [long] }, id));
  database.close();
}"""


@pytest.fixture(scope="module")
def site(open_site: OpenSite, upstream: ThreadedUpstream) -> Site:
    return open_site(upstream.provider, environ=PROVIDER_ENVIRON)


def open_bench(
    context: BrowserContext, page: Page, site: Site, models: list[str], key: str, steering: str = ""
) -> None:
    context.add_init_script(f"if (location.protocol === 'http:') sessionStorage.setItem('entrepot.key', {key!r})")
    context.set_extra_http_headers({"x-entrepot-sandbox": steering})
    page.goto("/workbench?" + "&".join(f"model={model}" for model in models))
    expect(page.get_by_role("region", name=re.compile("^Column "))).to_have_count(len(models))


def all_done(page: Page, columns: int, within_ms: int = 60_000) -> None:
    expect(page.locator(".column-head").get_by_text("Done", exact=True)).to_have_count(columns, timeout=within_ms)


def longest_ms(chromium: Browser, page: Page, act: Callable[[], None]) -> float:
    """The longest task of the page's main thread while this is done, in milliseconds of the thread's own time."""
    chromium.start_tracing(page=page, categories=["toplevel"])
    act()
    events = json.loads(chromium.stop_tracing())["traceEvents"]
    mains = {(e["pid"], e["tid"]) for e in events if e.get("args", {}).get("name") == "CrRendererMain"}
    tasks = [e for e in events if str(e.get("name")).endswith("RunTask") and "tdur" in e]
    spent: Counter[tuple[int, int]] = Counter()
    for task in tasks:
        if (place := (task["pid"], task["tid"])) in mains:
            spent[place] += task["tdur"]
    ((busiest, used_us),) = spent.most_common(1)
    assert used_us > 0
    return float(max(task["tdur"] for task in tasks if (task["pid"], task["tid"]) == busiest)) / 1000


def best_of(measure: Callable[[], float]) -> float:
    """The best of some attempts: the first that is good enough."""
    found = [measure()]
    while found[-1] > MOST_MS and len(found) < ATTEMPTS:
        found.append(measure())
    return min(found)


def test_six_columns_at_a_hundred_tokens_a_second(
    chromium: Browser, context: BrowserContext, page: Page, site: Site
) -> None:
    open_bench(context, page, site, ["gpt-4.1-mini"] * 6, site.test, "tokens_per_s=100, echo=true")

    def stream() -> None:
        page.get_by_label("Prompt for all models").fill(PART * 6)
        page.keyboard.press("Enter")
        expect(page.get_by_text("Streaming", exact=True).first).to_be_visible()
        all_done(page, 6)

    assert best_of(lambda: longest_ms(chromium, page, stream)) < MOST_MS


def test_a_conversation_of_two_hundred_turns(
    chromium: Browser, context: BrowserContext, page: Page, site: Site
) -> None:
    open_bench(context, page, site, ["gpt-4.1-mini"], site.test, "echo=true")
    page.get_by_label("Prompt for all models").fill(PART * 3)
    page.keyboard.press("Enter")
    all_done(page, 1)
    page.keyboard.press("Alt+h")
    entry = page.get_by_role("button", name=re.compile("^The tide"))
    expect(entry).to_be_visible()
    page.evaluate(REPEAT, 100)

    def read() -> None:
        entry.click()
        expect(page.get_by_role("article")).to_have_count(200)
        page.locator(".column-body").hover()
        for _ in range(20):
            page.mouse.wheel(0, -1500)
            page.wait_for_timeout(20)

    assert longest_ms(chromium, page, read) < MOST_MS

    def go_on() -> None:
        page.get_by_label("Prompt for all models").fill("And the moon?")
        page.keyboard.press("Enter")
        expect(page.get_by_role("article")).to_have_count(202)
        all_done(page, 1)

    assert longest_ms(chromium, page, go_on) < MOST_MS


def test_an_answer_of_a_megabyte(
    chromium: Browser, context: BrowserContext, page: Page, site: Site, upstream: ThreadedUpstream
) -> None:
    text = PART * (1_000_000 // len(PART))
    upstream.play(stream(*(text[at : at + PIECE_CHARS] for at in range(0, len(text), PIECE_CHARS))))
    open_bench(context, page, site, ["fault"], site.live)

    def read() -> None:
        page.get_by_label("Prompt for all models").fill("Tell me all about tides")
        page.keyboard.press("Enter")
        all_done(page, 1, 240_000)
        page.locator(".column-body").hover()
        for _ in range(20):
            page.mouse.wheel(0, -1500)
            page.wait_for_timeout(20)

    assert longest_ms(chromium, page, read) < MOST_MS
    assert page.get_by_role("article").last.locator(".written-group").count() > 100
