"""Conversations made short, through the real app: what upstreams are asked and what clients get."""

from __future__ import annotations

import json

import pytest
from tests.conftest import MakeHub
from tests.dialects.openai_responses import samples
from tests.support.running import MODEL, tables
from tests.support.upstream import FaultUpstream, plain
from tests.test_turns import CHAT, PATH, RESPONSES, answered, ask, offered, rows, said, spoken

from entrepot.dialects.openai_responses import seals


@pytest.mark.parametrize("dialect", [CHAT, RESPONSES])
async def test_a_conversation_is_compacted_by_the_model_itself(make_hub: MakeHub, dialect: str) -> None:
    summary = "Launch: Tuesday."
    reply = plain(summary) if dialect == CHAT else spoken(samples.message(summary))
    async with FaultUpstream(reply) as server:
        hub = make_hub(offered(server, dialect))
        first = answered(await ask(hub, "We launch on Tuesday."))
        body = {"model": MODEL, "input": [said("Whom do we tell?")], "previous_response_id": first["id"]}
        made = await hub.post(f"{PATH}/compact", body | {"tools": [{"type": "function", "name": "tide"}]})
        await ask(hub, [*made.json["output"], said("Go on.")])
        asked, later = (request.json for request in server.requests[1:])
        recorded = await hub.rows(3)
    assert (made.status, made.json["object"]) == (200, "response.compaction")
    kinds = [(item["type"], item.get("role")) for item in made.json["output"]]
    assert kinds == [("message", "user"), ("message", "user"), ("compaction", None)]
    assert seals.is_sealed(made.json["output"][-1]["encrypted_content"])
    turns = asked["messages"] if dialect == CHAT else asked["input"]
    assert [turn["role"] for turn in turns] == ["user", "assistant", "user", "user"]
    assert "tools" not in asked
    words = json.dumps(later, ensure_ascii=False)
    assert ("entrepot:" in words, words.count(summary)) == (False, 1)
    assert made.json["usage"]["output_tokens"] == recorded[1].usage.output_tokens == 7
    assert len(rows(hub)) == 2  # a compaction is for the client to keep


async def test_a_compaction_is_refused_as_any_call_is(make_hub: MakeHub) -> None:
    hub = make_hub()
    path, body = f"{PATH}/compact", {"model": "gpt-4.1-mini", "input": "x"}
    assert (await hub.post(path, body, token=None)).status == 401
    assert (await hub.post(path, body, token=hub.key(mode="test", models=("gpt-6",)))).status == 403
    for fields, param in (
        ({"model": None}, "model"),
        ({"input": None}, "input"),
        ({"input": [said("a", role="robot")]}, "input[0].role"),
        ({"previous_response_id": "resp_0"}, "previous_response_id"),
    ):
        call = await hub.post(path, body | fields, token=hub.test)
        assert (call.status, call.error["param"]) == (400, param)


async def test_an_upstream_without_a_summary_is_told(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain("")) as server:
        hub = make_hub(tables(server.base_url))
        call = await hub.post(f"{PATH}/compact", {"model": MODEL, "input": "x"})
    assert (call.status, call.error["code"]) == (502, "upstream_protocol_error")
