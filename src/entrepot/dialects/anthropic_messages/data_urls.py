"""Data URLs: `data:<media type>;base64,<data>` to its two halves and back."""

from __future__ import annotations

import base64
import binascii


def write_data_url(media_type: str, data: str) -> str:
    """`data` is base64 already."""
    return f"data:{media_type};base64,{data}"


def split_data_url(url: str) -> tuple[str, str] | None:
    """Media type in lower case, without parameters, and base64 data; None for any other URL."""
    head, comma, data = url.partition(",")
    if not (comma and head[:5].lower() == "data:" and head[-7:].lower() == ";base64"):
        return None
    return head[5:-7].partition(";")[0].strip().lower(), data


def decode_text(data: str) -> str | None:
    """The UTF-8 text that base64 data holds, or None when it holds none."""
    try:
        return base64.b64decode(data, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
