"""The files of the browser application over HTTP: at which addresses, with which headers, and nothing beside them."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from tests.conftest import MakeHub
from tests.support.running import MODEL, tables

from entrepot.api import browser

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
PAGE = "<!doctype html><html><head><title>Entrepôt</title></head><body></body></html>"
SCRIPT = b"console.log(1);" * 100


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An application as the build leaves it."""
    root = tmp_path / "web"
    (root / "assets" / "folder.js").mkdir(parents=True)
    (root / "index.html").write_text(PAGE, "utf-8")
    (root / "favicon.svg").write_text("<svg/>", "utf-8")
    (root / "theme.js").write_text("theme", "utf-8")
    (root / "assets" / "index-1a2b.js").write_bytes(SCRIPT)
    (root / "assets" / "index-1a2b.js.gz").write_bytes(gzip.compress(SCRIPT))
    (root / "assets" / "dot.png").write_bytes(b"png")
    (root / "secret.js").write_text("secret", "utf-8")
    monkeypatch.setattr(browser, "ROOT", root)
    return root


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/models", "/models/compare?model=gpt-4.1", "/models/deprecations"),
        *("/workbench?model=harbour", "/compare", "/console", "/console/keys", "/console/logs/req_1"),
        *("/sign-in", "/welcome", "/reset", "/invitation"),
    ],
)
async def test_every_screen_is_the_application(make_hub: MakeHub, built: Path, path: str) -> None:
    hub = make_hub()
    answer = await hub.get(path, accept=BROWSER)
    assert (answer.status, answer.body.decode()) == (200, PAGE)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert (answer.headers["cache-control"], answer.headers["vary"]) == ("no-cache", "accept")
    head = await hub.call("HEAD", path, accept=BROWSER).run()
    assert (head.status, head.headers["etag"]) == (200, answer.headers["etag"])


async def test_the_document_lets_nothing_in_from_elsewhere(make_hub: MakeHub, built: Path) -> None:
    headers = (await make_hub().get("/", accept=BROWSER)).headers
    policy = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))
    assert policy.pop("default-src") == policy.pop("base-uri") == policy.pop("frame-ancestors") == "'none'"
    assert policy.pop("img-src") == "'self' data: blob:"
    assert set(policy.values()) == {"'self'"}
    assert {"script-src", "style-src", "connect-src", "form-action"} <= set(policy)
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == headers["cross-origin-opener-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]


async def test_clients_of_the_api_never_meet_it(make_hub: MakeHub, built: Path) -> None:
    hub = make_hub()
    for accept in ("*/*", "application/json", "text/plain"):
        assert (await hub.get("/", accept=accept)).json["name"] == "entrepot"
        assert (await hub.get("/models", accept=accept, token=hub.test)).json["object"] == "list"
    assert (
        (await hub.get("/models", accept=f"text/markdown,{BROWSER}")).headers["content-type"].startswith("text/markd")
    )
    assert (await hub.get("/v1/models", accept=BROWSER, token=hub.test)).json["object"] == "list"


async def test_a_document_that_the_browser_has_is_not_sent_again(make_hub: MakeHub, built: Path) -> None:
    hub = make_hub()
    tag = (await hub.get("/workbench", accept=BROWSER)).headers["etag"]
    again = await hub.get("/workbench", accept=BROWSER, if_none_match=tag)
    assert (again.status, again.body, again.headers["cache-control"]) == (304, b"", "no-cache")
    (built / "index.html").write_text(PAGE + "<!-- newer -->", "utf-8")
    assert (await hub.get("/workbench", accept=BROWSER, if_none_match=tag)).status == 200


async def test_a_models_page_says_what_it_is_without_scripts(make_hub: MakeHub, built: Path) -> None:
    catalogue = tables("http://127.0.0.1:1/v1", name='<b>"Harbour"</b>', summary='For boats & "ships"')
    hub = make_hub(catalogue, server={"public_url": "https://hub.example"})
    answer = await hub.get("/models/port/harbour", accept=BROWSER)
    text = answer.body.decode()
    assert answer.status == 200
    assert re.findall("<title>(.*)</title>", text) == ["&lt;b&gt;&quot;Harbour&quot;&lt;/b&gt; · Entrepôt"]
    assert 'name="description" content="For boats &amp; &quot;ships&quot;"' in text
    assert '<link rel="canonical" href="https://hub.example/models/harbour" />' in text
    markdown = re.findall('rel="alternate" type="text/markdown" href="https://hub.example(.*?)"', text)
    assert (await hub.get(markdown[0])).status == 200
    assert (await hub.get("/models/harbour", accept=BROWSER)).headers["etag"] == answer.headers["etag"]


async def test_an_unknown_models_page_is_not_found_but_still_the_application(make_hub: MakeHub, built: Path) -> None:
    hub = make_hub()
    answer = await hub.get("/models/no-such", accept=BROWSER)
    assert (answer.status, answer.body.decode()) == (404, PAGE)
    assert (await hub.get("/models/no-such", accept=BROWSER, if_none_match=answer.headers["etag"])).status == 404


@pytest.mark.parametrize("path", ["/nothing", "/sign-in/", "/docs/api", "/.env", "/consoles?v1"])
async def test_at_an_unknown_address_a_browser_gets_the_application(make_hub: MakeHub, built: Path, path: str) -> None:
    hub = make_hub()
    for method in ("GET", "HEAD"):
        answer = await hub.call(method, path, accept=BROWSER).run()
        assert (answer.status, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert (await hub.get(path, accept=BROWSER)).body.decode() == PAGE
    for accept in ("*/*", "application/json", f"text/markdown,{BROWSER}"):
        assert (await hub.get(path, accept=accept)).error["code"] == "not_found"
    assert (await hub.call("POST", path, accept=BROWSER).run()).error["code"] == "not_found"


@pytest.mark.parametrize(
    "path", ["/v1", "/v1/nothing", "/api/v9/models", "/responses/", "/messages/x", "/health/x", "//"]
)
async def test_below_the_api_a_browser_gets_the_error(make_hub: MakeHub, built: Path, path: str) -> None:
    answer = await make_hub().get(path, accept=BROWSER)
    assert (answer.status, answer.headers["content-type"]) == (404, "application/json")


async def test_private_pages_tell_nobody_which_models_there_are(make_hub: MakeHub, built: Path) -> None:
    hub = make_hub(tables("http://127.0.0.1:1/v1"), server={"pages": "private"})
    for name in (MODEL, "no-such"):
        answer = await hub.get(f"/models/{name}", accept=BROWSER)
        assert (answer.status, answer.body.decode()) == (200, PAGE)


async def test_assets_are_kept_for_good_and_sent_compressed_to_whom_can_read_it(make_hub: MakeHub, built: Path) -> None:
    hub = make_hub()
    plain = await hub.get("/assets/index-1a2b.js")
    assert (plain.status, plain.body) == (200, SCRIPT)
    assert plain.headers["content-type"] == "text/javascript; charset=utf-8"
    assert plain.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert plain.headers["vary"] == "accept-encoding"
    assert "content-security-policy" in plain.headers  # a worker's script brings the worker's own policy
    packed = await hub.get("/assets/index-1a2b.js", accept_encoding="br, gzip;q=0.8")
    assert (packed.headers["content-encoding"], gzip.decompress(packed.body)) == ("gzip", SCRIPT)
    assert packed.headers["etag"] != plain.headers["etag"]
    for refused in ("gzip;q=0", "gzip; q=0.0", "br"):
        assert "content-encoding" not in (await hub.get("/assets/index-1a2b.js", accept_encoding=refused)).headers
    single = await hub.get("/assets/dot.png", accept_encoding="gzip")
    assert (single.body, single.headers["content-type"]) == (b"png", "image/png")
    assert (await hub.get("/favicon.svg")).headers["content-type"] == "image/svg+xml"
    theme = await hub.get("/theme.js")
    assert (theme.body, theme.headers["cache-control"]) == (b"theme", "no-cache")


@pytest.mark.parametrize(
    "path",
    [
        *("/assets/none.js", "/assets/..%2fsecret.js", "/assets/%2e%2e/secret.js", "/assets/../secret.js"),
        *("/assets/%2e%2e%2fsecret.js", "/assets/..", "/assets/.", "/assets/", "/assets/a%00.js", "/secret.js"),
        *("/assets/index-1a2b.js.gz", "/assets/folder.js", "/assets/..%5csecret.js", "/index.html"),
    ],
)
async def test_nothing_else_is_served_from_the_folder(make_hub: MakeHub, built: Path, path: str) -> None:
    answer = await make_hub().get(path, accept_encoding="gzip")
    assert (answer.status, answer.error["code"]) == (404, "not_found")


@pytest.mark.parametrize("path", ["/", "/workbench", "/models/gpt-4.1"])
async def test_without_a_build_the_answer_says_what_to_run(
    make_hub: MakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(browser, "ROOT", tmp_path / "nothing")
    answer = await make_hub().get(path, accept=BROWSER)
    assert (answer.status, answer.headers["content-type"]) == (503, "text/plain; charset=utf-8")
    assert "`make run`" in answer.body.decode()
    assert "http://127.0.0.1:8080/llms.txt" in answer.body.decode()
