"""Whole numbers in query strings: how many are wanted, and after which."""

from __future__ import annotations

from starlette.requests import Request

from entrepot.errors import InvalidRequest


def number(request: Request, name: str, default: int) -> int:
    """Raises InvalidRequest for anything but a whole number above 0."""
    text = request.query_params.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and 0 < len(text) <= 18 and int(text) > 0):
        raise InvalidRequest(f"'{name}' must be a whole number above 0.", param=name, code="invalid_value")
    return int(text)
