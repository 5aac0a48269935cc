"""Model pages and llms.txt over HTTP: in every form, for whom they are, and no oftener than they change."""

from __future__ import annotations

from typing import Any

import pytest
from tests.conftest import MakeHub
from tests.support.people import join
from tests.support.running import MODEL, question, tables
from tests.support.upstream import FaultUpstream, plain

PRICED: dict[str, Any] = {"price": {"input": "1.5", "output": "3"}, "family": "boats", "summary": "A port"}


async def test_the_page_is_data_for_whoever_has_a_key(make_hub: MakeHub) -> None:
    hub = make_hub(tables("http://127.0.0.1:1/v1", **PRICED))
    page = (await hub.get("/v1/models/port/harbour/page", token=hub.test)).json
    assert (page["object"], page["id"], page["aliases"]) == ("model_page", MODEL, ["port/harbour"])
    assert page["prices"][0]["lines"][0] == {
        "meter": "input",
        "label": "Input",
        "standard": "1.5",
        "batch": None,
        "priority": None,
        "as_meter": None,
    }
    assert page["latency"] is None
    assert page["addresses"]["markdown"] == "http://127.0.0.1:8080/models/harbour.md"
    refused = await hub.get("/v1/models/gpt-4.1/page", token=hub.key(models=(MODEL,)))
    assert refused.error["code"] == "model_not_allowed"


@pytest.mark.parametrize(
    ("path", "accept"),
    [
        ("/models/harbour.md", "*/*"),
        ("/models/port/harbour.md", "text/html"),
        ("/models/harbour", "text/markdown"),
        ("/models/PORT/harbour", "text/markdown;q=0.9, text/plain;q=0.5"),
    ],
)
async def test_the_page_is_markdown_for_everyone(make_hub: MakeHub, path: str, accept: str) -> None:
    hub = make_hub(tables("http://127.0.0.1:1/v1", **PRICED), server={"public_url": "https://hub.example/"})
    answer = await hub.get(path, accept=accept)
    assert (answer.status, answer.headers["content-type"]) == (200, "text/markdown; charset=utf-8")
    assert answer.headers["link"] == '<https://hub.example/models/harbour>; rel="canonical"'
    text = answer.body.decode()
    assert text.startswith("> Index of all models: https://hub.example/llms.txt\n\n# harbour\n")
    assert "| Input | $1.5 |" in text
    assert "127.0.0.1" not in text


@pytest.mark.parametrize("accept", ["application/json", "*/*", "text/html;q=0.5,application/json,*/*;q=0.8"])
async def test_clients_of_the_api_get_json_where_they_always_did(make_hub: MakeHub, accept: str) -> None:
    hub = make_hub(tables("http://127.0.0.1:1/v1"))
    assert (await hub.get("/models/harbour", token=hub.test, accept=accept)).json["id"] == MODEL
    assert (await hub.get("/models", token=hub.test, accept=accept)).json["object"] == "list"
    assert (await hub.get("/models/harbour", accept=accept)).status == 401


@pytest.mark.parametrize("path", ["/llms.txt", "/llms-full.txt", "/models/harbour/llms.txt"])
async def test_texts_for_agents(make_hub: MakeHub, path: str) -> None:
    hub = make_hub(tables("http://127.0.0.1:1/v1"))
    answer = await hub.get(path)
    assert (answer.status, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    assert "http://127.0.0.1:8080/models/harbour.md" in answer.body.decode()
    index = await hub.get("/models", accept="text/markdown")
    assert index.headers["content-type"] == "text/markdown; charset=utf-8"


@pytest.mark.parametrize("path", ["/models/no-such.md", "/models/no-such/llms.txt", "/v1/models/no-such/page"])
async def test_an_unknown_model_has_no_page(make_hub: MakeHub, path: str) -> None:
    hub = make_hub()
    answer = await hub.get(path, token=hub.test)
    assert (answer.status, answer.error["code"]) == (404, "model_not_found")


async def test_private_pages_show_what_the_key_may_call_at_its_own_price(make_hub: MakeHub) -> None:
    hub = make_hub(tables("http://127.0.0.1:1/v1", **PRICED), server={"pages": "private"})
    token = hub.key(models=(MODEL,))
    assert (await hub.get("/models/harbour.md")).status == 401
    assert (await hub.get("/models/gpt-4.1.md", token=token)).status == 403
    index = (await hub.get("/llms.txt", token=token)).body.decode()
    assert "harbour.md" in index
    assert "gpt-4.1.md" not in index


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/llms.txt",
            "/models/harbour.md",
            "/v1/models/pages",
            "/v1/models/harbour/page",
            "/v1/models/harbour/schema",
        ),
        *("/v1/models", "/v1/models/harbour"),
    ],
)
async def test_what_the_client_has_is_not_sent_again(make_hub: MakeHub, path: str) -> None:
    hub = make_hub(tables("http://127.0.0.1:1/v1"))
    first = await hub.get(path, token=hub.test)
    tag = first.headers["etag"]
    assert tag.startswith('W/"')
    for known in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        again = await hub.get(path, token=hub.test, if_none_match=known)
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
    assert (await hub.get(path, token=hub.test, if_none_match='W/"other"')).body == first.body
    is_page = path.endswith((".txt", ".md"))
    assert first.headers["cache-control"].startswith("public" if is_page else "private")


async def test_latency_is_that_of_live_calls(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain()) as upstream:
        hub = make_hub(tables(upstream.base_url))
        await hub.ask()
        await hub.post("/v1/chat/completions", question(), token=hub.test)
        await hub.rows(2)
        measured = (await hub.get(f"/v1/models/{MODEL}/page", token=hub.test)).json["latency"]
    assert (measured["requests"], measured["ttft_ms"], measured["window_s"]) == (1, None, 86400)
    assert measured["duration_ms"]["p50"] >= 0
    assert "Latency" not in (await hub.get(f"/models/{MODEL}.md")).body.decode()


async def test_an_organisation_sees_its_own_prices_on_the_page_and_all_others_the_usual_ones(make_hub: MakeHub) -> None:
    plans = {"team": {"rules": [{"percent": 50, "model": MODEL}]}}
    hub = make_hub(tables("http://127.0.0.1:1/v1", **PRICED), prices={"plans": plans})
    hub.put_on_plan("team")
    page = (await hub.get(f"/v1/models/{MODEL}/page", token=hub.test)).json
    assert page["prices"][0]["lines"][0]["standard"] == "2.25"
    assert "| Input | $1.5 |" in (await hub.get(f"/models/{MODEL}.md", token=hub.test)).body.decode()


async def test_data_of_pages_is_for_everyone_while_pages_are_public(make_hub: MakeHub) -> None:
    plans = {"team": {"rules": [{"percent": 50, "model": MODEL}]}}
    hub = make_hub(tables("http://127.0.0.1:1/v1", **PRICED), prices={"plans": plans})
    hub.put_on_plan("team")
    everyone = await hub.get("/v1/models/harbour/page")
    assert everyone.json["prices"][0]["lines"][0]["standard"] == "1.5"
    assert everyone.headers["cache-control"].startswith("public")
    assert "cookie" in everyone.headers["vary"]
    own = await join(hub, "viewer")("GET", "/v1/models/harbour/page")
    assert own.json["prices"][0]["lines"][0]["standard"] == "2.25"
    assert own.headers["cache-control"].startswith("private")
    assert (await hub.get("/v1/models/harbour/page", token="ep-live-wrong")).status == 401
    ended = await hub.get("/v1/models/harbour/page", cookie="entrepot_session=ended")
    assert ended.json["prices"] == everyone.json["prices"]


async def test_cards_are_what_a_catalogue_shows(make_hub: MakeHub) -> None:
    hub = make_hub(tables("http://127.0.0.1:1/v1", **PRICED))
    answer = await hub.get("/v1/models/pages")
    cards = {card["id"]: card for card in answer.json["data"]}
    assert list(cards) == list(hub.hub.configuration.catalogue.models)
    card = cards[MODEL]
    assert (card["object"], card["aliases"], card["family"]) == ("model_card", ["port/harbour"], "boats")
    assert card["prices"] == {"input": "1.5", "cached_input": None, "output": "3"}
    assert (card["callable"], card["sandbox"], card["providers"]) == (True, False, ["up1"])
    assert (cards["gpt-4.1"]["callable"], cards["gpt-4.1"]["sandbox"]) == (False, False)
    assert (cards["sandbox/echo"]["callable"], cards["sandbox/echo"]["sandbox"]) == (False, True)
    token = hub.key(models=(MODEL,))
    assert [each["id"] for each in (await hub.get("/v1/models/pages", token=token)).json["data"]] == [MODEL]


async def test_cards_are_filtered_searched_and_sorted_as_models_are(make_hub: MakeHub) -> None:
    hub = make_hub()
    for query in ("family=sandbox", "kind=embedding", "search=claude", "sort=-input_price", "status=deprecated"):
        listed = (await hub.get(f"/v1/models?{query}", token=hub.live)).json["data"]
        shown = (await hub.get(f"/v1/models/pages?{query}")).json["data"]
        assert [each["id"] for each in shown] == [each["id"] for each in listed]
    assert (await hub.get("/v1/models/pages?sort=beauty")).error["param"] == "sort"


async def test_the_schema_of_a_model_is_a_document_of_its_own(make_hub: MakeHub) -> None:
    hub = make_hub(tables("http://127.0.0.1:1/v1"))
    answer = await hub.get("/v1/models/port/harbour/schema")
    assert answer.headers["content-type"] == "application/schema+json"
    model = (await hub.get("/v1/models/harbour", token=hub.test)).json
    assert answer.json == model["json_request_schema"]
    assert (await hub.get("/v1/models/no-such/schema")).error["code"] == "model_not_found"
