"""Request bodies of the bench: a small plain call, a stream, and a large image."""

from __future__ import annotations

import struct
import zlib
from base64 import b64encode
from random import Random

import msgspec

from bench.upstream import prompt

PLAIN_BYTES = 256


def plain_body(model: str, size: int = PLAIN_BYTES) -> bytes:
    """A chat call of exactly `size` bytes, whatever the length of the model's name."""
    empty = _chat(model, "", max_tokens=64)
    return _chat(model, "x" * (size - len(empty)), max_tokens=64)


def image_body(model: str, size: int) -> bytes:
    """A chat call of about `size` bytes, nearly all of them one base64 image: what large bodies are in practice."""
    url = "data:image/png;base64," + b64encode(_png(size * 3 // 4)).decode()
    return _chat(model, [{"type": "text", "text": "What is this?"}, {"type": "image_url", "image_url": {"url": url}}])


def _png(size: int) -> bytes:
    """A PNG of 2048 by 2048 pixels whose head is right and whose pixels are noise of `size` bytes."""
    head = struct.pack(">IIBBBBB", 2048, 2048, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _png_chunk(b"IHDR", head) + _png_chunk(b"IDAT", Random(0).randbytes(size))


def _png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def stream_body(model: str, events: int, every_ms: int) -> bytes:
    return _chat(model, prompt(events, every_ms), max_tokens=4 * events, stream=True)


def _chat(model: str, content: object, **fields: object) -> bytes:
    return msgspec.json.encode({"model": model, "messages": [{"role": "user", "content": content}], **fields})
