"""Times in query strings."""

from __future__ import annotations

from datetime import UTC, datetime

from starlette.requests import Request

from entrepot.errors import InvalidRequest


def time_ms(request: Request, name: str, default: int) -> int:
    """An ISO 8601 time as Unix milliseconds, in UTC when it names no zone. Raises InvalidRequest."""
    text = request.query_params.get(name)
    if text is None:
        return default
    try:
        time_ = datetime.fromisoformat(text)
        return round((time_ if time_.tzinfo else time_.replace(tzinfo=UTC)).timestamp() * 1000)
    except (ValueError, OverflowError):
        message = f"'{name}' must be a time such as 2026-11-01 or 2026-11-01T12:00:00Z."
        raise InvalidRequest(message, param=name, code="invalid_value") from None
