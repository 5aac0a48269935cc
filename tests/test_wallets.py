"""Wallets: what can be spent under which terms, while calls are under way and after."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot import ledger
from entrepot.errors import InsufficientFunds
from entrepot.ledger import Reservation
from entrepot.wallets import HELD_RETRY_S, Terms, Wallets

PREPAID = Terms(payment="prepaid")


def held(amount_nusd: int, reference: str = "r") -> Reservation:
    return Reservation(reference=reference, at_ms=1, organisation_id="org", amount_nusd=amount_nusd)


def wallets(balance_nusd: int, terms: Terms = PREPAID) -> Wallets:
    return Wallets({"org": balance_nusd}, {"org": terms})


@pytest.mark.parametrize(
    ("terms", "balance_nusd", "available_nusd"),
    [
        (PREPAID, 10, 10),
        (PREPAID, 0, 0),
        (PREPAID, -5, 0),
        (Terms(payment="prepaid", credit_nusd=99), 10, 10),
        (Terms(credit_nusd=100), -40, 60),
        (Terms(credit_nusd=100), 40, 140),
        (Terms(credit_nusd=0), 40, 40),
        (Terms(credit_nusd=100), -140, 0),
        (Terms(), -(10**15), None),
    ],
)
def test_what_is_available_follows_from_the_terms(terms: Terms, balance_nusd: int, available_nusd: int | None) -> None:
    balance = wallets(balance_nusd, terms).balance("org")
    assert (balance.available_nusd, balance.total_nusd) == (available_nusd, available_nusd)


def test_an_organisation_without_terms_has_no_bound() -> None:
    unknown = Wallets({}, {})
    unknown.require("anyone", 10**18)
    assert unknown.balance("anyone").available_nusd is None


def test_what_is_reserved_cannot_be_spent_until_it_is_given_back() -> None:
    purse = wallets(100)
    purse.post([ledger.reserve(held(70))])
    balance = purse.balance("org")
    assert (balance.wallet_nusd, balance.reserved_nusd, balance.available_nusd, balance.total_nusd) == (30, 70, 30, 100)
    purse.require("org", 30)
    with pytest.raises(InsufficientFunds, match="under way") as caught:
        purse.require("org", 31)
    assert caught.value.retry_after_s == HELD_RETRY_S
    purse.post([ledger.settle(held(70), 20, at_ms=2)])
    purse.require("org", 80)
    with pytest.raises(InsufficientFunds) as caught:
        purse.require("org", 81)
    assert caught.value.retry_after_s is None
    assert (caught.value.status, caught.value.code, caught.value.should_retry) == (429, "insufficient_quota", False)


@given(st.integers(0, 1000), st.lists(st.tuples(st.integers(0, 400), st.booleans(), st.integers(0, 100)), max_size=30))
def test_a_prepaid_wallet_never_goes_below_zero(balance_nusd: int, calls: list[tuple[int, bool, int]]) -> None:
    purse, spent = wallets(balance_nusd), 0
    open_calls: list[Reservation] = []
    for number, (amount, ends_now, percent) in enumerate(calls):
        call = held(amount, str(number))
        try:
            purse.require("org", amount)
        except InsufficientFunds:
            assert amount > balance_nusd - spent - sum(other.amount_nusd for other in open_calls)
            continue
        purse.post([ledger.reserve(call)])
        open_calls.append(call)
        if ends_now:
            ending = open_calls.pop(0)
            charge = ending.amount_nusd * percent // 100
            purse.post([ledger.settle(ending, charge, at_ms=1)])
            spent += charge
        balance = purse.balance("org")
        assert balance.wallet_nusd >= 0
        assert balance.wallet_nusd + balance.reserved_nusd == balance_nusd - spent


# Found by `make mutate` ---------------------------------------------------------------------------


def test_a_wallet_that_nobody_knows_begins_empty() -> None:
    unknown = Wallets({}, {"org": PREPAID})
    assert unknown.balance("org").wallet_nusd == 0
    unknown.post([ledger.move("grant", "m", "org", 5, at_ms=1)])
    assert (unknown.balance("org").wallet_nusd, unknown.balance("org").reserved_nusd) == (5, 0)


def test_a_refusal_says_what_is_left_and_what_is_held() -> None:
    purse = wallets(1_000_000_000)
    purse.post([ledger.reserve(held(400_000_000))])
    with pytest.raises(InsufficientFunds) as caught:
        purse.require("org", 1_000_000_000)
    assert caught.value.message == (
        "The call may cost 1 USD, and 0.6 USD are left in the wallet: 0.4 USD are held for calls under way."
    )
    with pytest.raises(InsufficientFunds) as caught:
        purse.require("org", 2_000_000_000)
    assert caught.value.message == "The call may cost 2 USD, and 0.6 USD are left in the wallet."
    assert (purse.is_bounded("org"), purse.is_bounded("another")) == (True, False)
