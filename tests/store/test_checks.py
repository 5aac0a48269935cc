"""Whether a ledger holds: a sound one does, and each way to spoil it is found by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import apsw
import pytest
from tests.support import rows
from tests.support.stored import move

from entrepot import ledger
from entrepot.accounts import Organisation
from entrepot.ledger import Debt, Reservation
from entrepot.money import Line
from entrepot.store import ExchangeRow, Store, accounts
from entrepot.store.checks import CHECKS, differences

OpenStore = Callable[..., Store]


def row(request_id: str, charge_nusd: int | None = None, **fields: Any) -> ExchangeRow:
    lines = (Line("input", 3, charge_nusd),) if charge_nusd else ()
    return rows.row(request_id, organisation_id="org_1", charge_nusd=charge_nusd, lines=lines, **fields)


def exchange(store: Store, request_id: str, charge_nusd: int) -> None:
    held = Reservation(reference=request_id, at_ms=1, organisation_id="org_1", amount_nusd=100)
    store.journal.reserve(ledger.reserve(held), held, row(request_id)).result()
    entry = ledger.settle(held, charge_nusd, at_ms=2, debt=Debt("lab", 20))
    store.journal.close([entry], row(request_id, charge_nusd, debt_nusd=20)).result()


@pytest.fixture
def store(open_store: OpenStore) -> Store:
    """One with a grant, a redeemed voucher, two exchanges and a snapshot between them."""
    store = open_store()
    store.write(
        lambda run: accounts.insert_organisation(run, Organisation(id="org_1", name="One", created_at_ms=1))
    ).result()
    move(store, ledger.move("grant", "grant_1", "org_1", 1000, at_ms=1))
    exchange(store, "req_1", 40)
    store.journal.keep_balances().result()
    exchange(store, "req_2", 60)
    return store


def test_a_sound_ledger_has_no_differences(store: Store) -> None:
    assert store.report(lambda run: differences(run, running=False)) == []


VOUCHER = "INSERT INTO vouchers (id, digest, amount_nusd, actor, created_at_ms, redeemed_at_ms, redeemed_by)"
LEDGER = (
    "INSERT INTO ledger (kind, reference, at_ms, organisation_id, wallet_nusd, reserved_nusd, revenue_nusd, cost_nusd,"
    " payable_nusd, grants_nusd, funding_nusd, losses_nusd)"
)


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE ledger SET wallet_nusd = wallet_nusd + 5 WHERE seq = 1", ("unbalanced_entries", "grant_1", 0, 5)),
        ("UPDATE ledger SET wallet_nusd = wallet_nusd + 5 WHERE seq = 1", ("wrong_balances", "org_1", 965, 960)),
        ("DELETE FROM ledger WHERE seq = 1", ("missing_entries", "ledger", 5, 4)),
        (f"{LEDGER} SELECT kind, reference, 9, organisation_id, 0,0,0,0,0,0,0,0 FROM ledger WHERE seq = 3",  # noqa: S608
         ("closed_twice", "req_1", 1, 2)),
        (f"{LEDGER} VALUES ('reserve', 'req_9', 9, 'org_1', -7, 7, 0,0,0,0,0,0)", ("wrongly_held", "req_9", 0, 7)),
        ("INSERT INTO reservations VALUES ('req_8', 1, 'org_1', 7, '{}')", ("wrongly_held", "req_8", 7, 0)),
        ("INSERT INTO reservations VALUES ('req_8', 1, 'org_1', 7, '{}')", ("open_references", "req_8", 0, 7)),
        ("UPDATE balances SET wallet_nusd = 1", ("wrong_balances", "org_1", 960, 1)),
        ("UPDATE exchanges SET charge_nusd = 41, lines = NULL WHERE request_id = 'req_1'",
         ("wrong_charges", "req_1", 41, 40)),
        ("UPDATE exchanges SET charge_nusd = 41 WHERE request_id = 'req_1'",
         ("wrong_charges_of_organisations", "org_1", 101, 100)),
        ("DELETE FROM exchanges WHERE request_id = 'req_2'", ("wrong_charges", "req_2", 0, 60)),
        ("UPDATE exchanges SET debt_nusd = 21 WHERE request_id = 'req_1'", ("wrong_debts", "req_1", 21, 20)),
        ("UPDATE exchanges SET debt_nusd = NULL WHERE request_id = 'req_1'",
         ("wrong_debts_of_organisations", "org_1", 20, 40)),
        ("""UPDATE exchanges SET lines = '{"input":[3,39]}' WHERE request_id = 'req_1'""",
         ("wrong_lines", "req_1", 40, 39)),
        (f"{VOUCHER} VALUES ('voucher_1', x'00', 9, 'operator', 1, 2, 'org_1')",
         ("wrong_vouchers", "voucher_1", 9, 0)),
    ],
)  # fmt: skip
def test_what_is_spoilt_is_named(store: Store, statement: str, found: tuple[str, str, int, int]) -> None:
    """By another hand than the hub's, past all that the file refuses by itself."""
    connection = apsw.Connection(str(store.path))
    for guard in ("ledger_is_not_changed", "ledger_is_not_cut"):
        connection.execute(f"DROP TRIGGER {guard}")
    connection.execute("DROP INDEX ledger_closes_once")
    connection.execute("PRAGMA ignore_check_constraints = ON")
    connection.execute(statement)
    connection.close()
    named = [
        (each.check, each.subject, each.expected, each.found)
        for each in store.report(lambda run: differences(run, running=False))
    ]
    assert found in named


def test_calls_of_a_running_hub_may_be_open(store: Store) -> None:
    held = Reservation(reference="req_3", at_ms=1, organisation_id="org_1", amount_nusd=100)
    store.journal.reserve(ledger.reserve(held), held, row("req_3")).result()
    assert store.report(lambda run: differences(run, running=True)) == []
    (left,) = store.report(lambda run: differences(run, running=False))
    assert (left.check, left.subject, left.found) == ("open_references", "req_3", 100)


def test_every_check_has_its_query(store: Store) -> None:
    for check in CHECKS:
        assert store.read(check, {}) == []
