"""The workbench's editors: what is set in them is what is sent, and the code that stands beside it sends the same."""

from __future__ import annotations

import base64
import http.client
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, FilePayload, Locator, Page, expect
from tests.support.media import PNG_BASE64
from tests.support.screen import Site, Watch, axe

PROMPT = "What is 2 + 3?"
ROUTES = {"Chat": "/v1/chat/completions", "Responses": "/v1/responses", "Messages": "/v1/messages"}
WEATHER = {
    "name": "get_weather",
    "description": "The weather at a place, now.",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
SETTINGS = "'.workbench-settings'"
TIMEOUT_S = 60
PNG = base64.b64decode(PNG_BASE64)


@pytest.fixture
def bench(site: Site, context: BrowserContext, page: Page, watch: Watch) -> Page:
    """The workbench with one model and a test key."""
    # Where Chromium itself edits coloured text it sometimes writes a style, which the policy refuses it.
    watch.expect("Applying inline style|style-src-attr inline")
    context.add_init_script(f"sessionStorage.setItem('entrepot.key', {json.dumps(site.test)})")
    page.goto("/workbench?model=gpt-4.1")
    expect(page.get_by_role("region", name="Parameters")).to_be_visible()
    return page


def sent(page: Page, route: str = ROUTES["Chat"]) -> dict[str, Any]:
    """What goes to the hub when the prompt is sent now."""
    page.get_by_label("Prompt for all models").fill(PROMPT)
    with page.expect_request(lambda request: urlsplit(request.url).path == route) as asked:
        page.get_by_role("button", name="Send", exact=True).click()
    body = asked.value.post_data_json
    assert isinstance(body, dict)
    return body


def number(page: Page, title: str) -> Locator:
    return page.get_by_role("textbox", name=title, exact=True)


def test_only_what_is_set_is_sent(bench: Page) -> None:
    number(bench, "Temperature").fill("0.25")
    bench.get_by_text("Advanced").click()
    stop = bench.get_by_role("textbox", name="Stop sequences")
    stop.fill("END\\n")
    stop.press("Enter")
    bench.get_by_role("combobox", name="Parallel tool calls").select_option("Off")
    bench.get_by_role("slider", name="Top P").fill("0.5")
    expect(number(bench, "Top P")).to_have_value("0.5")
    body = sent(bench)
    assert {name: body.get(name) for name in ("temperature", "stop", "parallel_tool_calls", "top_p")} == {
        "temperature": 0.25,
        "stop": ["END\n"],
        "parallel_tool_calls": False,
        "top_p": 0.5,
    }
    assert not {"max_completion_tokens", "seed", "user"} & body.keys()
    bench.get_by_role("button", name="Reset Temperature").click()
    assert "temperature" not in sent(bench)
    bench.get_by_role("button", name="Reset all").click()
    expect(number(bench, "Top P")).to_have_value("")
    assert "stop" not in sent(bench)


def test_what_is_wrong_is_told_where_it_stands(bench: Page) -> None:
    number(bench, "Temperature").fill("2.5")
    expect(bench.get_by_role("alert")).to_have_text("Must be 0 to 2.")
    expect(number(bench, "Temperature")).to_have_attribute("aria-invalid", "true")
    bench.get_by_role("button", name="About Temperature").click()
    expect(bench.get_by_text("0 is the most predictable")).to_be_visible()
    axe(bench, within=SETTINGS)
    number(bench, "Temperature").fill("-")
    number(bench, "Temperature").blur()
    expect(number(bench, "Temperature")).to_have_value("2.5")
    number(bench, "Temperature").fill("1")
    expect(bench.get_by_role("alert")).to_have_count(0)


def test_what_a_protocol_cannot_carry_is_not_sent(bench: Page) -> None:
    bench.get_by_text("Advanced").click()
    number(bench, "Seed").fill("7")
    bench.get_by_text("Messages", exact=True).click()
    expect(bench.get_by_text("Messages has no place for this, so it is not sent.").first).to_be_visible()
    assert "seed" not in sent(bench, ROUTES["Messages"])
    expect(number(bench, "Frequency penalty")).to_be_disabled()


def test_objects_are_written_as_json(bench: Page) -> None:
    bench.get_by_text("Advanced").click()
    bench.get_by_role("button", name="Set Logit bias as JSON").click()
    editor = bench.get_by_role("textbox", name="Logit bias")
    editor.fill('{"50256": -100}')
    assert sent(bench)["logit_bias"] == {"50256": -100}
    editor.fill('{"50256": -1000}')
    expect(bench.get_by_role("alert")).to_contain_text("50256")
    editor.fill('{"50256": ')
    expect(bench.get_by_text("This is no JSON yet.")).to_be_visible()


def test_tools_are_pasted_checked_and_sent(bench: Page) -> None:
    bench.get_by_role("button", name="Add a tool").click()
    bench.get_by_role("menuitem", name="Paste JSON…").click()
    bench.get_by_label("Tools as JSON").fill('{"type": "web_search"}')
    bench.get_by_role("button", name="Add tools").click()
    expect(bench.get_by_role("alert")).to_contain_text("Only functions can be called here.")
    bench.get_by_label("Tools as JSON").fill(json.dumps([WEATHER]))
    bench.get_by_role("button", name="Add tools").click()
    bench.locator("summary").filter(has_text="get_weather").click()
    tool = bench.get_by_role("region", name="Tools")
    tool.get_by_label("Strict").check()
    expect(tool.get_by_role("alert")).to_contain_text("additionalProperties")
    tool.get_by_label("Strict").uncheck()
    tool.get_by_label("Name", exact=True).fill("get weather")
    expect(tool.get_by_role("alert")).to_contain_text("Letters, digits")
    tool.get_by_label("Name", exact=True).fill("weather_at")
    bench.get_by_label("Tool choice").select_option("=weather_at")
    axe(bench, within=SETTINGS)
    body = sent(bench)
    function = {"name": "weather_at", "description": WEATHER["description"], "parameters": WEATHER["input_schema"]}
    assert body["tools"] == [{"type": "function", "function": function}]
    assert body["tool_choice"] == {"type": "function", "function": {"name": "weather_at"}}
    tool.get_by_role("button", name="Remove").click()
    assert not {"tools", "tool_choice"} & sent(bench).keys()


def test_a_template_is_a_tool_at_once(bench: Page) -> None:
    for _ in range(2):
        bench.get_by_role("button", name="Add a tool").click()
        bench.get_by_role("menuitem", name="Calculator").click()
    assert [tool["function"]["name"] for tool in sent(bench)["tools"]] == ["calculate", "calculate_2"]


def test_a_format_is_sent_with_its_schema(bench: Page) -> None:
    bench.get_by_role("combobox", name="Response format").select_option("json_schema")
    schema = bench.get_by_role("textbox", name="Schema")
    schema.fill('{"type": "thing"}')
    expect(bench.get_by_role("alert")).to_contain_text("type: must be one of")
    schema.fill('{"type": "object", "properties": {}, "additionalProperties": false}')
    expect(bench.get_by_role("alert")).to_have_count(0)
    assert sent(bench)["response_format"]["json_schema"] == {
        "name": "answer",
        "schema": {"type": "object", "properties": {}, "additionalProperties": False},
        "strict": True,
    }


def test_files_are_attached_or_refused_in_words(bench: Page) -> None:
    files: list[FilePayload] = [
        {"name": "port.png", "mimeType": "image/png", "buffer": PNG},
        {"name": "clip.mp4", "mimeType": "video/mp4", "buffer": b"mp4"},
    ]
    bench.locator("input[type=file]").set_input_files(files)
    expect(bench.get_by_role("listitem").filter(has_text="port.png")).to_be_visible()
    expect(bench.get_by_role("alert")).to_contain_text("clip.mp4: the model takes images")
    axe(bench, within="'.attachments'")
    image, text = sent(bench)["messages"][0]["content"]
    assert image["image_url"]["url"].startswith("data:image/png;base64,")
    assert text == {"type": "text", "text": PROMPT}


def test_a_pasted_picture_is_attached(bench: Page) -> None:
    bench.get_by_label("Prompt for all models").evaluate(
        """(field) => {
            const data = new DataTransfer();
            data.items.add(new File(["x"], "pasted.png", { type: "image/png" }));
            field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }"""
    )
    expect(bench.get_by_role("listitem").filter(has_text="pasted.png")).to_be_visible()
    bench.get_by_role("button", name="Remove pasted.png").click()
    expect(bench.get_by_text("pasted.png")).to_have_count(0)


def test_an_estimate_stands_below_the_prompt(bench: Page) -> None:
    bench.get_by_label("Prompt for all models").fill(PROMPT)
    estimate = bench.get_by_role("status", name="Estimate")
    expect(estimate).to_contain_text("likely $0.")
    expect(estimate).to_contain_text("In test mode nothing is charged.")


def test_a_key_is_asked_for_and_forgotten(site: Site, page: Page, watch: Watch) -> None:
    watch.expect("status of 401")
    page.goto("/workbench?model=gpt-4.1")
    page.get_by_label("Prompt for all models").fill(PROMPT)
    page.get_by_role("button", name="Send", exact=True).click()
    page.get_by_label("Paste a key").fill("ep-test-abcdefghijkl-wrong")
    page.get_by_role("button", name="Use", exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Paste a key").fill(site.test)
    page.get_by_role("button", name="Use", exact=True).click()
    expect(page.get_by_text("TEST MODE", exact=True).first).to_be_visible()
    page.get_by_role("button", name="Forget key").click()
    expect(page.get_by_text("TEST MODE", exact=True)).to_have_count(0)
    assert page.evaluate("sessionStorage.length") == 0


class Asked(NamedTuple):
    path: str
    body: Any


class Relay:
    """Stands before the hub and keeps what passes: path and body of each request."""

    def __init__(self, site: Site) -> None:
        asked: list[Asked] = []
        self.asked = asked

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                asked.append(Asked(self.path, json.loads(body)))
                connection = http.client.HTTPConnection(site.hub.host, site.hub.port, timeout=TIMEOUT_S)
                kept = ("authorization", "x-api-key", "content-type", "anthropic-version")
                headers = {name: self.headers[name] for name in kept if name in self.headers}
                connection.request("POST", self.path, body, headers)
                response = connection.getresponse()
                content = response.read()
                connection.close()
                self.send_response(response.status)
                self.send_header("content-type", response.headers["content-type"])
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *arguments: object) -> None:
                """Nothing is printed."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@contextmanager
def relay(site: Site) -> Iterator[Relay]:
    standing = Relay(site)
    thread = threading.Thread(target=standing.server.serve_forever)
    thread.start()
    try:
        yield standing
    finally:
        standing.server.shutdown()
        standing.server.server_close()
        thread.join()


def in_shell(code: str) -> list[str]:
    return ["sh", "-c", code]


def in_python(code: str) -> list[str]:
    return [sys.executable, "-P", "-c", code]


def in_node(code: str) -> list[str]:
    return ["node", "--input-type=module", "-e", code]


@pytest.mark.parametrize(
    ("protocol", "language", "command"),
    [
        ("Chat", "cURL", in_shell),
        ("Chat", "Python (requests)", in_python),
        ("Chat", "Python (openai)", in_python),
        ("Chat", "JavaScript (fetch)", in_node),
        ("Responses", "cURL", in_shell),
        ("Responses", "Python (openai)", in_python),
        ("Messages", "cURL", in_shell),
        ("Messages", "Python (anthropic)", in_python),
    ],
)
def test_the_code_makes_the_call_of_the_screen(
    site: Site, context: BrowserContext, bench: Page, protocol: str, language: str, command: Callable[[str], list[str]]
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site.url)
    bench.get_by_text(protocol, exact=True).click()
    bench.get_by_label("System prompt").fill('It\'s "exact": $HOME, `id` and \\n stay as they are.')
    number(bench, "Temperature").fill("0.5")
    bench.get_by_role("button", name="Add a tool").click()
    bench.get_by_role("menuitem", name="Weather").click()
    bench.locator("input[type=file]").set_input_files({"name": "port.png", "mimeType": "image/png", "buffer": PNG * 9})
    expect(bench.get_by_role("listitem").filter(has_text="port.png")).to_be_visible()
    bench.get_by_label("Prompt for all models").fill(PROMPT)
    bench.get_by_text("API", exact=True).click()
    bench.get_by_role("group", name="Language").get_by_text(language, exact=True).click()
    expect(bench.get_by_role("region", name="Code").locator("pre")).to_contain_text("…(")
    bench.get_by_role("button", name=f"Copy {language}").click()
    code = bench.evaluate("navigator.clipboard.readText()")
    bench.get_by_text("Compare", exact=True).click()
    body = sent(bench, ROUTES[protocol])
    expect(bench.get_by_text("2 + 3 = 5").last).to_be_visible()
    with relay(site) as standing:
        environ = {"ENTREPOT_API_KEY": site.test, "NO_PROXY": "*", "no_proxy": "*"}
        done = subprocess.run(
            command(code.replace(site.url, standing.url)),
            env=os.environ | environ,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert standing.asked == [Asked(ROUTES[protocol], body)]
    assert done.stdout
