"""What exchanges cost, through the real app: held, charged once, given back, and added up in the ledger."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence
from typing import Any

import apsw
import msgspec
import pytest
from tests.conftest import MakeHub
from tests.support.money import differences
from tests.support.running import CHAT, MODEL, RunningHub, question, tables
from tests.support.upstream import FaultUpstream, Reply, chunks, events, failure, plain, refusing, silence, sse, stream

from entrepot import books, ledger, money
from entrepot.books import Books, now
from entrepot.conversation import Usage
from entrepot.ledger import Entry
from entrepot.rules import Rule
from entrepot.store import Post, posts
from entrepot.wallets import Terms

SELL = {"input": "1000", "output": "2000"}  # a tenth and a fifth of a cent for each token
BUY = {"input": "500", "output": "1000"}
TOKEN_NUSD = 1_000_000
USAGE = {"prompt_tokens": 11, "completion_tokens": 7}
CHARGE_NUSD = (11 + 2 * 7) * TOKEN_NUSD
DEBT_NUSD = CHARGE_NUSD // 2


def priced(*base_urls: str, **model: Any) -> dict[str, Any]:
    catalogue = tables(*base_urls, price=SELL, **{"max_output_tokens": 1000} | model)
    for offer in catalogue["models"][0]["offers"]:
        offer["price"] = BUY
    return catalogue


def entries(hub: RunningHub) -> list[Entry]:
    return hub.home.store.journal.entries()


def kinds(found: Sequence[Entry]) -> list[str]:
    return [entry.kind for entry in found]


async def grant(hub: RunningHub, amount_nusd: int, **terms: Any) -> None:
    """Make the organisation prepaid and give it that much."""
    journal, organisation_id = hub.home.store.journal, hub.home.owner.organisation_id
    journal.change_terms(organisation_id, Terms(**{"payment": "prepaid"} | terms)).result()
    journal.move(ledger.move("grant", f"grant_{amount_nusd}", organisation_id, amount_nusd, at_ms=1)).result()
    hub.hub.books.refresh()


def rule(hub: RunningHub, **bounds: Any) -> None:
    key_id = hub.hub.keys.authenticate(hub.live, 0).id
    hub.home.store.journal.put_rule(Rule(id="rule_1", subject="key", subject_id=key_id, **bounds)).result()
    hub.hub.books.refresh()


def balance_nusd(hub: RunningHub) -> int:
    balance = hub.hub.books.wallets.balance(hub.home.owner.organisation_id)
    assert balance.reserved_nusd == 0
    assert balance.wallet_nusd == sum(entry.wallet_nusd for entry in entries(hub))
    return balance.wallet_nusd


# Charges ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_call_is_held_then_charged_for_what_it_used(make_hub: MakeHub, streamed: bool) -> None:
    reply = stream("Hel", "lo", usage=USAGE) if streamed else plain(usage=USAGE)
    async with FaultUpstream(reply) as upstream:
        hub = make_hub(priced(upstream.base_url))
        answer = await hub.ask(stream=streamed)
        assert answer.status == 200
        held, charged = entries(hub)  # both are written before the answer has ended
    row = await hub.row()
    assert (row.charge_nusd, row.debt_nusd, row.organisation_id) == (
        CHARGE_NUSD, DEBT_NUSD, hub.home.owner.organisation_id,
    )  # fmt: skip
    assert (held.kind, charged.kind) == ("reserve", "settle")
    assert held.reference == charged.reference == row.request_id
    assert held.reserved_nusd == -charged.reserved_nusd >= CHARGE_NUSD
    assert (charged.revenue_nusd, charged.cost_nusd, charged.payable_nusd, charged.provider) == (
        CHARGE_NUSD, -DEBT_NUSD, DEBT_NUSD, "up1",
    )  # fmt: skip
    assert balance_nusd(hub) == -CHARGE_NUSD
    assert hub.home.store.journal.open_reservations() == []


async def test_the_reservation_is_written_before_the_first_byte(make_hub: MakeHub) -> None:
    async with FaultUpstream(stream("Hel", "lo", usage=USAGE).slowly(0.1)) as upstream:
        hub = make_hub(priced(upstream.base_url))
        call = hub.call("POST", "/v1/chat/completions", token=hub.live, body=question(stream=True))
        running = asyncio.create_task(call.run())
        while not call.pieces:
            await asyncio.sleep(0.005)
        assert kinds(entries(hub)) == ["reserve"]
        (left,) = hub.home.store.journal.open_reservations()
        assert left.reservation.amount_nusd == entries(hub)[0].reserved_nusd
        await running
    assert kinds(entries(hub)) == ["reserve", "settle"]


async def test_an_answer_longer_than_likely_first_holds_what_it_needs(make_hub: MakeHub) -> None:
    long = {"prompt_tokens": 11, "completion_tokens": 9000}
    async with FaultUpstream(plain(usage=long)) as upstream:
        hub = make_hub(priced(upstream.base_url, max_output_tokens=10_000))
        await hub.ask()
    assert kinds(entries(hub)) == ["reserve", "reserve", "settle"]
    assert balance_nusd(hub) == -(11 + 2 * 9000) * TOKEN_NUSD
    assert (await hub.row()).charge_nusd == (11 + 2 * 9000) * TOKEN_NUSD


@pytest.mark.parametrize("reply", [failure(500), failure(400), failure(429)])
async def test_a_call_that_fails_costs_nothing(make_hub: MakeHub, reply: Reply) -> None:
    async with FaultUpstream(reply) as upstream:
        hub = make_hub(priced(upstream.base_url))
        assert (await hub.ask()).status >= 400
        row = await hub.row()
    assert kinds(entries(hub)) == ["reserve", "void"]
    assert (balance_nusd(hub), row.charge_nusd) == (0, None)


async def test_attempts_that_a_provider_may_bill_are_owed_and_charged_to_nobody(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain().cut(40)) as broken, FaultUpstream(plain(usage=USAGE)) as sound:
        hub = make_hub(priced(broken.base_url, sound.base_url))
        assert (await hub.ask()).status == 200
        row = await hub.row()
    *_, held, failed, charged = entries(hub)
    assert (held.kind, failed.kind, charged.kind) == ("reserve", "attempt", "settle")
    assert (failed.provider, failed.payable_nusd, failed.cost_nusd) == (
        "up1",
        9 * TOKEN_NUSD // 2,
        -9 * TOKEN_NUSD // 2,
    )
    assert (failed.wallet_nusd, failed.revenue_nusd) == (0, 0)
    assert (row.charge_nusd, row.debt_nusd) == (CHARGE_NUSD, DEBT_NUSD + failed.payable_nusd)
    assert balance_nusd(hub) == -CHARGE_NUSD


async def test_an_attempt_that_reached_no_provider_is_owed_to_none(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain(usage=USAGE)) as sound:
        with refusing() as nobody:
            hub = make_hub(priced(nobody, sound.base_url))
            assert (await hub.ask()).status == 200
    assert kinds(entries(hub)) == ["reserve", "settle"]


async def test_a_call_that_fails_at_last_leaves_what_its_attempts_may_have_cost(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain().cut(40)) as upstream:
        hub = make_hub(priced(upstream.base_url))
        assert (await hub.ask()).status == 502
        row = await hub.row()
    *attempts, closed = entries(hub)[1:]
    assert {entry.kind for entry in attempts} == {"attempt"}
    assert len(attempts) == row.attempts
    assert (closed.kind, row.charge_nusd) == ("void", None)
    assert row.debt_nusd == sum(entry.payable_nusd for entry in attempts)
    assert balance_nusd(hub) == 0


@pytest.mark.parametrize("late_s", [0.0, 0.05], ids=["whole", "begun before"])
async def test_a_call_that_the_disk_does_not_take_is_refused_and_given_back(
    make_hub: MakeHub, monkeypatch: pytest.MonkeyPatch, late_s: float
) -> None:
    def refuse(*_: object) -> None:
        raise apsw.FullError("disk full")

    async with FaultUpstream(plain(usage=USAGE).late(late_s)) as upstream:
        hub = make_hub(priced(upstream.base_url))
        await grant(hub, 10_000 * TOKEN_NUSD)
        rule(hub, day_nusd=10_000 * TOKEN_NUSD)
        with monkeypatch.context() as patch:
            patch.setattr(posts, "insert", refuse)
            answer = await hub.ask()
            await asyncio.sleep(0.05)
        assert (answer.status, answer.error["code"]) == (503, "store_unavailable")
        assert "x-entrepot-cost-usd" not in answer.headers
        row = await hub.row()
    assert (row.status, row.charge_nusd, row.debt_nusd) == (503, None, DEBT_NUSD)
    assert kinds(entries(hub)) == ["grant", "attempt"]
    assert balance_nusd(hub) == 10_000 * TOKEN_NUSD
    assert [bound.left(now()).used for gate in hub.hub.books.limiter for bound in gate.bounds] == [0]
    assert hub.home.store.journal.open_reservations() == []


@pytest.mark.parametrize("late_s", [0.0, 0.05], ids=["whole", "begun before"])
async def test_who_leaves_while_the_end_is_written_is_charged_once(
    make_hub: MakeHub, monkeypatch: pytest.MonkeyPatch, late_s: float
) -> None:
    ends, go_on = threading.Event(), threading.Event()
    write = posts._write

    def held_up(connection: Any, group: Sequence[Post]) -> None:
        if any(post.reservation is None for post in group):
            ends.set()
            go_on.wait(5)
        write(connection, group)

    monkeypatch.setattr(posts, "_write", held_up)
    async with FaultUpstream(plain(usage=USAGE).late(late_s)) as upstream:
        hub = make_hub(priced(upstream.base_url))
        call = hub.call("POST", "/v1/chat/completions", token=hub.live, body=question())
        running = asyncio.create_task(call.run())
        await asyncio.to_thread(ends.wait, 5)
        await asyncio.sleep(0.1)  # by then the hub watches for the client's leaving
        call.leave()
        await running
        assert hub.hub.books.wallets.balance(hub.home.owner.organisation_id).reserved_nusd > 0
        go_on.set()
        row = await hub.row()
    assert kinds(entries(hub)) == ["reserve", "settle"]
    assert row.charge_nusd == CHARGE_NUSD
    assert balance_nusd(hub) == -CHARGE_NUSD
    assert hub.home.store.journal.open_reservations() == []


async def test_a_stream_that_breaks_is_charged_as_far_as_it_came(make_hub: MakeHub) -> None:
    reply = stream("Once", " upon", " a", " time", usage=USAGE)
    async with FaultUpstream(reply.cut(len(reply.body) - 200)) as upstream:
        hub = make_hub(priced(upstream.base_url))
        await hub.ask(stream=True)
        row = await hub.row()
    assert row.status == 502
    assert row.usage.estimated
    assert row.usage.output_tokens > 0
    assert row.charge_nusd == (row.usage.input_tokens + 2 * row.usage.output_tokens) * TOKEN_NUSD
    assert balance_nusd(hub) == -row.charge_nusd


@pytest.mark.parametrize("pieces", [0, 1, 3])
async def test_who_leaves_pays_for_what_was_delivered(make_hub: MakeHub, pieces: int) -> None:
    async with FaultUpstream(stream(*["word "] * 50, usage=USAGE).slowly(0.03)) as upstream:
        hub = make_hub(priced(upstream.base_url))
        call = hub.call("POST", "/v1/chat/completions", token=hub.live, body=question(stream=True))
        running = asyncio.create_task(call.run())
        await upstream.received(1)
        while len(call.pieces) < pieces:
            await asyncio.sleep(0.005)
        call.leave()
        await running
        row = await hub.row()
    assert row.status == 499
    assert (row.charge_nusd or 0) == (row.usage.input_tokens + 2 * row.usage.output_tokens) * TOKEN_NUSD
    assert balance_nusd(hub) == -(row.charge_nusd or 0)
    assert hub.home.store.journal.open_reservations() == []


@pytest.mark.parametrize(
    "usage",
    [None, {"prompt_tokens": -5, "completion_tokens": 7}, {"prompt_tokens": 2**63, "completion_tokens": 1}, "many"],
)
async def test_usage_that_cannot_be_believed_is_counted(make_hub: MakeHub, usage: Any) -> None:
    async with FaultUpstream(plain("Hello there", usage=usage)) as upstream:
        hub = make_hub(priced(upstream.base_url))
        await hub.ask()
        row = await hub.row()
    assert row.usage.estimated
    assert row.charge_nusd is not None
    assert 0 < row.charge_nusd < 100 * TOKEN_NUSD
    assert balance_nusd(hub) == -row.charge_nusd


def usages(*given: Any) -> Reply:
    """A stream that tells usage with these chunks, after its words and before its end."""
    head, *others = chunks("Hello ", "there ", usage=None)
    told = [{**head, "choices": [], "usage": usage} for usage in given]
    return events(*map(sse, [head, *others, *told]), sse("[DONE]"))


@pytest.mark.parametrize(
    ("reply", "charged_tokens"),
    [
        (usages(), None),
        (usages({"prompt_tokens": -5, "completion_tokens": 7}), None),
        (usages({"prompt_tokens": 2**63, "completion_tokens": 7}), None),
        (usages({"prompt_tokens": 11, "completion_tokens": 7.5}), None),
        (usages(USAGE), 11 + 2 * 7),
        (usages({"prompt_tokens": 11, "completion_tokens": 3}, USAGE), 11 + 2 * 7),
        (usages(USAGE, USAGE), 11 + 2 * 7),
    ],
    ids=["missing", "negative", "huge", "fraction", "last", "growing", "repeated"],
)
async def test_a_streams_usage_is_believed_once_and_only_when_it_can_be(
    make_hub: MakeHub, reply: Reply, charged_tokens: int | None
) -> None:
    async with FaultUpstream(reply) as upstream:
        hub = make_hub(priced(upstream.base_url))
        assert (await hub.ask(stream=True)).status == 200
        row = await hub.row()
    assert row.usage.estimated == (charged_tokens is None)
    expected = charged_tokens or row.usage.input_tokens + 2 * row.usage.output_tokens
    assert 0 < expected < 100
    assert row.charge_nusd == expected * TOKEN_NUSD
    assert balance_nusd(hub) == -row.charge_nusd


async def test_usage_that_is_no_json_breaks_the_stream_and_is_not_charged_beyond_its_words(make_hub: MakeHub) -> None:
    reply = stream("Hello ", "there ", usage=USAGE)
    spoilt = events(*(piece.replace(b'"prompt_tokens":11', b'"prompt_tokens":NaN') for piece in reply.pieces))
    async with FaultUpstream(spoilt) as upstream:
        hub = make_hub(priced(upstream.base_url))
        await hub.ask(stream=True)
        row = await hub.row()
    assert row.usage.estimated
    assert 0 < (row.charge_nusd or 0) < 100 * TOKEN_NUSD
    assert balance_nusd(hub) == -(row.charge_nusd or 0)


@pytest.mark.parametrize("jump_s", [-3600, 3600, 10 * 365 * 86400])
async def test_a_clock_that_jumps_while_a_call_is_under_way_changes_no_sum(
    make_hub: MakeHub, monkeypatch: pytest.MonkeyPatch, jump_s: int
) -> None:
    async with FaultUpstream(plain(usage=USAGE).late(0.2)) as upstream:
        hub = make_hub(priced(upstream.base_url))
        await grant(hub, 10**12)
        rule(hub, requests_per_minute=2, concurrency=1)
        running = asyncio.create_task(hub.ask())
        await upstream.received(1)
        time_ns = time.time_ns
        monkeypatch.setattr(time, "time_ns", lambda: time_ns() + jump_s * 10**9)
        assert (await running).status == 200
        assert [(await hub.ask()).status for _ in range(2)] == [200, 429]  # a minute is not over
        rows = await hub.rows(3)
    assert all(0 <= row.duration_ms < 60_000 for row in rows)
    assert balance_nusd(hub) == 10**12 - 2 * CHARGE_NUSD


async def test_test_mode_moves_no_money(make_hub: MakeHub) -> None:
    hub = make_hub(priced("http://127.0.0.1:1/v1"))
    await grant(hub, 0)
    assert (await hub.post("/v1/chat/completions", question(), token=hub.test)).status == 200
    assert kinds(entries(hub)) == ["grant"]
    assert (await hub.row()).charge_nusd == 0


async def test_a_model_without_a_price_is_free_to_call_until_money_is_bounded(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain(usage=USAGE)) as upstream:
        hub = make_hub(tables(upstream.base_url))
        assert (await hub.ask()).status == 200
        assert (entries(hub), (await hub.row()).charge_nusd) == ([], None)
        await grant(hub, 10**12)
        refused = await hub.ask()
    assert (refused.status, refused.error["code"]) == (503, "price_unknown")
    assert len(upstream.requests) == 1


# Wallets ------------------------------------------------------------------------------------------


def held_nusd(max_tokens: int) -> int:
    """What a question with that bound holds: its nine tokens and the answer's."""
    return (9 + 2 * max_tokens) * TOKEN_NUSD


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
        hub.home.store.journal.put_rule(put).result()
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


async def test_limits_hold_in_test_mode_too(make_hub: MakeHub) -> None:
    hub = make_hub(priced("http://127.0.0.1:1/v1"))
    key_id = hub.hub.keys.authenticate(hub.test, 0).id
    hub.home.store.journal.put_rule(Rule(id="r", subject="key", subject_id=key_id, requests_per_minute=1)).result()
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


# The free tier ------------------------------------------------------------------------------------

FREE = {"plans": {"default": {"free_tier": {"models": [MODEL], "requests_per_day": 2}}}}


async def test_the_free_tier_costs_nothing_and_then_the_price_holds(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain(usage=USAGE)) as upstream:
        hub = make_hub(priced(upstream.base_url), prices=FREE)
        for _ in range(3):
            assert (await hub.ask()).status == 200
        charges = [row.charge_nusd for row in await hub.rows(3)]
        assert sorted(charge or 0 for charge in charges) == [0, 0, CHARGE_NUSD]
        settled = [entry for entry in entries(hub) if entry.kind == "settle"]
        assert [(entry.grants_nusd, entry.cost_nusd, entry.payable_nusd) for entry in settled] == [
            (-DEBT_NUSD, 0, DEBT_NUSD), (-DEBT_NUSD, 0, DEBT_NUSD), (0, -DEBT_NUSD, DEBT_NUSD),
        ]  # fmt: skip
        assert balance_nusd(hub) == -CHARGE_NUSD
        again = Books(hub.home.store)  # a start gives none of it back
        tier = hub.hub.configuration.tariff.free_tier(None)
        assert tier is not None
        assert not again.free_days.fits(hub.home.owner.organisation_id, tier, 1, now())


async def test_an_empty_wallet_has_its_free_tier_and_no_more(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain(usage=USAGE).late(0.2)) as upstream:
        hub = make_hub(priced(upstream.base_url), prices=FREE)
        await grant(hub, 0)
        rule(hub, day_nusd=0)  # nor does it need a budget
        answers = await asyncio.gather(*(hub.ask() for _ in range(20)))
        assert sorted(answer.status for answer in answers) == [200] * 2 + [429] * 18
        assert len(upstream.requests) == 2
    assert balance_nusd(hub) == 0
    assert hub.home.store.journal.open_reservations() == []


async def test_a_free_call_that_fails_is_given_back(make_hub: MakeHub) -> None:
    async with FaultUpstream(failure(400), plain(usage=USAGE)) as upstream:
        hub = make_hub(priced(upstream.base_url), prices=FREE)
        await grant(hub, 0)
        statuses = [(await hub.ask()).status for _ in range(4)]
    assert statuses == [400, 200, 200, 429]


async def test_the_free_tier_ends_with_its_tokens(make_hub: MakeHub) -> None:
    prices = {"plans": {"default": {"free_tier": {"models": [MODEL], "tokens_per_day": 2 * 18 + 58}}}}
    async with FaultUpstream(plain(usage=USAGE)) as upstream:
        hub = make_hub(priced(upstream.base_url), prices=prices)
        await grant(hub, 0)
        statuses = [(await hub.ask(max_completion_tokens=50)).status for _ in range(3)]
    assert statuses == [200, 200, 429]  # each takes 59 before it is corrected to 18


# A start ------------------------------------------------------------------------------------------


async def test_what_a_crash_cut_off_is_closed_once(make_hub: MakeHub) -> None:
    async with FaultUpstream(silence()) as upstream:
        hub = make_hub(priced(upstream.base_url))
        call = hub.call("POST", "/v1/chat/completions", token=hub.live, body=question(stream=True))
        running = asyncio.create_task(call.run())
        await upstream.received(1)
        while not entries(hub):
            await asyncio.sleep(0.005)
        store, (left,) = hub.home.store, hub.home.store.journal.open_reservations()
        usage = Usage(input_tokens=2, output_tokens=3, estimated=True)
        so_far = msgspec.structs.replace(left.row, usage=usage, ttft_ms=1, charge_nusd=5, debt_nusd=9)
        store.journal.progress([so_far]).result()
        again = Books(store)  # as a start does, with the exchange as the crash left it
        (closed,) = again.recovered
        assert (closed.kind, closed.revenue_nusd, closed.losses_nusd, closed.payable_nusd) == ("recover", 5, -4, 9)
        assert Books(store).recovered == []
        row = await hub.row()
        assert (row.error_code, row.charge_nusd, row.usage.output_tokens) == ("hub_stopped", 5, 3)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert sum(entry.reserved_nusd for entry in entries(hub)) == 0


async def test_what_was_delivered_is_journalled_while_it_goes_on(make_hub: MakeHub, monkeypatch: Any) -> None:
    monkeypatch.setattr(books, "PROGRESS_S", 0.02)
    words = ["Once ", "upon ", "a ", "time "]
    async with FaultUpstream(stream(*words, usage=USAGE).cut(700, "stall")) as upstream:
        hub = make_hub(priced(upstream.base_url))
        following = asyncio.create_task(hub.hub.books.follow_progress())
        call = hub.call("POST", "/v1/chat/completions", token=hub.live, body=question(stream=True))
        running = asyncio.create_task(call.run())
        journal = hub.home.store.journal
        async with asyncio.timeout(5):
            while not any(left.row.usage.output_tokens for left in journal.open_reservations()):
                await asyncio.sleep(0.01)
        (left,) = journal.open_reservations()
        following.cancel()
        (closed,) = Books(hub.home.store).recovered
        running.cancel()
        await asyncio.gather(running, following, return_exceptions=True)
    row = await hub.row()
    assert (row.usage.input_tokens, row.provider, row.error_code) == (9, "up1", "hub_stopped")
    assert closed.revenue_nusd == row.charge_nusd == (9 + 2 * row.usage.output_tokens) * TOKEN_NUSD
    assert (closed.payable_nusd, closed.provider) == (row.debt_nusd, "up1")
    assert left.row.usage == row.usage


async def test_balances_are_those_of_the_ledger_after_every_start(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain(usage=USAGE)) as upstream:
        hub = make_hub(priced(upstream.base_url))
        for number in range(3):
            await hub.ask()
            await Books(hub.home.store).finish(1)
            books = Books(hub.home.store)
            assert books.wallets.balance(hub.home.owner.organisation_id).wallet_nusd == -(number + 1) * CHARGE_NUSD


def test_the_price_used_here() -> None:
    price = money.Price(money.parse_price(SELL))
    assert money.cost(Usage(input_tokens=11, output_tokens=7), price) == CHARGE_NUSD


# Tariff -------------------------------------------------------------------------------------------


async def test_the_plan_of_the_organisation_and_the_providers_own_price_decide(make_hub: MakeHub) -> None:
    prices = {
        "plans": {"team": {"rules": [{"percent": 100}]}},
        "prices": [{"model": MODEL, "provider": "up1", "price": SELL}],
    }
    async with FaultUpstream(plain(usage=USAGE)) as upstream:
        hub = make_hub(priced(upstream.base_url), prices=prices)
        hub.home.store.set_plan(hub.home.owner.organisation_id, "team")
        hub.hub.books.refresh()
        await hub.ask()
    row = await hub.row()
    assert (row.charge_nusd, row.debt_nusd) == (2 * CHARGE_NUSD, CHARGE_NUSD)


async def test_a_tier_that_is_not_sold_is_refused(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain(usage=USAGE)) as upstream:
        hub = make_hub(priced(upstream.base_url))
        refused = await hub.ask(service_tier="priority")
        assert (refused.status, refused.json["error"]["param"]) == (400, "service_tier")
        assert upstream.requests == []
    assert entries(hub) == []


async def test_a_list_that_cannot_charge_for_every_call_is_an_unknown_price(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain(usage=USAGE)) as upstream:
        catalogue = priced(upstream.base_url)
        catalogue["models"][0]["price"] = {"input": "1"}
        hub = make_hub(catalogue)
        assert (await hub.ask()).status == 200
        assert (await hub.row()).charge_nusd is None


# Shares -------------------------------------------------------------------------------------------


async def test_a_row_says_what_each_meter_had_its_share_in(make_hub: MakeHub) -> None:
    details = {"prompt_tokens_details": {"cached_tokens": 4}}
    async with FaultUpstream(plain(usage=USAGE | details), failure(500)) as upstream:
        catalogue = priced(upstream.base_url)
        catalogue["models"][0]["price"] = SELL | {"cached_input": "100"}
        hub = make_hub(catalogue)
        await hub.ask()
        row = await hub.row()
    assert {(line.meter, line.units, line.nusd) for line in row.lines} == {
        ("cached_input", 4, 400_000), ("input", 7, 7_000_000), ("output", 7, 14_000_000),
    }  # fmt: skip
    assert sum(line.nusd for line in row.lines) == row.charge_nusd


async def test_shares_are_cut_with_the_charge(make_hub: MakeHub) -> None:
    """An upstream that reports more than it was allowed is charged as far as the money goes."""
    async with FaultUpstream(plain(usage={"prompt_tokens": 11, "completion_tokens": 9000})) as upstream:
        hub = make_hub(priced(upstream.base_url, max_output_tokens=10_000))
        await grant(hub, 100 * TOKEN_NUSD)
        await hub.ask()
        row = await hub.row()
    assert row.charge_nusd == 100 * TOKEN_NUSD == sum(line.nusd for line in row.lines)
    assert differences(hub) == []


async def test_after_a_mix_of_endings_the_books_hold(make_hub: MakeHub) -> None:
    replies = (
        plain(usage=USAGE),
        failure(500),
        stream("Hel", "lo", usage=USAGE),
        stream("Hel", "lo").cut(60),
        plain(usage={"prompt_tokens": 1 << 40, "completion_tokens": 3}),
        plain().cut(30),
    )
    async with FaultUpstream(*replies * 3) as upstream:
        hub = make_hub(priced(upstream.base_url))
        await asyncio.gather(*(hub.ask(stream=number % 2 == 0) for number in range(12)))
        await hub.rows(12)
    assert balance_nusd(hub) == -sum(row.charge_nusd or 0 for row in hub.home.store.exchanges())
    assert differences(hub) == []
