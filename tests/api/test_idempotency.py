"""What tells one request from another under an Idempotency-Key."""

from __future__ import annotations

import pytest
from tests.conftest import MakeHub
from tests.support.money import treasurer


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/wallet/grants", b'{"amount_usd": "2.0"}'),
        ("/v1/wallet/grants?x=1", b'{"amount_usd": "2"}'),
        ("/v1/wallet/refunds", b'{"amount_usd": "2"}'),
    ],
)
async def test_path_query_and_body_make_a_request(make_hub: MakeHub, path: str, body: bytes) -> None:
    hub = make_hub()
    token = treasurer(hub)
    first = await hub.post("/v1/wallet/grants", b'{"amount_usd": "2"}', token=token, idempotency_key="k")
    assert first.status == 201
    assert (await hub.post(path, body, token=token, idempotency_key="k")).status == 422


async def test_another_caller_of_the_organisation_gets_the_same_answer(make_hub: MakeHub) -> None:
    hub = make_hub()
    answers = [
        await hub.post("/v1/wallet/grants", {"amount_usd": "2"}, token=treasurer(hub), idempotency_key="k")
        for _ in range(2)
    ]
    assert answers[0].body == answers[1].body
