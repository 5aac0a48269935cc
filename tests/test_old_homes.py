"""Homes of every earlier schema, with what hubs of that time wrote: a hub of today opens them and loses nothing."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import msgspec
import pytest

from entrepot.accounts.audit import AuditEntry
from entrepot.books import Books
from entrepot.conversation import Usage
from entrepot.home import Home, open_home
from entrepot.keys import Key, KeyRing, KeySpec, issue, pepper
from entrepot.store import ExchangeRow, accounts, audit, checks, vouchers
from entrepot.store.queries import migrations

LATEST = len(migrations())
CHARGE_NUSD, DEBT_NUSD = 25, 12
EXCHANGE = {
    "started_at_ms": 10, "key_id": "", "mode": "live", "dialect": "openai_chat", "asked": "m", "model": "m",
    "provider": "up", "offered": "o", "answered": "o", "stream": 0, "status": 200, "error_code": None,
    "finish": "stop", "attempts": 1, "input_tokens": 11, "cached_tokens": 0, "cache_write_tokens": 0,
    "output_tokens": 7, "reasoning_tokens": 0, "estimated": 0, "ttft_ms": 1, "duration_ms": 2,
}  # fmt: skip
ENTRY = {
    "at_ms": 11, "organisation_id": "org_1", "provider": None, "wallet_nusd": 0, "reserved_nusd": 0, "revenue_nusd": 0,
    "cost_nusd": 0, "payable_nusd": 0, "grants_nusd": 0, "funding_nusd": 0, "losses_nusd": 0,
}  # fmt: skip


class OldHome:
    """A home that grew from the first schema to one of its versions, and was used at each."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._connection = apsw.Connection(str(folder / "entrepot.db"))
        spec = KeySpec(name="old", mode="live")
        self.key, self.token = issue(spec, "org_1", pepper(folder), now_ms=1, random=os.urandom)

    def grow(self, version: int) -> None:
        for number, script in enumerate(migrations()[:version], 1):
            self._connection.execute(script)
            getattr(self, f"_use_{number:04}", lambda: None)()
        self._connection.execute(f"PRAGMA user_version = {version}")
        self._connection.close()

    def _insert(self, table: str, *rows: dict[str, Any]) -> None:
        for row in rows:
            names, places = ", ".join(row), ", ".join("?" * len(row))
            self._connection.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", tuple(row.values()))  # noqa: S608

    def _use_0001(self) -> None:
        self._insert("organisations", {"id": "org_1", "name": "Default", "created_at_ms": 1})
        member = {"id": "mem_1", "organisation_id": "org_1", "name": "Owner", "role": "owner", "created_at_ms": 1}
        self._insert("members", member)
        known = ("id", "organisation_id", "name", "mode", "digest", "created_at_ms")
        self._insert("keys", {name: getattr(self.key, name) for name in known} | {"scopes": "inference usage"})
        self._insert("exchanges", EXCHANGE | {"request_id": "req_0001", "key_id": self.key.id})

    def _use_0002(self) -> None:
        kept = {"key_id": self.key.id, "id": "resp_1", "model": "m", "created_at_ms": 1, "expires_at_ms": 1 << 50}
        self._insert("responses", kept | {"bytes": 4, "input": "[]", "response": "{}"})

    def _use_0003(self) -> None:
        grant = ENTRY | {"kind": "grant", "reference": "grant_1", "wallet_nusd": 1000, "grants_nusd": -1000}
        held = ENTRY | {"kind": "reserve", "wallet_nusd": -30, "reserved_nusd": 30}
        settled = ENTRY | {"kind": "settle", "provider": "up", "wallet_nusd": 30 - CHARGE_NUSD, "reserved_nusd": -30}
        settled |= {"revenue_nusd": CHARGE_NUSD, "cost_nusd": -DEBT_NUSD, "payable_nusd": DEBT_NUSD}
        self._insert("ledger", grant, held | {"reference": "req_paid"}, settled | {"reference": "req_paid"})
        ours = EXCHANGE | {"key_id": self.key.id, "organisation_id": "org_1", "debt_nusd": DEBT_NUSD}
        self._insert("exchanges", ours | {"request_id": "req_paid", "charge_nusd": CHARGE_NUSD})
        self._insert("exchanges", ours | {"request_id": "req_free", "charge_nusd": 0})
        self._insert("ledger", held | {"reference": "req_open"})
        so_far = {"request_id": "req_open", "key_id": self.key.id, "charge_nusd": 9, "organisation_id": "org_1"}
        row = EXCHANGE | so_far | {"usage": {"input_tokens": 11}, "stream": False}
        fields = {name: row[name] for name in ExchangeRow.__struct_fields__ if name in row}
        reservation = {"reference": "req_open", "at_ms": 11, "organisation_id": "org_1", "amount_nusd": 30}
        self._insert("reservations", reservation | {"exchange": json.dumps(fields)})
        self._insert("balances", {"organisation_id": "org_1", "wallet_nusd": 1000, "seq": 1})
        self._insert("rules", {"id": "rule_1", "subject": "key", "subject_id": self.key.id, "day_nusd": 50})

    def _use_0004(self) -> None:
        invited = {"id": "inv_1", "organisation_id": "org_1", "email": "a@b.test", "role": "admin"}
        self._insert("invitations", invited | {"digest": b"d", "created_at_ms": 1, "expires_at_ms": 1 << 50})
        entry = {"at_ms": 5, "organisation_id": "org_1", "actor": "operator", "action": "key.create"}
        self._insert("audit", entry | {"subject": f"key:{self.key.id}"})

    def _use_0005(self) -> None:
        self._connection.execute("UPDATE organisations SET plan = 'team'")

    def _use_0006(self) -> None:
        late = EXCHANGE | {"request_id": "req_0006", "key_id": self.key.id, "organisation_id": "org_1"}
        self._insert("exchanges", late | {"answer_id": "chatcmpl-1"})

    def _use_0007(self) -> None:
        voucher = {"id": "vou_1", "digest": b"v", "amount_nusd": 5, "actor": "operator", "created_at_ms": 1}
        self._insert("vouchers", voucher)


@pytest.fixture(params=range(1, LATEST + 1))
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[int, OldHome, Home]]:
    version: int = request.param
    made = OldHome(tmp_path / "home")
    made.grow(version)
    home = open_home(tmp_path / "home")
    yield version, made, home
    home.store.close()


def test_keys_accounts_and_rows_are_those_of_before(old: tuple[int, OldHome, Home]) -> None:
    version, made, home = old
    store = home.store
    assert (home.owner.id, home.owner.organisation_id) == ("mem_1", "org_1")
    key: Key = KeyRing(store.all_keys(), home.pepper).authenticate(made.token, 2)
    assert key == msgspec.structs.replace(made.key, scopes=("inference", "usage"))
    rows = {row.request_id: row for row in store.exchanges()}
    assert rows["req_0001"].usage == Usage(input_tokens=11, output_tokens=7)
    assert {row.organisation_id for row in rows.values()} == {"org_1"}
    assert sum(row.requests for row in store.usage(organisation_id="org_1")) == len(rows)
    found = {
        2: [kept.id for kept in store.responses.chain(made.key.id, "resp_1", 2)] == ["resp_1"],
        3: [rule.bounds for rule in store.journal.rules()] == [{"day_nusd": 50}],
        4: [each.email for each in accounts.invitations(store.read, "org_1")] == ["a@b.test"],
        5: store.plans() == {"org_1": "team"},
        6: store.exchange("chatcmpl-1", "org_1") is not None,
        7: [each.id for each in vouchers.listed(store.read, limit=9)] == ["vou_1"],
    }
    assert found == {number: number <= version for number in found}
    if version >= 4:
        logged: list[AuditEntry] = audit.entries(store.read, "org_1", audit.Filter())
        assert [entry.action for entry in logged] == ["key.create"]


def test_the_ledger_holds_and_a_start_closes_what_was_open(old: tuple[int, OldHome, Home]) -> None:
    version, _, home = old
    books = Books(home.store)
    assert home.store.report(lambda run: checks.differences(run, running=False)) == []
    has_money = version >= 3
    assert [entry.reference for entry in books.recovered] == ["req_open"] * has_money
    assert books.wallets.balance("org_1").wallet_nusd == has_money * (1000 - CHARGE_NUSD - 9)
    owed = {entry.reference: entry.payable_nusd for entry in home.store.journal.entries() if entry.payable_nusd}
    assert owed == (dict.fromkeys(("req_paid", "req_free"), DEBT_NUSD) if has_money else {})
