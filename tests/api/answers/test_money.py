"""The records of money are what is shown of it, field by field."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from entrepot.administration.vouchers import voucher_object
from entrepot.administration.wallets import wallet_object
from entrepot.api.answers import money
from entrepot.api.billing import transaction_object
from entrepot.statements.records import MeterUse, ModelUse, Movement, Period, Statement, statement_object
from entrepot.store.reports import Transaction
from entrepot.store.vouchers import Voucher
from entrepot.wallets import Balance, Terms

USE = ModelUse(
    model="m", key_id="k", key_name="ci", requests=1, input_tokens=1, cached_tokens=0, cache_write_tokens=0,
    output_tokens=2, reasoning_tokens=0, charge_nusd=5, lines=(MeterUse(meter="input", units=1, nusd=5),),
)  # fmt: skip
STATEMENT = Statement(
    organisation_id="org_1", organisation="House", period=Period.of("2026-11"), made_at_ms=1, opening_nusd=0,
    closing_nusd=1, usage=(USE,),
    movements=(Movement(kind="grant", reference="grant_1", at_ms=1, amount_nusd=6, actor=None, note=None),),
)  # fmt: skip
TRANSACTION = Transaction(
    seq=1, kind="settle", reference="req_1", at_ms=1, amount_nusd=-5, actor=None, note=None, model="m", key_id="k"
)


@pytest.mark.parametrize(
    ("record", "shown"),
    [
        (money.Wallet, wallet_object("org_1", Balance(wallet_nusd=1, reserved_nusd=1, floor_nusd=None), Terms())),
        (money.Voucher, voucher_object(Voucher(id="v", amount_nusd=1, actor="operator", created_at_ms=1))),
        (money.Transaction, transaction_object(TRANSACTION)),
        (money.Statement, statement_object(STATEMENT)),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_a_record_is_what_is_shown(record: type[msgspec.Struct], shown: dict[str, Any]) -> None:
    written = msgspec.json.decode(msgspec.json.encode(shown))
    assert msgspec.json.decode(msgspec.json.encode(msgspec.convert(written, record))) == written
