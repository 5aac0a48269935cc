"""Transactions and statements over HTTP: their sums are the ledger's, and each shows its own organisation's."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from tests.conftest import MakeHub
from tests.statements.test_records import made
from tests.support.money import CHARGE_USD, USAGE, differences, priced, treasurer
from tests.support.people import join, make_organisation
from tests.support.running import MODEL, RunningHub
from tests.support.upstream import FaultUpstream, failure, plain, stream

from entrepot.api.answers.money import StatementMeter
from entrepot.api.billing import statement_object


def month() -> str:
    return datetime.now(UTC).strftime("%Y-%m")


def statement() -> str:
    return f"/v1/billing/statements/{month()}"


async def used(hub: RunningHub) -> str:
    """A treasurer of a hub with three charged calls, a failed one, a grant, a refund and a correction."""
    token = treasurer(hub)
    await hub.post("/v1/wallet/grants", {"amount_usd": "1.000000001", "note": "=1+1"}, token=token)
    for _ in range(2):
        await hub.ask()
    await hub.ask(stream=True)
    await hub.ask()
    rows = await hub.rows(4)
    await hub.post("/v1/wallet/refunds", {"request_id": rows[0].request_id, "amount_usd": "0.01"}, token=token)
    await hub.post("/v1/wallet/corrections", {"amount_usd": "-0.5", "note": "<script>"}, token=token)
    return token


def upstream() -> FaultUpstream:
    replies = plain(usage=USAGE), plain(usage=USAGE), stream("Hel", "lo", usage=USAGE), failure(400)
    return FaultUpstream(*replies)


CLOSING_USD = "0.435000001"  # 1.000000001 - 3 × 0.025 + 0.01 - 0.5


async def test_transactions_are_what_the_wallet_is_made_of(make_hub: MakeHub) -> None:
    async with upstream() as up:
        hub = make_hub(priced(up.base_url))
        token = await used(hub)
    found = (await hub.get("/v1/billing/transactions", token=token)).json
    shown = [(each["direction"], each["type"], each["amount_usd"], each["model"]) for each in found["data"]]
    assert shown == [
        ("charge", "correction", "0.5", None),
        ("topup", "refund", "0.01", None),
        *[("charge", "usage", CHARGE_USD, MODEL)] * 3,
        ("topup", "grant", "1.000000001", None),
    ]
    assert (found["has_more"], found["next_cursor"]) == (False, None)
    signed = [Decimal(each["amount_usd"]) * (1 if each["direction"] == "topup" else -1) for each in found["data"]]
    wallet = (await hub.get("/v1/wallet", token=token)).json
    assert str(sum(signed)) == wallet["balance_usd"] == CLOSING_USD
    charges = [each for each in found["data"] if each["type"] == "usage"]
    assert [each["reference"] for each in charges] == [row.request_id for row in (await hub.rows(4))[2::-1]]
    assert charges[0]["key_id"] == hub.live.split("-")[2]
    assert differences(hub) == []


async def test_pages_follow_each_other_without_gap(make_hub: MakeHub) -> None:
    async with upstream() as up:
        hub = make_hub(priced(up.base_url))
        token = await used(hub)
    whole = (await hub.get("/v1/billing/transactions", token=token)).json["data"]
    pages, cursor = [], ""
    while True:
        page = (await hub.get(f"/v1/billing/transactions?limit=2{cursor}", token=token)).json
        pages += page["data"]
        if not page["has_more"]:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert pages == whole


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("type=usage", 3),
        ("type=grant&type=refund", 2),
        ("type=voucher", 0),
        ("direction=topup", 2),
        ("direction=charge", 4),
        ("direction=charge&direction=topup", 6),
        ("direction=charge&type=correction", 1),
        ("from=2999-01-01", 0),
        ("until=2000-01-01", 0),
        ("from=2026-01-01", 6),
    ],
)
async def test_transactions_are_filtered(make_hub: MakeHub, query: str, count: int) -> None:
    async with upstream() as up:
        hub = make_hub(priced(up.base_url))
        token = await used(hub)
    assert len((await hub.get(f"/v1/billing/transactions?{query}", token=token)).json["data"]) == count


@pytest.mark.parametrize("query", ["type=gift", "direction=in", "cursor=x", "limit=0", "from=now"])
async def test_a_bad_question_is_refused(make_hub: MakeHub, query: str) -> None:
    hub = make_hub()
    answer = await hub.get(f"/v1/billing/transactions?{query}", token=treasurer(hub))
    assert (answer.status, answer.error["param"]) == (400, query.partition("=")[0])


# Statements ---------------------------------------------------------------------------------------


async def test_a_statement_adds_up(make_hub: MakeHub) -> None:
    async with upstream() as up:
        hub = make_hub(priced(up.base_url))
        token = await used(hub)
    found = (await hub.get(statement(), token=token)).json
    sums = {name: found[name] for name in found if name.endswith("_usd")}
    assert sums == {
        "opening_balance_usd": "0",
        "movements_usd": "0.510000001",
        "usage_usd": "0.075",
        "closing_balance_usd": CLOSING_USD,
    }
    assert (found["closed"], found["month"], found["organisation"]) == (False, month(), "Default")
    assert [each["type"] for each in found["movements"]] == ["grant", "refund", "correction"]
    (use,) = found["usage"]
    assert use == {
        "model": MODEL,
        "key_id": hub.live.split("-")[2],
        "key_name": "a key",
        "requests": 3,
        "input_tokens": 33,
        "cached_tokens": 0,
        "cache_write_tokens": 0,
        "output_tokens": 21,
        "reasoning_tokens": 0,
        "cost_usd": "0.075",
        "meters": [
            {"meter": "output", "units": 21, "cost_usd": "0.042"},
            {"meter": "input", "units": 33, "cost_usd": "0.033"},
        ],
    }


def test_amounts_are_shown_to_the_last_digit_and_what_is_not_known_is_null() -> None:
    shown = statement_object(made())
    assert (shown.opening_balance_usd, shown.movements_usd) == ("-0.000000005", "1")
    assert (shown.usage_usd, shown.closing_balance_usd) == ("0.250000001", "0.749999994")
    assert shown.usage[0].meters[1] == StatementMeter(meter="other", units=None, cost_usd="0.000000001")


async def test_as_csv_the_amounts_add_up_to_the_closing_balance(make_hub: MakeHub) -> None:
    async with upstream() as up:
        hub = make_hub(priced(up.base_url))
        token = await used(hub)
    for target, accept in ((f"{statement()}.csv", "*/*"), (statement(), "text/csv, */*;q=0.1")):
        answer = await hub.get(target, token=token, accept=accept)
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert "attachment" in answer.headers["content-disposition"]
        *rows, closing = csv.DictReader(io.StringIO(answer.body.decode()))
        assert str(sum(Decimal(row["amount_usd"]) for row in rows)) == closing["amount_usd"] == CLOSING_USD
        assert [row["note"] for row in rows if row["type"] == "grant"] == ["'=1+1"]


async def test_as_a_page_it_runs_nothing(make_hub: MakeHub) -> None:
    async with upstream() as up:
        hub = make_hub(priced(up.base_url))
        token = await used(hub)
    for target, accept in (
        (f"{statement()}.html", "*/*"),
        (statement(), "text/csv;q=0.9,text/html,application/xhtml+xml"),
    ):
        answer = await hub.get(target, token=token, accept=accept)
        page = answer.body.decode()
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none';")
        assert "unsafe" not in policy
        assert "<script" not in page
        assert "&lt;script&gt;" in page
        assert CLOSING_USD in page
    assert (await hub.get(f"{statement()}.json", token=token, accept="text/html")).json["object"] == "statement"


@pytest.mark.parametrize(
    ("month", "status"),
    [("2026-13", 400), ("2026", 400), ("26-01", 400), ("2026-1", 400), ("2999-01", 404), ("2026-01.pdf", 404)],
)
async def test_what_is_no_month_has_no_statement(make_hub: MakeHub, month: str, status: int) -> None:
    hub = make_hub()
    assert (await hub.get(f"/v1/billing/statements/{month}", token=treasurer(hub))).status == status


async def test_each_sees_its_own_and_the_house_all(make_hub: MakeHub) -> None:
    async with upstream() as up:
        hub = make_hub(priced(up.base_url))
        token = await used(hub)
    other = make_organisation(hub)
    outsider, viewer = join(hub, "owner", organisation_id=other), join(hub, "viewer")
    for path in (statement(), "/v1/billing/transactions"):
        query = f"?organisation_id={hub.home.owner.organisation_id}"
        refused = await outsider("GET", path + query)
        assert (refused.status, refused.error["code"]) == (404, "organisation_not_found")
        assert MODEL not in (await outsider("GET", path)).body.decode()
        assert MODEL in (await viewer("GET", path)).body.decode()
        seen: Any = await hub.get(f"{path}?organisation_id={other}", token=token)
        assert (seen.status, MODEL in seen.body.decode()) == (200, False)
