"""Rows that have no other home: what the store writes of each exchange, keeps of a response, and tells in sums."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Literal

import msgspec
from msgspec.structs import astuple

from entrepot.conversation import Usage
from entrepot.ledger import Reservation
from entrepot.money import Line, Meter


class ExchangeRow(msgspec.Struct, frozen=True, kw_only=True):
    """One exchange as it ended.

    `asked` is the client's name for the model, `model` the catalogue's, `offered` the upstream's and
    `answered` the one the upstream says it used. `status` is the HTTP status the client got, 499 when
    it left before the end. `ttft_ms` is None when nothing was delivered. `charge_nusd` is what the client
    pays and `debt_nusd` what providers are owed, failed attempts included, None where no price is known. The `lines`
    add up to the charge, but where a crash cut the exchange off: there are none then. `answer_id` is the id that the
    answer itself has, where it has one.
    """

    request_id: str
    started_at_ms: int
    key_id: str | None
    mode: str
    dialect: str
    asked: str
    model: str | None
    provider: str | None
    offered: str | None
    answered: str | None
    stream: bool
    status: int
    error_code: str | None
    finish: str | None
    attempts: int
    ttft_ms: int | None
    duration_ms: int
    organisation_id: str | None = None
    member_id: str | None = None
    project: str | None = None
    charge_nusd: int | None = None
    debt_nusd: int | None = None
    answer_id: str | None = None
    lines: tuple[Line, ...] = ()
    usage: Usage


class OpenReservation(msgspec.Struct, frozen=True, kw_only=True):
    """An exchange that has not ended: its money, and its row with what was delivered and is owed by now."""

    reservation: Reservation
    row: ExchangeRow


def exchange_values(row: ExchangeRow) -> tuple[Any, ...]:
    """In the order of the statement that inserts it: that of the fields."""
    return (*astuple(row)[:-2], _lines_text(row.lines), *astuple(row.usage)[:-1])


def exchange_row(row: dict[str, Any]) -> ExchangeRow:
    """From the columns of its table."""
    written: dict[Meter, tuple[int, int]] = msgspec.json.decode(row["lines"] or "{}")
    lines = tuple(Line(meter, units, nusd) for meter, (units, nusd) in written.items())
    return msgspec.convert(row | {"usage": row, "lines": lines}, ExchangeRow, strict=False)


def _lines_text(lines: tuple[Line, ...]) -> str | None:
    return msgspec.json.encode({line.meter: (line.units, line.nusd) for line in lines}).decode() if lines else None


class BalanceRow(msgspec.Struct, frozen=True, kw_only=True):
    """The sum of an organisation's wallet postings up to and with the ledger's entry `seq`."""

    organisation_id: str
    wallet_nusd: int
    seq: int


Grouping = Literal["model", "key", "mode", "member", "project", "day", "hour", "minute"]
GROUPED_BY: dict[Grouping, str] = {
    "model": "model",
    "key": "key_id",
    "mode": "mode",
    "member": "member_id",
    "project": "project",
    "day": "day",
    "hour": "hour",
    "minute": "minute",
}
"""The field of a usage row that a grouping fills; the others are None."""


class UsageRow(msgspec.Struct, frozen=True, kw_only=True):
    """Sums over the exchanges that have the same model, key and so on, as far as was asked for; as it is, over none.

    `estimated` counts rows the hub had to estimate. `charge_nusd` is None where no price of any of them is known.
    """

    model: str | None = None
    key_id: str | None = None
    mode: str | None = None
    member_id: str | None = None
    project: str | None = None
    day: str | None = None
    hour: str | None = None
    minute: str | None = None
    requests: int = 0
    failed: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    cache_write_1h_tokens: int = 0
    audio_input_tokens: int = 0
    image_input_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    audio_output_tokens: int = 0
    estimated: int = 0
    charge_nusd: int | None = None
    mean_ttft_ms: int | None = None
    p50_ttft_ms: int | None = None
    p95_ttft_ms: int | None = None
    mean_duration_ms: int = 0
    p50_duration_ms: int = 0
    p95_duration_ms: int = 0


class SpentRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a key has cost in all, and in the UTC day, week and month that run."""

    total_nusd: int
    day_nusd: int
    week_nusd: int
    month_nusd: int


class StoredResponse(msgspec.Struct, frozen=True, kw_only=True):
    """One response as it was made for a key. `input` is the request's own, without that of earlier turns.

    `input` and `response` are JSON; the response holds more than its client may have been shown.
    """

    key_id: str
    id: str
    previous_id: str | None
    model: str
    created_at_ms: int
    expires_at_ms: int
    input: str
    response: str


def json_array(values: Collection[str]) -> str | None:
    """As statements take several values; None, which stands for all, for none."""
    return msgspec.json.encode(list(values)).decode() if values else None
