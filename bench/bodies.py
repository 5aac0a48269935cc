"""Request bodies of the bench: a small plain call, a stream, and a large image."""

from __future__ import annotations

import struct
import zlib
from base64 import b64encode
from random import Random

import msgspec

from bench.dialects import CHAT, Dialect
from bench.upstream import prompt

PLAIN_BYTES = 256


def plain_body(model: str, dialect: Dialect = CHAT, *, size: int = PLAIN_BYTES) -> bytes:
    """A call of exactly `size` bytes, whatever the length of the model's name."""
    empty = _body(dialect, model, "", limit_tokens=64)
    return _body(dialect, model, "x" * (size - len(empty)), limit_tokens=64)


def image_body(model: str, size: int) -> bytes:
    """A chat call of about `size` bytes, nearly all of them one base64 image: what large bodies are in practice."""
    url = "data:image/png;base64," + b64encode(_png(size * 3 // 4)).decode()
    parts = [{"type": "text", "text": "What is this?"}, {"type": "image_url", "image_url": {"url": url}}]
    return _body(CHAT, model, parts, limit_tokens=64)


def _png(size: int) -> bytes:
    """A PNG of 2048 by 2048 pixels whose head is right and whose pixels are noise of `size` bytes."""
    head = struct.pack(">IIBBBBB", 2048, 2048, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _png_chunk(b"IHDR", head) + _png_chunk(b"IDAT", Random(0).randbytes(size))


def _png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def stream_body(model: str, events: int, every_ms: int, dialect: Dialect = CHAT) -> bytes:
    return _body(dialect, model, prompt(events, every_ms), limit_tokens=4 * events, stream=True)


def _body(dialect: Dialect, model: str, content: object, *, limit_tokens: int, **fields: object) -> bytes:
    turns = {dialect.turns_field: [{"role": "user", "content": content}], dialect.limit_field: limit_tokens}
    return msgspec.json.encode({"model": model, **turns, **dialect.fields, **fields})
