"""Wallets, vouchers, transactions and statements, as they are shown."""

from __future__ import annotations

from typing import Literal

from msgspec import field

from entrepot.api.answers.listing import Answer, Listing, Paged, Time, Usd
from entrepot.ledger import Movement
from entrepot.wallets import Payment


class WalletTerms(Answer, frozen=True, kw_only=True):
    """`credit_usd` null bounds a postpaid wallet by nothing."""

    payment: Payment
    credit_usd: Usd | None


class Wallet(Answer, frozen=True, kw_only=True):
    """`reserved_usd` of the balance is held for calls under way; `available_usd` is null where nothing bounds it."""

    object: Literal["wallet"] = "wallet"
    organisation_id: str
    currency: Literal["USD"] = "USD"
    balance_usd: Usd
    reserved_usd: Usd
    available_usd: Usd | None
    terms: WalletTerms


class WalletEntry(Answer, frozen=True, kw_only=True):
    """Money that was moved without a call. Out of the wallet it is below zero."""

    id: str
    object: Literal["wallet_entry"] = "wallet_entry"
    type: Movement
    organisation_id: str
    amount_usd: Usd
    actor: str | None
    note: str | None
    created_at: Time


class Voucher(Answer, frozen=True, kw_only=True):
    """`redeemed_by` is the organisation that it went to."""

    id: str
    object: Literal["voucher"] = "voucher"
    amount_usd: Usd
    note: str | None
    actor: str
    created_at: Time
    expires_at: Time | None
    redeemed_at: Time | None
    redeemed_by: str | None


class NewVoucher(Voucher, frozen=True, kw_only=True):
    """`code` is shown only here."""

    code: str


class VoucherList(Paged, frozen=True, kw_only=True):
    data: tuple[Voucher, ...]


class NewVoucherList(Listing, frozen=True, kw_only=True):
    data: tuple[NewVoucher, ...]


class Transaction(Answer, frozen=True, kw_only=True):
    """`amount_usd` is never below zero: `direction` says where it went. Charges name the model and the key."""

    id: str
    object: Literal["transaction"] = "transaction"
    created_at: Time
    direction: Literal["topup", "charge"]
    type: Movement | Literal["usage"]
    amount_usd: Usd
    model: str | None
    key_id: str | None
    reference: str
    actor: str | None
    note: str | None


class TransactionList(Paged, frozen=True, kw_only=True):
    data: tuple[Transaction, ...]


class StatementMovement(Answer, frozen=True, kw_only=True):
    type: Movement
    at: Time
    amount_usd: Usd
    reference: str
    actor: str | None
    note: str | None


class StatementMeter(Answer, frozen=True, kw_only=True):
    """Of what a crash has cut off only the whole is known: the meter is `other` then."""

    meter: str
    units: int | None
    cost_usd: Usd


class StatementUse(Answer, frozen=True, kw_only=True):
    """Charged calls of one model by one key; the meters add up to the cost."""

    model: str | None
    key_id: str | None
    key_name: str | None
    requests: int
    input_tokens: int
    cached_tokens: int
    cache_write_tokens: int
    output_tokens: int
    reasoning_tokens: int
    cost_usd: Usd
    meters: tuple[StatementMeter, ...]


class Statement(Answer, frozen=True, kw_only=True):
    """Opening balance plus movements less usage is the closing balance. `closed` says that the month is over."""

    object: Literal["statement"] = "statement"
    organisation_id: str
    organisation: str
    month: str
    from_: Time = field(name="from")
    until: Time
    closed: bool
    currency: Literal["USD"] = "USD"
    opening_balance_usd: Usd
    movements_usd: Usd
    usage_usd: Usd
    closing_balance_usd: Usd
    movements: tuple[StatementMovement, ...]
    usage: tuple[StatementUse, ...]


class TopupReceipt(Answer, frozen=True, kw_only=True):
    """`booked` is false for what is no payment, or was booked before."""

    received: Literal[True]
    booked: bool
