"""Vouchers on disk: found by their digest, newest first, page by page."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from entrepot.accounts import Organisation
from entrepot.errors import StoreUnavailable
from entrepot.store import Store, accounts, vouchers
from entrepot.store.vouchers import Voucher


def voucher(number: int) -> Voucher:
    return Voucher(id=f"voucher_{number}", amount_nusd=number, actor="operator", created_at_ms=1)


@pytest.fixture
def store(open_store: Callable[..., Store]) -> Store:
    store = open_store()
    organisation = Organisation(id="org_1", name="One", created_at_ms=1)
    store.write(lambda run: accounts.insert_organisation(run, organisation)).result()
    for number in (1, 2, 3):
        store.write(partial(vouchers.insert, voucher=voucher(number), digest=bytes([number]))).result()
    return store


def test_vouchers_are_listed_newest_first(store: Store) -> None:
    found = vouchers.listed(store.read, limit=2)
    assert [each.amount_nusd for each in found] == [3, 2]
    assert [each.amount_nusd for each in vouchers.listed(store.read, before_seq=found[-1].seq)] == [1]


def test_a_voucher_is_found_by_digest_and_id(store: Store) -> None:
    found = vouchers.by_digest(store.read, b"\x02")
    assert found is not None
    assert found == vouchers.find(store.read, "voucher_2")
    assert vouchers.by_digest(store.read, b"\x09") is None
    store.write(lambda run: vouchers.redeem(run, found, "org_1", 5)).result()
    redeemed = vouchers.find(store.read, "voucher_2")
    assert redeemed is not None
    assert (redeemed.redeemed_by, redeemed.redeemed_at_ms) == ("org_1", 5)
    store.write(lambda run: vouchers.delete(run, found)).result()
    assert vouchers.find(store.read, "voucher_2") is None


def test_no_two_have_one_code(store: Store) -> None:
    with pytest.raises(StoreUnavailable):
        store.write(lambda run: vouchers.insert(run, voucher(4), b"\x01")).result()
