"""`entrepot ledger`: says whether the books hold, prints them, and tells what a crash cost."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest
from tests.cli.conftest import Entrepot
from tests.store.test_checks import exchange, row
from tests.support.stored import move

from entrepot import ledger
from entrepot.accounts import Organisation
from entrepot.books import recover
from entrepot.home import lock
from entrepot.ledger import Reservation
from entrepot.store import Store, accounts


@pytest.fixture
def store(entrepot: Entrepot, tmp_path: Path) -> Iterator[Store]:
    assert entrepot("ledger", "verify").code == 0
    store = Store(tmp_path / "home" / "entrepot.db")
    organisation = Organisation(id="org_1", name="One", created_at_ms=1)
    store.write(lambda run: accounts.insert_organisation(run, organisation)).result()
    move(store, ledger.move("grant", "grant_1", "org_1", 10**9, at_ms=1, note="=1"))
    exchange(store, "req_1", 40)
    yield store
    store.close()


def held(store: Store) -> None:
    reservation = Reservation(reference="req_2", at_ms=1, organisation_id="org_1", amount_nusd=100)
    store.journal.reserve(ledger.reserve(reservation), reservation, row("req_2")).result()


@pytest.mark.usefixtures("store")
def test_sound_books_hold(entrepot: Entrepot) -> None:
    done = entrepot("ledger", "verify")
    assert (done.code, "FAIL" in done.out, "0 differences" in done.out) == (0, False, True)
    report = entrepot("ledger", "verify", "--json").json
    assert (report["entries"], report["differences"], report["running"]) == (3, [], False)
    (balance,) = report["balances"]
    assert (balance["wallet_nusd"], balance["revenue_nusd"], balance["payable_nusd"]) == (10**9 - 40, 40, 20)


def test_a_difference_is_named_and_fails(entrepot: Entrepot, store: Store) -> None:
    connection = apsw.Connection(str(store.path))
    connection.execute("UPDATE exchanges SET charge_nusd = 41")
    connection.close()
    done = entrepot("ledger", "verify", "--json")
    assert done.code == 1
    assert {"check": "wrong_charges", "subject": "req_1", "expected": 41, "found": 40} in done.json["differences"]
    shown = entrepot("ledger", "verify")
    assert (shown.code, "wrong_charges" in shown.out, "FAIL" in shown.out) == (1, True, True)


def test_an_open_call_is_a_difference_unless_a_hub_is_running(entrepot: Entrepot, store: Store, tmp_path: Path) -> None:
    held(store)
    assert entrepot("ledger", "verify").code == 1
    with lock(tmp_path / "home"):
        done = entrepot("ledger", "verify")
        assert (done.code, "skip" in done.out) == (0, True)


def test_what_a_start_has_closed_is_told(entrepot: Entrepot, store: Store) -> None:
    assert entrepot("ledger", "recovered", "--json").json == []
    held(store)
    recover(store)
    (found,) = entrepot("ledger", "recovered", "--json").json
    assert (found["request_id"], found["held_usd"], found["charged_usd"]) == ("req_2", "0.0000001", "0")
    assert entrepot("ledger", "verify").code == 0


@pytest.mark.usefixtures("store")
def test_postings_are_lines_that_add_up_to_zero(entrepot: Entrepot) -> None:
    rows = list(csv.DictReader(io.StringIO(entrepot("ledger", "export").out)))
    lines = [json.loads(line) for line in entrepot("ledger", "export", "--format", "jsonl").out.splitlines()]
    assert len(rows) == len(lines) == 9
    for seq in {line["seq"] for line in rows}:
        assert sum(int(line["amount_nusd"]) for line in rows if line["seq"] == seq) == 0
    assert [(line["account"], line["amount_nusd"]) for line in lines if line["kind"] == "grant"] == [
        ("wallet", 10**9), ("grants", -(10**9)),
    ]  # fmt: skip
    assert (rows[0]["note"], lines[0]["note"]) == ("'=1", "=1")


@pytest.mark.usefixtures("store")
def test_one_organisations_postings_can_be_had(entrepot: Entrepot) -> None:
    assert len(entrepot("ledger", "export", "--organisation", "org_1", "--format", "jsonl").out.splitlines()) == 9
    assert entrepot("ledger", "export", "--organisation", "org_0").code == 3
    assert entrepot("ledger", "export", "--format", "xml").code == 2
