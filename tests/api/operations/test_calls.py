"""Calls of models and what is stored of them: every answer is as declared."""

from __future__ import annotations

from tests.conftest import MakeHub
from tests.support.contract import contract_of, require_all
from tests.support.running import question, tables
from tests.support.upstream import FaultUpstream, plain

from entrepot.api import inference

BODIES = {
    "/embeddings": {"model": "text-embedding-3-small", "input": "Hello"},
    "/messages": question(max_tokens=5) | {"model": "sandbox/echo"},
    "/messages/count_tokens": question() | {"model": "sandbox/echo"},
    "/chat/completions": question() | {"model": "sandbox/echo"},
    "/responses": {"model": "sandbox/echo", "input": "Hello"},
    "/responses/compact": {"model": "sandbox/echo", "input": "Hello"},
    "/responses/input_tokens": {"model": "sandbox/echo", "input": "Hello"},
}


async def test_every_call_is_answered_as_declared(make_hub: MakeHub) -> None:
    hub = make_hub()
    contract = await contract_of(hub)
    for path in inference.ROUTES:
        body = next(BODIES[end] for end in sorted(BODIES, key=len, reverse=True) if path.endswith(end))
        answer = await hub.post(path, body, token=hub.test)
        contract.check("POST", path, answer)
        if path.endswith("/responses"):
            for method, end in (("GET", ""), ("GET", "/input_items"), ("GET", "?stream=true"), ("DELETE", "")):
                found = await hub.call(method, f"{path}/{answer.json['id']}{end}", token=hub.test).run()
                contract.check(method, f"{path}/{{id}}{end.partition('?')[0]}", found)
        if path.endswith(("/completions", "/messages", "/responses")):
            contract.check("POST", path, await hub.post(path, body | {"stream": True}, token=hub.test))
    contract.check("POST", "/v1/estimate", await hub.post("/v1/estimate", {"request": BODIES["/chat/completions"]}))
    contract.check("POST", "/v1/snippets", await hub.post("/v1/snippets", {"body": question()}))
    require_all(contract, "Calls")


async def test_a_providers_answer_is_as_declared(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain()) as upstream:
        hub = make_hub(tables(upstream.base_url))
        (await contract_of(hub)).check("POST", "/v1/chat/completions", await hub.ask())
