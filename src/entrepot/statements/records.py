"""A statement: what there was, what moved, what was used, what is left. Amounts are exact, in nano-USD."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import msgspec

from entrepot import ledger
from entrepot.errors import InvalidRequest

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

    kind: ledger.Movement
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
