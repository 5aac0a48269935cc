"""What is read of money and use: logs, transactions, statements. Give them `Store.report`: they may read much."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from entrepot.ledger import MOVEMENTS, Kind, Step
from entrepot.statements.records import OTHER, MeterUse, ModelUse, Movement, Period, Statement
from entrepot.store.queries import Run
from entrepot.store.records import ExchangeRow, exchange_row, json_array

LAST = 1 << 62
ENTRIES_BEFORE = 20_000  # the one that closes an exchange, among which its reservation is looked for
ENTRIES_AFTER = 100


class LogFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which exchanges of an organisation: those in [from_ms, until_ms) before the last one seen, newest first."""

    organisation_id: str
    from_ms: int = 0
    until_ms: int = LAST
    before_ms: int = LAST
    before_id: str = ""
    member_id: str | None = None
    key_id: str | None = None
    project: str | None = None
    models: tuple[str, ...] = ()
    least_status: int = 0
    most_status: int = 999
    mode: str | None = None
    provider: str | None = None
    error_code: str | None = None
    after_ms: int = 0
    after_id: str = ""
    limit: int = 100


class TransactionFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries of an organisation. `sign` 1 are those into the wallet, -1 those out of it, 0 both."""

    organisation_id: str
    before_seq: int = LAST
    from_ms: int = 0
    until_ms: int = LAST
    kinds: tuple[Kind, ...] = ()
    sign: int = 0
    limit: int = 100


class Transaction(msgspec.Struct, frozen=True, kw_only=True):
    """What one entry did to what an organisation has. Charges are below zero, and name the model."""

    seq: int
    kind: Kind
    reference: str
    at_ms: int
    amount_nusd: int
    actor: str | None
    note: str | None
    model: str | None
    key_id: str | None


class ExchangeEntry(msgspec.Struct, frozen=True, kw_only=True):
    """What an entry of an exchange, or its refund, did to what an organisation has and what is held of it."""

    kind: Step | Literal["refund"]
    at_ms: int
    provider: str | None
    wallet_nusd: int
    reserved_nusd: int
    revenue_nusd: int
    note: str | None


def logs(run: Run, wanted: LogFilter) -> list[ExchangeRow]:
    parameters = msgspec.structs.asdict(wanted) | {"models": json_array(wanted.models)}
    return [exchange_row(row) for row in run("logs", parameters)]


def logs_after(run: Run, wanted: LogFilter) -> list[ExchangeRow]:
    """Those that ended after the last one seen, in the order of their ends."""
    parameters = msgspec.structs.asdict(wanted) | {"models": json_array(wanted.models)}
    return [exchange_row(row) for row in run("logs_after", parameters)]


def exchange_entries(run: Run, row: ExchangeRow) -> list[ExchangeEntry]:
    """What the ledger has of an exchange of an organisation, oldest first."""
    near = {"before": ENTRIES_BEFORE, "after": ENTRIES_AFTER}
    found = run("exchange_entries", {"id": row.request_id, "organisation_id": row.organisation_id} | near)
    return [msgspec.convert(each, ExchangeEntry) for each in found]


def transactions(run: Run, wanted: TransactionFilter) -> list[Transaction]:
    """Newest first. What a reservation held and gave back is none."""
    parameters = msgspec.structs.asdict(wanted) | {"kinds": json_array(wanted.kinds)}
    return [msgspec.convert(row, Transaction) for row in run("transactions", parameters)]


def statement(run: Run, organisation_id: str, period: Period, made_at_ms: int) -> Statement:
    """Of an organisation that there is, by the entries' own times."""
    between: dict[str, Any] = {
        "organisation_id": organisation_id,
        "from_ms": period.from_ms,
        "until_ms": period.until_ms,
    }
    wanted = TransactionFilter(**between, kinds=MOVEMENTS, limit=-1)
    moved = reversed(transactions(run, wanted))
    movements = [msgspec.convert(each, Movement, from_attributes=True) for each in moved]
    return Statement(
        organisation_id=organisation_id,
        organisation=run("organisation", {"id": organisation_id})[0]["name"],
        period=period,
        made_at_ms=made_at_ms,
        opening_nusd=_balance(run, organisation_id, period.from_ms),
        closing_nusd=_balance(run, organisation_id, period.until_ms),
        movements=tuple(movements),
        usage=tuple(_usage(run, between)),
    )


def _balance(run: Run, organisation_id: str, at_ms: int) -> int:
    (row,) = run("balance_before", {"organisation_id": organisation_id, "at_ms": at_ms})
    nusd: int = row["nusd"]
    return nusd


def _usage(run: Run, between: dict[str, Any]) -> list[ModelUse]:
    lines: dict[tuple[str | None, str | None], list[MeterUse]] = {}
    for row in run("charged_meters", between):
        use = MeterUse(meter=row["meter"], units=row["units"], nusd=row["nusd"])
        lines.setdefault((row["model"], row["key_id"]), []).append(use)
    uses = []
    for row in run("charged_usage", between):
        known = lines.get((row["model"], row["key_id"]), [])
        rest_nusd = row["charge_nusd"] - sum(use.nusd for use in known)
        rest = [MeterUse(meter=OTHER, units=None, nusd=rest_nusd)] if rest_nusd else []
        uses.append(msgspec.convert(row | {"lines": (*known, *rest)}, ModelUse))
    return uses
