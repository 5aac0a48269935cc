"""Entries: what each kind posts, and that none can be made whose postings do not add up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot import ledger
from entrepot.ledger import CLOSING, Debt, Entry, Reservation

HELD = Reservation(reference="req_1", at_ms=1, organisation_id="org_1", amount_nusd=100)


def postings(entry: Entry) -> dict[str, int]:
    return {account: amount for account, amount in entry.postings.items() if amount}


def test_a_reservation_goes_from_the_wallet_into_what_is_reserved() -> None:
    entry = ledger.reserve(HELD)
    assert postings(entry) == {"wallet": -100, "reserved": 100}
    assert (entry.kind, entry.reference, entry.at_ms, entry.organisation_id) == ("reserve", "req_1", 1, "org_1")


def test_a_settlement_charges_and_gives_the_rest_back() -> None:
    entry = ledger.settle(HELD, 30, at_ms=2, debt=Debt("up1", 20))
    assert postings(entry) == {"wallet": 70, "reserved": -100, "revenue": 30, "cost": -20, "payable": 20}
    assert (entry.kind, entry.at_ms, entry.provider) == ("settle", 2, "up1")


def test_a_charge_may_be_nothing_or_all() -> None:
    assert postings(ledger.settle(HELD, 0, at_ms=2)) == {"wallet": 100, "reserved": -100}
    assert postings(ledger.settle(HELD, 100, at_ms=2)) == {"reserved": -100, "revenue": 100}


@pytest.mark.parametrize("charge_nusd", [-1, 101])
def test_a_charge_is_within_its_reservation(charge_nusd: int) -> None:
    with pytest.raises(ValueError, match="charge"):
        ledger.settle(HELD, charge_nusd, at_ms=2)


def test_a_debt_is_not_below_zero() -> None:
    assert postings(ledger.settle(HELD, 100, at_ms=2, debt=Debt("up1", 0))) == {"reserved": -100, "revenue": 100}
    with pytest.raises(ValueError, match="debt"):
        ledger.settle(HELD, 1, at_ms=2, debt=Debt("up1", -1))


def test_a_reservation_is_not_below_zero() -> None:
    nothing = Reservation(reference="req_1", at_ms=1, organisation_id="org_1", amount_nusd=0)
    assert postings(ledger.reserve(nothing)) == {}
    with pytest.raises(ValueError, match="reservation"):
        ledger.reserve(Reservation(reference="req_1", at_ms=1, organisation_id="org_1", amount_nusd=-1))


def test_what_is_voided_or_expires_is_given_back() -> None:
    assert postings(ledger.void(HELD, at_ms=2)) == {"wallet": 100, "reserved": -100}
    assert postings(ledger.expire(HELD, at_ms=2)) == {"wallet": 100, "reserved": -100}
    assert (ledger.void(HELD, at_ms=2).kind, ledger.expire(HELD, at_ms=2).kind) == ("void", "expire")


def test_what_a_failed_call_has_cost_the_house_owes() -> None:
    entry = ledger.void(HELD, at_ms=2, debt=Debt("up1", 7))
    assert postings(entry) == {"wallet": 100, "reserved": -100, "cost": -7, "payable": 7}


def test_a_crash_is_charged_as_far_as_is_known_and_otherwise_the_houses_loss() -> None:
    assert postings(ledger.recover(HELD, 40, at_ms=2)) == {"wallet": 60, "reserved": -100, "revenue": 40}
    entry = ledger.recover(HELD, 40, at_ms=2, debt=Debt("up1", 45))
    assert postings(entry) == {
        "wallet": 60, "reserved": -100, "revenue": 40, "cost": -40, "losses": -5, "payable": 45,
    }  # fmt: skip
    entry = ledger.recover(HELD, 0, at_ms=2, debt=Debt("up1", 25))
    assert postings(entry) == {"wallet": 100, "reserved": -100, "losses": -25, "payable": 25}
    assert (entry.kind, entry.provider, entry.reference) == ("recover", "up1", "req_1")


@pytest.mark.parametrize(
    ("kind", "source"),
    [
        ("topup", "funding"),
        ("grant", "grants"),
        ("voucher", "grants"),
        ("refund", "revenue"),
        ("correction", "revenue"),
    ],
)
def test_money_comes_from_the_account_that_its_kind_names(kind: ledger.Movement, source: str) -> None:
    entry = ledger.move(kind, "mov_1", "org_1", 5, at_ms=3, actor="mem_1", note="why")
    assert postings(entry) == {"wallet": 5, source: -5}
    assert (entry.kind, entry.actor, entry.note, entry.organisation_id) == (kind, "mem_1", "why", "org_1")
    assert postings(ledger.move(kind, "mov_1", "org_1", -5, at_ms=3)) == {"wallet": -5, source: 5}


def test_every_kind_is_a_movement_or_a_step() -> None:
    assert set(ledger.MOVEMENTS) == {"topup", "grant", "voucher", "refund", "correction"}
    assert set(CLOSING) == {"settle", "void", "expire", "recover"}


def test_an_entry_that_does_not_add_up_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="add up"):
        Entry(kind="grant", reference="r", at_ms=1, organisation_id="o", wallet_nusd=5, grants_nusd=-4)


@given(
    held=st.integers(0, 2**62),
    share=st.fractions(0, 1),
    owed=st.none() | st.integers(0, 2**62),
    kind=st.sampled_from(["settle", "recover"]),
)
def test_an_exchange_leaves_nothing_reserved(held: int, share: float, owed: int | None, kind: str) -> None:
    reservation = Reservation(reference="r", at_ms=1, organisation_id="o", amount_nusd=held)
    charge = int(held * share)
    close = ledger.settle if kind == "settle" else ledger.recover
    opened = ledger.reserve(reservation)
    closed = close(reservation, charge, at_ms=2, debt=None if owed is None else Debt("p", owed))
    assert opened.reserved_nusd + closed.reserved_nusd == 0
    assert opened.wallet_nusd + closed.wallet_nusd == -charge
    assert closed.revenue_nusd == charge


def test_an_attempt_that_failed_is_owed_and_paid_by_nobody() -> None:
    entry = ledger.attempt(HELD.reference, HELD.organisation_id, Debt("up2", 7), at_ms=4)
    assert postings(entry) == {"cost": -7, "payable": 7}
    assert (entry.kind, entry.reference, entry.provider) == ("attempt", "req_1", "up2")
    assert (entry.at_ms, entry.organisation_id) == (4, "org_1")
    assert postings(ledger.attempt(HELD.reference, HELD.organisation_id, Debt("up2", 0), at_ms=4)) == {}
    with pytest.raises(ValueError, match=r"^a debt of -1 nusd$"):
        ledger.attempt(HELD.reference, HELD.organisation_id, Debt("up2", -1), at_ms=4)


def test_an_attempt_closes_nothing() -> None:
    assert "attempt" not in CLOSING


def test_every_entry_says_when_it_was_made() -> None:
    closed = (ledger.void(HELD, at_ms=5), ledger.expire(HELD, at_ms=5), ledger.recover(HELD, 1, at_ms=5))
    moved = ledger.move("refund", "mov_1", "org_1", 1, at_ms=5)
    assert {entry.at_ms for entry in (*closed, moved)} == {5}
    assert moved.reference == "mov_1"
