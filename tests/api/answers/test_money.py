"""The records of money are what is shown of it, field by field."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from entrepot.administration.vouchers import voucher_object
from entrepot.administration.wallets import wallet_object
from entrepot.api.answers import money
from entrepot.store.vouchers import Voucher
from entrepot.wallets import Balance, Terms


@pytest.mark.parametrize(
    ("record", "shown"),
    [
        (money.Wallet, wallet_object("org_1", Balance(wallet_nusd=1, reserved_nusd=1, floor_nusd=None), Terms())),
        (money.Voucher, voucher_object(Voucher(id="v", amount_nusd=1, actor="operator", created_at_ms=1))),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_a_record_is_what_is_shown(record: type[msgspec.Struct], shown: dict[str, Any]) -> None:
    written = msgspec.json.decode(msgspec.json.encode(shown))
    assert msgspec.json.decode(msgspec.json.encode(msgspec.convert(written, record))) == written
