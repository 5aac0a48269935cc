"""Calls under a wallet, a limit or a budget, through the real app: how many come through, what the others are told."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from tests.conftest import MakeHub
from tests.support.money import (
    CHARGE_NUSD,
    TOKEN_NUSD,
    USAGE,
    balance_nusd,
    entries,
    grant,
    held_nusd,
    kinds,
    priced,
    rule,
)
from tests.support.running import CHAT, MODEL, question
from tests.support.stored import put_rule
from tests.support.upstream import FaultUpstream, plain, stream

from entrepot import money
from entrepot.billing import SMALL_BODY_BYTES
from entrepot.books import Books, now
from entrepot.exchange import Exchange
from entrepot.rules import Rule

# Wallets ------------------------------------------------------------------------------------------


async def test_a_balance_for_ten_admits_ten_of_two_hundred(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain(usage={"prompt_tokens": 9, "completion_tokens": 50}).late(0.5)) as upstream:
        hub = make_hub(priced(upstream.base_url))
        await grant(hub, held_nusd(50) * 10 + held_nusd(50) // 2)
        answers = await asyncio.gather(*(hub.ask(max_completion_tokens=50) for _ in range(200)))
        codes = sorted(answer.status for answer in answers)
        assert codes == [200] * 10 + [429] * 190
        refused = next(answer for answer in answers if answer.status == 429)
        assert refused.error["code"] == "insufficient_quota"
        assert refused.headers["retry-after"] == "1"
        assert balance_nusd(hub) == held_nusd(50) // 2
        assert len(upstream.requests) == 10


async def test_what_was_not_used_can_be_used_again(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain(usage={"prompt_tokens": 9, "completion_tokens": 0})) as upstream:
        hub = make_hub(priced(upstream.base_url))
        await grant(hub, held_nusd(50))
        for _ in range(5):
            assert (await hub.ask(max_completion_tokens=40)).status == 200
    assert balance_nusd(hub) == held_nusd(50) - 5 * 9 * TOKEN_NUSD


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/v1/chat/completions", {}, "max_completion_tokens"),
        ("/v1/chat/completions", {"max_completion_tokens": 100}, "max_completion_tokens"),
        ("/v1/chat/completions", {"max_tokens": 100}, "max_tokens"),
    ],
)
async def test_a_low_balance_shortens_the_answer_instead_of_refusing_it(
    make_hub: MakeHub, path: str, body: dict[str, Any], field: str
) -> None:
    async with FaultUpstream(plain(usage={"prompt_tokens": 9, "completion_tokens": 20})) as upstream:
        hub = make_hub(priced(upstream.base_url))
        await grant(hub, held_nusd(20))
        answer = await hub.post(path, question(**body))
        (sent,) = upstream.requests
    assert (answer.status, answer.headers["x-entrepot-max-output-tokens"]) == (200, "20")
    assert sent.json[field] == 20
    assert balance_nusd(hub) == 0


async def test_an_empty_wallet_is_told_so(make_hub: MakeHub) -> None:
    hub = make_hub(priced("http://127.0.0.1:1/v1"))
    await grant(hub, held_nusd(0))
    answer = await hub.ask()
    assert (answer.status, answer.error["code"]) == (429, "insufficient_quota")
    assert "retry-after" not in answer.headers
    assert answer.headers["x-should-retry"] == "false"
    messages = await hub.post("/v1/messages", question(max_tokens=5))
    assert (messages.status, messages.json["error"]["type"]) == (402, "billing_error")
    assert kinds(entries(hub)) == ["grant"]
    assert [row.charge_nusd for row in await hub.rows(2)] == [None, None]


async def test_credit_is_a_wallet_that_may_go_below_zero(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain(usage={"prompt_tokens": 9, "completion_tokens": 50})) as upstream:
        hub = make_hub(priced(upstream.base_url))
        await grant(hub, 0, payment="postpaid", credit_nusd=held_nusd(50))
        assert (await hub.ask(max_completion_tokens=50)).status == 200
        assert (await hub.ask(max_completion_tokens=50)).status == 429
    assert balance_nusd(hub) == -held_nusd(50)


# Limits and budgets -------------------------------------------------------------------------------


async def test_a_budget_is_kept_like_a_wallet(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain(usage={"prompt_tokens": 9, "completion_tokens": 50}).late(0.3)) as upstream:
        hub = make_hub(priced(upstream.base_url))
        rule(hub, day_nusd=held_nusd(50) * 3)
        answers = await asyncio.gather(*(hub.ask(max_completion_tokens=50) for _ in range(20)))
        assert sorted(answer.status for answer in answers) == [200] * 3 + [429] * 17
        late = await hub.ask(max_completion_tokens=50)
    assert (late.status, late.error["code"]) == (429, "insufficient_quota")
    assert balance_nusd(hub) == -held_nusd(50) * 3


@pytest.mark.parametrize(
    "bounds", [{"requests_per_minute": 4}, {"requests_per_day": 4}, {"concurrency": 4}, {"tokens_per_minute": 4 * 59}]
)
async def test_limits_admit_no_more_than_they_say(make_hub: MakeHub, bounds: dict[str, int]) -> None:
    async with FaultUpstream(plain(usage={"prompt_tokens": 9, "completion_tokens": 50}).late(0.3)) as upstream:
        hub = make_hub(priced(upstream.base_url))
        rule(hub, **bounds)
        answers = await asyncio.gather(*(hub.ask(max_completion_tokens=50) for _ in range(40)))
    assert sorted(answer.status for answer in answers) == [200] * 4 + [429] * 36
    refused = next(answer for answer in answers if answer.status == 429)
    assert refused.error["code"] == "rate_limit_exceeded"
    assert int(refused.headers["retry-after"]) >= 1


async def test_a_limited_key_gains_nothing_by_making_others(make_hub: MakeHub) -> None:
    """Its children and theirs use up its limit together, whoever of them calls and whether it is still there itself."""
    async with FaultUpstream(plain()) as upstream:
        hub = make_hub(priced(upstream.base_url))
        parent = hub.key(scopes=("management", "inference", "usage"))
        parent_id = hub.hub.keys.authenticate(parent, 0).id
        put = Rule(id="r", subject="key", subject_id=parent_id, requests_per_minute=3)
        put_rule(hub.home.store, put)
        hub.hub.books.refresh()
        spec = {"name": "child", "mode": "live", "scopes": ["management", "inference"]}
        child = (await hub.post("/v1/keys", spec, token=parent)).json["key"]
        grandchild = (await hub.post("/v1/keys", spec, token=child)).json["key"]
        middle_id = hub.hub.keys.authenticate(child, 0).id
        callers = [parent, child, grandchild, grandchild, child, parent]
        statuses = [(await hub.post(CHAT, question(), token=token)).status for token in callers]
        assert statuses == [200] * 3 + [429] * 3
        assert (await hub.call("DELETE", f"/v1/keys/{middle_id}", token=parent).run()).status == 200
        assert (await hub.post(CHAT, question(), token=grandchild)).status == 429
        assert (await hub.post(CHAT, question(), token=hub.live)).status == 200


async def test_a_limit_put_while_calls_are_under_way_counts_them(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain(usage={"prompt_tokens": 9, "completion_tokens": 20}).late(1)) as upstream:
        hub = make_hub(priced(upstream.base_url))
        running = [asyncio.create_task(hub.ask(max_completion_tokens=50)) for _ in range(3)]
        await upstream.received(3)
        rule(hub, concurrency=3, day_nusd=3 * held_nusd(50))
        refused = await hub.ask(max_completion_tokens=50)
        assert (refused.status, refused.error["code"]) == (429, "rate_limit_exceeded")
        rule(hub, concurrency=9, day_nusd=3 * held_nusd(50))
        assert (await hub.ask(max_completion_tokens=50)).error["code"] == "insufficient_quota"
        assert [(await call).status for call in running] == [200] * 3
        assert (await hub.ask(max_completion_tokens=50)).status == 200


async def test_a_wallet_that_is_bounded_while_a_call_is_counted_keeps_nothing_under_way(
    make_hub: MakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()
    count = Exchange.count_input

    def held_up(exchange: Exchange) -> int:
        begun.set()
        go_on.wait(5)
        return count(exchange)

    monkeypatch.setattr(Exchange, "count_input", held_up)
    hub = make_hub(priced("http://127.0.0.1:1/v1"))
    rule(hub, concurrency=1)
    running = asyncio.create_task(hub.ask("word " * SMALL_BODY_BYTES))
    await asyncio.to_thread(begun.wait, 5)
    await grant(hub, 0)
    go_on.set()
    assert (await running).error["code"] == "insufficient_quota"
    assert [gate.running for gate in hub.hub.books.limiter] == [0]


async def test_what_a_deleted_key_has_used_counts_for_its_maker_after_a_restart(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain(usage=USAGE)) as upstream:
        hub = make_hub(priced(upstream.base_url))
        parent = hub.key(scopes=("management", "inference", "usage"))
        child = (await hub.post("/v1/keys", {"name": "child", "mode": "live"}, token=parent)).json
        assert (await hub.post(CHAT, question(), token=child["key"])).status == 200
        assert (await hub.call("DELETE", f"/v1/keys/{child['id']}", token=parent).run()).status == 200
        parent_id = hub.hub.keys.authenticate(parent, 0).id
        put = Rule(id="r", subject="key", subject_id=parent_id, requests_per_day=9, day_nusd=10**12)
        put_rule(hub.home.store, put)
        again = Books(hub.home.store)
        assert {bound.field: bound.left(now()).used for gate in again.limiter for bound in gate.bounds} == {
            "requests_per_day": 1,
            "day_nusd": CHARGE_NUSD,
        }


async def test_limits_hold_in_test_mode_too(make_hub: MakeHub) -> None:
    hub = make_hub(priced("http://127.0.0.1:1/v1"))
    key_id = hub.hub.keys.authenticate(hub.test, 0).id
    put_rule(hub.home.store, Rule(id="r", subject="key", subject_id=key_id, requests_per_minute=1))
    hub.hub.books.refresh()
    statuses = [(await hub.post("/v1/chat/completions", question(), token=hub.test)).status for _ in range(3)]
    assert statuses == [200, 429, 429]


async def test_answers_and_refusals_tell_what_is_left(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain(usage={"prompt_tokens": 9, "completion_tokens": 50})) as upstream:
        hub = make_hub(priced(upstream.base_url))
        rule(hub, requests_per_minute=2, tokens_per_day=1000, day_nusd=held_nusd(50) * 9)
        first = await hub.ask(max_completion_tokens=50)
        assert first.headers["x-ratelimit-limit-requests"] == "2"
        assert first.headers["x-ratelimit-remaining-requests"] == "1"
        assert first.headers["x-ratelimit-reset-requests"] in ("1m0s", "59s")
        assert first.headers["x-ratelimit-remaining-tokens"] == str(1000 - 59)
        assert first.headers["x-entrepot-budget-remaining-usd"] == money.usd(held_nusd(50) * 8)
        assert first.headers["x-entrepot-budget-reset"].endswith("T00:00:00Z")
        second = await hub.post("/v1/messages", question(max_tokens=5))
        assert second.headers["anthropic-ratelimit-requests-remaining"] == "0"
        assert second.headers["anthropic-ratelimit-requests-reset"].endswith("Z")
        assert not [name for name in second.headers if name.startswith("x-ratelimit")]
        for path in ("/v1/chat/completions", "/v1/responses"):
            body = {"model": MODEL, "input": "hi"} if path.endswith("responses") else question()
            refused = await hub.post(path, body)
            assert (refused.status, refused.headers["x-ratelimit-remaining-requests"]) == (429, "0")
            assert 1 <= int(refused.headers["retry-after"]) <= 60
        refused = await hub.post("/v1/messages", question(max_tokens=5))
        assert (refused.status, refused.headers["anthropic-ratelimit-requests-remaining"]) == (429, "0")
        assert (refused.json["error"]["type"], "x-should-retry" in refused.headers) == ("rate_limit_error", False)


async def test_a_stream_tells_it_with_its_head(make_hub: MakeHub) -> None:
    async with FaultUpstream(stream("Hel", "lo", usage=USAGE)) as upstream:
        hub = make_hub(priced(upstream.base_url))
        rule(hub, requests_per_minute=2)
        answer = await hub.ask(stream=True)
        assert answer.headers["x-ratelimit-remaining-requests"] == "1"


async def test_who_is_not_bound_is_told_nothing(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain(usage=USAGE)) as upstream:
        hub = make_hub(priced(upstream.base_url))
        rule(hub, requests_per_minute=2)
        answer = await hub.post("/v1/chat/completions", question(), token=hub.key())
    assert not [name for name in answer.headers if "ratelimit" in name or "budget" in name]


async def test_a_browser_may_read_what_is_left(make_hub: MakeHub) -> None:
    hub = make_hub(priced("http://127.0.0.1:1/v1"), server={"cors_origins": ("https://app.test",)})
    rule(hub, requests_per_minute=0, day_nusd=0)
    call = hub.call("POST", "/v1/chat/completions", token=hub.live, body=question(), origin="https://app.test")
    answer = await call.run()
    exposed = set(answer.headers["access-control-expose-headers"].split(", "))
    told = {name for name in answer.headers if "ratelimit" in name or "budget" in name}
    assert told
    assert told <= exposed


async def test_a_full_budget_says_what_is_left_and_until_when(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain(usage={"prompt_tokens": 9, "completion_tokens": 50})) as upstream:
        hub = make_hub(priced(upstream.base_url))
        rule(hub, day_nusd=held_nusd(50))
        await hub.ask(max_completion_tokens=50)
        refused = await hub.ask(max_completion_tokens=50)
        assert (refused.status, refused.error["code"]) == (429, "insufficient_quota")
        assert refused.headers["x-should-retry"] == "false"
        assert refused.headers["x-entrepot-budget-remaining-usd"] == "0"
        messages = await hub.post("/v1/messages", question(max_tokens=50))
        assert (messages.status, messages.json["error"]["type"]) == (402, "billing_error")
        assert messages.headers["x-should-retry"] == "false"
    assert sorted(row.status for row in await hub.rows(3)) == [200, 402, 429]
