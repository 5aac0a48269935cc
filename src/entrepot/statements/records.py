"""A statement: what there was, what moved, what was used, what is left. Amounts are exact, in nano-USD."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import msgspec

from entrepot.errors import InvalidRequest
from entrepot.keys import iso
from entrepot.ledger import Kind
from entrepot.money import usd

OTHER = "other"
"""What stands for a meter in the charge of calls that a crash cut off: of these only the whole is known."""

_MONTH = re.compile(r"(2\d{3})-(0[1-9]|1[0-2])")


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """A calendar month in UTC, its end excluded."""

    month: str
    from_ms: int
    until_ms: int

    @classmethod
    def of(cls, month: str) -> Period:
        """Raises InvalidRequest for a text that is no month, such as 2026-13."""
        match = _MONTH.fullmatch(month)
        if match is None:
            raise InvalidRequest("A month is written as in 2026-11.", param="month", code="invalid_value")
        year, number = int(match[1]), int(match[2])
        first = datetime(year, number, 1, tzinfo=UTC)
        after = datetime(year + number // 12, number % 12 + 1, 1, tzinfo=UTC)
        return cls(month=month, from_ms=round(first.timestamp() * 1000), until_ms=round(after.timestamp() * 1000))


class Movement(msgspec.Struct, frozen=True, kw_only=True):
    """Money that came or went without a call. Out of the wallet it is below zero."""

    kind: Kind
    reference: str
    at_ms: int
    amount_nusd: int
    actor: str | None
    note: str | None


class MeterUse(msgspec.Struct, frozen=True, kw_only=True):
    """`units` is None where they are not known."""

    meter: str
    units: int | None
    nusd: int


class ModelUse(msgspec.Struct, frozen=True, kw_only=True):
    """Charged calls of one model by one key. The lines add up to the charge."""

    model: str | None
    key_id: str | None
    key_name: str | None
    requests: int
    input_tokens: int
    cached_tokens: int
    cache_write_tokens: int
    output_tokens: int
    reasoning_tokens: int
    charge_nusd: int
    lines: tuple[MeterUse, ...] = ()


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """`opening_nusd` and `closing_nusd` are sums of the ledger, each taken by itself."""

    organisation_id: str
    organisation: str
    period: Period
    made_at_ms: int
    opening_nusd: int
    closing_nusd: int
    movements: tuple[Movement, ...]
    usage: tuple[ModelUse, ...]

    @property
    def moved_nusd(self) -> int:
        return sum(movement.amount_nusd for movement in self.movements)

    @property
    def charged_nusd(self) -> int:
        return sum(use.charge_nusd for use in self.usage)

    @property
    def closed(self) -> bool:
        """Whether the month is over."""
        return self.made_at_ms >= self.period.until_ms


def movement_object(movement: Movement) -> dict[str, Any]:
    return {
        "type": movement.kind,
        "at": iso(movement.at_ms),
        "amount_usd": usd(movement.amount_nusd),
        "reference": movement.reference,
        "actor": movement.actor,
        "note": movement.note,
    }


def use_object(use: ModelUse) -> dict[str, Any]:
    counts = {name: getattr(use, name) for name in ModelUse.__struct_fields__ if name.endswith("_tokens")}
    return {
        "model": use.model,
        "key_id": use.key_id,
        "key_name": use.key_name,
        "requests": use.requests,
        **counts,
        "cost_usd": usd(use.charge_nusd),
        "meters": [{"meter": each.meter, "units": each.units, "cost_usd": usd(each.nusd)} for each in use.lines],
    }


def statement_object(statement: Statement) -> dict[str, Any]:
    """As the API shows it. Opening balance and movements without the usage are the closing balance."""
    period = statement.period
    return {
        "object": "statement",
        "organisation_id": statement.organisation_id,
        "organisation": statement.organisation,
        "month": period.month,
        "from": iso(period.from_ms),
        "until": iso(period.until_ms),
        "closed": statement.closed,
        "currency": "USD",
        "opening_balance_usd": usd(statement.opening_nusd),
        "movements_usd": usd(statement.moved_nusd),
        "usage_usd": usd(statement.charged_nusd),
        "closing_balance_usd": usd(statement.closing_nusd),
        "movements": [movement_object(each) for each in statement.movements],
        "usage": [use_object(each) for each in statement.usage],
    }
