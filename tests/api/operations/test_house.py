"""The hub itself: every answer is as declared."""

from __future__ import annotations

from tests.conftest import MakeHub
from tests.support.contract import contract_of, require_all
from tests.support.money import treasurer
from tests.support.running import tables

from entrepot.api.operations.house import HOUSE


async def test_every_answer_is_as_declared(make_hub: MakeHub) -> None:
    hub = make_hub(tables("http://127.0.0.1:1/v1"))
    contract, token = await contract_of(hub), treasurer(hub)
    for method, path in HOUSE:
        answer = await hub.call(method, path.replace("{id}", "up1"), token=token).run()
        contract.check(method, path, answer)
    require_all(contract, "Hub")


async def test_a_hub_that_is_not_ready_says_so_as_declared(make_hub: MakeHub) -> None:
    hub = make_hub()
    contract = await contract_of(hub)
    hub.hub.draining = True
    answer = await hub.get("/ready")
    assert answer.status == 503
    contract.check("GET", "/ready", answer)
