"""Single calls and what was used in all: the answers of `/v1/logs` and `/v1/usage`."""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, UnsetType, field

from entrepot.api.answers.listing import Answer, Listing, Time, Usd
from entrepot.keys import Mode
from entrepot.ledger import Step
from entrepot.money import Meter

Outcome = Literal["succeeded", "failed"]


class MeterCost(Answer, frozen=True, kw_only=True):
    units: int
    cost_usd: Usd


class LogRow(Answer, frozen=True, kw_only=True):
    """One call. `cost_usd` is null where nothing was charged because no price is known, or the call failed."""

    request_id: str
    object: Literal["log"] = "log"
    created_at: Time
    status: int
    outcome: Outcome
    error_code: str | None
    mode: Mode
    dialect: str
    model: str | None
    asked: str
    provider: str | None
    offered: str | None
    answered: str | None
    key_id: str | None
    member_id: str | None
    project: str | None
    stream: bool
    finish: str | None
    attempts: int
    ttft_ms: int | None
    duration_ms: int
    input_tokens: int
    cached_tokens: int
    cache_write_tokens: int
    output_tokens: int
    reasoning_tokens: int
    estimated: bool
    cost_usd: Usd | None
    cost_details: dict[Meter, MeterCost]


class LogEntry(Answer, frozen=True, kw_only=True):
    """What the ledger has of a call. Above zero, an amount has come to the wallet or to what is held for calls.

    `after_ms` is the time since the call began. `provider` is that of an attempt, which nobody is charged for unless
    it answered.
    """

    kind: Step | Literal["refund"]
    at: Time
    after_ms: int
    provider: str | None
    wallet_usd: Usd
    reserved_usd: Usd
    charged_usd: Usd
    note: str | None


class LogDetail(LogRow, frozen=True, kw_only=True):
    """One call with the other tokens that were counted, and the story of its money.

    `reserved_usd` was held for it; null where nothing was. Attempts that failed stand among the entries where a
    provider may bill them.
    """

    answer_id: str | None
    cache_write_1h_tokens: int
    audio_input_tokens: int
    image_input_tokens: int
    audio_output_tokens: int
    first_byte_at: Time | None
    ended_at: Time
    reserved_usd: Usd | None
    entries: tuple[LogEntry, ...]


class Window(Listing, frozen=True, kw_only=True):
    """The time that was looked at, by the names it was asked for."""

    from_: Time | UnsetType = field(name="from", default=UNSET)
    until: Time | UnsetType = UNSET
    start: Time | UnsetType = UNSET
    end: Time | UnsetType = UNSET


class LogList(Window, frozen=True, kw_only=True):
    """`next_cursor` asks for the page after this one, `tail_cursor` as `after` for what will have ended since."""

    has_more: bool
    next_cursor: str | None
    tail_cursor: str
    data: tuple[LogRow, ...]


class UsageSums(Answer, frozen=True, kw_only=True):
    """`cost_usd` is null where no price is known."""

    requests: int
    failed: int
    input_tokens: int
    cached_tokens: int
    cache_write_tokens: int
    cache_write_1h_tokens: int
    audio_input_tokens: int
    image_input_tokens: int
    output_tokens: int
    reasoning_tokens: int
    audio_output_tokens: int
    estimated: int
    cost_usd: Usd | None
    mean_ttft_ms: int | None
    p50_ttft_ms: int | None
    p95_ttft_ms: int | None
    mean_duration_ms: int
    p50_duration_ms: int
    p95_duration_ms: int


class UsageGroup(UsageSums, frozen=True, kw_only=True):
    """What the calls have in common that are added up here, as far as it was asked for."""

    model: str | UnsetType = UNSET
    key_id: str | UnsetType | None = UNSET
    mode: Mode | UnsetType = UNSET
    member_id: str | UnsetType | None = UNSET
    project: str | UnsetType | None = UNSET
    day: str | UnsetType = UNSET
    hour: Time | UnsetType = UNSET
    minute: Time | UnsetType = UNSET


class UsageList(Window, frozen=True, kw_only=True):
    """`total` is that of all groups together."""

    currency: Literal["USD"] = "USD"
    cost_usd: Usd | None
    total: UsageSums
    data: tuple[UsageGroup, ...]
