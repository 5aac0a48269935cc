"""Use and money: usage, logs, wallets, vouchers, transactions, statements, and OpenRouter's views of them."""

from __future__ import annotations

from entrepot.administration.vouchers import CodeSpec, VouchersSpec
from entrepot.administration.wallets import CorrectionSpec, GrantSpec, RefundSpec, TermsPatch
from entrepot.api import billing, logs, openrouter, vouchers
from entrepot.api.answers.accounts import Deleted
from entrepot.api.answers.calls import LogDetail, LogList, UsageList
from entrepot.api.answers.money import (
    NewVoucherList,
    Statement,
    TopupReceipt,
    TransactionList,
    VoucherList,
    Wallet,
    WalletEntry,
)
from entrepot.api.answers.openrouter import CreditsAnswer, GenerationAnswer, KeyInfoAnswer
from entrepot.api.operations.operation import TEXT, Area, Operation
from entrepot.api.operations.query import BETWEEN, CALLS, WINDOW, choice, cursor, limit, several
from entrepot.api.permissions import below
from entrepot.store.records import GROUPED_BY

ONCE = ("idempotency-key",)
WHOSE = {"organisation_id": TEXT | {"description": "Another organisation, for managers of the house."}}
OPENROUTER: Area = {
    ("GET", "/generation"): Operation(answer=GenerationAnswer, query={"id": TEXT}, by_id=True, id="getGeneration"),
    ("GET", "/key"): Operation(answer=KeyInfoAnswer, id="getKeyInfo"),
    ("GET", "/credits"): Operation(answer=CreditsAnswer, id="getCredits"),
}

USE: Area = {
    ("GET", "/v1/usage"): Operation(
        answer=UsageList,
        query={
            **WINDOW,
            **CALLS,
            "group_by": TEXT | {"description": f"Some of {', '.join(GROUPED_BY)}, separated by commas."},
            "format": choice("json", "csv"),
        },
        media=("text/csv",),
        id="getUsage",
    ),
    ("GET", "/v1/logs"): Operation(
        answer=LogList,
        query={
            **WINDOW,
            **CALLS,
            "limit": limit(logs.MOST, logs.DEFAULT),
            "cursor": cursor(),
            "after": cursor("The `tail_cursor` of an earlier answer: only calls that have ended since."),
            "status": TEXT | {"description": "succeeded, failed or an HTTP status."},
            "provider": TEXT,
            "error_code": TEXT,
        },
    ),
    ("GET", "/v1/logs/{id}"): Operation(answer=LogDetail, id="getLog"),
    **below(openrouter.PREFIXES, OPENROUTER),
}
MONEY: Area = {
    ("GET", "/v1/wallet"): Operation(answer=Wallet, query=WHOSE, by_id=True, id="getWallet"),
    ("PATCH", "/v1/wallet"): Operation(request=TermsPatch, answer=Wallet, id="changeWalletTerms"),
    ("POST", "/v1/wallet/grants"): Operation(
        request=GrantSpec, answer=WalletEntry, status=201, headers=ONCE, id="grantMoney"
    ),
    ("POST", "/v1/wallet/refunds"): Operation(
        request=RefundSpec, answer=WalletEntry, status=201, headers=ONCE, id="refundCall"
    ),
    ("POST", "/v1/wallet/corrections"): Operation(
        request=CorrectionSpec, answer=WalletEntry, status=201, headers=ONCE, id="correctWallet"
    ),
    ("GET", "/v1/vouchers"): Operation(
        answer=VoucherList, query={"limit": limit(vouchers.MOST, vouchers.DEFAULT), "cursor": cursor()}
    ),
    ("POST", "/v1/vouchers"): Operation(request=VouchersSpec, answer=NewVoucherList, status=201, headers=ONCE),
    ("POST", "/v1/vouchers/redeem"): Operation(request=CodeSpec, answer=WalletEntry, status=201, headers=ONCE),
    ("DELETE", "/v1/vouchers/{id}"): Operation(answer=Deleted),
    ("GET", "/v1/billing/transactions"): Operation(
        answer=TransactionList,
        query={
            **WHOSE,
            **BETWEEN,
            "limit": limit(billing.MOST, billing.DEFAULT),
            "cursor": cursor(),
            "type": several(choice(*billing.TYPES)),
            "direction": several(choice(*billing.SIGNS)),
        },
        by_id=True,
    ),
    ("GET", "/v1/billing/statements/{month}"): Operation(
        answer=Statement, query=WHOSE, media=("text/csv", "text/html"), id="getStatement"
    ),
    ("POST", "/v1/webhooks/topup"): Operation(
        request="TopupEvent", answer=TopupReceipt, headers=("stripe-signature", "x-entrepot-signature")
    ),
}
