"""Exchanges as the store keeps them, for tests to which most of their fields are all the same."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from entrepot.conversation import Usage
from entrepot.store import ExchangeRow

ROW = ExchangeRow(
    request_id="req_1", started_at_ms=1, key_id="k", mode="live", dialect="openai_chat", asked="m", model="m",
    provider="p", offered="m", answered="m", stream=True, status=200, error_code=None, finish="stop", attempts=1,
    usage=Usage(input_tokens=30, output_tokens=10), ttft_ms=1, duration_ms=2, organisation_id="org",
)  # fmt: skip


def row(request_id: str = "req_1", **fields: Any) -> ExchangeRow:
    """One that went well, but for these fields."""
    return replace(ROW, request_id=request_id, **fields)
