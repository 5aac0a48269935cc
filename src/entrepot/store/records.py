"""Rows that have no other home: what the store writes once for each exchange, or for each response it keeps."""

from __future__ import annotations

import msgspec

from entrepot.conversation import Usage


class ExchangeRow(msgspec.Struct, frozen=True, kw_only=True):
    """One exchange as it ended.

    `asked` is the client's name for the model, `model` the catalogue's, `offered` the upstream's and
    `answered` the one the upstream says it used. `status` is the HTTP status the client got, 499 when
    it left before the end. `ttft_ms` is None when nothing was delivered.
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
    usage: Usage
    ttft_ms: int | None
    duration_ms: int


class UsageRow(msgspec.Struct, frozen=True, kw_only=True):
    """Sums over the exchanges of one model, key and mode. `estimated` counts rows the hub had to estimate."""

    model: str
    key_id: str | None
    mode: str
    requests: int
    failed: int
    input_tokens: int
    cached_tokens: int
    cache_write_tokens: int
    output_tokens: int
    reasoning_tokens: int
    estimated: int
    mean_ttft_ms: int | None
    mean_duration_ms: int


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
